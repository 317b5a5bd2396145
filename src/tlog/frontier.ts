// The right edge of a growing tree: the hashes of the partial tile of every level, all that is needed to append and to know the root.

import { concatBytes } from '../kernel/bytes.ts';
import { emptyRoot, hashSizeBytes, innerNodes, rootOf, type Sha256 } from './merkle.ts';
import { hashesOf, tileWidth, tileWidthAt } from './tile.ts';

/** A tile that became full while leaves were pushed. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly root: Uint8Array;
  readonly data: Uint8Array;
}

export class Frontier {
  readonly #sha256: Sha256;
  readonly #levels: Uint8Array[][];
  #size: number;

  private constructor(sha256: Sha256, size: number, levels: Uint8Array[][]) {
    this.#sha256 = sha256;
    this.#size = size;
    this.#levels = levels;
  }

  /**
   * `encoded` is the partial tiles from level 0 up, one after the other: their widths follow from `size`, so a frontier
   * that does not fit its size cannot be written down. Throws RangeError when the length is wrong.
   */
  static decode(sha256: Sha256, size: number, encoded: Uint8Array): Frontier {
    const levels: Uint8Array[][] = [];
    let offset = 0;
    for (const width of partialWidths(size)) {
      const end = offset + width * hashSizeBytes;
      levels.push(hashesOf(encoded.subarray(offset, end)));
      offset = end;
    }
    if (offset !== encoded.length) throw new RangeError('the frontier does not fit the size of the tree');
    return new Frontier(sha256, size, levels);
  }

  static empty(sha256: Sha256): Frontier {
    return new Frontier(sha256, 0, []);
  }

  get size(): number {
    return this.#size;
  }

  encode(): Uint8Array {
    return concatBytes(...this.#levels.flat());
  }

  /** The bytes of the partial tile of a level; empty when there is none. */
  partialTile(level: number): Uint8Array {
    return concatBytes(...(this.#levels[level] ?? []));
  }

  /** Appends a leaf and returns the tiles that it completed, lowest level first. */
  push(hash: Uint8Array): FullTile[] {
    const index = this.#size;
    this.#size++;
    return this.#carry(0, index, hash);
  }

  /** Appends 256 leaves at once, from the edge of a tile on; the same as pushing them one by one, and less work. */
  pushTile(data: Uint8Array): FullTile[] {
    const lowest = (this.#levels[0] ??= []);
    if (data.length !== tileWidth * hashSizeBytes || lowest.length > 0)
      throw new RangeError('not a tile, or not its edge');
    const index = this.#size / tileWidth;
    const root = innerNodes(this.#sha256, data).at(-1) ?? data;
    this.#size += tileWidth;
    return [{ level: 0, index, root, data }, ...this.#carry(1, index, root)];
  }

  #carry(from: number, first: number, hash: Uint8Array): FullTile[] {
    const full: FullTile[] = [];
    let carried = hash;
    let index = first;
    for (let level = from; ; level++) {
      const hashes = (this.#levels[level] ??= []);
      hashes.push(carried);
      index = Math.floor(index / tileWidth);
      if (hashes.length < tileWidth) return full;
      carried = rootOf(this.#sha256, hashes);
      full.push({ level, index, root: carried, data: concatBytes(...hashes) });
      this.#levels[level] = [];
    }
  }

  /** MTH of the whole tree. */
  root(): Uint8Array {
    let right: Uint8Array | undefined;
    for (const hashes of this.#levels) {
      if (hashes.length > 0) right = rootOf(this.#sha256, right === undefined ? hashes : [...hashes, right]);
    }
    return right ?? emptyRoot(this.#sha256);
  }
}

function* partialWidths(size: number): Generator<number> {
  for (let level = 0; tileWidth ** level <= size; level++) {
    const tiles = Math.floor(Math.floor(size / tileWidth ** level) / tileWidth);
    yield tileWidthAt(level, tiles, size);
  }
}
