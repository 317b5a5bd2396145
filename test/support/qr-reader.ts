// A QR picture read by programs of others: pngjs for the pixels, jsQR for the symbol.

import jsqr from 'jsqr';
import { PNG } from 'pngjs';

export interface QrReading {
  /** `undefined` when no symbol was found. */
  readonly text: string | undefined;
  readonly widthPixels: number;
  readonly heightPixels: number;
  readonly isWhite: (x: number, y: number) => boolean;
}

export function readQrPng(png: Uint8Array): QrReading {
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  return {
    text: jsqr.default(new Uint8ClampedArray(data), width, height)?.data,
    widthPixels: width,
    heightPixels: height,
    isWhite: (x, y) => data[(y * width + x) * 4] === 255,
  };
}
