// Stamping a document (用印): intent recorded, key acts, product read back, outcome recorded; a signature is never released without its audit entry.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Authority } from '../authority/authority.ts';
import type { OcspResponder } from '../authority/ocsp-responder.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { type ErrorCode, TrustError } from '../kernel/errors.ts';
import { type Id, idFromUuid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { house, type Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import { openPdf } from '../pdf/reader.ts';
import type { DocumentStore } from './documents.ts';
import { ownerOf, requireScope } from '../kernel/permissions.ts';
import { settled, trueReason } from './failed-act.ts';
import { archiveOf } from './long-term/archive-end.ts';
import { LongTerm } from './long-term/long-term.ts';
import { ValidationSources } from './long-term/validation-sources.ts';
import { type ProductVerifier, readBack } from './read-back.ts';
import { recordingRefusal } from './refused-use.ts';
import type { SealForUse, SealRegister } from './seals.ts';
import { type PreparedStamp, prepareStamp, signStamp } from './stamp-document.ts';
import { authoriseSeal, type AuthorisedSeal } from './stamp-policy.ts';
import { type StampOrder, stampOrder, type StampRequest } from './stamp-request.ts';
import { StampingLedger } from './stamping-ledger.ts';
import { type Attempt, type StampingRow, type StampingStatus, StampingStore } from './stamping-store.ts';
import type { DocumentClass } from './use/document-class.ts';
import {
  type AdmittedUse,
  admitUse,
  type ApprovedRequest,
  type MandateHolds,
  requireUseOf,
  type UseAsked,
} from './use/use-gate.ts';
import type { UsePolicy } from './use/use-policy.ts';

export interface StampingRecord {
  readonly stampingId: Id<'stamping'>;
  readonly sealId: Id<'seal'>;
  readonly documentId: Id<'document'>;
  readonly status: StampingStatus;
  readonly policy: StampOrder['policy'];
  readonly level: StampOrder['level'];
  readonly purpose: string;
  readonly documentClass: DocumentClass | null;
  /** Version of the seal's policy of use that it went under; null: there was none. */
  readonly policyVersion: number | null;
  /** The request that others approved, if the policy wanted one. */
  readonly requestId: Id<'stampingRequest'> | null;
  readonly createdAt: Date;
  /** The stamped document, which can be stamped again; null until it is done. */
  readonly productDocumentId: Id<'document'> | null;
  readonly sha256: Uint8Array | null;
  /** Why it was voided, else null. */
  readonly voidCode: string | null;
  /** Audit entry of the present status; its index is null while the log has not sequenced it. */
  readonly entryId: Id<'entry'>;
  readonly auditIndex: number | null;
}

/** Where a process can die, by what has happened before. Tests let a hook at these points fail or never return. */
export const faultPoints = ['authorised', 'prepared', 'intended', 'signed', 'read-back', 'released'] as const;
export type FaultPoint = (typeof faultPoints)[number];

export interface StampServiceOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: KeyStore;
  readonly authority: Authority;
  /** Tells the status of certificates for the validation data of B-LT. */
  readonly ocsp: Pick<OcspResponder, 'answerNow'>;
  readonly timestamps: TimestampAuthority;
  readonly seals: SealRegister;
  readonly documents: DocumentStore;
  readonly verifier: ProductVerifier;
  readonly mandateHolds: MandateHolds;
  /** Longest an attempt may take before it counts as abandoned. */
  readonly attemptSeconds?: number;
  /** How long an answer waits for its audit index, milliseconds. */
  readonly auditWaitMs?: number;
  /** How long a request waits for an equal one that came first, milliseconds. */
  readonly joinWaitMs?: number;
  readonly faults?: (point: FaultPoint) => void | Promise<void>;
}

const defaultAttemptSeconds = 10;
const defaultAuditWaitMs = 2000;
const abandonedBatch = 100;

export class StampService {
  readonly #options: StampServiceOptions;
  readonly #ledger: StampingLedger;
  readonly #longTerm: LongTerm;

  constructor(options: StampServiceOptions) {
    this.#options = options;
    this.#longTerm = new LongTerm({ sources: new ValidationSources(options), timestamps: options.timestamps });
    const { clock, attemptSeconds = defaultAttemptSeconds } = options;
    this.#ledger = new StampingLedger({ ...options, store: new StampingStore({ clock, attemptSeconds }) });
  }

  /**
   * Stamps one of the caller's documents. The same request key and body answer with the same stamping, also while the first of them
   * is under way; a voided one is tried again under its id. `approved`: the request that others agreed to (use/stamping-requests.ts).
   * Throws scope-missing, forbidden, use-not-allowed, document-class-required, outside-hours, quota-exhausted, approval-required, malformed-request, seal-not-found, seal-not-active, seal-expired,
   * document-not-found, placement-…, policy-not-supported, level-not-supported, locked-pdf, unsupported-pdf,
   * idempotency-key-reused, stamping-not-ready, stamping-in-doubt, product-not-verified, key-unavailable, timestamp-refused, revocation-data-missing.
   */
  async stamp(
    principal: Principal,
    request: StampRequest,
    requestKey: RequestKey,
    approved?: ApprovedRequest,
  ): Promise<StampingRecord> {
    requireScope(principal, 'seal.stamp');
    const owner = ownerOf(principal);
    const earlier = await this.#ledger.earlier(owner, requestKey);
    if (earlier?.status === 'done') return this.#record(earlier);

    const order = stampOrder(request);
    const asked = { ...order, documentClass: request.documentClass, approved };
    const { seal, use } = await this.#authorise(principal, asked);
    const stamp = await this.#prepare(principal, order, seal);
    requireApprovedDocument(stamp, approved);
    const intent = { owner, requestKey, order, seal, sourceSha256: stamp.sourceSha256, earlier, use };
    const attempt = await this.#recorded(principal, seal, () => this.#ledger.intend(principal, intent));
    if ('status' in attempt) return this.#record(attempt);
    return this.#record(await this.#act(principal, attempt, { owner, order, seal, stamp, use }));
  }

  /** The stamping that was made under a request key, whoever worked on it; `undefined`: none was. Throws as `stamp` does for a key. */
  async outcome(owner: string, requestKey: RequestKey): Promise<StampingRecord | undefined> {
    const row = await this.#ledger.earlier(owner, requestKey);
    return row?.status === 'done' ? this.#record(row) : undefined;
  }

  /**
   * A stamping as far as it goes before its intent, for a request that is yet to be approved: neither hours nor quota count, nothing is
   * stored, no key acts. Throws as `stamp` does.
   */
  async rehearse(
    principal: Principal,
    request: StampRequest,
  ): Promise<{ seal: SealForUse; documentSha256: Uint8Array; rules: UsePolicy; version: number }> {
    requireScope(principal, 'seal.stamp');
    const { seals, authority, clock } = this.#options;
    const order = stampOrder(request);
    const seal = await seals.forUse(order.sealId, principal.kind === 'system' ? principal.clientId : undefined);
    const { rules, version, authorised } = await this.#recorded(principal, seal, async () => ({
      ...requireUseOf(principal, { ...order, seal, documentClass: request.documentClass }),
      authorised: await authoriseSeal({ seal, policy: order.policy, authority, at: clock.now() }),
    }));
    const { sourceSha256: documentSha256 } = await this.#prepare(principal, order, authorised);
    return { seal, documentSha256, rules, version };
  }

  /** Throws scope-missing, stamping-not-found. */
  async get(principal: Principal, stampingId: string): Promise<StampingRecord> {
    requireScope(principal, 'seal.read', 'seal.stamp');
    return this.#record(await this.#ledger.own(ownerOf(principal), stampingId));
  }

  /** The stamped document. Throws scope-missing, stamping-not-found, stamping-not-ready (details.status). */
  async document(principal: Principal, stampingId: string): Promise<Uint8Array> {
    requireScope(principal, 'seal.stamp');
    const row = await this.#ledger.own(ownerOf(principal), stampingId);
    if (row.product_document_id === null) {
      throw new TrustError('stamping-not-ready', `the stamping is ${row.status}`, { details: { status: row.status } });
    }
    return this.#options.documents.download(principal, idFromUuid('document', row.product_document_id));
  }

  /**
   * Gives attempts that had their time and no outcome their end: voided, with an audit entry. For the start and from time
   * to time; any number of processes at once. Answers how many it voided.
   */
  async voidAbandoned(): Promise<number> {
    let count = 0;
    for (const attempt of await this.#ledger.abandoned(abandonedBatch)) {
      if (await this.#ledger.void(house, attempt, 'stamping-in-doubt')) count += 1;
    }
    if (count > 0) this.#options.log.warn({ count }, 'abandoned stampings were voided');
    return count;
  }

  async #authorise(
    principal: Principal,
    asked: Omit<UseAsked, 'seal' | 'at'> & Pick<StampOrder, 'sealId' | 'policy'>,
  ): Promise<{ seal: AuthorisedSeal; use: AdmittedUse }> {
    const { seals, authority, clock } = this.#options;
    const seal = await seals.forUse(asked.sealId, principal.kind === 'system' ? principal.clientId : undefined);
    return this.#recorded(principal, seal, async () => {
      const at = clock.now();
      const use = admitUse(principal, { ...asked, seal, at });
      const authorised = await authoriseSeal({ seal, policy: asked.policy, authority, at });
      await this.#fault('authorised');
      return { seal: authorised, use };
    });
  }

  /** A refused use of a seal is recorded too; what is only told to wait was not refused. */
  #recorded<T>(principal: Principal, { record }: SealForUse, does: () => Promise<T>): Promise<T> {
    const use = { action: 'stamping', seal: record, except: waits } as const;
    return recordingRefusal(this.#options.audit, principal, use, does);
  }

  async #prepare(principal: Principal, order: StampOrder, seal: AuthorisedSeal): Promise<PreparedStamp> {
    const source = await this.#options.documents.get(principal, order.documentId);
    const stamp = await prepareStamp({ source, order, seal, signingTime: this.#options.clock.now() });
    await this.#fault('prepared');
    return stamp;
  }

  /** From the committed intent to the outcome. A crash leaves an intent, which `voidAbandoned` ends: nothing was released. */
  async #act(principal: Principal, attempt: Attempt, work: Work): Promise<StampingRow> {
    const { keys, timestamps, verifier } = this.#options;
    const { owner, order, seal, stamp, use } = work;
    try {
      await this.#fault('intended');
      const product = await signStamp({ stamp, order, seal, keys, timestamps, longTerm: this.#longTerm });
      await this.#fault('signed');
      const { source, pageCount } = stamp;
      await readBack(verifier, {
        source,
        bytes: product,
        certificates: [seal, ...(seal.second === undefined ? [] : [seal.second])].map((key) => key.certificateSha256),
        level: order.level,
      });
      await this.#fault('read-back');
      const row = await this.#ledger.release(principal, attempt, {
        owner,
        seal,
        purpose: order.purpose,
        product,
        pageCount,
        holdsUntil: order.level === 'B-LTA' ? archiveOf(openPdf(product)).holdsUntil : undefined,
        use,
      });
      await this.#fault('released');
      return row;
    } catch (error) {
      const { seals, clock } = this.#options;
      const stampingId = idFromUuid('stamping', attempt.stampingId);
      return settled({
        error: await trueReason(error, { seals, clock, sealId: order.sealId }),
        void: (code) => this.#ledger.void(principal, attempt, code),
        own: () => this.#ledger.own(owner, stampingId),
        details: { stampingId },
      });
    }
  }

  async #record(row: StampingRow): Promise<StampingRecord> {
    const waitMs = this.#options.auditWaitMs ?? defaultAuditWaitMs;
    return {
      stampingId: idFromUuid('stamping', row.stamping_id),
      sealId: idFromUuid('seal', row.seal_id),
      documentId: idFromUuid('document', row.document_id),
      status: row.status,
      policy: row.request.policy,
      level: row.request.level,
      purpose: row.request.purpose,
      documentClass: row.document_class,
      policyVersion: row.policy_version,
      requestId: row.stamping_request_id === null ? null : idFromUuid('stampingRequest', row.stamping_request_id),
      createdAt: row.intended_at,
      productDocumentId: row.product_document_id === null ? null : idFromUuid('document', row.product_document_id),
      sha256: row.product_sha256,
      voidCode: row.void_code,
      entryId: idFromUuid('entry', row.entry_id),
      auditIndex: await this.#options.audit.indexOf(row.entry_id, { waitMs }),
    };
  }

  async #fault(point: FaultPoint): Promise<void> {
    await this.#options.faults?.(point);
  }
}

interface Work {
  readonly owner: string;
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly stamp: PreparedStamp;
  readonly use: AdmittedUse;
}

/** Throws stamping-request-changed: what others agreed to was another document. */
function requireApprovedDocument({ sourceSha256 }: PreparedStamp, approved: ApprovedRequest | undefined): void {
  if (approved === undefined || equalBytes(sourceSha256, approved.documentSha256)) return;
  throw new TrustError('stamping-request-changed', 'the document is not the one that was approved', {
    details: { reason: 'document' },
  });
}

/** The request is not new, or the house cannot tell at the moment. */
const waits: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'stamping-not-ready',
  'idempotency-key-reused',
  'database-unavailable',
]);
