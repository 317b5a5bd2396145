// Gives committed entries their place in the tree: queue rows become leaves in one transaction under the lock of the head.

import type { Database, Transaction } from '../db/database.ts';
import { type Clock, monotonicMs } from '../kernel/clock.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { FullTile } from '../tlog/frontier.ts';
import { tileWidth } from '../tlog/tile.ts';
import { type Head, lockHead, logId } from './tree-store.ts';

/** How much one transaction takes: large enough for a backlog, small enough to hold the head for some 50 ms at most. */
export const batchSize = 4096;

const fullScanEveryMs = 10_000;
const markMarginMs = 5_000; // longer than any transaction of the service may last, and than the clocks of its nodes differ
const firstUuid = '00000000-0000-0000-0000-000000000000';

export interface Sequenced {
  readonly size: number;
  /** Leaf indexes of what this step took. */
  readonly indexes: ReadonlyMap<Uuid, number>;
}

interface QueueRow {
  entry_id: Uuid;
  leaf_hash: Uint8Array;
}

interface TileRow extends FullTile {
  readonly entryIds: readonly Uuid[] | undefined;
}

export class Sequencer {
  readonly #database: Pick<Database, 'query' | 'transaction'>;
  readonly #clock: Clock;
  /**
   * Rows below are dead or very late. Without it every scan would walk over the dead index entries at the left edge,
   * which pile up whenever a long report keeps vacuum from clearing them. It is a hint, not state: it may be lost.
   */
  #lowWaterMark: Uuid = firstUuid;
  #fullScanAtMs = Number.NEGATIVE_INFINITY;

  constructor({ database, clock }: { database: Pick<Database, 'query' | 'transaction'>; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** One transaction; `undefined` when there was nothing to do. Any number of processes may call it at once. */
  async step(): Promise<Sequenced | undefined> {
    const mark = this.#nextMark();
    if (!(await this.#hasWork(mark))) return undefined;
    const done = await this.#database.transaction(async (tx) => {
      await prepareSession(tx);
      // The only lock. A second sequencer waits here, then finds the queue as the first one left it: they alternate.
      const head = await lockHead(tx);
      const rows = await takeFromQueue(tx, mark);
      if (rows.length === 0) return undefined;
      const { tiles, tailIds, indexes } = append(head, rows);
      await storeTiles(tx, tiles);
      await storeHead(tx, head, tailIds);
      // A crash up to here rolls the step back whole: the rows are in the queue again, and nothing was signed.
      return { size: head.frontier.size, indexes, first: rows[0]?.entry_id };
      // A crash after the commit leaves the head ahead of the last checkpoint: the publisher signs it at its next step.
    });
    if (done?.first === undefined) return undefined;
    this.#lowWaterMark = before(Math.min(millisecondsOf(done.first), this.#clock.now().getTime()) - markMarginMs);
    return { size: done.size, indexes: done.indexes };
  }

  /** Now and then from the very start, so that a commit that came very late waits ten seconds, not for ever. */
  #nextMark(): Uuid {
    const now = monotonicMs();
    if (now - this.#fullScanAtMs < fullScanEveryMs) return this.#lowWaterMark;
    this.#fullScanAtMs = now;
    return firstUuid;
  }

  /** Looked at without the lock: taking a row lock writes, and an idle service should write nothing. */
  async #hasWork(mark: Uuid): Promise<boolean> {
    const { rowCount } = await this.#database.query({
      name: 'audit-queue-peek',
      text: 'SELECT 1 FROM audit.queue WHERE log_id = $1 AND entry_id >= $2 ORDER BY entry_id LIMIT 1',
      values: [logId, mark],
    });
    return rowCount > 0;
  }
}

/** The planner must not guess from statistics: the queue looks empty to it most of the time, and then it scans tables. */
async function prepareSession(tx: Transaction): Promise<void> {
  await tx.query({
    name: 'audit-sequencer-settings',
    text: `SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('jit', 'off', true), set_config('synchronous_commit', 'remote_apply', true)`,
  });
}

async function takeFromQueue(tx: Transaction, mark: Uuid): Promise<QueueRow[]> {
  const { rows } = await tx.query<QueueRow>({
    name: 'audit-queue-take',
    text: `DELETE FROM audit.queue WHERE log_id = $1 AND entry_id = ANY (ARRAY(
             SELECT entry_id FROM audit.queue WHERE log_id = $1 AND entry_id >= $2 ORDER BY entry_id LIMIT $3))
           RETURNING entry_id, leaf_hash`,
    values: [logId, mark, batchSize],
  });
  return rows.sort((a, b) => (a.entry_id < b.entry_id ? -1 : 1));
}

function append(
  head: Head,
  rows: readonly QueueRow[],
): { tiles: TileRow[]; tailIds: Uuid[]; indexes: Map<Uuid, number> } {
  const tiles: TileRow[] = [];
  const indexes = new Map<Uuid, number>();
  let tailIds = [...head.tailIds];
  for (const { entry_id: id, leaf_hash: hash } of rows) {
    indexes.set(id, head.frontier.size);
    tailIds.push(id);
    for (const tile of head.frontier.push(hash)) {
      tiles.push({ ...tile, entryIds: tile.level === 0 ? tailIds : undefined });
      if (tile.level === 0) tailIds = [];
    }
  }
  if (tailIds.length !== head.frontier.size % tileWidth) throw new RangeError('tail and frontier disagree');
  return { tiles, tailIds, indexes };
}

async function storeTiles(tx: Transaction, tiles: readonly TileRow[]): Promise<void> {
  if (tiles.length === 0) return;
  const sorted = tiles.map(({ entryIds }) => [...(entryIds ?? [])].sort());
  await tx.query({
    name: 'audit-tile-insert',
    text: `INSERT INTO audit.log_tile (log_id, level, idx, data, entry_ids, min_id, max_id)
           SELECT $1, level, idx, data, entry_ids::uuid[], min_id, max_id
           FROM unnest($2::smallint[], $3::bigint[], $4::bytea[], $5::text[], $6::uuid[], $7::uuid[])
             AS tile (level, idx, data, entry_ids, min_id, max_id)`,
    values: [
      logId,
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      tiles.map(({ data }) => data),
      tiles.map(({ entryIds }) => (entryIds === undefined ? null : `{${entryIds.join(',')}}`)),
      sorted.map((ids) => ids[0] ?? null),
      sorted.map((ids) => ids.at(-1) ?? null),
    ],
  });
}

async function storeHead(tx: Transaction, head: Head, tailIds: readonly Uuid[]): Promise<void> {
  await tx.query({
    name: 'audit-head-store',
    text: 'UPDATE audit.log_head SET size = $2, frontier = $3, tail_ids = $4::uuid[] WHERE log_id = $1',
    values: [logId, head.frontier.size, head.frontier.encode(), [...tailIds]],
  });
}

/** RFC 9562, 5.7. An entry of a node whose clock runs ahead must not move the mark beyond the entries of the others. */
function millisecondsOf(id: Uuid): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The smallest UUID version 7 of a moment. */
function before(epochMs: number): Uuid {
  const hex = Math.max(0, epochMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
