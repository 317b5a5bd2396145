// Rows of stampings (用印记录): an intent comes into being once a request key, and has exactly one outcome an attempt.

import type { Queryable, Transaction } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { type ErrorCode, TrustError } from '../kernel/errors.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { StampOrder } from './stamp-request.ts';
import type { DocumentClass } from './use/document-class.ts';
import type { Counted } from './use/quota.ts';
import { type AdmittedUse, countedBy, requestUuid } from './use/use-gate.ts';

export type StampingStatus = 'intended' | 'done' | 'voided';

export interface StampingRow {
  readonly stamping_id: Uuid;
  readonly owner: string;
  readonly body_sha256: Uint8Array;
  readonly seal_id: Uuid;
  readonly document_id: Uuid;
  readonly request: StampOrder;
  readonly attempt: number;
  readonly status: StampingStatus;
  readonly intended_at: Date;
  readonly settled_at: Date | null;
  readonly void_code: string | null;
  readonly product_document_id: Uuid | null;
  readonly product_sha256: Uint8Array | null;
  readonly entry_id: Uuid;
  readonly document_class: DocumentClass | null;
  readonly policy_version: number | null;
  readonly counted: readonly Counted[] | null;
  readonly stamping_request_id: Uuid | null;
}

/** One try at a stamping: what an outcome must name, so that a late one cannot settle a later try. */
export interface Attempt {
  readonly stampingId: Uuid;
  readonly attempt: number;
}

const columns = `stamping_id, owner, body_sha256, seal_id, document_id, request, attempt, status, intended_at, settled_at,
  void_code, product_document_id, product_sha256, entry_id, document_class, policy_version, counted, stamping_request_id`;

export class StampingStore {
  readonly #clock: Clock;
  readonly #attemptSeconds: number;

  /** `attemptSeconds`: an attempt without outcome is abandoned after this time. */
  constructor(options: { clock: Clock; attemptSeconds: number }) {
    this.#clock = options.clock;
    this.#attemptSeconds = options.attemptSeconds;
  }

  async find(on: Queryable, owner: string, stampingId: Uuid): Promise<StampingRow | undefined> {
    const { rows } = await on.query<StampingRow>({
      name: 'seal-stamping-find',
      text: `SELECT ${columns} FROM seal.stamping WHERE stamping_id = $1 AND owner = $2`,
      values: [stampingId, owner],
    });
    return rows[0];
  }

  /** The stamping of this request key, if there is one. Throws idempotency-key-reused when it was for another body. */
  async sameRequest(on: Queryable, owner: string, requestKey: RequestKey): Promise<StampingRow | undefined> {
    const { rows } = await on.query<StampingRow>({
      name: 'seal-stamping-by-key',
      text: `SELECT ${columns} FROM seal.stamping WHERE owner = $1 AND request_key = $2`,
      values: [owner, requestKey.key],
    });
    const [row] = rows;
    if (row !== undefined && !equalBytes(row.body_sha256, requestKey.bodySha256)) {
      throw new TrustError('idempotency-key-reused', 'this Idempotency-Key was used for another stamping');
    }
    return row;
  }

