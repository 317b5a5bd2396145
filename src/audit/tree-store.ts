// Reads the Merkle tree from the database: head, tiles, checkpoints, and which entry is which leaf.

import type { Queryable } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';
import { sha256 } from '../crypto/digest.ts';
import { Frontier } from '../tlog/frontier.ts';
import { hashSizeBytes } from '../tlog/merkle.ts';
import { consistencyRanges, type Range } from '../tlog/proof.ts';
import { hashOfRange, type TileAddress, tilesOfRanges, tileWidth } from '../tlog/tile.ts';

/** One log a database; a second one would be a shard's. */
export const logId = 1;

export interface Head {
  readonly frontier: Frontier;
  /** Entries of the partial tile of level 0, in order. */
  readonly tailIds: readonly Uuid[];
}

export interface StoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

interface HeadRow {
  size: number;
  frontier: Uint8Array;
  tail_ids: Uuid[];
}

export async function readHead(database: Queryable): Promise<Head> {
  const { rows } = await database.query<HeadRow>({
    name: 'audit-head',
    text: 'SELECT size, frontier, tail_ids FROM audit.log_head WHERE log_id = $1',
    values: [logId],
  });
  return headOf(rows[0]);
}

/** The same under its lock: from here to the end of the transaction this is the only sequencer. */
export async function lockHead(tx: Queryable): Promise<Head> {
  const { rows } = await tx.query<HeadRow>({
    name: 'audit-head-lock',
    text: 'SELECT size, frontier, tail_ids FROM audit.log_head WHERE log_id = $1 FOR UPDATE',
    values: [logId],
  });
  return headOf(rows[0]);
}

function headOf(row: HeadRow | undefined): Head {
  if (row === undefined) throw new RangeError('the log has no head');
  return { frontier: Frontier.decode(sha256, row.size, row.frontier), tailIds: row.tail_ids };
}

/**
 * The newest checkpoint that may be shown, the lines of its witnesses after our own; with a verifier key the newest that
 * this key signed.
 */
export async function latestCheckpoint(
  database: Queryable,
  verifierKey?: string,
): Promise<StoredCheckpoint | undefined> {
  const { rows } = await database.query<StoredCheckpoint & { cosignatures: string[] }>({
    name: 'audit-checkpoint-latest',
    text: `SELECT c.size, c.root, c.note,
             ARRAY(SELECT s.line FROM audit.log_cosignature s
                   WHERE s.log_id = c.log_id AND s.size = c.size AND s.signer = c.signer ORDER BY s.cosigner) AS cosignatures
           FROM (SELECT log_id, size, signer FROM audit.log_published
                 WHERE log_id = $1 AND ($2::text IS NULL OR signer = $2) ORDER BY size DESC LIMIT 1) AS shown
           JOIN audit.log_checkpoint c USING (log_id, size, signer)`,
    values: [logId, verifierKey === undefined ? null : signerName(verifierKey)],
  });
  const [row] = rows;
  return row === undefined ? undefined : { size: row.size, root: row.root, note: row.note + row.cosignatures.join('') };
}

/** Key name and key id, as far as a signature line names its key: `name+hash`. */
export function signerName(verifierKey: string): string {
  return verifierKey.split('+', 2).join('+'); // base64 has plus signs too, names have none
}

/** RFC 9162, 2.1.4: that the tree of `first` leaves is a prefix of the tree of `second` leaves, `second` not beyond the head. */
export async function consistencyPath(database: Queryable, first: number, second: number): Promise<Uint8Array[]> {
  const ranges = consistencyRanges(first, second);
  return ranges.length === 0 ? [] : rangeHashes(database, await readHead(database), ranges, second);
}

/** The hashes of ranges of a proof in the tree of `size` leaves, `size` not beyond the head. */
export async function rangeHashes(
  database: Queryable,
  head: Head,
  ranges: readonly Range[],
  size: number,
): Promise<Uint8Array[]> {
  const tiles = await readTiles(database, head, tilesOfRanges(ranges, size));
  return ranges.map((range) =>
    hashOfRange(sha256, range, (level, index) => {
      const tile = tiles.get(`${level}/${index}`);
      if (tile === undefined) throw new RangeError(`tile ${level}/${index} is missing`);
      return tile;
    }),
  );
}

