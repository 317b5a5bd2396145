// Proves the faces of each class by their rendered pixels: size, ring, star, frame and text within half a millimetre; 国发〔1999〕25号.

import assert from 'node:assert/strict';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import type { VectorPicture } from '../../../src/codec/picture.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { titleOf, type SealWish } from '../../../src/seal/life/wish.ts';
import { picturePng } from '../../../src/seal/picture/render-png.ts';
import { drawSealFace } from '../../../src/seal/picture/seal-face.ts';
import { sealTypes } from '../../../src/seal/seal-record.ts';

const dpi = 508; // 20 pixels a millimetre
const perMm = dpi / 25.4;
const words = { organisationName: '测试市数据资源管理有限责任公司', uscc: '91990000XTEXT000XQ' };
const longName = '测试市经济技术开发区高新产业投资控股集团股份有限责任公司';

interface Ink {
  readonly widthMm: number;
  readonly heightMm: number;
  /** Whether there is ink at a point, in millimetres from the centre. */
  at(xMm: number, yMm: number): boolean;
  /** Bounding box of the ink for which `holds`, in millimetres from the centre. */
  box(holds: (xMm: number, yMm: number) => boolean): { left: number; right: number; top: number; bottom: number };
}

async function inkOf(picture: VectorPicture): Promise<Ink> {
  const { width, height, data } = await loadImage(Buffer.from(picturePng(picture, dpi))).then((image) => {
    const context = createCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height);
  });
  const isInk = (x: number, y: number) => (data[4 * (y * width + x) + 3] ?? 0) >= 128;
  const mm = (pixel: number, size: number) => (pixel + 0.5 - size / 2) / perMm;
  return {
    widthMm: width / perMm,
    heightMm: height / perMm,
    at: (xMm, yMm) => isInk(Math.floor(xMm * perMm + width / 2), Math.floor(yMm * perMm + height / 2)),
    box: (holds) => {
      const found = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const [xMm, yMm] = [mm(x, width), mm(y, height)];
          if (!isInk(x, y) || !holds(xMm, yMm)) continue;
          found.left = Math.min(found.left, xMm);
          found.right = Math.max(found.right, xMm);
          found.top = Math.min(found.top, yMm);
          found.bottom = Math.max(found.bottom, yMm);
        }
      return found;
    },
  };
}

function near(actual: number, expected: number, what: string, tolerance = 0.5): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

const face = (wish: Omit<SealWish, 'validDays'>, more: Partial<typeof words & { sealCode: string }> = {}) =>
  drawSealFace({ ...wish, validDays: 365 }, { ...words, ...more }).picture;
const everywhere = () => true;

