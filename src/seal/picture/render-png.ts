// The picture of a seal as PNG (ISO/IEC 15948) with transparent ground, for seal lists and for the picture inside a SES seal.

import { inflateSync } from 'node:zlib';
import { type Canvas, createCanvas, Path2D } from '@napi-rs/canvas';
import type { PathSegment, PixelPicture, VectorPicture } from '../../codec/picture.ts';
import { TrustError } from '../../kernel/errors.ts';

/** Beyond this a picture is an attack on memory, not a seal (42 mm at 1200 dpi are 1984 pixels). */
const maxPixels = 2000;

/** Exactly `round(mm / 25.4 × dpi)` pixels a side. Throws `malformed-image` over 2000 pixels. */
export function picturePng(picture: VectorPicture, dpi: number): Uint8Array {
  const perMm = dpi / 25.4;
  const width = Math.round(picture.widthMm * perMm);
  const height = Math.round(picture.heightMm * perMm);
  if (!(width >= 1 && height >= 1 && width <= maxPixels && height <= maxPixels)) {
    throw new TrustError('malformed-image', `a picture has 1 to ${maxPixels} pixels a side`);
  }
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  if (picture.pixels !== undefined) context.drawImage(canvasOf(picture.pixels), 0, 0, width, height);
  context.scale(width / picture.widthMm, height / picture.heightMm);
  for (const { path, fill, rule } of picture.shapes) {
    context.fillStyle = `rgb(${fill.red} ${fill.green} ${fill.blue})`;
    context.fill(outlineOf(path), rule);
  }
  return canvas.toBuffer('image/png');
}

function canvasOf({ widthPx, heightPx, colours, coverage }: PixelPicture): Canvas {
  const canvas = createCanvas(widthPx, heightPx);
  const context = canvas.getContext('2d');
  const data = context.createImageData(widthPx, heightPx);
  const [rgb, alpha] = [inflateSync(colours), inflateSync(coverage)];
  for (let i = 0; i < alpha.length; i++) {
    for (let part = 0; part < 3; part++) data.data[4 * i + part] = rgb[3 * i + part] ?? 0;
    data.data[4 * i + 3] = alpha[i] ?? 0;
  }
  context.putImageData(data, 0, 0);
  return canvas;
}

function outlineOf(path: readonly PathSegment[]): Path2D {
  return new Path2D(path.map(svgStep).join(''));
}

function svgStep(s: PathSegment): string {
  if (s.kind === 'Z') return 'Z';
  if (s.kind === 'C') return `C${s.x1} ${s.y1} ${s.x2} ${s.y2} ${s.x} ${s.y}`;
  return `${s.kind}${s.x} ${s.y}`;
}
