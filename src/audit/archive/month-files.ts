// Writes a month into the archive: every leaf of the log up to a signed checkpoint as C2SP tlog-tiles, and the rows of the month inside.

import { sha256 } from '../../crypto/digest.ts';
import type { Queryable } from '../../db/database.ts';
import { equalBytes, toHex, utf8 } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { encodeEntryBundle } from '../../tlog/entry-bundle.ts';
import { hashSizeBytes, leafHash } from '../../tlog/merkle.ts';
import { type TileAddress, tilesOfLevel, tileWidth } from '../../tlog/tile.ts';
import { tilePath } from '../../tlog/tile-path.ts';
import type { EntryRow } from '../entry-row.ts';
import { entriesById } from '../entry-search.ts';
import { type Head, readTiles, type StoredCheckpoint } from '../tree-store.ts';
import type { ArchiveFolder, Draft } from './archive-folder.ts';
import { readTilesOfEntries, type TileOfEntries } from './archive-store.ts';
import { encodeRow, rowsPath } from './manifest.ts';
import { isWithin, type Month } from './month.ts';

/** What is to be written, worked out before anything is. */
export interface MonthPlan {
  readonly month: Month;
  readonly head: Head;
  /** Full tiles of level 0 from here on are not in the folder yet. */
  readonly firstNewTile: number;
  /** Size of the tree that the folder covers already. */
  readonly coveredSize: number;
  /** Full tiles of level 0 that have entries of the month begin here. */
  readonly firstTile: number;
  /** A multiple of 256. */
  readonly endIndex: number;
  /** The files cover its tree. */
  readonly checkpoint: StoredCheckpoint;
}

export interface WrittenRows {
  readonly entries: number;
  readonly sha256: Uint8Array;
  readonly blocks: readonly (readonly [tile: number, offset: number])[];
}

interface Writing {
  readonly database: Queryable;
  readonly folder: ArchiveFolder;
  /** Called between pages; throws when the work must stop. */
  readonly goOn: () => Promise<void>;
}

const tilesAPage = 16;

/** How many full tiles of level 0 it takes to cover a tree. */
export function tilesCovering(size: number): number {
  return Math.ceil(size / tileWidth);
}

/** The tiles above level 0 that the tree of the checkpoint has and the folder may lack; those on its right edge are partial. */
export function upperTiles({ checkpoint, coveredSize }: MonthPlan): TileAddress[] {
  const tiles: TileAddress[] = [];
  for (let level = 1; tileWidth ** level <= checkpoint.size; level++)
    tiles.push(...tilesOfLevel(level, checkpoint.size, Math.floor(coveredSize / tileWidth ** (level + 1))));
  return tiles;
}

/** Throws `audit-archive-refused` for an entry that is not what the tree says of it. */
export async function writeMonth(plan: MonthPlan, writing: Writing): Promise<WrittenRows> {
  const { folder } = writing;
  const draft = await folder.begin(rowsPath(plan.month.name));
  try {
    const rows = await writePages(plan, writing, draft);
    await writeUpperTiles(plan, writing);
    const digest = await folder.finish(draft);
    await folder.sync();
    return { ...rows, sha256: digest };
  } catch (error) {
    await folder.abandon(draft);
    throw error;
  }
}

async function writePages(
  plan: MonthPlan,
  { database, folder, goOn }: Writing,
  draft: Draft,
): Promise<Pick<WrittenRows, 'entries' | 'blocks'>> {
  const { month, firstNewTile } = plan;
  const blocks: [number, number][] = [];
  const end = tilesCovering(plan.checkpoint.size);
  let [entries, offset] = [0, 0];
  for (let page = Math.min(plan.firstTile, firstNewTile); page < end; page += tilesAPage) {
    await goOn();
    const tiles = await readTilesOfEntries(database, page, Math.min(page + tilesAPage, end));
    const wanted = tiles.flatMap(({ index, entryIds }) =>
      index >= firstNewTile ? entryIds : entryIds.filter((id) => isWithin(id, month)),
    );
    const rows = await rowsOf(database, wanted);
    for (const tile of tiles) {
      const found = checkedRows(tile, rows);
      const lines = found
        .filter(({ row }) => isWithin(row.id, month))
        .map(({ place, row }) => encodeRow(tile.index * tileWidth + place, row));
      if (lines.length > 0) {
        const bytes = utf8(lines.join(''));
        blocks.push([tile.index, offset]);
        await folder.append(draft, bytes);
        entries += lines.length;
        offset += bytes.length;
      }
      if (tile.index < firstNewTile) continue;
      if (found.length < tileWidth) throw missing(tile, found.length);
      const address = { index: tile.index, width: tileWidth };
      await folder.writeAll([
        [logPath({ level: 'entries', ...address }), encodeEntryBundle(found.map(({ row }) => row.leaf))],
        [logPath({ level: 0, ...address }), tile.data],
      ]);
    }
  }
  return { entries, blocks };
}

async function writeUpperTiles(plan: MonthPlan, { database, folder }: Writing): Promise<void> {
  for (const address of upperTiles(plan)) {
    const data = (await readTiles(database, plan.head, [address])).get(`${address.level}/${address.index}`);
    if (data === undefined) throw new TrustError('audit-archive-refused', `${tilePath(address)} is missing`);
    await folder.write(logPath(address), data);
  }
}

/** Below the folder of the archive. */
export function logPath(address: Parameters<typeof tilePath>[0]): string {
  return `log/${tilePath(address)}`;
}

async function rowsOf(database: Queryable, ids: readonly Uuid[]): Promise<Map<Uuid, EntryRow>> {
  const rows = await entriesById(database, ids);
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.id, row]])));
}

/** Those of the tile that were read, in leaf order, each hashed. What the tree contradicts must stay where it is, for whoever looks into it. */
function checkedRows(tile: TileOfEntries, rows: ReadonlyMap<Uuid, EntryRow>): { place: number; row: EntryRow }[] {
  return tile.entryIds.flatMap((id, place) => {
    const row = rows.get(id);
    if (row === undefined) return [];
    const hash = tile.data.subarray(place * hashSizeBytes, (place + 1) * hashSizeBytes);
    if (!equalBytes(leafHash(sha256, row.leaf), hash))
      throw new TrustError('audit-archive-refused', `entry ${tile.index * tileWidth + place} is not what was logged`, {
        details: { leafHash: toHex(hash) },
      });
    return [{ place, row }];
  });
}

function missing({ index }: TileOfEntries, found: number): TrustError {
  const first = index * tileWidth;
  return new TrustError(
    'audit-archive-refused',
    `of entries ${first} to ${first + tileWidth - 1} the database has ${found} only`,
  );
}
