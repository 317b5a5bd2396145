// SVG path grammar (SVG 1.1, clause 8.3) into absolute cubic outlines.

import assert from 'node:assert/strict';
import { segmentsFromSvgPath, transformPath } from '../../../src/codec/picture.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

const refused = (d: string) =>
  assert.throws(
    () => segmentsFromSvgPath(d),
    (error) => isTrustError(error, 'malformed-image'),
    d,
  );

describe('SVG 1.1, 8.3: path data', () => {
  it('reads absolute and relative lines, and repeats of moveto as linetos', () => {
    assert.deepEqual(segmentsFromSvgPath('m1,2 3 4h-1V0z'), [
      { kind: 'M', x: 1, y: 2 },
      { kind: 'L', x: 4, y: 6 },
      { kind: 'L', x: 3, y: 6 },
      { kind: 'L', x: 3, y: 0 },
      { kind: 'Z' },
    ]);
  });

  it('goes on from the start of the subpath after closepath', () => {
    assert.deepEqual(segmentsFromSvgPath('M5 5 l1 0 z l0 2').at(-1), { kind: 'L', x: 5, y: 7 });
  });

  it('reads numbers that touch', () => {
    assert.deepEqual(segmentsFromSvgPath('M.5.25L1e1-3'), [
      { kind: 'M', x: 0.5, y: 0.25 },
      { kind: 'L', x: 10, y: -3 },
    ]);
  });

  it('raises a quadratic to the same cubic', () => {
    assert.deepEqual(segmentsFromSvgPath('M0 0Q3 3 6 0'), [
      { kind: 'M', x: 0, y: 0 },
      { kind: 'C', x1: 2, y1: 2, x2: 4, y2: 2, x: 6, y: 0 },
    ]);
  });

  it('reflects the control point for S and T, and only after a curve of the same kind', () => {
    assert.deepEqual(segmentsFromSvgPath('M0 0C0 1 1 2 2 2S4 1 4 0').at(-1), {
      kind: 'C',
      x1: 3,
      y1: 2,
      x2: 4,
      y2: 1,
      x: 4,
      y: 0,
    });
    assert.deepEqual(segmentsFromSvgPath('M3 0T9 0').at(-1), { kind: 'C', x1: 3, y1: 0, x2: 5, y2: 0, x: 9, y: 0 });
  });

  it('draws arcs within a thousandth of the circle', () => {
    const circle = segmentsFromSvgPath('M10 0A10 10 0 1 1 -10 0a10 10 0 1120 0z');
    let seen = 0;
    let from = { x: 0, y: 0 };
    for (const s of circle) {
      if (s.kind === 'Z') continue;
      if (s.kind === 'C') {
        const half = (a: number, b: number, c: number, d: number) => (a + 3 * b + 3 * c + d) / 8;
        const middle = Math.hypot(half(from.x, s.x1, s.x2, s.x), half(from.y, s.y1, s.y2, s.y));
        assert.ok(Math.abs(middle - 10) < 0.01, `radius ${middle}`);
        seen += 1;
      }
      from = s;
    }
    assert.equal(seen, 4);
    assert.ok(Math.hypot(from.x - 10, from.y) < 1e-9);
  });

  it('scales up radii that cannot reach, and draws a straight line when one is zero', () => {
    assert.deepEqual(segmentsFromSvgPath('M0 0A1 1 0 0 1 10 0').at(-1)?.kind, 'C');
    assert.deepEqual(segmentsFromSvgPath('M0 0A0 1 0 0 1 10 0').at(-1), { kind: 'L', x: 10, y: 0 });
  });

  it('applies a transform in the order of SVG matrix()', () => {
    assert.deepEqual(segmentsFromSvgPath('M1 2Z', [0, 1, -1, 0, 10, 20]), [{ kind: 'M', x: 8, y: 21 }, { kind: 'Z' }]);
    assert.deepEqual(transformPath([{ kind: 'M', x: 1, y: 2 }], [2, 0, 0, 3, 0, 0]), [{ kind: 'M', x: 2, y: 6 }]);
  });

  it('refuses what the grammar does not allow', () => {
    for (const d of ['L0 0', 'M0', 'M0 0X', 'M0 0L1', 'M0 0L1 1e400', 'M0 0L1e9 0', 'M0 0A1 1 0 2 0 1 1', 'M0 0 %'])
      refused(d);
    refused(`M0 0${'L1 1'.repeat(100_001)}`);
  });

  it('reads an empty path as nothing', () => {
    assert.deepEqual(segmentsFromSvgPath('  '), []);
  });
});
