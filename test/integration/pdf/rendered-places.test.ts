// Judges by the pictures of foreign renderers that seals stand where they were asked for, within half a millimetre, on pages of every rotation.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { segmentsFromSvgPath, type VectorPicture } from '../../../src/codec/picture.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { placingPdf } from '../../../src/seal/placing/placing-pdf.ts';
import { resolvePlacements } from '../../../src/seal/placing/resolve.ts';
import type { Placement } from '../../../src/seal/stamp-request.ts';
import { assemble } from '../../support/pdf-samples.ts';

/** Red all over, so that what is seen is the box. */
const picture: VectorPicture = {
  widthMm: 42,
  heightMm: 30,
  shapes: [{ path: segmentsFromSvgPath('M0 0H42V30H0Z'), fill: { red: 215, green: 0, blue: 15 }, rule: 'nonzero' }],
};
const pixelsPerMm = 5;
const tolerance = 0.5;
const rotations = [0, 90, 180, 270] as const;

/** Four pages of A4, turned by 0, 90, 180 and 270 degrees, with the word `Signature` upright as shown, and a field of 60 by 40 mm on request: some renderers mark empty ones. */
function document({ fields = false } = {}): Uint8Array {
  const shown: Record<number, { text: string; rect: string }> = {
    0: { text: '1 0 0 1 200 500 Tm', rect: '100 100 270 214' },
    90: { text: '0 1 -1 0 200 500 Tm', rect: '100 100 214 270' },
    180: { text: '-1 0 0 -1 200 500 Tm', rect: '100 100 270 214' },
    270: { text: '0 -1 1 0 200 500 Tm', rect: '100 100 214 270' },
  };
  const objects = new Map<number, string | Buffer>([
    [1, `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [ ${fields ? '30 0 R 31 0 R 32 0 R 33 0 R' : ''} ] >> >>`],
    [2, '<< /Type /Pages /Kids [ 10 0 R 11 0 R 12 0 R 13 0 R ] /Count 4 /MediaBox [0 0 595.276 841.89] >>'],
    [4, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'],
  ]);
  rotations.forEach((rotate, n) => {
    const content = `BT /F1 12 Tf ${shown[rotate]?.text} (Signature) Tj ET`;
    objects
      .set(
        10 + n,
        `<< /Type /Page /Parent 2 0 R /Rotate ${rotate} /Resources << /Font << /F1 4 0 R >> >> /Contents ${20 + n} 0 R ${fields ? `/Annots [ ${30 + n} 0 R ]` : ''} >>`,
      )
      .set(20 + n, `<< /Length ${content.length} >>\nstream\n${content}\nendstream`)
      .set(
        30 + n,
        `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Field${rotate}) /F 4 /P ${10 + n} 0 R /Rect [${shown[rotate]?.rect}] >>`,
      );
  });
  return assemble(objects);
}

async function stamped(source: Uint8Array, placements: readonly Placement[]): Promise<Uint8Array> {
  const opened = openPdf(source);
  const { places, field } = await resolvePlacements(placements, {
    document: placingPdf(opened, source),
    size: picture,
  });
  return prepareSignature({
    document: opened,
    stamps: places,
    ...(field === undefined ? {} : { existingField: field }),
    picture,
    signingTime: moment('2026-11-22T08:00:00Z'),
    contentsSizeBytes: 64,
  }).embed(Uint8Array.from([0x30, 0x03, 0x02, 0x01, 0x05]));
}

/** Left, top, right and bottom of what is red, in millimetres; `undefined` where nothing is. */
type Box = readonly [number, number, number, number];

async function redBox(png: Buffer): Promise<Box | undefined> {
  const image = await loadImage(png);
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < data.length; i += 4) {
    if ((data[i] ?? 0) < 150 || (data[i + 1] ?? 0) > 100) continue;
    const x = (i / 4) % image.width;
    const y = Math.floor(i / 4 / image.width);
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  if (left === Infinity) return undefined;
  return [left / pixelsPerMm, top / pixelsPerMm, right / pixelsPerMm, bottom / pixelsPerMm];
}

const renderers = [
  ['pdftoppm', (file: string) => ['-r', '127', '-png', file, 'page'], (page: number) => `page-${page}.png`],
  [
    'mutool',
    (file: string) => ['draw', '-q', '-r', '127', '-o', 'page-%d.png', file],
    (page: number) => `page-${page}.png`,
  ],
] as const;

/** The red of every page by this renderer; skips the test where it is not installed. */
async function rendered(test: Mocha.Context, bytes: Uint8Array, [program, args, name]: (typeof renderers)[number]) {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-boxes-'));
  try {
    writeFileSync(join(directory, 'product.pdf'), bytes);
    const { status, error, stderr } = spawnSync(program, args('product.pdf'), { cwd: directory, encoding: 'utf8' });
    if (error !== undefined) {
      console.log(`      skipped: install ${program}`);
      test.skip();
    }
    assert.equal(status, 0, stderr);
    const boxes = new Map<number, Box | undefined>();
    for (const page of openPdf(bytes).pages)
      boxes.set(page.number, await redBox(readFileSync(join(directory, name(page.number)))));
    return boxes;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function near(seen: Box | undefined, expected: Box, where: string): void {
  assert.ok(seen !== undefined, `nothing red on ${where}`);
  seen.forEach((mm, side) => {
    assert.ok(
      Math.abs(mm - (expected[side] ?? Number.NaN)) <= tolerance,
      `${where}: ${seen.join(' ')}, not ${expected.join(' ')}`,
    );
  });
}

const sizes = rotations.map((rotate) => (rotate % 180 === 0 ? [210, 297] : [297, 210]));

describe('seals on rendered pages', function () {
  this.timeout(60_000);
  for (const renderer of renderers) {
    const [program] = renderer;

    it(`stand at positions, as ${program} draws them`, async function () {
      const placements = rotations.map((_, n) => ({ kind: 'position', page: n + 1, xMm: 60 + n, yMm: 150 }) as const);
      const boxes = await rendered(this, await stamped(document(), placements), renderer);
      rotations.forEach((_, n) => near(boxes.get(n + 1), [39 + n, 135, 81 + n, 165], `page ${n + 1}`));
    });

    for (const [edge, expected] of [
      ['right', ([w = 0, h = 0]) => [w - 10.5, h / 2 - 15, w, h / 2 + 15]],
      ['left', ([, h = 0]) => [0, h / 2 - 15, 10.5, h / 2 + 15]],
      ['top', ([w = 0]) => [w / 2 - 21, 0, w / 2 + 21, 7.5]],
      ['bottom', ([w = 0, h = 0]) => [w / 2 - 21, h - 7.5, w / 2 + 21, h]],
    ] as const satisfies readonly (readonly [string, (size: readonly number[]) => Box])[]) {
      it(`are cut over the edge ${edge} of pages of every rotation, as ${program} draws them`, async function () {
        const boxes = await rendered(this, await stamped(document(), [{ kind: 'seam', edge }]), renderer);
        sizes.forEach((size, n) => near(boxes.get(n + 1), expected(size), `page ${n + 1}`));
      });
    }

    it(`are halved over facing pages, as ${program} draws them`, async function () {
      const seam = { kind: 'seam', edge: 'right', facing: true, offsetMm: 40 } as const;
      const boxes = await rendered(this, await stamped(document(), [seam]), renderer);
      sizes.forEach(([w = 0], n) =>
        near(boxes.get(n + 1), n % 2 === 0 ? [w - 21, 25, w, 55] : [0, 25, 21, 55], `page ${n + 1}`),
      );
    });

    it(`stand beside words on pages of every rotation, as ${program} draws them`, async function () {
      const keyword = { kind: 'keyword', text: 'Signature', occurrence: 'all', dxMm: 0, dyMm: 30 } as const;
      const boxes = await rendered(this, await stamped(document(), [keyword]), renderer);
      // Helvetica: the word is 51.36 points wide, its middle 25.68 from where it begins and 4.56 above its baseline.
      const [x, y] = [200, 500];
      const middles = [
        [x + 25.68, 841.89 - y - 4.56],
        [y + 25.68, x - 4.56],
        [595.276 - x + 25.68, y - 4.56],
        [841.89 - y + 25.68, 595.276 - x - 4.56],
      ].map((point) => point.map((points) => (points * 25.4) / 72));
      middles.forEach(([mx = 0, my = 0], n) =>
        near(boxes.get(n + 1), [mx - 21, my + 15, mx + 21, my + 45], `page ${n + 1}`),
      );
    });

    it(`stand in the middle of fields on pages of every rotation, as ${program} draws them`, async function () {
      const middles = [
        [185, 841.89 - 157],
        [185, 157],
        [595.276 - 185, 157],
        [841.89 - 185, 595.276 - 157],
      ].map((point) => point.map((points) => (points * 25.4) / 72));
      let product = document({ fields: true });
      for (const rotate of rotations) product = await stamped(product, [{ kind: 'field', name: `Field${rotate}` }]);
      const boxes = await rendered(this, product, renderer);
      middles.forEach(([mx = 0, my = 0], n) =>
        near(boxes.get(n + 1), [mx - 21, my - 15, mx + 21, my + 15], `page ${n + 1}`),
      );
    });
  }
});
