// The transactions of a stamping: each change of its state commits together with its audit entry, or not at all.

import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditLog } from '../audit/audit-log.ts';
import { sha256 } from '../crypto/digest.ts';
import type { Database, Transaction } from '../db/database.ts';
import { type Clock, monotonicMs } from '../kernel/clock.ts';
import { type ErrorCode, errorCodes, TrustError } from '../kernel/errors.ts';
import { idFromUuid, newUuid, type Uuid, uuidFromId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { DocumentStore } from './documents.ts';
import { enterArchived } from './long-term/archive-store.ts';
import type { AuthorisedSeal } from './stamp-policy.ts';
import type { StampOrder } from './stamp-request.ts';
import type { SealForUse, SealRegister } from './seals.ts';
import type { Attempt, StampingRow, StampingStore } from './stamping-store.ts';
import { givePlacesBack } from './use/quota.ts';
import { type AdmittedUse, countUse, type MandateHolds, requireStillAdmitted } from './use/use-gate.ts';

export interface StampingLedgerOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly seals: SealRegister;
  readonly documents: DocumentStore;
  readonly store: StampingStore;
  readonly mandateHolds: MandateHolds;
  /** How long a request waits for an equal one that came first, milliseconds. */
  readonly joinWaitMs?: number;
}

/** Longer than a stamping takes, and than a busy machine takes for it; a client that waits longer has usually gone. */
const defaultJoinWaitMs = 5000;
const firstPollMs = 10;
const longestPollMs = 200;
const retryAfterSeconds = 2;

export interface Intent {
  readonly owner: string;
  readonly requestKey: RequestKey;
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly sourceSha256: Uint8Array;
  /** The voided stamping of this request, which is tried again. */
  readonly earlier: StampingRow | undefined;
  readonly use: AdmittedUse;
}

export interface Outcome {
  readonly owner: string;
  readonly seal: SealForUse;
  readonly purpose: string;
  readonly product: Uint8Array;
  readonly pageCount: number;
  /** Of a product with an archive time stamp: until when that holds. */
  readonly holdsUntil: Date | undefined;
  readonly use: AdmittedUse;
}

export class StampingLedger {
  readonly #options: StampingLedgerOptions;

  constructor(options: StampingLedgerOptions) {
    this.#options = options;
  }

  /**
   * A done stamping of this key is answered as it is, a voided one may be tried again. A running one is waited for, and this request
   * shares its end: the stamping, or what it failed with. Throws stamping-not-ready (details.retryAfterSeconds) when that takes too long.
   */
  async earlier(owner: string, requestKey: RequestKey): Promise<StampingRow | undefined> {
    const row = await this.#options.store.sameRequest(this.#options.database, owner, requestKey);
    return row?.status === 'intended' ? this.#joined(owner, requestKey) : row;
  }

