// Batches of stampings as their orderer has them: ordered, watched, cancelled, and what failed tried again.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database } from '../../db/database.ts';
import { addSeconds, type Clock, moment } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { ownerOf, requireScope } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import type { DocumentStore } from '../documents.ts';
import { recordingRefusal } from '../refused-use.ts';
import { requireInUse, type SealForUse, type SealRegister } from '../seals.ts';
import { admitUse } from '../use/use-gate.ts';
import { type BatchRequest, type BatchTerms, requireGoodBatch } from './batch-request.ts';
import {
  type BatchRow,
  batchesOf,
  cancelWaiting,
  type Counts,
  countsOf,
  insertBatch,
  type ItemRow,
  type ItemStatus,
  itemsOf,
  type NewItem,
  ownBatch,
  retryFailed,
  sameOrder,
} from './batch-store.ts';
import { ordererOf } from './orderer.ts';

export interface BatchRecord {
  readonly batchId: Id<'batch'>;
  readonly sealId: Id<'seal'>;
  readonly purpose: string;
  readonly policy: BatchRequest['policy'];
  readonly level: BatchRequest['level'];
  /** `cancelling`: what was begun is brought to its end, and nothing else is begun. */
  readonly status: 'running' | 'cancelling' | 'ended';
  readonly documentCount: number;
  readonly counts: Counts;
  readonly createdAt: Date;
  readonly cancelledAt: Date | null;
  readonly endedAt: Date | null;
  /** Documents settled in the last half minute, a second; null when none was, or all are. */
  readonly ratePerSecond: number | null;
  /** At that rate. */
  readonly estimatedEndAt: Date | null;
}

export interface BatchItem {
  /** From 1, in the order in which they were ordered. */
  readonly number: number;
  readonly documentId: Id<'document'>;
  readonly name: string | null;
  readonly status: ItemStatus;
  readonly stampingId: Id<'stamping'> | null;
  /** Why it failed, else null. */
  readonly code: string | null;
  readonly settledAt: Date | null;
}

export interface ItemPage {
  readonly items: readonly BatchItem[];
  readonly nextCursor: string | null;
}

export interface StampingBatchesOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly seals: SealRegister;
  readonly documents: DocumentStore;
  /** There is something to do: the worker of this process need not wait. */
  readonly nudge?: () => void;
}

const rateSeconds = 30;
const maxPageSize = 100;
const namedMissing = 10;

export class StampingBatches {
  readonly #options: StampingBatchesOptions;

  constructor(options: StampingBatchesOptions) {
    this.#options = options;
  }

  /**
   * Takes the order; workers stamp the documents. The same request key and body answer with the same batch. Throws what stamping one of
   * them would throw at once: scope-missing, forbidden, malformed-request, seal-not-found, seal-not-active, seal-expired,
   * approval-required and what else the policy of use refuses, document-not-found, placement-…, policy-not-supported, level-not-supported, idempotency-key-reused.
   */
  async order(principal: Principal, request: BatchRequest, requestKey: RequestKey): Promise<BatchRecord> {
    requireScope(principal, 'seal.stamp');
    const owner = ownerOf(principal);
    const { database, audit, clock } = this.#options;
    const earlier = await sameOrder(database, owner, requestKey);
    if (earlier !== undefined) return this.#record(earlier);
    requireGoodBatch(request);
    const seal_id = await this.#sealOf(principal, request);
    const items = await this.#itemsOf(principal, request);
    const { documents, ...terms } = request;
    const batchId = newUuid(clock);
    const created_at = clock.now();
    await database.transaction(async (tx) => {
      const orderer = ordererOf(principal);
      const row = { batch_id: batchId, owner, requestKey, orderer, seal_id, request: terms, created_at, items };
      if (!(await insertBatch(tx, row))) return;
      await audit.record(tx, principal, {
        action: 'stamping-batch.ordered',
        outcome: 'done',
        objectId: idFromUuid('batch', batchId),
        purpose: terms.purpose,
        facts: { sealId: terms.sealId, policy: terms.policy, level: terms.level, documents: documents.length },
      });
    });
    this.#options.nudge?.();
    // Of two that came at once with one key, the one that was first.
    const made = await sameOrder(database, owner, requestKey);
    if (made === undefined) throw new TrustError('internal', 'a batch was not stored');
    return this.#record(made);
  }

