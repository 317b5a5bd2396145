// Proves what becomes of an uploaded seal picture: its pixels at their true size and nothing else, and what is refused.

import assert from 'node:assert/strict';
import { crc32 } from '../../../src/codec/crc32.ts';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { decodeFace, encodeFace } from '../../../src/seal/picture/face.ts';
import { picturePng } from '../../../src/seal/picture/render-png.ts';
import { maxUploadBytes, readUploadedPicture } from '../../../src/seal/picture/uploaded-picture.ts';

const size = { widthMm: 42, heightMm: 42 };

/** A red disc of half the side, on white or on nothing. */
function disc(ground: 'white' | 'none', side = 500, height = side) {
  const canvas = createCanvas(side, height);
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  if (ground === 'white') context.fillRect(0, 0, side, height);
  context.fillStyle = 'rgb(230 0 18)';
  context.beginPath();
  context.arc(side / 2, height / 2, side / 4, 0, 2 * Math.PI);
  context.fill();
  return canvas;
}

/** Red, green, blue and alpha of the middle and of a corner. */
async function pixels(png: Uint8Array): Promise<number[][]> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const at = (x: number, y: number) => [...context.getImageData(x, y, 1, 1).data];
  return [at(image.width / 2, image.height / 2), at(2, 2)];
}

function withText(png: Uint8Array, text: string): Uint8Array {
  const [type, data] = [utf8('tEXt'), utf8(`Comment\0${text}`)];
  const frame = new DataView(new ArrayBuffer(8));
  frame.setUint32(0, data.length);
  frame.setUint32(4, crc32(concatBytes(type, data)));
  const [length, check] = [new Uint8Array(frame.buffer, 0, 4), new Uint8Array(frame.buffer, 4, 4)];
  return concatBytes(png.subarray(0, 33), length, type, data, check, png.subarray(33));
}

/** Decoders pass over fill bytes and markers without a length (T.81, B.1.1.2); who takes them for segments reads 500 × 500 from the comment. */
function sizeInComment(jpeg: Uint8Array, head: readonly number[]): Uint8Array {
  const start = Uint8Array.of(0xff, 0xd8, ...head, 0xff, 0xfe, 0xff, 0xff);
  const jumpedTo = 4 + new DataView(start.buffer).getUint16(4);
  const frame = Uint8Array.of(0xff, 0xc0, 0, 11, 8, 500 >> 8, 500 & 255, 500 >> 8, 500 & 255, 1, 0);
  const comment = new Uint8Array(0xffff - 2);
  const commented = concatBytes(start, comment, Uint8Array.of(0xff, 0xfe, 0xff, 0xff), comment);
  commented.set(frame, jumpedTo);
  return concatBytes(commented, jpeg.subarray(2));
}

describe('an uploaded seal picture', () => {
  it('keeps its ink and loses its white, whether PNG or JPEG, with transparency or without', async () => {
    const files = [
      disc('none').toBuffer('image/png'),
      disc('white').toBuffer('image/png'),
      disc('white').toBuffer('image/jpeg', 95),
    ];
    for (const file of files) {
      const picture = await readUploadedPicture(file, size);
      assert.deepEqual([picture.widthMm, picture.heightMm, picture.pixels?.widthPx], [42, 42, 500]);
      const [middle = [], corner = []] = await pixels(picturePng(decodeFace(encodeFace(picture)), 300));
      const apart = [230, 0, 18, 255].map((value, i) => Math.abs(value - (middle[i] ?? 999)));
      assert.ok(Math.max(...apart) <= 20, `${middle.join()} is the red of the disc`);
      assert.ok((corner[3] ?? 255) <= 3, 'the ground is transparent');
    }
  });

  it('is made anew: texts of the file are gone, and it has no more pixels than a seal needs', async () => {
    const secret = 'where it was taken';
    const file = withText(disc('none', 3000).toBuffer('image/png'), secret);
    assert.ok(Buffer.from(file).includes(secret));
    const picture = await readUploadedPicture(file, size);
    assert.equal(picture.pixels?.widthPx, Math.round((42 / 25.4) * 600));
    assert.ok(!Buffer.from(picturePng(picture, 300)).includes(secret));
    assert.ok(!Buffer.from(encodeFace(picture)).includes(secret));
  });

  it('is refused with its reason', async () => {
    const good = disc('none').toBuffer('image/png');
    const huge = Uint8Array.from(good);
    new DataView(huge.buffer).setUint32(16, 100_000);
    const largeJpeg = disc('white', 4500).toBuffer('image/jpeg', 50);
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ['too-large', largeJpeg],
      // Told before it is unpacked, and not by the size that a comment tells: it could be of gigabytes.
      ['not-png-or-jpeg', sizeInComment(largeJpeg, [0xff, 0xd0])],
      ['not-png-or-jpeg', sizeInComment(largeJpeg, [0xff])],
      ['not-png-or-jpeg', utf8('<svg xmlns="http://www.w3.org/2000/svg"/>')],
      ['not-png-or-jpeg', new Uint8Array()],
      ['not-png-or-jpeg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff)],
      ['too-large', new Uint8Array(maxUploadBytes + 1)],
      ['too-large', huge],
      ['too-coarse', disc('none', 200).toBuffer('image/png')],
      ['other-proportions', disc('none', 500, 400).toBuffer('image/png')],
      ['blank', createCanvas(500, 500).toBuffer('image/png')],
      ['damaged', concatBytes(good.subarray(0, 60), new Uint8Array(400))],
    ];
    for (const [reason, file] of cases) {
      await assert.rejects(readUploadedPicture(file, size), (error: unknown) => {
        const { code, details } = error as { code: string; details?: { reason?: string } };
        assert.deepEqual([code, details?.reason], ['malformed-image', reason]);
        return true;
      });
    }
  });
});
