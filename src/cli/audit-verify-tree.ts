// Hashes every entry of a log up to the signed root, and names the first entry that does not belong; C2SP tlog-tiles.

import { sha256 } from '../crypto/digest.ts';
import { concatBytes, equalBytes } from '../kernel/bytes.ts';
import { parseLeaf } from '../audit/leaf.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { decodeEntryBundle } from '../tlog/entry-bundle.ts';
import { Frontier, type FullTile } from '../tlog/frontier.ts';
import { hashSizeBytes, leafHash, rootOf } from '../tlog/merkle.ts';
import { type TileAddress, hashesOf, tilesOfLevel, tileWidth, tileWidthAt } from '../tlog/tile.ts';
import { tilePath } from '../tlog/tile-path.ts';
import type { LogSource } from './audit-log-source.ts';

export interface Fault {
  readonly code: string;
  readonly detail: string;
  /** The first bad entry; absent when the damage cannot be narrowed to one. */
  readonly index?: number;
}

/** Requests in flight: enough to hide the way to a far server, few enough not to be a burden to it. */
const prefetch = 8;

interface Bundle {
  readonly address: TileAddress;
  /** Hashes of its entries; `undefined` when it is missing or malformed. */
  readonly hashes: readonly Uint8Array[] | undefined;
  readonly firstMalformed: number | undefined;
  /** The tile of level 0 that the source offers for it. */
  readonly tile: readonly Uint8Array[] | undefined;
}

/** `undefined`: the entries hash to the root of the checkpoint, and so does every tile. */
export async function findFirstBadEntry(source: LogSource, checkpoint: Checkpoint): Promise<Fault | undefined> {
  const frontier = Frontier.empty(sha256);
  const tileRoots: Uint8Array[] = [];
  const upperTiles: FullTile[] = [];
  let firstMalformed: number | undefined;
  let badTile: Fault | undefined;
  for await (const bundle of bundlesInOrder(source, checkpoint.size)) {
    const first = bundle.address.index * tileWidth;
    if (bundle.hashes === undefined)
      return { code: 'entries-missing', detail: `the entries from ${first} on are missing or cut short`, index: first };
    for (const hash of bundle.hashes) upperTiles.push(...frontier.push(hash).filter(({ level }) => level > 0));
    if (!sameHashes(bundle.tile, bundle.hashes)) badTile ??= tileFault(bundle.address);
    tileRoots.push(rootOf(sha256, bundle.hashes));
    firstMalformed ??= bundle.firstMalformed;
  }
  if (!equalBytes(frontier.root(), checkpoint.root)) return locate(source, checkpoint, tileRoots);
  const fault = badTile ?? (await findBadUpperTile(source, frontier, upperTiles));
  if (fault !== undefined) return fault;
  if (firstMalformed === undefined) return undefined;
  // Signed, yet not an entry of this service: whoever signed it must explain it.
  return { code: 'entry-malformed', detail: `entry ${firstMalformed} is no audit entry`, index: firstMalformed };
}

/** The entries are right, so what differs is a tile: others who prove by the tiles would be led astray. */
async function findBadUpperTile(source: LogSource, frontier: Frontier, full: FullTile[]): Promise<Fault | undefined> {
  const expected = full.map(({ level, index, data }) => ({ level, index, hashes: hashesOf(data) }));
  for (let level = 1; tileWidth ** level <= frontier.size; level++) {
    const index = Math.floor(frontier.size / tileWidth ** (level + 1));
    expected.push({ level, index, hashes: hashesOf(frontier.partialTile(level)) });
  }
  for (const { level, index, hashes } of expected) {
    if (hashes.length === 0) continue;
    const address = { level, index, width: hashes.length };
    if (!sameHashes(await readHashes(source, address), hashes)) return tileFault(address);
  }
  return undefined;
}

function tileFault({ level, index, width }: TileAddress): Fault {
  const path = tilePath({ level, index, width });
  return { code: 'tile-altered', detail: `${path} is missing or not what its entries hash to` };
}

function sameHashes(offered: readonly Uint8Array[] | undefined, expected: readonly Uint8Array[]): boolean {
  return offered !== undefined && equalBytes(concatBytes(...offered), concatBytes(...expected));
}

async function* bundlesInOrder(source: LogSource, size: number): AsyncGenerator<Bundle> {
  const waiting: Promise<Bundle>[] = [];
  for (const address of tilesOfLevel(0, size)) {
    const next = readBundle(source, address);
    next.catch(() => undefined); // its error is met when its turn comes; until then it must not count as unhandled
    waiting.push(next);
    const ready = waiting.length >= prefetch ? waiting.shift() : undefined;
    if (ready !== undefined) yield await ready;
  }
  for (const last of waiting) yield await last;
}