  /** Throws scope-missing, stamping-batch-not-found. */
  async get(principal: Principal, batchId: string): Promise<BatchRecord> {
    return this.#record(await this.#own(principal, batchId));
  }

  /** The caller's own, newest first. Throws scope-missing, cursor-invalid. */
  async list(
    principal: Principal,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: readonly BatchRecord[]; nextCursor: string | null }> {
    requireScope(principal, 'seal.stamp');
    const before = cursor === undefined ? undefined : uuidFromId('batch', cursor);
    if (cursor !== undefined && before === undefined) throw invalidCursor();
    const size = Math.min(Math.max(limit, 1), maxPageSize);
    const rows = await batchesOf(this.#options.database, ownerOf(principal), { before, limit: size + 1 });
    const items: BatchRecord[] = [];
    for (const row of rows.slice(0, size)) items.push(await this.#record(row));
    return { items, nextCursor: rows.length > size ? (items.at(-1)?.batchId ?? null) : null };
  }

  /** In the order of the order. Throws scope-missing, stamping-batch-not-found, cursor-invalid. */
  async items(
    principal: Principal,
    batchId: string,
    query: { status?: ItemStatus | undefined; limit: number; cursor?: string | undefined },
  ): Promise<ItemPage> {
    const { status, cursor = '0' } = query;
    const { batch_id: uuid } = await this.#own(principal, batchId);
    if (!/^[0-9]{1,5}$/.test(cursor)) throw invalidCursor();
    const limit = Math.min(Math.max(query.limit, 1), maxPageSize);
    const rows = await itemsOf(this.#options.database, uuid, { status, after: Number(cursor), limit: limit + 1 });
    const items = rows.slice(0, limit).map(itemOf);
    return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.number ?? 0) : null };
  }

  /** What is not begun is not done; twice, or when it has ended, changes nothing. Throws scope-missing, stamping-batch-not-found. */
  async cancel(principal: Principal, batchId: string): Promise<BatchRecord> {
    const { database, clock } = this.#options;
    requireScope(principal, 'seal.stamp');
    const row = await database.transaction(async (tx) => {
      const batch = await ownBatch(tx, ownerOf(principal), uuidFromId('batch', batchId), { held: true });
      if (batch.status === 'ended' || batch.cancelled_at !== null) return batch;
      const documents = await cancelWaiting(tx, batch.batch_id, clock.now());
      await this.#options.audit.record(tx, principal, changed(batch, { deed: 'cancel', documents }));
      return ownBatch(tx, batch.owner, batch.batch_id);
    });
    this.#options.nudge?.();
    return this.#record(row);
  }

  /**
   * The failed ones are tried again, as whoever asks for it now: a stamping that was voided goes on under its id. Without failed ones
   * it changes nothing. Throws scope-missing, stamping-batch-not-found, forbidden, seal-not-active, seal-expired.
   */
  async retry(principal: Principal, batchId: string): Promise<BatchRecord> {
    const { database, clock } = this.#options;
    requireScope(principal, 'seal.stamp');
    await this.#sealOf(principal, (await this.#own(principal, batchId)).request);
    const row = await database.transaction(async (tx) => {
      const batch = await ownBatch(tx, ownerOf(principal), uuidFromId('batch', batchId), { held: true });
      const documents = await retryFailed(tx, batch.batch_id, ordererOf(principal), clock.now());
      if (documents === 0) return batch;
      await this.#options.audit.record(tx, principal, changed(batch, { deed: 'retry', documents }));
      return ownBatch(tx, batch.owner, batch.batch_id);
    });
    this.#options.nudge?.();
    return this.#record(row);
  }

  async #own(principal: Principal, batchId: string): Promise<BatchRow> {
    requireScope(principal, 'seal.read', 'seal.stamp');
    return ownBatch(this.#options.database, ownerOf(principal), uuidFromId('batch', batchId));
  }

  /** What every document would be refused for is said before the first, and recorded as a refused stamping is. */
  async #sealOf(principal: Principal, terms: BatchTerms): Promise<Uuid> {
    const { seals, clock, audit } = this.#options;
    const seal = await seals.forUse(terms.sealId, principal.kind === 'system' ? principal.clientId : undefined);
    await recordingRefusal(audit, principal, { action: 'stamping', seal: seal.record }, () => {
      requireUsable(principal, { terms, seal, at: clock.now() });
    });
    return seal.uuid;
  }

