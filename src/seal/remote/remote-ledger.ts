// The transactions of remote signing: each change of state commits together with its audit entries, one a digest, or not at all.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type ErrorCode, TrustError } from '../../kernel/errors.ts';
import { newUuid } from '../../kernel/ids.ts';
import { ownerOf } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { SealForUse, SealRegister } from '../seals.ts';
import { givePlacesBack } from '../use/quota.ts';
import { type AdmittedUse, countUse, type MandateHolds, requireStillAdmitted } from '../use/use-gate.ts';
import type { AllowedDigest, RemoteOrder } from './remote-order.ts';
import type { RemoteAttempt, RemoteStore } from './remote-store.ts';

export interface RemoteLedgerOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly seals: SealRegister;
  readonly store: RemoteStore;
  readonly mandateHolds: MandateHolds;
}

/** What was let through, and under what. */
export interface AdmittedOrder {
  readonly order: RemoteOrder;
  readonly seal: SealForUse;
  readonly use: AdmittedUse;
}

export class RemoteLedger {
  readonly #options: RemoteLedgerOptions;

  constructor(options: RemoteLedgerOptions) {
    this.#options = options;
  }

  /**
   * Transaction 1, all digests or none. After its commit, and not before, the key may act. Throws `scope-missing` when one of them was
   * signed under this authorisation before, or is being signed; `quota-exhausted`.
   */
  async intend(principal: Principal, { order, seal, use }: AdmittedOrder): Promise<RemoteAttempt[]> {
    const { database, audit, clock, store } = this.#options;
    const call = newUuid(clock);
    return database.transaction(async (tx) => {
      const attempts: RemoteAttempt[] = [];
      // Before all rows: whoever holds a row then waits for no place of a quota, and no row of this call is counted as an earlier use.
      for (const _digest of order.digests) await countUse(tx, use, call);
      // In one order everywhere: two calls that name the same digests the other way round would wait for each other.
      for (const { digest, purpose } of order.digests.toSorted((a, b) => Buffer.compare(a.digest, b.digest))) {
        const entryId = await audit.record(tx, principal, {
          ...eventOf(seal, { digest, purpose }),
          outcome: 'intended',
          facts: {
            sealId: seal.record.sealId,
            keyName: seal.keyName,
            digestAlgorithm: 'SHA-256',
            ...(use.policyVersion !== null && { policyVersion: use.policyVersion }),
          },
        });
        const begun = await store.begin(tx, {
          signatureId: newUuid(clock),
          authorisation: order.tokenId === undefined ? `call:${call}` : `token:${order.tokenId}`,
          digest,
          sealUuid: seal.uuid,
          owner: ownerOf(principal),
          clientId: principal.clientId ?? '',
          purpose,
          entryId,
          use,
        });
        if (begun === undefined)
          throw new TrustError('scope-missing', 'this digest was signed under this authorisation already');
        attempts.push(begun);
      }
      return attempts;
    });
  }

  /**
   * Transaction 2: the outcomes with their entries. The seal's row is held to the commit, so a seal stopped meanwhile releases nothing:
   * `seal-not-active`, `seal-expired`; nor one whose use was taken back: `use-not-allowed`, `forbidden`. Throws `stamping-in-doubt` when an
   * attempt was voided.
   */
  async release(
    principal: Principal,
    attempts: readonly RemoteAttempt[],
    { order, seal, use }: AdmittedOrder,
  ): Promise<void> {
    const { database, audit, seals, store, mandateHolds } = this.#options;
    await database.transaction(async (tx) => {
      await seals.holdActive(tx, seal.uuid, seal.certificateSha256);
      await requireStillAdmitted(tx, use, mandateHolds);
      for (const attempt of attempts)
        if (!(await store.done(tx, attempt)))
          throw new TrustError('stamping-in-doubt', 'the attempt took too long and was voided');
      const facts = { sealId: seal.record.sealId };
      const events = order.digests.map((one) => ({ ...eventOf(seal, one), outcome: 'done', facts }) as const);
      await audit.recordMany(
        tx,
        events.map((event) => ({ principal, event })),
      );
    });
  }

  /** All that have no outcome yet. Answers how many it voided. */
  async void(principal: Principal, attempts: readonly RemoteAttempt[], code: ErrorCode): Promise<number> {
    const { database, audit, seals, store } = this.#options;
    return database.transaction(async (tx) => {
      let count = 0;
      for (const attempt of attempts) {
        const row = await store.voided(tx, attempt, code);
        if (row === undefined) continue;
        count += 1;
        await givePlacesBack(tx, row.sealUuid, row.counted);
        await audit.record(tx, principal, {
          action: 'seal.remote-signature',
          outcome: 'voided',
          objectId: row.sealId,
          objectSha256: row.digest,
          subjectId: await seals.organisationOf(tx, row.sealUuid),
          ...(row.purpose === undefined ? {} : { purpose: row.purpose }),
          code,
          facts: { sealId: row.sealId },
        });
      }
      return count;
    });
  }

  areDone(attempts: readonly RemoteAttempt[]): Promise<boolean> {
    return this.#options.store.areDone(this.#options.database, attempts);
  }

  async abandoned(limit: number): Promise<RemoteAttempt[]> {
    return this.#options.store.abandoned(this.#options.database, limit);
  }
}

function eventOf({ record }: SealForUse, { digest, purpose }: AllowedDigest) {
  return {
    action: 'seal.remote-signature',
    objectId: record.sealId,
    objectSha256: digest,
    subjectId: record.organisation.organisationId,
    ...(purpose === undefined ? {} : { purpose }),
  } as const;
}