async function readBundle(source: LogSource, address: TileAddress): Promise<Bundle> {
  const [leaves, tile] = await Promise.all([readLeaves(source, address), readHashes(source, address)]);
  if (leaves === undefined) return { address, tile, hashes: undefined, firstMalformed: undefined };
  const malformed = leaves.findIndex((leaf) => parseLeaf(leaf) === undefined);
  return {
    address,
    tile,
    hashes: leaves.map((leaf) => leafHash(sha256, leaf)),
    firstMalformed: malformed < 0 ? undefined : address.index * tileWidth + malformed,
  };
}

/** A partial bundle may be gone once the full one is there: then the full one is cut (tlog-tiles, "Partial Tiles"). */
async function readLeaves(source: LogSource, address: TileAddress): Promise<Uint8Array[] | undefined> {
  const { index, width } = address;
  const exact = await source.read(tilePath({ level: 'entries', index, width }));
  const leaves = exact === undefined ? undefined : decodeEntryBundle(exact, width);
  if (leaves !== undefined || width === tileWidth) return leaves;
  const full = await source.read(tilePath({ level: 'entries', index, width: tileWidth }));
  return full === undefined ? undefined : decodeEntryBundle(full, tileWidth)?.slice(0, width);
}

/**
 * The entries do not give the signed root. The upper tiles that do give it are the witness: they say which group of 256
 * is wrong, and the tile below says which entry, if it hashes to what they say.
 */
async function locate(source: LogSource, checkpoint: Checkpoint, tileRoots: readonly Uint8Array[]): Promise<Fault> {
  const vouched = await vouchedTileRoots(source, checkpoint);
  for (const [tile, root] of tileRoots.entries()) {
    const width = tileWidthAt(0, tile, checkpoint.size);
    const expected = width === tileWidth ? vouched?.[tile] : undefined;
    if (expected !== undefined && equalBytes(expected, root)) continue;
    const hashes = await readHashes(source, { level: 0, index: tile, width });
    if (hashes === undefined || (expected !== undefined && !equalBytes(rootOf(sha256, hashes), expected))) {
      if (expected === undefined) continue;
      const first = tile * tileWidth;
      return {
        code: 'entries-altered',
        detail: `among entries ${first} to ${first + 255} one was altered`,
        index: first,
      };
    }
    const leaves = (await readLeaves(source, { level: 0, index: tile, width })) ?? [];
    const place = leaves.findIndex((leaf, i) => !equalBytes(leafHash(sha256, leaf), hashes[i] ?? new Uint8Array()));
    if (place >= 0) {
      const index = tile * tileWidth + place;
      return { code: 'entry-altered', detail: `entry ${index} is not the one that was logged`, index };
    }
  }
  return { code: 'root-differs', detail: 'the entries do not hash to the signed root' };
}

/** Roots of the full tiles of level 0 as level 1 has them, if level 1 with all below it gives the signed root. */
async function vouchedTileRoots(source: LogSource, checkpoint: Checkpoint): Promise<Uint8Array[] | undefined> {
  const roots: Uint8Array[] = [];
  for (const address of tilesOfLevel(1, checkpoint.size)) {
    const hashes = await readHashes(source, address);
    if (hashes === undefined) return undefined;
    roots.push(...hashes);
  }
  const tailWidth = checkpoint.size % tileWidth;
  const tailIndex = Math.floor(checkpoint.size / tileWidth);
  const tail = tailWidth === 0 ? [] : await readHashes(source, { level: 0, index: tailIndex, width: tailWidth });
  if (tail === undefined) return undefined;
  const whole = tail.length === 0 ? roots : [...roots, rootOf(sha256, tail)];
  return equalBytes(rootOf(sha256, whole), checkpoint.root) ? roots : undefined;
}

async function readHashes(source: LogSource, address: TileAddress): Promise<Uint8Array[] | undefined> {
  const { level, index, width } = address;
  const sizeBytes = width * hashSizeBytes;
  const exact = await source.read(tilePath({ level, index, width }));
  if (exact?.length === sizeBytes) return hashesOf(exact);
  const full = await source.read(tilePath({ level, index, width: tileWidth }));
  return full?.length === tileWidth * hashSizeBytes ? hashesOf(full.subarray(0, sizeBytes)) : undefined;
}