/** Bytes by `level/index`, each cut to the width that was asked for; a tile that is not that wide is absent. */
export async function readTiles(
  database: Queryable,
  head: Head,
  addresses: readonly TileAddress[],
): Promise<Map<string, Uint8Array>> {
  const tiles = new Map<string, Uint8Array>();
  const keep = ({ level, index, width }: TileAddress, data: Uint8Array): void => {
    if (width > 0 && data.length >= width * hashSizeBytes)
      tiles.set(`${level}/${index}`, data.subarray(0, width * hashSizeBytes));
  };
  const stored: TileAddress[] = [];
  for (const address of addresses) {
    // The head was read first and full tiles never change: what is partial in this head is whole in this head.
    const partialIndex = Math.floor(head.frontier.size / tileWidth ** (address.level + 1));
    if (address.index === partialIndex) keep(address, head.frontier.partialTile(address.level));
    else if (address.index < partialIndex) stored.push(address);
  }
  if (stored.length === 0) return tiles;
  const { rows } = await database.query<{ level: number; idx: number; data: Uint8Array }>({
    name: 'audit-tiles',
    text: `SELECT t.level, t.idx, t.data FROM unnest($2::smallint[], $3::bigint[]) AS wanted (level, idx)
           JOIN audit.log_tile t ON t.log_id = $1 AND t.level = wanted.level AND t.idx = wanted.idx`,
    values: [logId, stored.map(({ level }) => level), stored.map(({ index }) => index)],
  });
  for (const address of stored) {
    const row = rows.find(({ level, idx }) => level === address.level && idx === address.index);
    if (row !== undefined) keep(address, row.data);
  }
  return tiles;
}

/** The entries of a tile of level 0, in leaf order; empty when there is no such tile. */
export async function entryIdsOfTile(database: Queryable, head: Head, index: number): Promise<readonly Uuid[]> {
  const partialIndex = Math.floor(head.frontier.size / tileWidth);
  if (index === partialIndex) return head.tailIds;
  if (index > partialIndex) return [];
  const { rows } = await database.query<{ entry_ids: Uuid[] }>({
    name: 'audit-tile-entries',
    text: 'SELECT entry_ids FROM audit.log_tile WHERE log_id = $1 AND level = 0 AND idx = $2',
    values: [logId, index],
  });
  return rows[0]?.entry_ids ?? [];
}

/** Leaf indexes by entry; entries that are not in the tree yet are absent. */
export async function indexesOf(database: Queryable, entryIds: readonly Uuid[]): Promise<Map<Uuid, number>> {
  const indexes = new Map<Uuid, number>();
  if (entryIds.length === 0) return indexes;
  // Head first: what leaves its tail afterwards is in a tile by then, so nothing falls between the two reads.
  const head = await readHead(database);
  const firstOfTail = head.frontier.size - head.tailIds.length;
  for (const id of entryIds) {
    const place = head.tailIds.indexOf(id);
    if (place >= 0) indexes.set(id, firstOfTail + place);
  }
  const rest = entryIds.filter((id) => !indexes.has(id));
  if (rest.length === 0) return indexes;
  // Tiles are nearly in the order of their entries: the first that ends at or after the id is almost always the one.
  const { rows } = await database.query<{ id: Uuid; idx: number; place: number }>({
    name: 'audit-index-of',
    text: `SELECT wanted.id, tile.idx, tile.place FROM unnest($2::uuid[]) AS wanted (id)
           CROSS JOIN LATERAL (
             SELECT t.idx, array_position(t.entry_ids, wanted.id) AS place FROM audit.log_tile t
             WHERE t.log_id = $1 AND t.level = 0 AND t.max_id >= wanted.id AND t.min_id <= wanted.id
               AND wanted.id = ANY (t.entry_ids)
             ORDER BY t.max_id LIMIT 1) AS tile`,
    values: [logId, rest],
  });
  for (const { id, idx, place } of rows) indexes.set(id, idx * tileWidth + place - 1);
  return indexes;
}
