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

/** All tiles of a tree of `size` leaves that one level has, from `first` on, as addresses with their width, left to right. */
export function* tilesOfLevel(level: number, size: number, first = 0): Generator<TileAddress> {
  for (let index = first; ; index++) {
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
  return hashOfParts(sha256, range, ({ level, index, offset, count }) =>
    rootOf(sha256, hashesOf(tile(level, index).subarray(offset * hashSizeBytes, (offset + count) * hashSizeBytes))),
  );
}

/** `count` hashes of a tile from `offset` on that one inner node of it is over: a power of two, and `offset` a multiple of it. */
export interface TilePart {
  readonly level: number;
  readonly index: number;
  readonly offset: number;
  readonly count: number;
}

/** The same for those who keep the inner nodes of tiles: `hashOfPart` looks one up (`nodeOfPart`). */
export function hashOfParts(sha256: Sha256, range: Range, hashOfPart: (part: TilePart) => Uint8Array): Uint8Array {
  const parts = perfectParts(range).map((part) => hashOfPart(tileOf(part)));
  // The parts get smaller from left to right, so the tree over them leans left: fold from the right.
  const last = parts.at(-1);
  if (last === undefined) throw new RangeError('an empty range has no hash');
  return parts.slice(0, -1).reduceRight((right, left) => nodeHash(sha256, left, right), last);
}

/** `nodes`: see innerNodes. Throws RangeError when the tile is not as wide. */
export function nodeOfPart(nodes: readonly Uint8Array[], { offset, count }: TilePart): Uint8Array {
  const start = (offset / count) * hashSizeBytes;
  const hash = nodes[Math.log2(count)]?.subarray(start, start + hashSizeBytes);
  if (hash?.length !== hashSizeBytes) throw new RangeError('the tile is not as wide as that');
  return hash;
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

function tileOf(part: Range): TilePart {
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