describe('国发〔1999〕25号: faces measured in their pixels', () => {
  for (const diameterMm of [42, 45, 50])
    it(`a unit seal of ${diameterMm} mm has its ring, a star in its very centre, and text between them`, async () => {
      const ink = await inkOf(face({ type: 'unit', sizeMm: diameterMm }));
      const radius = diameterMm / 2;
      const scale = diameterMm / 42;
      const all = ink.box(everywhere);
      near(all.right - all.left, diameterMm, 'outer diameter across', 0.1);
      near(all.bottom - all.top, diameterMm, 'outer diameter down', 0.1);
      // Of the ring, on the axis below, where nothing else is.
      const ring = ink.box((x, y) => Math.abs(x) < 0.1 && y > 10 * scale);
      near(ring.bottom - ring.top, 1.2 * scale, 'ring', 0.1);
      // A pentagram of radius r reaches r upwards, r·sin 72° sideways and r·cos 36° downwards.
      const star = ink.box((x, y) => Math.hypot(x, y) < 8 * scale);
      near(star.top, -7 * scale, 'upper point', 0.2);
      near(star.bottom, 7 * scale * Math.cos(Math.PI / 5), 'lower points', 0.2);
      near((star.left + star.right) / 2, 0, 'centre of the star', 0.05);
      near(star.right, 7 * scale * Math.sin((72 * Math.PI) / 180), 'side points', 0.2);
      const text = ink.box((x, y) => Math.hypot(x, y) < radius - 1.25 * scale && Math.hypot(x, y) > 8 * scale);
      near((text.left + text.right) / 2, 0, 'centre of the text');
      assert.ok(text.top > -radius + 1.6 * scale, 'the text keeps away from the ring');
    });

  it('a special seal of 40 mm has what it is for below the star, within the ring', async () => {
    const ink = await inkOf(face({ type: 'special', title: '报关专用章' }, { organisationName: longName }));
    near(ink.widthMm, 40, 'width', 0.05);
    const title = ink.box((x, y) => y > 7 && y < 12.5 && Math.abs(x) < 10);
    near((title.left + title.right) / 2, 0, 'centre of the title');
    near(title.bottom - title.top, 4, 'height of the title', 0.6);
    assert.ok(!ink.at(0, 6.5), 'between star and title there is none');
  });

  it('an oval seal has its axes, its ring, the name above, the code in the middle and the title below', async () => {
    for (const [sizeMm, heightMm] of [
      [30, 20],
      [40, 30],
    ] as const) {
      const ink = await inkOf(face({ type: 'invoice', sizeMm }, { organisationName: longName }));
      const all = ink.box(everywhere);
      near(all.right - all.left, sizeMm, 'long axis', 0.1);
      near(all.bottom - all.top, heightMm, 'short axis', 0.1);
      const ring = ink.box((x, y) => Math.abs(x) < 0.05 && y > heightMm * 0.4);
      near(ring.bottom - ring.top, 1, 'ring', 0.1);
      const inside = (x: number, y: number) => Math.hypot(x / (sizeMm / 2 - 1.1), y / (heightMm / 2 - 1.1)) < 1;
      const text = ink.box(inside);
      near((text.left + text.right) / 2, 0, 'centre of the text');
      const clear = (x: number, y: number) =>
        inside(x, y) && Math.hypot(x / (sizeMm / 2 - 1.3), y / (heightMm / 2 - 1.3)) >= 1;
      assert.equal(ink.box(clear).left, Infinity, 'the text keeps away from the ring');
      const code = ink.box((x, y) => Math.abs(x) < sizeMm * 0.3 && Math.abs(y - heightMm * 0.05) < heightMm * 0.04);
      near((code.left + code.right) / 2, 0, 'centre of the code', 1);
    }
  });

  it('a name seal is a square with its frame and four characters in two columns, or as long as its name', async () => {
    const square = await inkOf(face({ type: 'person', bearer: '测试甲' }));
    assert.deepEqual([square.widthMm, square.heightMm], [18, 18]);
    assert.ok(square.at(-8.9, 0) && square.at(8.9, 0) && square.at(0, -8.9) && square.at(0, 8.9), 'frame');
    assert.ok(!square.at(-8, 0) && !square.at(0, 7.9), 'a gap inside the frame');
    const quarters = [
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ].map(([h = 0, v = 0]) =>
      square.box((x, y) => x * h > 0.2 && y * v > 0.2 && Math.abs(x) < 7.6 && Math.abs(y) < 7.6),
    );
    for (const { left, right, top, bottom } of quarters) assert.ok(right - left > 4 && bottom - top > 3);
    const rectangle = face({ type: 'legal-representative', bearer: '测试甲乙', form: 'rectangle', sizeMm: 20 });
    assert.deepEqual([rectangle.heightMm, Number.isInteger(rectangle.widthMm)], [20, true]);
    assert.ok(rectangle.widthMm > 50);
  });

  it('each class is drawn, and has no form, size or character that is not its own', () => {
    for (const type of sealTypes) {
      const wish = {
        type,
        ...(type === 'special' && { title: '报关专用章' }),
        ...((type === 'person' || type === 'legal-representative') && { bearer: '测试甲' }),
      };
      assert.ok(face(wish).shapes.length >= 2, type);
      assert.throws(
        () => face({ ...wish, sizeMm: 41 }),
        (error) => isTrustError(error, 'malformed-request'),
      );
    }
    assert.equal(titleOf({ type: 'invoice' }), '发票专用章');
    assert.throws(
      () => face({ type: 'unit', form: 'square' }),
      (error) => isTrustError(error, 'malformed-request'),
    );
    for (const [wish, codePoint] of [
      [{ type: 'person', bearer: '测\u{E000}' }, 'U+E000'],
      [{ type: 'special', title: '\u{212D7}专用章' }, 'U+212D7'],
    ] as const)
      assert.throws(
        () => face(wish),
        (error) => isTrustError(error, 'glyph-missing') && error.details?.['codePoint'] === codePoint,
      );
  });
});