  async #itemsOf(principal: Principal, { documents }: BatchRequest): Promise<NewItem[]> {
    const ids = documents.map(({ documentId }) => documentId);
    const missing = await this.#options.documents.missing(principal, ids);
    if (missing.length > 0) {
      const details = { documentIds: missing.slice(0, namedMissing), count: missing.length };
      throw new TrustError('document-not-found', 'some of these are no documents of the caller', { details });
    }
    return documents.map(({ documentId, name, placements }) => ({
      documentId: uuidFromId('document', documentId) ?? '',
      name: name ?? null,
      placements: placements ?? null,
    }));
  }

  async #record(row: BatchRow): Promise<BatchRecord> {
    const { database, clock } = this.#options;
    const now = clock.now();
    const { counts, settledSince } = await countsOf(database, row.batch_id, addSeconds(now, -rateSeconds));
    const open = counts.waiting + counts.running;
    const sinceSeconds = Math.max(1, (now.getTime() - row.created_at.getTime()) / 1000);
    const rate = open === 0 || settledSince === 0 ? null : settledSince / Math.min(rateSeconds, sinceSeconds);
    return {
      batchId: idFromUuid('batch', row.batch_id),
      sealId: idFromUuid('seal', row.seal_id),
      purpose: row.request.purpose,
      policy: row.request.policy,
      level: row.request.level,
      status: row.status === 'running' && row.cancelled_at !== null ? 'cancelling' : row.status,
      documentCount: row.item_count,
      counts,
      createdAt: row.created_at,
      cancelledAt: row.cancelled_at,
      endedAt: row.ended_at,
      ratePerSecond: rate,
      estimatedEndAt: rate === null ? null : moment(now.getTime() + (open / rate) * 1000),
    };
  }
}

function requireUsable(principal: Principal, asked: { terms: BatchTerms; seal: SealForUse; at: Date }): void {
  const { terms, seal, at } = asked;
  admitUse(principal, { ...terms, seal, at });
  requireInUse(seal.record, at);
  if (!seal.record.policies.includes(terms.policy))
    throw new TrustError('policy-not-supported', `the policy ${terms.policy} is none of this seal`);
}

function changed({ batch_id, request }: BatchRow, facts: { deed: 'cancel' | 'retry'; documents: number }) {
  return {
    action: 'stamping-batch.changed',
    outcome: 'done',
    objectId: idFromUuid('batch', batch_id),
    purpose: request.purpose,
    facts,
  } as const;
}

function itemOf(row: ItemRow): BatchItem {
  return {
    number: row.item_no,
    documentId: idFromUuid('document', row.document_id),
    name: row.name,
    status: row.status,
    stampingId: row.stamping_id === null ? null : idFromUuid('stamping', row.stamping_id),
    code: row.code,
    settledAt: row.settled_at,
  };
}

function invalidCursor(): TrustError {
  return new TrustError('cursor-invalid', 'the cursor is not one of this list');
}
