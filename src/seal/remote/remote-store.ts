// Rows of signatures over digests: an intent comes into being once for a digest under one authorisation, and has one outcome an attempt.

import type { Queryable, Transaction } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import type { ErrorCode } from '../../kernel/errors.ts';
import { idFromUuid, type Uuid } from '../../kernel/ids.ts';
import type { Counted } from '../use/quota.ts';
import { type AdmittedUse, countedBy } from '../use/use-gate.ts';

export interface RemoteIntent {
  readonly signatureId: Uuid;
  readonly authorisation: string;
  readonly digest: Uint8Array;
  readonly sealUuid: Uuid;
  readonly owner: string;
  readonly clientId: string;
  readonly purpose: string | undefined;
  readonly entryId: Uuid;
  readonly use: AdmittedUse;
}

/** One try at a signature: what an outcome must name, so that a late one cannot settle a later try. */
export interface RemoteAttempt {
  readonly signatureId: Uuid;
  readonly attempt: number;
}

export interface RemoteRow extends RemoteAttempt {
  readonly sealId: string;
  readonly sealUuid: Uuid;
  readonly digest: Uint8Array;
  readonly purpose: string | undefined;
  readonly counted: readonly Counted[];
}

interface Columns {
  readonly signature_id: Uuid;
  readonly attempt: number;
  readonly seal_id: Uuid;
  readonly digest: Uint8Array;
  readonly purpose: string | null;
  readonly counted: readonly Counted[] | null;
}

const columns = 'signature_id, attempt, seal_id, digest, purpose, counted';

export class RemoteStore {
  readonly #clock: Clock;
  readonly #attemptSeconds: number;

  /** `attemptSeconds`: an attempt without outcome is abandoned after this time. */
  constructor(options: { readonly clock: Clock; readonly attemptSeconds: number }) {
    this.#clock = options.clock;
    this.#attemptSeconds = options.attemptSeconds;
  }

  /**
   * Begins an attempt; `undefined` when this digest was signed under this authorisation, or is being signed. One statement: of many
   * callers at once one begins.
   */
  async begin(tx: Transaction, intent: RemoteIntent): Promise<RemoteAttempt | undefined> {
    const now = this.#clock.now();
    const { rows } = await tx.query<Columns>({
      name: 'seal-remote-begin',
      text: `INSERT INTO seal.remote_signature AS s
        (signature_id, authorisation, digest, digest_algorithm, seal_id, owner, client_id, purpose, attempt, status, intended_at,
          abandoned_after, entry_id, policy_version, counted)
        VALUES ($1, $2, $3, 'SHA-256', $4, $5, $6, $7, 1, 'intended', $8, $9, $10, $11, $12)
        ON CONFLICT (authorisation, digest) DO UPDATE SET
          attempt = s.attempt + 1, status = 'intended', intended_at = EXCLUDED.intended_at,
          abandoned_after = EXCLUDED.abandoned_after, settled_at = NULL, void_code = NULL, entry_id = EXCLUDED.entry_id,
          policy_version = EXCLUDED.policy_version, counted = EXCLUDED.counted
        WHERE s.status = 'voided'
        RETURNING ${columns}`,
      values: [
        intent.signatureId,
        intent.authorisation,
        intent.digest,
        intent.sealUuid,
        intent.owner,
        intent.clientId,
        intent.purpose ?? null,
        now,
        addSeconds(now, this.#attemptSeconds),
        intent.entryId,
        intent.use.policyVersion,
        jsonOf(countedBy(intent.use)),
      ],
    });
    return rows[0] && rowOf(rows[0]);
  }

  /** False when it was settled meanwhile. */
  async done(tx: Transaction, { signatureId, attempt }: RemoteAttempt): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'seal-remote-done',
      text: `UPDATE seal.remote_signature SET status = 'done', settled_at = $3
        WHERE signature_id = $1 AND attempt = $2 AND status = 'intended'`,
      values: [signatureId, attempt, this.#clock.now()],
    });
    return rowCount === 1;
  }

  /** The row that is voided with this; `undefined` when it was settled before. */
  async voided(
    tx: Transaction,
    { signatureId, attempt }: RemoteAttempt,
    code: ErrorCode,
  ): Promise<RemoteRow | undefined> {
    const { rows } = await tx.query<Columns>({
      name: 'seal-remote-voided',
      text: `UPDATE seal.remote_signature SET status = 'voided', settled_at = $3, void_code = $4
        WHERE signature_id = $1 AND attempt = $2 AND status = 'intended' RETURNING ${columns}`,
      values: [signatureId, attempt, this.#clock.now(), code],
    });
    return rows[0] && rowOf(rows[0]);
  }

  async areDone(on: Queryable, attempts: readonly RemoteAttempt[]): Promise<boolean> {
    const { rows } = await on.query<{ count: number }>({
      name: 'seal-remote-are-done',
      text: `SELECT count(*)::int AS count FROM seal.remote_signature s
        JOIN unnest($1::uuid[], $2::int[]) AS a (signature_id, attempt) USING (signature_id, attempt) WHERE s.status = 'done'`,
      values: [attempts.map(({ signatureId }) => signatureId), attempts.map(({ attempt }) => attempt)],
    });
    return rows[0]?.count === attempts.length;
  }

  /** Attempts that had their time and no outcome: their process died or lost the database. */
  async abandoned(on: Queryable, limit: number): Promise<RemoteAttempt[]> {
    const { rows } = await on.query<Columns>({
      name: 'seal-remote-abandoned',
      text: `SELECT ${columns} FROM seal.remote_signature
        WHERE status = 'intended' AND abandoned_after <= $1 ORDER BY abandoned_after LIMIT $2`,
      values: [this.#clock.now(), limit],
    });
    return rows.map(rowOf);
  }
}

function rowOf(row: Columns): RemoteRow {
  return {
    signatureId: row.signature_id,
    attempt: row.attempt,
    sealId: idFromUuid('seal', row.seal_id),
    sealUuid: row.seal_id,
    digest: row.digest,
    purpose: row.purpose ?? undefined,
    counted: row.counted ?? [],
  };
}

function jsonOf(counted: readonly Counted[] | null): string | null {
  return counted === null ? null : JSON.stringify(counted);
}
