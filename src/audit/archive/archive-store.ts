// What the database knows of the archive: which months there are, which were archived, who may archive now, and the step that takes a month out.

import type { Database, Queryable, Transaction } from '../../db/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { logId, signerName, type StoredCheckpoint } from '../tree-store.ts';
import { type Month, monthNamed } from './month.ts';

export interface TileOfEntries {
  readonly index: number;
  /** 256 leaf hashes. */
  readonly data: Uint8Array;
  readonly entryIds: readonly Uuid[];
}

const leaseSeconds = 60;
export const lockWaitMs = 200; // writers queue behind whoever waits for this lock

/** True when this process has the right now, for a minute from now. */
export async function holdLease(database: Queryable, holder: Uuid): Promise<boolean> {
  const { rowCount } = await database.query({
    name: 'audit-archive-lease',
    text: `UPDATE audit.archive_lease SET holder = $2, until = now() + make_interval(secs => $3)
           WHERE log_id = $1 AND (holder = $2 OR until < now())`,
    values: [logId, holder, leaseSeconds],
  });
  return rowCount === 1;
}

export async function endLease(database: Queryable, holder: Uuid): Promise<void> {
  await database.query({
    name: 'audit-archive-lease-end',
    text: `UPDATE audit.archive_lease SET until = '-infinity' WHERE log_id = $1 AND holder = $2`,
    values: [logId, holder],
  });
}

/** Months with a partition, oldest first, before the named one. */
export async function monthsBefore(database: Queryable, before: string): Promise<Month[]> {
  const { rows } = await database.query<{ name: string }>({
    name: 'audit-archive-months',
    text: `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'audit.entry'::regclass ORDER BY c.relname`,
  });
  return rows.flatMap(({ name }) => {
    const month = monthNamed(name.slice('entry_'.length).replace('_', '-'));
    return month !== undefined && month.partition === name && month.name < before ? [month] : [];
  });
}

/** Leaves below it are, as far as their month was archived, in the files only. */
export async function minimumIndex(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ end: number }>({
    name: 'audit-archive-end',
    text: 'SELECT coalesce(max(end_index), 0)::bigint AS end FROM audit.archived_month WHERE log_id = $1',
    values: [logId],
  });
  return rows[0]?.end ?? 0;
}

/** Size of the signed tree that the files must cover. */
export async function archivedSize(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ size: number }>({
    name: 'audit-archive-size',
    text: 'SELECT coalesce(max(checkpoint_size), 0)::bigint AS size FROM audit.archived_month WHERE log_id = $1',
    values: [logId],
  });
  return rows[0]?.size ?? 0;
}

export async function isArchived(database: Queryable, month: string): Promise<boolean> {
  const { rowCount } = await database.query({
    name: 'audit-archive-has',
    text: 'SELECT 1 FROM audit.archived_month WHERE log_id = $1 AND month = $2',
    values: [logId, month],
  });
  return rowCount > 0;
}

/** A crash after a month was detached leaves its table behind. */
export async function dropDetached(database: Queryable): Promise<void> {
  const { rows } = await database.query<{ month: string }>({
    name: 'audit-archive-leftover',
    text: `SELECT a.month FROM audit.archived_month a
           WHERE a.log_id = $1 AND EXISTS (
             SELECT 1 FROM pg_class c WHERE c.oid = to_regclass('audit.entry_' || replace(a.month, '-', '_'))
               AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid))`,
    values: [logId],
  });
  for (const { month } of rows) {
    const partition = monthNamed(month)?.partition;
    if (partition !== undefined)
      await database.query({
        name: `audit-archive-drop-${partition}`,
        text: `DROP TABLE IF EXISTS audit.${partition}`,
      });
  }
}

/** First and last full tile of level 0 that may hold entries of the month; a late committer makes them far apart. */
export async function tilesOfMonth(
  database: Queryable,
  { from, to }: Month,
): Promise<{ first: number; last: number } | undefined> {
  const { rows } = await database.query<{ first: number | null; last: number | null }>({
    name: 'audit-archive-tiles',
    text: `SELECT min(idx) AS first, max(idx) AS last FROM audit.log_tile
           WHERE log_id = $1 AND level = 0 AND max_id >= $2 AND min_id < $3`,
    values: [logId, from, to],
  });
  const { first, last } = rows[0] ?? { first: null, last: null };
  return first === null || last === null ? undefined : { first, last };
}

export async function readTilesOfEntries(database: Queryable, first: number, end: number): Promise<TileOfEntries[]> {
  const { rows } = await database.query<{ idx: number; data: Uint8Array; entry_ids: Uuid[] }>({
    name: 'audit-archive-tile',
    text: `SELECT idx, data, entry_ids FROM audit.log_tile
           WHERE log_id = $1 AND level = 0 AND idx >= $2 AND idx < $3 ORDER BY idx`,
    values: [logId, first, end],
  });
  return rows.map(({ idx, data, entry_ids: entryIds }) => ({ index: idx, data, entryIds }));
}

