// Tiles: 256 hashes of one level side by side, and hashes of leaf ranges computed from them; C2SP tlog-tiles.

import { hashSizeBytes, nodeHash, rootOf, type Sha256, splitPoint } from './merkle.ts';
import type { Range } from './proof.ts';

export const tileWidth = 256;

/** Which tile, and how many hashes of it. */
export interface TileAddress {
  readonly level: number;
  readonly index: number;
  /** 1 to 256; below 256 it is a partial tile. */
  readonly width: number;
}

/** How wide the tile is in a tree of `size` leaves: 0 when it is not there, 256 when it is full. */
export function tileWidthAt(level: number, index: number, size: number): number {
  const hashes = Math.floor(size / tileWidth ** level);
  return Math.max(0, Math.min(tileWidth, hashes - index * tileWidth));
}

/** All tiles of a tree of `size` leaves that one level has, as addresses with their width, left to right. */
export function* tilesOfLevel(level: number, size: number): Generator<TileAddress> {
  for (let index = 0; ; index++) {
    const width = tileWidthAt(level, index, size);
    if (width === 0) return;
    yield { level, index, width };
  }
}

/** The tiles that `hashOfRange` will ask for, each once, with their width in the tree of `size` leaves. */
export function tilesOfRanges(ranges: readonly Range[], size: number): TileAddress[] {
  const found = new Map<string, TileAddress>();
  for (const range of ranges) {
    for (const part of perfectParts(range)) {
      const { level, index } = tileOf(part);
      found.set(`${level}/${index}`, { level, index, width: tileWidthAt(level, index, size) });
    }
  }
  return [...found.values()];
}

/** `tile` returns the bytes of a tile; it is asked for the tiles of `tilesOfRanges` only. */
export function hashOfRange(
  sha256: Sha256,
  range: Range,
  tile: (level: number, index: number) => Uint8Array,
): Uint8Array {
  const parts = perfectParts(range).map((part) => {
    const { level, index, offset, count } = tileOf(part);
    const bytes = tile(level, index);
    return rootOf(sha256, hashesOf(bytes.subarray(offset * hashSizeBytes, (offset + count) * hashSizeBytes)));
  });
  // The parts get smaller from left to right, so the tree over them leans left: fold from the right.
  const last = parts.at(-1);
  if (last === undefined) throw new RangeError('an empty range has no hash');
  return parts.slice(0, -1).reduceRight((right, left) => nodeHash(sha256, left, right), last);
}

/** The bytes of a tile as hashes; the length must be a multiple of 32. */
export function hashesOf(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length % hashSizeBytes !== 0) throw new RangeError('not a whole number of hashes');
  const hashes: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += hashSizeBytes)
    hashes.push(bytes.subarray(offset, offset + hashSizeBytes));
  return hashes;
}

/** A range of a tree as perfect subtrees, largest first: a range that a proof names has no other shape. */
function perfectParts(range: Range): Range[] {
  const parts: Range[] = [];
  let { start } = range;
  while (start < range.end) {
    const length = range.end - start;
    const size = isPowerOfTwo(length) ? length : splitPoint(length);
    parts.push({ start, end: start + size });
    start += size;
  }
  return parts;
}

function tileOf(part: Range): { level: number; index: number; offset: number; count: number } {
  const size = part.end - part.start;
  let level = 0;
  while (tileWidth ** (level + 1) <= size) level++;
  const first = part.start / tileWidth ** level;
  if (!Number.isInteger(first)) throw new RangeError('not a range of a proof');
  const index = Math.floor(first / tileWidth);
  return { level, index, offset: first - index * tileWidth, count: size / tileWidth ** level };
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
