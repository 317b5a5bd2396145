// Who works on which document of which batch: claimed for a time by any node, settled by the last who claimed it, in turn among batches.

import type { Queryable, Transaction } from '../../db/database.ts';
import { addSeconds } from '../../kernel/clock.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { type BatchRow, batchColumns, type ItemRow, itemColumns } from './batch-store.ts';

/**
 * One document of the batch whose turn was longest ago, the worker's until the lease ends. `item` absent: nothing of it is to be had now.
 * The batch's row is held meanwhile, so that a batch just cancelled is seen as such.
 */
export async function claim(
  on: Queryable,
  { now, leaseSeconds }: { now: Date; leaseSeconds: number },
): Promise<{ batch: BatchRow; item: ItemRow | undefined } | undefined> {
  const { rows } = await on.query<BatchRow & { readonly item: ItemRow | null }>({
    name: 'seal-batch-claim',
    text: `WITH b AS (SELECT ${batchColumns} FROM seal.batch WHERE status = 'running' AND due_at <= $1
        ORDER BY turn_at LIMIT 1 FOR UPDATE),
      turn AS (UPDATE seal.batch SET turn_at = $1 WHERE batch_id = (SELECT batch_id FROM b)),
      i AS (UPDATE seal.batch_item SET status = 'running', claims = claims + 1, tries = tries + 1, due_at = $2
        WHERE batch_id = (SELECT batch_id FROM b) AND status IN ('waiting', 'running')
          AND item_no = (SELECT item_no FROM seal.batch_item
            WHERE batch_id = (SELECT batch_id FROM b) AND status IN ('waiting', 'running') AND due_at <= $1
            ORDER BY due_at, item_no LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING ${itemColumns})
      SELECT b.*, (SELECT to_jsonb(i) FROM i) AS item FROM b`,
    values: [now, addSeconds(now, leaseSeconds)],
  });
  const [row] = rows;
  return row && { batch: row, item: row.item ?? undefined };
}

/** A batch that is still running, held until `tx` ends. */
export async function heldRunning(tx: Transaction, batchId: Uuid): Promise<boolean> {
  const { rows } = await tx.query({
    name: 'seal-batch-hold',
    text: `SELECT 1 FROM seal.batch WHERE batch_id = $1 AND status = 'running' FOR UPDATE`,
    values: [batchId],
  });
  return rows.length === 1;
}

/** Nothing of the batch is to be had now. When the next comes due; `undefined`: all are settled. */
export async function nextDue(tx: Transaction, batchId: Uuid): Promise<Date | undefined> {
  const { rows } = await tx.query<{ due_at: Date | null }>({
    name: 'seal-batch-next-due',
    text: `SELECT min(due_at) AS due_at FROM seal.batch_item WHERE batch_id = $1 AND status IN ('waiting', 'running')`,
    values: [batchId],
  });
  return rows[0]?.due_at ?? undefined;
}

export async function postpone(tx: Transaction, batchId: Uuid, until: Date): Promise<void> {
  await tx.query({
    name: 'seal-batch-postpone',
    text: 'UPDATE seal.batch SET due_at = $2 WHERE batch_id = $1',
    values: [batchId, until],
  });
}

export async function endBatch(tx: Transaction, batchId: Uuid, at: Date): Promise<void> {
  await tx.query({
    name: 'seal-batch-end',
    text: `UPDATE seal.batch SET status = 'ended', ended_at = $2 WHERE batch_id = $1`,
    values: [batchId, at],
  });
}

/** `waiting`: to be tried again at `dueAt`. */
export type ItemEnd =
  | { readonly status: 'done'; readonly stampingId: Uuid }
  | { readonly status: 'failed'; readonly code: ErrorCode }
  | { readonly status: 'cancelled' }
  | { readonly status: 'waiting'; readonly dueAt: Date };

/** False when another worker has claimed it since: what that one finds counts. */
export async function settleItem(on: Queryable, item: ItemRow, end: ItemEnd, at: Date): Promise<boolean> {
  const { rowCount } = await on.query({
    name: 'seal-batch-settle',
    text: `UPDATE seal.batch_item SET status = $4, stamping_id = $5, code = $6, settled_at = $7, due_at = $8
      WHERE batch_id = $1 AND item_no = $2 AND claims = $3 AND status = 'running'`,
    values: [
      item.batch_id,
      item.item_no,
      item.claims,
      end.status,
      end.status === 'done' ? end.stampingId : null,
      end.status === 'failed' ? end.code : null,
      end.status === 'waiting' ? null : at,
      end.status === 'waiting' ? end.dueAt : at,
    ],
  });
  return rowCount === 1;
}
