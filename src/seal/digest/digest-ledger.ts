// The transactions of a digest-only stamping: its use of the seal commits together with the audit entry, or not at all.

import type { AuditLog } from '../../audit/audit-log.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { Database } from '../../db/database.ts';
import { fromHex, toHex } from '../../kernel/bytes.ts';
import { type ErrorCode, TrustError } from '../../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import type { SealForUse, SealRegister } from '../seals.ts';
import { givePlacesBack } from '../use/quota.ts';
import { type AdmittedUse, countUse, type MandateHolds, requireStillAdmitted } from '../use/use-gate.ts';
import type { ToSign } from './digest-order.ts';
import type { DigestStampingRow, DigestStampingStore, Preparation } from './digest-store.ts';

export interface DigestLedgerOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly seals: SealRegister;
  readonly store: DigestStampingStore;
  readonly mandateHolds: MandateHolds;
}

export class DigestLedger {
  readonly #options: DigestLedgerOptions;

  constructor(options: DigestLedgerOptions) {
    this.#options = options;
  }

  async earlier(owner: string, requestKey: RequestKey): Promise<DigestStampingRow | undefined> {
    return this.#options.store.sameRequest(this.#options.database, owner, requestKey);
  }

  /** Throws stamping-not-found. */
  async own(owner: string, id: string): Promise<DigestStampingRow> {
    const uuid = uuidFromId('digestStamping', id);
    const row = uuid === undefined ? undefined : await this.#options.store.find(this.#options.database, owner, uuid);
    if (row === undefined) throw new TrustError('stamping-not-found', 'there is no such stamping');
    return row;
  }

  /** Answers the row of the same request when that came first. */
  async prepare(made: Preparation): Promise<DigestStampingRow> {
    const { database, store } = this.#options;
    const row = (await store.prepare(database, made)) ?? (await this.earlier(made.owner, made.requestKey));
    if (row === undefined) throw new TrustError('internal', 'a taken request key has no stamping');
    return row;
  }

  /** Transaction 1. After its commit, and not before, the key may act: false when the one use was made by somebody else, or its time is over. Throws quota-exhausted. */
  async intend(
    principal: Principal,
    row: DigestStampingRow,
    work: { seal: SealForUse; use: AdmittedUse; signed: ToSign },
  ): Promise<boolean> {
    const { database, audit, store } = this.#options;
    const { request } = row;
    const { seal, use, signed } = work;
    const began = async (): Promise<void> =>
      database.transaction(async (tx) => {
        const entryId = await audit.record(tx, principal, {
          action: 'digest-stamping',
          outcome: 'intended',
          objectId: idFromUuid('digestStamping', row.digest_stamping_id),
          ...documentDigest(request.documentSha256),
          subjectId: seal.record.organisation.organisationId,
          purpose: request.purpose,
          facts: {
            sealId: request.sealId,
            policy: request.policy,
            level: request.level,
            keyName: seal.keyName,
            mediaType: request.mediaType,
            sizeBytes: request.documentSizeBytes,
            signedDigest: toHex(signed.digest),
            ...(signed.path === undefined ? {} : { path: signed.path }),
            ...(request.documentClass !== undefined && { documentClass: request.documentClass }),
            ...(use.policyVersion !== null && { policyVersion: use.policyVersion }),
          },
        });
        if (!(await store.intend(tx, row.digest_stamping_id, { signed, use, entryId })))
          throw new Used('the one use was made');
        await countUse(tx, use, row.digest_stamping_id);
      });
    try {
      await began();
      return true;
    } catch (error) {
      if (error instanceof Used) return false;
      throw error;
    }
  }

  /**
   * Transaction 2: the value and its audit entry. The seal's row is held to the commit, so a seal stopped meanwhile releases
   * nothing: seal-not-active, seal-expired; nor one whose use was taken back: use-not-allowed, forbidden. Throws stamping-in-doubt when the use was voided.
   */
  async release(
    principal: Principal,
    row: DigestStampingRow,
    { seal, use, value }: { seal: SealForUse; use: AdmittedUse; value: Uint8Array },
  ): Promise<DigestStampingRow> {
    const { database, audit, seals, store, mandateHolds } = this.#options;
    return database.transaction(async (tx) => {
      await seals.holdActive(tx, seal.uuid, seal.certificateSha256);
      await requireStillAdmitted(tx, use, mandateHolds);
      const entryId = await audit.record(tx, principal, {
        action: 'digest-stamping',
        outcome: 'done',
        objectId: idFromUuid('digestStamping', row.digest_stamping_id),
        objectSha256: sha256(value),
        subjectId: seal.record.organisation.organisationId,
        purpose: row.request.purpose,
        facts: { sealId: row.request.sealId },
      });
      const done = await store.done(tx, row.digest_stamping_id, value, entryId);
      if (done === undefined) throw new TrustError('stamping-in-doubt', 'it took too long and was voided');
      return done;
    });
  }

  /** False when the use had its outcome already. */
  async void(principal: Principal, id: Uuid, code: ErrorCode): Promise<boolean> {
    const { database, audit, seals, store } = this.#options;
    return database.transaction(async (tx) => {
      const row = await store.holdIntended(tx, id);
      if (row === undefined) return false;
      const entryId = await audit.record(tx, principal, {
        action: 'digest-stamping',
        outcome: 'voided',
        objectId: idFromUuid('digestStamping', id),
        subjectId: await seals.organisationOf(tx, row.seal_id),
        purpose: row.request.purpose,
        code,
        facts: { sealId: row.request.sealId },
      });
      await store.voided(tx, id, code, entryId);
      if (row.counted !== null) await givePlacesBack(tx, row.seal_id, row.counted);
      return true;
    });
  }

  async abandoned(limit: number): Promise<Uuid[]> {
    return this.#options.store.abandoned(this.#options.database, limit);
  }
}

/** Rolls transaction 1 back; never leaves this file. */
class Used extends Error {}

function documentDigest(hex: string): { objectSha256?: Uint8Array } {
  const objectSha256 = fromHex(hex);
  return objectSha256 === undefined ? {} : { objectSha256 };
}