/** Whether entries of the month wait in the queue, or stand in the tree at or beyond that tile. One snapshot: none slips from one to the other. */
export async function hasLateEntries(database: Queryable, { from, to }: Month, fullTiles: number): Promise<boolean> {
  const { rows } = await database.query<{ late: boolean }>({
    name: 'audit-archive-late',
    text: `SELECT EXISTS (SELECT 1 FROM audit.queue WHERE log_id = $1 AND entry_id >= $2 AND entry_id < $3)
             OR EXISTS (SELECT 1 FROM audit.log_head h, unnest(h.tail_ids) AS tail (id)
                        WHERE h.log_id = $1 AND tail.id >= $2 AND tail.id < $3)
             OR EXISTS (SELECT 1 FROM audit.log_tile
                        WHERE log_id = $1 AND level = 0 AND idx >= $4 AND max_id >= $2 AND min_id < $3) AS late`,
    values: [logId, from, to, fullTiles],
  });
  return rows[0]?.late !== false;
}

/** The smallest tree of at least `size` leaves whose checkpoint may be shown, with its cosignatures. */
export async function shownCheckpoint(
  database: Queryable,
  size: number,
  verifierKey: string,
): Promise<StoredCheckpoint | undefined> {
  const { rows } = await database.query<StoredCheckpoint & { cosignatures: string[] }>({
    name: 'audit-archive-checkpoint',
    text: `SELECT c.size, c.root, c.note,
             ARRAY(SELECT s.line FROM audit.log_cosignature s
                   WHERE s.log_id = c.log_id AND s.size = c.size AND s.signer = c.signer ORDER BY s.cosigner) AS cosignatures
           FROM (SELECT log_id, size, signer FROM audit.log_published
                 WHERE log_id = $1 AND size >= $2 AND signer = $3 ORDER BY size LIMIT 1) AS shown
           JOIN audit.log_checkpoint c USING (log_id, size, signer)`,
    values: [logId, size, signerName(verifierKey)],
  });
  const [row] = rows;
  return row === undefined ? undefined : { size: row.size, root: row.root, note: row.note + row.cosignatures.join('') };
}

/** By pages, so that no statement lasts: rows of a partition, whatever the tree says of them. */
export async function countRows(database: Queryable, { partition }: Month): Promise<number> {
  let count = 0;
  for (let after: Uuid = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page: { rows: { n: number; last: Uuid | null }[] } = await database.query({
      name: `audit-archive-count-${partition}`,
      text: `SELECT count(*)::int AS n, max(id::text)::uuid AS last
             FROM (SELECT id FROM audit.${partition} WHERE id > $1 ORDER BY id LIMIT 20000) AS page`,
      values: [after],
    });
    const { n, last } = page.rows[0] ?? { n: 0, last: null };
    count += n;
    if (last === null) return count;
    after = last;
  }
}

export interface ArchivedMonth {
  readonly month: Month;
  readonly entries: number;
  readonly endIndex: number;
  readonly checkpointSize: number;
  readonly manifestSha256: Uint8Array;
}

/** Fails with 55P03 when others hold the table too long. */
export async function detach(tx: Transaction, { partition }: Month): Promise<void> {
  await tx.query({
    name: 'audit-archive-patience',
    text: `SELECT set_config('lock_timeout', '${lockWaitMs}ms', true)`,
  });
  // Waits for every transaction that may have written into the month, and keeps new ones out until the commit.
  await tx.query({
    name: `audit-archive-detach-${partition}`,
    text: `ALTER TABLE audit.entry DETACH PARTITION audit.${partition}`,
  });
}

export async function storeArchived(tx: Queryable, done: ArchivedMonth, archivedAt: Date): Promise<void> {
  await tx.query({
    name: 'audit-archive-store',
    text: `INSERT INTO audit.archived_month
             (log_id, month, entries, end_index, checkpoint_size, manifest_sha256, archived_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    values: [logId, done.month.name, done.entries, done.endIndex, done.checkpointSize, done.manifestSha256, archivedAt],
  });
}

/** Still ours, and nobody takes it before this transaction ends. */
export async function stillHolds(tx: Queryable, holder: Uuid): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'audit-archive-lease-kept',
    text: 'SELECT 1 FROM audit.archive_lease WHERE log_id = $1 AND holder = $2 AND until >= now() FOR UPDATE',
    values: [logId, holder],
  });
  return rowCount === 1;
}

export type ArchiveDatabase = Pick<Database, 'query' | 'transaction'>;