  /** Whichever process works on it: only the database is asked. */
  async #joined(owner: string, requestKey: RequestKey): Promise<StampingRow> {
    const { database, store, joinWaitMs = defaultJoinWaitMs } = this.#options;
    const began = monotonicMs();
    for (let pauseMs = firstPollMs; ; pauseMs = Math.min(2 * pauseMs, longestPollMs)) {
      const row = await store.sameRequest(database, owner, requestKey);
      if (row?.status === 'done') return row;
      if (row?.status === 'voided') throw new TrustError(codeOf(row), 'the same request, which came first, failed');
      const leftMs = joinWaitMs - (monotonicMs() - began);
      if (leftMs <= 0) throw notReady(row);
      await sleep(Math.min(pauseMs, leftMs));
    }
  }

  async own(owner: string, stampingId: string): Promise<StampingRow> {
    const uuid = uuidFromId('stamping', stampingId);
    const row = uuid === undefined ? undefined : await this.#options.store.find(this.#options.database, owner, uuid);
    if (row === undefined) throw new TrustError('stamping-not-found', 'there is no such stamping');
    return row;
  }

  /** Transaction 1. After its commit, and not before, the key may act. Answers the row when the same request won meanwhile. */
  async intend(principal: Principal, intent: Intent): Promise<Attempt | StampingRow> {
    const { database, audit, clock, store } = this.#options;
    const { owner, requestKey, order, seal, earlier, use } = intent;
    const stampingId = earlier?.stamping_id ?? newUuid(clock);
    const documentUuid = uuidFromId('document', order.documentId);
    if (documentUuid === undefined) throw new TrustError('document-not-found', 'there is no such document');
    const begin = async (tx: Transaction): Promise<Attempt> => {
      const entryId = await audit.record(tx, principal, {
        action: 'stamping',
        outcome: 'intended',
        objectId: idFromUuid('stamping', stampingId),
        objectSha256: intent.sourceSha256,
        subjectId: seal.record.organisation.organisationId,
        purpose: order.purpose,
        facts: {
          sealId: order.sealId,
          documentId: order.documentId,
          policy: order.policy,
          level: order.level,
          keyName: [seal, ...(seal.second === undefined ? [] : [seal.second])].map((key) => key.keyName).join(','),
          ...factsOf(use),
        },
      });
      const begun = await store.begin(tx, {
        stampingId,
        owner,
        requestKey,
        sealId: seal.uuid,
        documentId: documentUuid,
        order,
        entryId,
        use,
      });
      // Somebody else holds the request key: this entry must not stay.
      if (begun === undefined) throw new LostRace('the request key is held');
      await countUse(tx, use, stampingId);
      return begun;
    };
    try {
      return await database.transaction(begin);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      return this.#joined(owner, requestKey);
    }
  }

  /**
   * Transaction 2: outcome, stored product and audit entry. The seal's row is held to the commit, so a seal stopped
   * meanwhile releases nothing: seal-not-active, seal-expired; nor one whose use was taken back: use-not-allowed, forbidden. Throws stamping-in-doubt when the attempt was voided.
   */
  async release(principal: Principal, attempt: Attempt, outcome: Outcome): Promise<StampingRow> {
    const { database, audit, seals, documents, store, mandateHolds } = this.#options;
    const { owner, seal, purpose, product, pageCount, holdsUntil, use } = outcome;
    return database.transaction(async (tx) => {
      await seals.holdActive(tx, seal.uuid, seal.certificateSha256);
      await requireStillAdmitted(tx, use, mandateHolds);
      const stored = await documents.insert(tx, { owner, bytes: product, pageCount });
      const productDocumentId = stored === undefined ? undefined : uuidFromId('document', stored.documentId);
      if (productDocumentId === undefined) throw new TrustError('internal', 'a product was not stored');
      if (holdsUntil !== undefined) await enterArchived(tx, { documentId: productDocumentId, owner, holdsUntil });
      const productSha256 = sha256(product);
      const entryId = await audit.record(tx, principal, {
        action: 'stamping',
        outcome: 'done',
        objectId: idFromUuid('stamping', attempt.stampingId),
        objectSha256: productSha256,
        subjectId: seal.record.organisation.organisationId,
        purpose,
        facts: { attempt: attempt.attempt, sealId: seal.record.sealId },
      });
      const row = await store.done(tx, { ...attempt, productDocumentId, productSha256, entryId });
      if (row === undefined) throw new TrustError('stamping-in-doubt', 'the attempt took too long and was voided');
      return row;
    });
  }

  /** False when the attempt had its outcome already. */
  async void(principal: Principal, attempt: Attempt, code: ErrorCode): Promise<boolean> {
    const { database, audit, seals, store } = this.#options;
    return database.transaction(async (tx) => {
      const row = await store.holdIntended(tx, attempt);
      if (row === undefined) return false;
      const entryId = await audit.record(tx, principal, {
        action: 'stamping',
        outcome: 'voided',
        objectId: idFromUuid('stamping', attempt.stampingId),
        subjectId: await seals.organisationOf(tx, row.seal_id),
        purpose: row.request.purpose,
        code,
        facts: { attempt: attempt.attempt, sealId: idFromUuid('seal', row.seal_id) },
      });
      await store.voided(tx, attempt, code, entryId);
      if (row.counted !== null) await givePlacesBack(tx, row.seal_id, row.counted);
      return true;
    });
  }

  async abandoned(limit: number): Promise<Attempt[]> {
    return this.#options.store.abandoned(this.#options.database, limit);
  }
}

function factsOf({ documentClass, policyVersion, approved }: AdmittedUse) {
  return {
    ...(documentClass !== undefined && { documentClass }),
    ...(policyVersion !== null && { policyVersion }),
    ...(approved !== undefined && { requestId: approved.requestId, approvals: approved.approvals.length }),
  };
}

/** Rolls transaction 1 back; never leaves this file. */
class LostRace extends Error {}

function notReady(row: { stamping_id: Uuid } | undefined): TrustError {
  const stamping = row === undefined ? {} : { stampingId: idFromUuid('stamping', row.stamping_id) };
  const details = { ...stamping, retryAfterSeconds };
  return new TrustError('stamping-not-ready', 'the same request is being worked on', { details });
}

function codeOf({ void_code: code }: StampingRow): ErrorCode {
  return errorCodes.find((known) => known === code) ?? 'internal';
}
