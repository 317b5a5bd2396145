// Proves the picture of a round seal: measures of 国发〔1999〕25号, squeezed names, no empty boxes, exact pixels.

import assert from 'node:assert/strict';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import type { PathSegment, VectorPicture } from '../../../src/codec/picture.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { picturePng } from '../../../src/seal/picture/render-png.ts';
import { roundSeal } from '../../../src/seal/picture/round-seal.ts';
import { letter } from '../../../src/seal/picture/typeface.ts';

const name = '测试市数据资源管理有限责任公司';

function extent(path: readonly PathSegment[]): { width: number; height: number; radius: number } {
  const points = path.flatMap((s) => (s.kind === 'Z' ? [] : [[s.x, s.y] as const]));
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    width: Math.max(...xs) - Math.min(...xs),
    height: Math.max(...ys) - Math.min(...ys),
    radius: Math.max(...points.map(([x, y]) => Math.hypot(x - 21, y - 21))),
  };
}

async function pixels(picture: VectorPicture, dpi: number) {
  const image = await loadImage(Buffer.from(picturePng(picture, dpi)));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, image.width, image.height).data;
  const at = (x: number, y: number): number[] =>
    Array.from(data.slice(4 * (y * image.width + x), 4 * (y * image.width + x) + 4));
  return { width: image.width, height: image.height, at };
}

describe('国发〔1999〕25号: round seal of an organisation', () => {
  it('is 42 mm wide with a ring of 1.2 mm, a star of 14 mm and the name inside the ring', () => {
    const picture = roundSeal({ name });
    const [ring, star, text] = picture.shapes;
    assert.deepEqual([picture.widthMm, picture.heightMm, picture.shapes.length], [42, 42, 3]);
    assert.equal(ring?.rule, 'evenodd');
    assert.deepEqual(ring?.path[0], { kind: 'M', x: 42, y: 21 });
    assert.deepEqual(ring?.path[6], { kind: 'M', x: 40.8, y: 21 });
    assert.deepEqual(star?.path[0], { kind: 'M', x: 21, y: 14 });
    assert.ok(extent(text?.path ?? []).radius < 20.8 - 1.0);
  });

  it('squeezes long names and keeps their height', () => {
    const short = extent(letter('国', { widthMm: 5, heightMm: 6.3 }));
    const squeezed = extent(letter('国', { widthMm: 2.5, heightMm: 6.3 }));
    assert.equal(squeezed.height, short.height);
    assert.ok(Math.abs(squeezed.width * 2 - short.width) < 1e-9);
    const text = (n: number) => extent(roundSeal({ name: '国'.repeat(n) }).shapes[2]?.path ?? []).radius;
    assert.ok(Math.abs(text(40) - text(8)) < 0.35);
  });

  it('shows a title line and a code of 13 or 14 digits when asked', () => {
    assert.equal(roundSeal({ name, title: '合同专用章', code: '9901000000001' }).shapes.length, 5);
    assert.equal(roundSeal({ name, code: '99010000000001' }).shapes.length, 4);
    for (const code of ['990100000000', '99010000000A01', '990100000000012']) {
      assert.throws(
        () => roundSeal({ name, code }),
        (error) => isTrustError(error, 'malformed-request'),
      );
    }
  });

  it('refuses a character without a glyph by its code point, and one without ink', () => {
    for (const [character, codePoint] of [
      ['\u{212D7}', 'U+212D7'],
      ['\u{E000}', 'U+E000'],
      [' ', 'U+0020'],
    ]) {
      assert.throws(
        () => roundSeal({ name: `测试${character}局` }),
        (error) => isTrustError(error, 'glyph-missing') && error.details?.['codePoint'] === codePoint,
      );
    }
  });

  it('refuses a name of one character or of more than forty', () => {
    for (const bad of ['', '局', '国'.repeat(41)]) {
      assert.throws(
        () => roundSeal({ name: bad }),
        (error) => isTrustError(error, 'malformed-request'),
      );
    }
  });
});

describe('seal picture as PNG', () => {
  it('has exactly the pixels of its millimetres, red ink and a transparent ground', async () => {
    const image = await pixels(roundSeal({ name }), 300);
    assert.deepEqual([image.width, image.height], [496, 496]);
    assert.deepEqual(image.at(248, 248), [215, 0, 15, 255]);
    assert.deepEqual(image.at(248, 5), [215, 0, 15, 255]);
    assert.equal(image.at(0, 0)[3], 0);
    assert.equal(image.at(248, 400)[3], 0);
  });

  it('refuses more than 2000 pixels a side', () => {
    assert.throws(
      () => picturePng(roundSeal({ name }), 2400),
      (error) => isTrustError(error, 'malformed-image'),
    );
  });
});
