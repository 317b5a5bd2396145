// Rows of batches and their documents, as the one who ordered them sees and steers them; schema `seal`.

import type { Queryable, Transaction } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import type { Placement } from '../stamp-request.ts';
import type { BatchTerms } from './batch-request.ts';
import type { Orderer } from './orderer.ts';

export const itemStatuses = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type ItemStatus = (typeof itemStatuses)[number];

export interface BatchRow {
  readonly batch_id: Uuid;
  readonly owner: string;
  readonly body_sha256: Uint8Array;
  readonly orderer: Orderer;
  readonly seal_id: Uuid;
  readonly request: BatchTerms;
  readonly item_count: number;
  readonly status: 'running' | 'ended';
  readonly created_at: Date;
  readonly cancelled_at: Date | null;
  readonly ended_at: Date | null;
}

export interface ItemRow {
  readonly batch_id: Uuid;
  readonly item_no: number;
  readonly document_id: Uuid;
  readonly name: string | null;
  readonly placements: readonly Placement[] | null;
  readonly status: ItemStatus;
  readonly claims: number;
  readonly tries: number;
  readonly stamping_id: Uuid | null;
  readonly code: string | null;
  readonly settled_at: Date | null;
}

export interface NewItem {
  readonly documentId: Uuid;
  readonly name: string | null;
  readonly placements: readonly Placement[] | null;
}

export type Counts = Readonly<Record<ItemStatus, number>>;

export const batchColumns = `batch_id, owner, body_sha256, orderer, seal_id, request, item_count, status, created_at, cancelled_at, ended_at`;
export const itemColumns = `batch_id, item_no, document_id, name, placements, status, claims, tries, stamping_id, code, settled_at`;

/** False when the request key is taken. */
export async function insertBatch(
  tx: Transaction,
  batch: Omit<BatchRow, 'body_sha256' | 'item_count' | 'status' | 'cancelled_at' | 'ended_at'> & {
    readonly requestKey: RequestKey;
    readonly items: readonly NewItem[];
  },
): Promise<boolean> {
  const { requestKey, items, created_at: at } = batch;
  const { rowCount } = await tx.query({
    name: 'seal-batch-insert',
    text: `INSERT INTO seal.batch
      (batch_id, owner, request_key, body_sha256, orderer, seal_id, request, item_count, status, created_at, due_at, turn_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running', $9, $9, $9) ON CONFLICT (owner, request_key) DO NOTHING`,
    values: [
      batch.batch_id,
      batch.owner,
      requestKey.key,
      requestKey.bodySha256,
      JSON.stringify(batch.orderer),
      batch.seal_id,
      JSON.stringify(batch.request),
      items.length,
      at,
    ],
  });
  if (rowCount === 0) return false;
  await tx.query({
    name: 'seal-batch-items-insert',
    text: `INSERT INTO seal.batch_item (batch_id, item_no, document_id, name, placements, status, claims, tries, due_at)
      SELECT $1, d.place, d.document_id, d.name, d.placements::jsonb, 'waiting', 0, 0, $5
      FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS d (document_id, name, placements, place)`,
    values: [
      batch.batch_id,
      items.map(({ documentId }) => documentId),
      items.map(({ name }) => name),
      items.map(({ placements }) => (placements === null ? null : JSON.stringify(placements))),
      at,
    ],
  });
  return true;
}

/** The batch of this request key. Throws idempotency-key-reused when it was for another body. */
export async function sameOrder(on: Queryable, owner: string, requestKey: RequestKey): Promise<BatchRow | undefined> {
  const { rows } = await on.query<BatchRow>({
    name: 'seal-batch-by-key',
    text: `SELECT ${batchColumns} FROM seal.batch WHERE owner = $1 AND request_key = $2`,
    values: [owner, requestKey.key],
  });
  const [row] = rows;
  if (row !== undefined && !equalBytes(row.body_sha256, requestKey.bodySha256))
    throw new TrustError('idempotency-key-reused', 'this Idempotency-Key was used for another batch');
  return row;
}

