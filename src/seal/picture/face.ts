// A seal's face in its stored form: the outlines as one canonical JSON text, whose digest the seal maker signs.

import type { PathSegment, PixelPicture, Rgb, VectorPicture } from '../../codec/picture.ts';
import { sha256 } from '../../crypto/digest.ts';
import { fromBase64, fromUtf8, toBase64, utf8, toHex } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';

/** A face with its stored form, whose digest the seal maker signs. */
export interface SealFace {
  readonly picture: VectorPicture;
  readonly stored: Uint8Array;
}

/** Flat numbers instead of objects: a third of the size. */
type StoredSegment = readonly [string, ...number[]];

export function encodeFace(picture: VectorPicture): Uint8Array {
  const { widthMm, heightMm, shapes, pixels } = picture;
  return utf8(
    JSON.stringify({
      widthMm,
      heightMm,
      ...(pixels !== undefined && { pixels: storedPixels(pixels) }),
      shapes: shapes.map(({ path, fill, rule }) => ({ fill, rule, path: path.map(stored) })),
    }),
  );
}

export function faceDigest(face: Uint8Array): Uint8Array {
  return sha256(face);
}

/** For bytes that were written by `encodeFace` and whose digest was checked; anything else is a damaged database. */
export function decodeFace(face: Uint8Array): VectorPicture {
  const key = toHex(faceDigest(face));
  const picture = pictures.get(key) ?? readFace(face);
  // The one that was asked for last goes last.
  pictures.delete(key);
  pictures.set(key, picture);
  const [oldest] = pictures.size > maxPictures ? pictures.keys() : [];
  if (oldest !== undefined) pictures.delete(oldest);
  return picture;
}

/** Of the faces used last, by their digest, so that a seal in use is read and drawn once. One takes some 2 MB. */
const pictures = new Map<string, VectorPicture>();
const maxPictures = 32;

function readFace(face: Uint8Array): VectorPicture {
  const read: unknown = JSON.parse(fromUtf8(face) ?? 'null');
  if (!isStoredFace(read)) throw new TrustError('internal', 'a stored seal has no face');
  const { widthMm, heightMm, pixels } = read;
  const shapes = read.shapes.map((shape) => ({ ...shape, path: shape.path.map(segment) }));
  return { widthMm, heightMm, shapes, ...(pixels !== undefined && { pixels: pixelsOf(pixels) }) };
}

function storedPixels({ widthPx, heightPx, colours, coverage }: PixelPicture): StoredPixels {
  return { widthPx, heightPx, colours: toBase64(colours), coverage: toBase64(coverage) };
}

function pixelsOf({ widthPx, heightPx, colours, coverage }: StoredPixels): PixelPicture {
  const octets = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array();
  return { widthPx, heightPx, colours: octets(colours), coverage: octets(coverage) };
}

interface StoredPixels {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly colours: string;
  readonly coverage: string;
}

interface StoredFace {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly pixels?: StoredPixels;
  readonly shapes: readonly { fill: Rgb; rule: 'nonzero' | 'evenodd'; path: readonly StoredSegment[] }[];
}

/** The digest vouches for the rest: this tells a face from another stored thing. */
function isStoredFace(value: unknown): value is StoredFace {
  return (
    typeof value === 'object' &&
    value !== null &&
    'widthMm' in value &&
    'heightMm' in value &&
    'shapes' in value &&
    Array.isArray(value.shapes)
  );
}

function stored(s: PathSegment): StoredSegment {
  if (s.kind === 'Z') return ['Z'];
  if (s.kind !== 'C') return [s.kind, s.x, s.y];
  return ['C', s.x1, s.y1, s.x2, s.y2, s.x, s.y];
}

function segment([kind, a = 0, b = 0, c = 0, d = 0, x = 0, y = 0]: StoredSegment): PathSegment {
  if (kind === 'M' || kind === 'L') return { kind, x: a, y: b };
  if (kind === 'C') return { kind, x1: a, y1: b, x2: c, y2: d, x, y };
  return { kind: 'Z' };
}
