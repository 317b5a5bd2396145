// Hashes every entry of a log up to the signed root, and names the first entry that does not belong; C2SP tlog-tiles.

import { isLeaf } from '../audit/leaf-shape.ts';
import { parseLeaf } from '../audit/leaf.ts';
import { sha256 } from '../crypto/digest.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { idFromUuid } from '../kernel/ids.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { decodeEntryBundle, leadingLeaves } from '../tlog/entry-bundle.ts';
import { Frontier, type FullTile } from '../tlog/frontier.ts';
import { hashSizeBytes, leafHash } from '../tlog/merkle.ts';
import { type TileAddress, tilesOfLevel, tileWidth } from '../tlog/tile.ts';
import { tilePath } from '../tlog/tile-path.ts';
import type { LogSource } from './audit-log-source.ts';
import { type OfferedBundle, readBundle, readTile } from './audit-resources.ts';
import { AuthenticTiles, TileAltered } from './audit-tiles.ts';

export interface Fault {
  readonly code: string;
  readonly detail: string;
  /** The first bad entry; absent when the damage cannot be narrowed to one. */
  readonly index?: number;
  readonly entryId?: string;
}

/** Told how many entries are done, after each 256. */
export type Progress = (done: number, size: number) => void;

/** Requests in flight: enough to hide the way to a far server, few enough not to be a burden to it. */
const prefetch = 8;

/** `undefined`: the entries hash to the root of the checkpoint, and so does every tile. */
export async function findFirstBadEntry(
  source: LogSource,
  checkpoint: Checkpoint,
  progress: Progress = () => undefined,
): Promise<Fault | undefined> {
  const frontier = Frontier.empty(sha256);
  const tileRoots: Uint8Array[] = [];
  const upperTiles: FullTile[] = [];
  let badTile: Fault | undefined;
  let malformed: Fault | undefined;
  for await (const { address, bundle, tile } of tilesInOrder(source, checkpoint.size)) {
    const leaves = leavesOf(bundle, address.width);
    if (leaves === undefined) return locate(source, checkpoint, tileRoots);
    const hashes = hashesOfLeaves(leaves);
    if (address.width === tileWidth) {
      const [lowest, ...above] = frontier.pushTile(hashes);
      if (lowest !== undefined) tileRoots.push(lowest.root);
      upperTiles.push(...above);
    } else {
      for (let i = 0; i < hashes.length; i += hashSizeBytes) frontier.push(hashes.subarray(i, i + hashSizeBytes));
    }
    if (badTile === undefined && !sameBytes(tile, hashes)) badTile = tileFault(address, tile, hashes);
    malformed ??= malformedIn(leaves, address);
    progress(frontier.size, checkpoint.size);
  }
  if (!equalBytes(frontier.root(), checkpoint.root)) return locate(source, checkpoint, tileRoots);
  // Signed, yet not an entry of this service: whoever signed it must explain it.
  return badTile ?? (await findBadUpperTile(source, frontier, upperTiles)) ?? malformed;
}

/** The same for the entries that came after a tree that was verified before: each is compared with what the signed root says. */
export async function findFirstBadEntrySince(
  source: LogSource,
  tiles: AuthenticTiles,
  { verified, size }: { verified: number; size: number },
  progress: Progress = () => undefined,
): Promise<Fault | undefined> {
  const firstTile = Math.floor(verified / tileWidth);
  for await (const { address, bundle } of tilesInOrder(source, size, firstTile)) {
    const fault = faultIn(bundle, address, await tiles.hashes(0, address.index));
    if (fault !== undefined) return fault;
    const malformed = malformedIn(leavesOf(bundle, address.width) ?? [], address);
    if (malformed !== undefined) return malformed;
    progress(address.index * tileWidth + address.width, size);
  }
  return undefined;
}

/** What is wrong with a bundle, given the true hashes of its leaves. */
export function faultIn(
  bundle: OfferedBundle | undefined,
  address: TileAddress,
  hashes: Uint8Array,
): Fault | undefined {
  const first = address.index * tileWidth;
  if (bundle === undefined) return missing(address);
  const { leaves, sizeBytes } = leadingLeaves(bundle.bytes, address.width);
  for (let place = 0; place < address.width; place++) {
    const leaf = leaves[place];
    const index = first + place;
    if (leaf === undefined)
      return { code: 'entries-missing', detail: `entry ${index} and what follows it are cut short`, index };
    if (equalBytes(leafHash(sha256, leaf), hashes.subarray(place * hashSizeBytes, (place + 1) * hashSizeBytes)))
      continue;
    return { code: 'entry-altered', detail: `entry ${index} is not the one that was logged`, index, ...idOf(leaf) };
  }
  if (bundle.cut || sizeBytes === bundle.bytes.length) return undefined;
  const last = first + address.width - 1;
  return { code: 'entries-added', detail: `there are bytes after entry ${last}, the last of its bundle`, index: last };
}