/** Those of an owner; throws stamping-batch-not-found. `held`: until the transaction ends. */
export async function ownBatch(
  on: Queryable,
  owner: string,
  batchId: Uuid | undefined,
  { held = false } = {},
): Promise<BatchRow> {
  const { rows } = await on.query<BatchRow>({
    name: held ? 'seal-batch-own-held' : 'seal-batch-own',
    text: `SELECT ${batchColumns} FROM seal.batch WHERE batch_id = $1 AND owner = $2${held ? ' FOR UPDATE' : ''}`,
    values: [batchId ?? null, owner],
  });
  if (rows[0] === undefined) throw new TrustError('stamping-batch-not-found', 'there is no such batch');
  return rows[0];
}

/** Newest first. */
export async function batchesOf(
  on: Queryable,
  owner: string,
  { before, limit }: { before: Uuid | undefined; limit: number },
): Promise<BatchRow[]> {
  const { rows } = await on.query<BatchRow>({
    name: 'seal-batches-of-owner',
    text: `SELECT ${batchColumns} FROM seal.batch WHERE owner = $1 AND ($2::uuid IS NULL OR batch_id < $2)
      ORDER BY batch_id DESC LIMIT $3`,
    values: [owner, before ?? null, limit],
  });
  return rows;
}

/** What each batch has in each state, and how many were settled since `since`. */
export async function countsOf(
  on: Queryable,
  batchId: Uuid,
  since: Date,
): Promise<{ counts: Counts; settledSince: number }> {
  const { rows } = await on.query<{ status: ItemStatus; count: number; recent: number }>({
    name: 'seal-batch-counts',
    text: `SELECT status, count(*)::int AS count, count(*) FILTER (WHERE settled_at > $2)::int AS recent
      FROM seal.batch_item WHERE batch_id = $1 GROUP BY status`,
    values: [batchId, since],
  });
  const count = (status: ItemStatus) => rows.find((row) => row.status === status)?.count ?? 0;
  return {
    counts: {
      waiting: count('waiting'),
      running: count('running'),
      done: count('done'),
      failed: count('failed'),
      cancelled: count('cancelled'),
    },
    settledSince: rows.reduce((sum, { recent }) => sum + recent, 0),
  };
}

/** In the order in which they were ordered. */
export async function itemsOf(
  on: Queryable,
  batchId: Uuid,
  { status, after, limit }: { status: ItemStatus | undefined; after: number; limit: number },
): Promise<ItemRow[]> {
  const { rows } = await on.query<ItemRow>({
    name: `seal-batch-items-${status === undefined ? 'all' : 'in-state'}`,
    text: `SELECT ${itemColumns} FROM seal.batch_item WHERE batch_id = $1 AND item_no > $2
      ${status === undefined ? '' : 'AND status = $4'} ORDER BY item_no LIMIT $3`,
    values: [batchId, after, limit, ...(status === undefined ? [] : [status])],
  });
  return rows;
}

/** What is not begun will not be done; how many that were. To be called on a held batch. */
export async function cancelWaiting(tx: Transaction, batchId: Uuid, at: Date): Promise<number> {
  await tx.query({
    name: 'seal-batch-cancel',
    text: 'UPDATE seal.batch SET cancelled_at = $2, due_at = $2 WHERE batch_id = $1',
    values: [batchId, at],
  });
  const { rowCount } = await tx.query({
    name: 'seal-batch-cancel-waiting',
    text: `UPDATE seal.batch_item SET status = 'cancelled', settled_at = $2 WHERE batch_id = $1 AND status = 'waiting'`,
    values: [batchId, at],
  });
  return rowCount;
}

/** The failed ones wait again; how many that were. To be called on a held batch. `orderer`: as whom they are stamped now. */
export async function retryFailed(tx: Transaction, batchId: Uuid, orderer: Orderer, at: Date): Promise<number> {
  const { rowCount } = await tx.query({
    name: 'seal-batch-retry-failed',
    text: `UPDATE seal.batch_item SET status = 'waiting', tries = 0, code = NULL, settled_at = NULL, due_at = $2
      WHERE batch_id = $1 AND status = 'failed'`,
    values: [batchId, at],
  });
  if (rowCount === 0) return 0;
  await tx.query({
    name: 'seal-batch-retry',
    text: `UPDATE seal.batch SET status = 'running', ended_at = NULL, cancelled_at = NULL, orderer = $2, due_at = $3
      WHERE batch_id = $1`,
    values: [batchId, JSON.stringify(orderer), at],
  });
  return rowCount;
}
