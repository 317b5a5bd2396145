// A picture that an organisation brings for its seal (with the state emblem, by hand, of an existing seal): read under limits and made anew from its pixels alone.

import { deflateSync } from 'node:zlib';
import { createCanvas, type Image, loadImage } from '@napi-rs/canvas';
import type { PixelPicture, VectorPicture } from '../../codec/picture.ts';
import { TrustError } from '../../kernel/errors.ts';

/** A scan of a seal at 600 dpi has some 300 kB. */
export const maxUploadBytes = 2 * 1024 * 1024;
/** Told by the file before it is unpacked: 64 MB of pixels. */
const maxSidePx = 4000;
const keptDpi = 600;
const keptSidePx = 2000;
const leastDpi = 150;
/** Of the sides' ratio; a scan is never cut to the very pixel. */
const ratioTolerance = 0.03;
/** Part of the area that must bear ink, so that a blank sheet is told. */
const leastInk = 0.005;

/**
 * The picture at its true size. What else the file holds (texts, profiles, positions, thumbnails) is gone, for nothing but pixels is
 * kept; where the file has no transparency, white becomes transparent, so that text under the seal stays readable. Throws
 * `malformed-image` (details.reason) for what is neither PNG nor JPEG, damaged, too large, too coarse, of other proportions, or blank.
 */
export async function readUploadedPicture(
  file: Uint8Array,
  { widthMm, heightMm }: { widthMm: number; heightMm: number },
): Promise<VectorPicture> {
  if (file.length > maxUploadBytes) throw refused('too-large', `a picture has at most ${maxUploadBytes} bytes`);
  const told = pngSize(file) ?? jpegSize(file);
  if (told === undefined) throw refused('not-png-or-jpeg', 'the file is neither PNG nor JPEG');
  const { widthPx, heightPx } = told;
  if (widthPx > maxSidePx || heightPx > maxSidePx)
    throw refused('too-large', `a picture has at most ${maxSidePx} pixels a side`);
  const leastPx = Math.ceil((widthMm / 25.4) * leastDpi);
  if (widthPx < leastPx) throw refused('too-coarse', `a seal of ${widthMm} mm has at least ${leastPx} pixels`);
  const skew = widthPx / heightPx / (widthMm / heightMm);
  if (Math.abs(skew - 1) > ratioTolerance)
    throw refused('other-proportions', `the seal has ${widthMm} × ${heightMm} mm`);
  const image = await decoded(file);
  if (image.width !== widthPx || image.height !== heightPx) throw refused('damaged', 'the picture is not as it says');
  const scale = Math.min(1, keptSidePx / widthPx, keptSidePx / heightPx, ((keptDpi / 25.4) * widthMm) / widthPx);
  return {
    widthMm,
    heightMm,
    shapes: [],
    pixels: pixelsOf(image, Math.round(widthPx * scale), Math.round(heightPx * scale)),
  };
}

async function decoded(file: Uint8Array): Promise<Image> {
  try {
    return await loadImage(Buffer.from(file));
  } catch (cause) {
    throw new TrustError('malformed-image', 'the picture cannot be read', { details: { reason: 'damaged' }, cause });
  }
}

function pixelsOf(image: Image, widthPx: number, heightPx: number): PixelPicture {
  const context = createCanvas(widthPx, heightPx).getContext('2d');
  context.drawImage(image, 0, 0, widthPx, heightPx);
  const { data } = context.getImageData(0, 0, widthPx, heightPx);
  const count = widthPx * heightPx;
  const [colours, coverage] = [new Uint8Array(3 * count), new Uint8Array(count)];
  let opaque = true;
  for (let i = 3; opaque && i < data.length; i += 4) opaque = data[i] === 255;
  let ink = 0;
  for (let i = 0; i < count; i++) {
    const [red, green, blue] = [data[4 * i] ?? 0, data[4 * i + 1] ?? 0, data[4 * i + 2] ?? 0];
    // The least ink over white that gives this colour; the rest is the sheet.
    const cover = opaque ? 255 - Math.min(red, green, blue) : (data[4 * i + 3] ?? 0);
    const pure = (value: number): number => (opaque && cover > 0 ? 255 - ((255 - value) * 255) / cover : value);
    colours[3 * i] = pure(red);
    colours[3 * i + 1] = pure(green);
    colours[3 * i + 2] = pure(blue);
    coverage[i] = cover;
    ink += cover;
  }
  if (ink < leastInk * 255 * count) throw refused('blank', 'there is nothing on the picture');
  return { widthPx, heightPx, colours: deflated(colours), coverage: deflated(coverage) };
}

function deflated(octets: Uint8Array): Uint8Array {
  return new Uint8Array(deflateSync(octets, { level: 9 }));
}

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** ISO/IEC 15948, 5.2 and 11.2.2: the signature, then IHDR. */
function pngSize(file: Uint8Array): Size | undefined {
  const head = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52];
  if (file.length < 33 || head.some((octet, i) => file[i] !== octet)) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  return { widthPx: view.getUint32(16), heightPx: view.getUint32(20) };
}

/**
 * ITU-T T.81, B.1.1 and B.2.2: the first frame header, baseline or progressive. Before it only segments with a length (APPn, COM, tables):
 * whoever reads fill bytes or other markers in another way than the decoder reads another size.
 */
function jpegSize(file: Uint8Array): Size | undefined {
  if (file[0] !== 0xff || file[1] !== 0xd8) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = 2;
  while (at + 9 <= file.length && file[at] === 0xff) {
    const marker = file[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2) return { heightPx: view.getUint16(at + 5), widthPx: view.getUint16(at + 7) };
    if (!(marker >= 0xe0 && marker <= 0xef) && ![0xfe, 0xdb, 0xc4, 0xdd].includes(marker)) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function refused(reason: string, detail: string): TrustError {
  return new TrustError('malformed-image', `seal picture: ${detail}`, { details: { reason } });
}
