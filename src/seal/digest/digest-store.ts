// Rows of digest-only stampings (摘要用印记录): prepared, then signed once or not at all.

import type { Queryable, Transaction } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { type ErrorCode, TrustError } from '../../kernel/errors.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import type { Counted } from '../use/quota.ts';
import { type AdmittedUse, countedBy } from '../use/use-gate.ts';
import type { DigestOrder, ToSign } from './digest-order.ts';

export type DigestStampingStatus = 'prepared' | 'intended' | 'done' | 'voided';

export interface DigestStampingRow {
  readonly digest_stamping_id: Uuid;
  readonly owner: string;
  readonly body_sha256: Uint8Array;
  readonly seal_id: Uuid;
  readonly certificate_sha256: Uint8Array;
  readonly request: DigestOrder;
  readonly signing_time: Date;
  readonly contents_size_bytes: number;
  readonly sign_until: Date;
  readonly status: DigestStampingStatus;
  readonly signed_digest: Uint8Array | null;
  readonly signed_path: string | null;
  readonly void_code: string | null;
  readonly value: Uint8Array | null;
  readonly counted: readonly Counted[] | null;
  readonly entry_id: Uuid | null;
}

export interface Preparation {
  readonly id: Uuid;
  readonly owner: string;
  readonly requestKey: RequestKey;
  readonly sealId: Uuid;
  readonly certificateSha256: Uint8Array;
  readonly order: DigestOrder;
  readonly signingTime: Date;
  readonly contentsSizeBytes: number;
  readonly signUntil: Date;
}

const columns = `digest_stamping_id, owner, body_sha256, seal_id, certificate_sha256, request, signing_time, contents_size_bytes,
  sign_until, status, signed_digest, signed_path, void_code, value, counted, entry_id`;

export class DigestStampingStore {
  readonly #clock: Clock;
  readonly #attemptSeconds: number;

  /** `attemptSeconds`: an intent without outcome is abandoned after this time. */
  constructor(options: { clock: Clock; attemptSeconds: number }) {
    this.#clock = options.clock;
    this.#attemptSeconds = options.attemptSeconds;
  }

  async find(on: Queryable, owner: string, id: Uuid): Promise<DigestStampingRow | undefined> {
    const { rows } = await on.query<DigestStampingRow>({
      name: 'seal-digest-stamping-find',
      text: `SELECT ${columns} FROM seal.digest_stamping WHERE digest_stamping_id = $1 AND owner = $2`,
      values: [id, owner],
    });
    return rows[0];
  }

  /** The row of this request key, if there is one. Throws idempotency-key-reused when it was for another body. */
  async sameRequest(on: Queryable, owner: string, requestKey: RequestKey): Promise<DigestStampingRow | undefined> {
    const { rows } = await on.query<DigestStampingRow>({
      name: 'seal-digest-stamping-by-key',
      text: `SELECT ${columns} FROM seal.digest_stamping WHERE owner = $1 AND request_key = $2`,
      values: [owner, requestKey.key],
    });
    const [row] = rows;
    if (row !== undefined && !equalBytes(row.body_sha256, requestKey.bodySha256))
      throw new TrustError('idempotency-key-reused', 'this Idempotency-Key was used for another stamping');
    return row;
  }

  /** `undefined` when the request key is taken. */
  async prepare(on: Queryable, made: Preparation): Promise<DigestStampingRow | undefined> {
    const { rows } = await on.query<DigestStampingRow>({
      name: 'seal-digest-stamping-prepare',
      text: `INSERT INTO seal.digest_stamping (digest_stamping_id, owner, request_key, body_sha256, seal_id, certificate_sha256,
          request, signing_time, contents_size_bytes, sign_until, status)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'prepared')
        ON CONFLICT (owner, request_key) DO NOTHING RETURNING ${columns}`,
      values: [
        made.id,
        made.owner,
        made.requestKey.key,
        made.requestKey.bodySha256,
        made.sealId,
        made.certificateSha256,
        JSON.stringify(made.order),
        made.signingTime,
        made.contentsSizeBytes,
        made.signUntil,
      ],
    });
    return rows[0];
  }

  /** The one use. False when it was used already, or its time is over. */
  async intend(
    tx: Transaction,
    id: Uuid,
    { signed, use, entryId }: { signed: ToSign; use: AdmittedUse; entryId: Uuid },
  ): Promise<boolean> {
    const counted = countedBy(use);
    const now = this.#clock.now();
    const { rowCount } = await tx.query({
      name: 'seal-digest-stamping-intend',
      text: `UPDATE seal.digest_stamping
        SET status = 'intended', signed_digest = $2, signed_path = $3, intended_at = $4, abandoned_after = $5, entry_id = $6,
          policy_version = $7, counted = $8
        WHERE digest_stamping_id = $1 AND status = 'prepared' AND sign_until > $4`,
      values: [
        id,
        signed.digest,
        signed.path ?? null,
        now,
        addSeconds(now, this.#attemptSeconds),
        entryId,
        use.policyVersion,
        counted === null ? null : JSON.stringify(counted),
      ],
    });
    return rowCount === 1;
  }

  /** `undefined` when the attempt was voided meanwhile. */
  async done(tx: Transaction, id: Uuid, value: Uint8Array, entryId: Uuid): Promise<DigestStampingRow | undefined> {
    const { rows } = await tx.query<DigestStampingRow>({
      name: 'seal-digest-stamping-done',
      text: `UPDATE seal.digest_stamping SET status = 'done', settled_at = $2, value = $3, entry_id = $4
        WHERE digest_stamping_id = $1 AND status = 'intended' RETURNING ${columns}`,
      values: [id, this.#clock.now(), value, entryId],
    });
    return rows[0];
  }

  /** The row if its use has no outcome yet, held until `tx` ends. */
  async holdIntended(tx: Transaction, id: Uuid): Promise<DigestStampingRow | undefined> {
    const { rows } = await tx.query<DigestStampingRow>({
      name: 'seal-digest-stamping-hold',
      text: `SELECT ${columns} FROM seal.digest_stamping WHERE digest_stamping_id = $1 AND status = 'intended' FOR UPDATE`,
      values: [id],
    });
    return rows[0];
  }

  /** To be called on a held row only. */
  async voided(tx: Transaction, id: Uuid, code: ErrorCode, entryId: Uuid): Promise<void> {
    await tx.query({
      name: 'seal-digest-stamping-voided',
      text: `UPDATE seal.digest_stamping SET status = 'voided', settled_at = $2, void_code = $3, entry_id = $4
        WHERE digest_stamping_id = $1 AND status = 'intended'`,
      values: [id, this.#clock.now(), code, entryId],
    });
  }

  async abandoned(on: Queryable, limit: number): Promise<Uuid[]> {
    const { rows } = await on.query<{ digest_stamping_id: Uuid }>({
      name: 'seal-digest-stamping-abandoned',
      text: `SELECT digest_stamping_id FROM seal.digest_stamping
        WHERE status = 'intended' AND abandoned_after <= $1 ORDER BY abandoned_after LIMIT $2`,
      values: [this.#clock.now(), limit],
    });
    return rows.map((row) => row.digest_stamping_id);
  }
}
