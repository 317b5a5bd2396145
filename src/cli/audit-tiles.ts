// The tiles of a log, believed from the signed root downwards: each is hashed and compared with what the tile above says of it.

import { sha256 } from '../crypto/digest.ts';
import { concatBytes, equalBytes } from '../kernel/bytes.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { Frontier } from '../tlog/frontier.ts';
import { emptyRoot, hashSizeBytes, innerNodes } from '../tlog/merkle.ts';
import { hashOfRange, type TileAddress, tilesOfRanges, tileWidth, tileWidthAt } from '../tlog/tile.ts';
import type { LogSource } from './audit-log-source.ts';
import { readTile } from './audit-resources.ts';

/** The tiles stop being what the signed root says at this one: it, or one beside it on the right edge, is missing or altered. */
export class TileAltered extends Error {
  readonly address: TileAddress;

  constructor(address: TileAddress) {
    super('a tile is missing or not what the signed root says');
    this.address = address;
  }
}

export class AuthenticTiles {
  readonly #source: LogSource;
  readonly #size: number;
  /** The partial tiles of the right edge, by level. */
  readonly #edge: readonly Uint8Array[];
  /** Full tiles above level 0: one for 65,536 entries. */
  readonly #upper = new Map<string, Uint8Array>();

  private constructor(source: LogSource, size: number, edge: readonly Uint8Array[]) {
    this.#source = source;
    this.#size = size;
    this.#edge = edge;
  }

  /** Throws TileAltered when the right edge does not give the root of the checkpoint. */
  static async open(source: LogSource, { size, root }: Checkpoint): Promise<AuthenticTiles> {
    const edge: Uint8Array[] = [];
    let highest: TileAddress = { level: 0, index: 0, width: 0 };
    for (let level = 0; tileWidth ** level <= size; level++) {
      const address = edgeAddress(level, size);
      const hashes = address.width === 0 ? new Uint8Array() : await readTile(source, address);
      if (hashes === undefined) throw new TileAltered(address);
      if (address.width > 0) highest = address;
      edge.push(hashes);
    }
    if (!equalBytes(Frontier.decode(sha256, size, concatBytes(...edge)).root(), root)) throw new TileAltered(highest);
    return new AuthenticTiles(source, size, edge);
  }

  /** All the hashes that the tile has in this tree. Throws TileAltered. */
  async hashes(level: number, index: number): Promise<Uint8Array> {
    const address = { level, index, width: tileWidthAt(level, index, this.#size) };
    if (address.width < tileWidth) return this.#edge[level] ?? new Uint8Array();
    const known = this.#upper.get(`${level}/${index}`);
    if (known !== undefined) return known;
    const expected = await this.rootOf(level, index);
    const hashes = await readTile(this.#source, address);
    const root = hashes && innerNodes(sha256, hashes).at(-1);
    if (hashes === undefined || root === undefined || !equalBytes(root, expected)) throw new TileAltered(address);
    if (level > 0) this.#upper.set(`${level}/${index}`, hashes);
    return hashes;
  }

  /** The root of a full tile, as the tile above has it. */
  async rootOf(level: number, index: number): Promise<Uint8Array> {
    const above = await this.hashes(level + 1, Math.floor(index / tileWidth));
    const start = (index % tileWidth) * hashSizeBytes;
    return above.subarray(start, start + hashSizeBytes);
  }

  /** The root that the tree had when it had so many leaves. */
  async rootAt(size: number): Promise<Uint8Array> {
    if (size === 0) return emptyRoot(sha256);
    const range = { start: 0, end: size };
    const tiles = new Map<string, Uint8Array>();
    for (const { level, index } of tilesOfRanges([range], this.#size))
      tiles.set(`${level}/${index}`, await this.hashes(level, index));
    return hashOfRange(sha256, range, (level, index) => tiles.get(`${level}/${index}`) ?? new Uint8Array());
  }
}

/** The partial tile of a level; its width may be 0. */
export function edgeAddress(level: number, size: number): TileAddress {
  const index = Math.floor(size / tileWidth ** (level + 1));
  return { level, index, width: tileWidthAt(level, index, size) };
}
