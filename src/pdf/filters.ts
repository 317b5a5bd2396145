// Decoding of cross-reference and object streams: Flate with an output cap and the PNG predictors (ISO 32000-2, 7.4.4).

import { inflateSync } from 'node:zlib';
import type { ReadBudget } from './limits.ts';
import { malformed, maxDecodedBytes, tooLarge } from './limits.ts';
import { PdfArray, PdfDict, PdfName } from './objects.ts';
import type { PdfObject, PdfStream } from './objects.ts';

/** The data of a stream whose only filter, if any, is FlateDecode. `resolve` follows references in the filter entries. */
export function decodeStream(stream: PdfStream, resolve: (object: PdfObject) => PdfObject, budget: ReadBudget): Buffer {
  const filter = only(resolve(stream.dict.get('Filter')), resolve);
  const parameters = only(resolve(stream.dict.get('DecodeParms')), resolve);
  if (filter === null) return Buffer.from(stream.data);
  if (!(filter instanceof PdfName) || filter.value !== 'FlateDecode')
    throw tooLarge('a structural stream has a filter other than FlateDecode');
  const data = inflate(stream.data);
  budget.decoded(data.length);
  if (!(parameters instanceof PdfDict)) return data;
  const whole = (key: string, fallback: number): number => {
    const value = resolve(parameters.get(key)) ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw malformed(`bad /${key} in DecodeParms`);
    return value;
  };
  const predictor = whole('Predictor', 1);
  if (predictor === 1) return data;
  if (predictor < 10 || predictor > 15) throw tooLarge(`predictor ${predictor} in a structural stream`);
  if (whole('Colors', 1) !== 1 || whole('BitsPerComponent', 8) !== 8) throw tooLarge('predictor over other than bytes');
  return undoPngPredictor(data, whole('Columns', 1));
}

function only(value: PdfObject, resolve: (object: PdfObject) => PdfObject): PdfObject {
  if (!(value instanceof PdfArray)) return value;
  if (value.items.length > 1) throw tooLarge('a structural stream has several filters');
  return resolve(value.items[0] ?? null);
}

function inflate(data: Uint8Array): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: maxDecodedBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge('a compressed stream is too large');
    throw malformed('a compressed stream is damaged', error);
  }
}

function undoPngPredictor(data: Buffer, columns: number): Buffer {
  if (columns < 1 || columns > 1_000 || data.length % (columns + 1) !== 0) throw malformed('predicted rows do not fit');
  const rows = data.length / (columns + 1);
  const out = Buffer.alloc(rows * columns);
  for (let row = 0; row < rows; row++) {
    const type = data[row * (columns + 1)] ?? 0;
    if (type > 4) throw malformed(`unknown row predictor ${type}`);
    for (let i = 0; i < columns; i++) {
      const at = row * columns + i;
      const raw = data[row * (columns + 1) + 1 + i] ?? 0;
      const left = i > 0 ? (out[at - 1] ?? 0) : 0;
      const up = row > 0 ? (out[at - columns] ?? 0) : 0;
      const corner = i > 0 && row > 0 ? (out[at - columns - 1] ?? 0) : 0;
      out[at] = raw + predicted(type, left, up, corner);
    }
  }
  return out;
}

/** PNG (ISO/IEC 15948) clause 9.2: filter types 0 to 4; the Buffer takes the sum modulo 256. */
function predicted(type: number, left: number, up: number, corner: number): number {
  if (type === 1) return left;
  if (type === 2) return up;
  if (type === 3) return (left + up) >> 1;
  return type === 4 ? paeth(left, up, corner) : 0;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