/** The entries are right, so what differs is a tile: others who prove by the tiles would be led astray. */
async function findBadUpperTile(
  source: LogSource,
  frontier: Frontier,
  full: readonly FullTile[],
): Promise<Fault | undefined> {
  const expected = full.map(({ level, index, data }) => ({ level, index, hashes: data }));
  for (let level = 1; tileWidth ** level <= frontier.size; level++) {
    const index = Math.floor(frontier.size / tileWidth ** (level + 1));
    expected.push({ level, index, hashes: frontier.partialTile(level) });
  }
  for (const { level, index, hashes } of expected) {
    if (hashes.length === 0) continue;
    const address = { level, index, width: hashes.length / hashSizeBytes };
    const offered = await readTile(source, address);
    if (!sameBytes(offered, hashes)) return tileFault(address, offered, hashes);
  }
  return undefined;
}

/** Named by the first entry below the first hash that differs: no proof of it can be made from this tile. */
export function tileFault({ level, index, width }: TileAddress, offered?: Uint8Array, expected?: Uint8Array): Fault {
  const differs = expected?.findIndex((byte, at) => offered?.[at] !== byte) ?? 0;
  return {
    code: 'tile-altered',
    detail: `${tilePath({ level, index, width })} is missing or not what its entries hash to`,
    index: (index * tileWidth + Math.floor(Math.max(0, differs) / hashSizeBytes)) * tileWidth ** level,
  };
}

interface Offered {
  readonly address: TileAddress;
  readonly bundle: OfferedBundle | undefined;
  /** The tile of level 0 that the source offers for it. */
  readonly tile: Uint8Array | undefined;
}

async function* tilesInOrder(source: LogSource, size: number, firstTile = 0): AsyncGenerator<Offered> {
  const waiting: Promise<Offered>[] = [];
  for (const address of tilesOfLevel(0, size, firstTile)) {
    const next = offered(source, address);
    next.catch(() => undefined); // its error is met when its turn comes; until then it must not count as unhandled
    waiting.push(next);
    const ready = waiting.length >= prefetch ? waiting.shift() : undefined;
    if (ready !== undefined) yield await ready;
  }
  for (const last of waiting) yield await last;
}

async function offered(source: LogSource, address: TileAddress): Promise<Offered> {
  const [bundle, tile] = await Promise.all([readBundle(source, address), readTile(source, address)]);
  return { address, bundle, tile };
}

function leavesOf(bundle: OfferedBundle | undefined, width: number): Uint8Array[] | undefined {
  if (bundle === undefined) return undefined;
  if (!bundle.cut) return decodeEntryBundle(bundle.bytes, width);
  const { leaves } = leadingLeaves(bundle.bytes, width);
  return leaves.length === width ? leaves : undefined;
}

function hashesOfLeaves(leaves: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(leaves.length * hashSizeBytes);
  let offset = 0;
  for (const leaf of leaves) {
    hashes.set(leafHash(sha256, leaf), offset);
    offset += hashSizeBytes;
  }
  return hashes;
}

/**
 * The entries do not give the signed root. The tiles that do give it are the witness: they say which group of 256 is wrong, and the
 * tile of that group says which entry. `tileRoots`: what the entries of the full tiles hash to, as far as they could be hashed.
 */
async function locate(source: LogSource, checkpoint: Checkpoint, tileRoots: readonly Uint8Array[]): Promise<Fault> {
  const tiles = await AuthenticTiles.open(source, checkpoint).catch(ifAltered);
  for (const address of tilesOfLevel(0, checkpoint.size)) {
    const { index, width } = address;
    const above = width < tileWidth ? undefined : await tiles?.rootOf(0, index).catch(ifAltered);
    const root = tileRoots[index];
    if (above !== undefined && root !== undefined && equalBytes(above, root)) continue;
    // Where no tile can be believed any more, the one that is offered may still tell an altered entry from a true one.
    const known = await tiles?.hashes(0, index).catch(ifAltered);
    const hashes = known ?? (above === undefined ? await readTile(source, address) : undefined);
    const bundle = await readBundle(source, address);
    // A size can be claimed that no source could fill: the search ends where there is nothing.
    if (bundle === undefined) return missing(address);
    const fault = hashes === undefined ? undefined : faultIn(bundle, address, hashes);
    if (fault !== undefined) return fault;
    if (hashes === undefined && above !== undefined) return group(address);
  }
  return { code: 'root-differs', detail: 'the entries do not hash to the signed root' };
}

function missing({ index }: TileAddress): Fault {
  const first = index * tileWidth;
  return { code: 'entries-missing', detail: `the entries from ${first} on are missing`, index: first };
}

function group({ index, width }: TileAddress): Fault {
  const first = index * tileWidth;
  return {
    code: 'entries-altered',
    detail: `among entries ${first} to ${first + width - 1} one was altered or removed, and their tile with it`,
    index: first,
  };
}

function ifAltered(error: unknown): undefined {
  if (error instanceof TileAltered) return undefined;
  throw error;
}

function malformedIn(leaves: readonly Uint8Array[], { index }: TileAddress): Fault | undefined {
  const place = leaves.findIndex((leaf) => !isLeaf(leaf));
  if (place < 0) return undefined;
  const bad = index * tileWidth + place;
  return { code: 'entry-malformed', detail: `entry ${bad} is no audit entry`, index: bad };
}

function idOf(leaf: Uint8Array): { entryId?: string } {
  const entryId = parseLeaf(leaf)?.entryId;
  return entryId === undefined ? {} : { entryId: idFromUuid('entry', entryId) };
}

function sameBytes(offered: Uint8Array | undefined, expected: Uint8Array): boolean {
  return offered !== undefined && Buffer.compare(offered, expected) === 0;
}