  /**
   * Begins an attempt: a new stamping, or another try at a voided one. `undefined` when somebody else holds the request key
   * in another state, or the stamping has another id than `stampingId`. One statement, so of many callers at once one begins.
   */
  async begin(
    tx: Transaction,
    intent: {
      stampingId: Uuid;
      owner: string;
      requestKey: RequestKey;
      sealId: Uuid;
      documentId: Uuid;
      order: StampOrder;
      entryId: Uuid;
      use: AdmittedUse;
    },
  ): Promise<Attempt | undefined> {
    const now = this.#clock.now();
    const counted = countedBy(intent.use);
    const { rows } = await tx.query<{ stamping_id: Uuid; attempt: number }>({
      name: 'seal-stamping-begin',
      text: `INSERT INTO seal.stamping AS s
        (stamping_id, owner, request_key, body_sha256, seal_id, document_id, request, attempt, status, intended_at, abandoned_after, entry_id,
          document_class, policy_version, counted, stamping_request_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 'intended', $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (owner, request_key) DO UPDATE SET
          attempt = s.attempt + 1, status = 'intended', intended_at = EXCLUDED.intended_at,
          abandoned_after = EXCLUDED.abandoned_after, settled_at = NULL, void_code = NULL, entry_id = EXCLUDED.entry_id,
          policy_version = EXCLUDED.policy_version, counted = EXCLUDED.counted
        WHERE s.status = 'voided' AND s.body_sha256 = EXCLUDED.body_sha256
        RETURNING stamping_id, attempt`,
      values: [
        intent.stampingId,
        intent.owner,
        intent.requestKey.key,
        intent.requestKey.bodySha256,
        intent.sealId,
        intent.documentId,
        JSON.stringify(intent.order),
        now,
        addSeconds(now, this.#attemptSeconds),
        intent.entryId,
        intent.use.documentClass ?? null,
        intent.use.policyVersion,
        counted === null ? null : JSON.stringify(counted),
        requestUuid(intent.use),
      ],
    });
    const [row] = rows;
    if (row?.stamping_id !== intent.stampingId) return undefined;
    return { stampingId: row.stamping_id, attempt: row.attempt };
  }

  /** `undefined` when the attempt was voided meanwhile. */
  async done(
    tx: Transaction,
    outcome: Attempt & { productDocumentId: Uuid; productSha256: Uint8Array; entryId: Uuid },
  ): Promise<StampingRow | undefined> {
    const { rows } = await tx.query<StampingRow>({
      name: 'seal-stamping-done',
      text: `UPDATE seal.stamping SET status = 'done', settled_at = $3, product_document_id = $4, product_sha256 = $5, entry_id = $6
        WHERE stamping_id = $1 AND attempt = $2 AND status = 'intended' RETURNING ${columns}`,
      values: [
        outcome.stampingId,
        outcome.attempt,
        this.#clock.now(),
        outcome.productDocumentId,
        outcome.productSha256,
        outcome.entryId,
      ],
    });
    return rows[0];
  }

  /** The attempt if it has no outcome yet, held until `tx` ends. */
  async holdIntended(tx: Transaction, attempt: Attempt): Promise<StampingRow | undefined> {
    const { rows } = await tx.query<StampingRow>({
      name: 'seal-stamping-hold',
      text: `SELECT ${columns} FROM seal.stamping WHERE stamping_id = $1 AND attempt = $2 AND status = 'intended' FOR UPDATE`,
      values: [attempt.stampingId, attempt.attempt],
    });
    return rows[0];
  }

  /** To be called on a held row only. */
  async voided(tx: Transaction, attempt: Attempt, code: ErrorCode, entryId: Uuid): Promise<void> {
    await tx.query({
      name: 'seal-stamping-voided',
      text: `UPDATE seal.stamping SET status = 'voided', settled_at = $3, void_code = $4, entry_id = $5
        WHERE stamping_id = $1 AND attempt = $2 AND status = 'intended'`,
      values: [attempt.stampingId, attempt.attempt, this.#clock.now(), code, entryId],
    });
  }

  /** Attempts that had their time and no outcome: their process died or lost the database. */
  async abandoned(on: Queryable, limit: number): Promise<Attempt[]> {
    const { rows } = await on.query<{ stamping_id: Uuid; attempt: number }>({
      name: 'seal-stamping-abandoned',
      text: `SELECT stamping_id, attempt FROM seal.stamping
        WHERE status = 'intended' AND abandoned_after <= $1 ORDER BY abandoned_after LIMIT $2`,
      values: [this.#clock.now(), limit],
    });
    return rows.map((row) => ({ stampingId: row.stamping_id, attempt: row.attempt }));
  }
}
