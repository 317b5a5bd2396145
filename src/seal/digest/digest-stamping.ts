// Stamping a document that stays where it is (摘要用印): the seal signs the digest that its business system sends, once and soon; GB/T 33481, component interface (Digest, Sign).

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Authority } from '../../authority/authority.ts';
import type { KeyStore } from '../../crypto/key-store.ts';
import type { Database } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, epochSeconds, moment } from '../../kernel/clock.ts';
import { type ErrorCode, TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { ownerOf, requireScope } from '../../kernel/permissions.ts';
import { house, type Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import type { TimestampAuthority } from '../../pki/timestamp.ts';
import { settled, trueReason } from '../failed-act.ts';
import { pdfValueRoomBytes } from '../pdf-signature-value.ts';
import { recordingRefusal } from '../refused-use.ts';
import type { SealForUse, SealRegister } from '../seals.ts';
import { authoriseSeal, type AuthorisedSeal } from '../stamp-policy.ts';
import { type AdmittedUse, admitUse, type MandateHolds } from '../use/use-gate.ts';
import { requireGoodValue } from './check-value.ts';
import { digestValue } from './digest-value.ts';
import { DigestLedger } from './digest-ledger.ts';
import { type DigestOrder, digestOrder, type DigestRequest, requireToSign, type ToSign } from './digest-order.ts';
import { type DigestStampingRow, type DigestStampingStatus, DigestStampingStore } from './digest-store.ts';

export interface DigestStampingRecord {
  readonly digestStampingId: Id<'digestStamping'>;
  readonly status: DigestStampingStatus;
  readonly order: DigestOrder;
  /** Fixed here: what is prepared with it is what an upload at this moment would become. */
  readonly signingTime: Date;
  /** The digest must be here before this moment. */
  readonly signUntil: Date;
  readonly contentsSizeBytes: number;
  /** The signature value; null until it is done. */
  readonly value: Uint8Array | null;
  readonly voidCode: string | null;
  readonly auditIndex: number | null;
}

/** With what the document is prepared with. */
export interface DigestPreparation extends DigestStampingRecord {
  /** The outlines of the picture, as JSON (src/seal/picture/face.ts). */
  readonly face: Uint8Array;
  readonly widthMm: number;
  readonly heightMm: number;
  /** DER of the seal, which goes into an OFD. */
  readonly sesSeal: Uint8Array;
}

export interface DigestStampingOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys: KeyStore;
  readonly authority: Authority;
  readonly timestamps: TimestampAuthority;
  readonly seals: SealRegister;
  readonly mandateHolds: MandateHolds;
  /** Longest a use may take before it counts as abandoned. */
  readonly attemptSeconds?: number;
  /** How long an answer waits for its audit index, milliseconds. */
  readonly auditWaitMs?: number;
  /** Called when the intent is committed, and when the value is made; tests fail there, or stop the seal. */
  readonly faults?: (point: 'intended' | 'signed') => void | Promise<void>;
}

/** A gigabyte is hashed in seconds; the claimed time of signing must not be long past when the key acts. */
export const signWithinSeconds = 300;
const defaultAttemptSeconds = 10;
const defaultAuditWaitMs = 2000;
const abandonedBatch = 100;
const notRefused: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['database-unavailable']);
/** An SES value has its seal with two pictures in it; an OFD reserves no room, so this is a bound and no promise. */
const sesRoomBytes = 1_000_000;

export class DigestStampService {
  readonly #options: DigestStampingOptions;
  readonly #ledger: DigestLedger;

  constructor(options: DigestStampingOptions) {
    this.#options = options;
    const { clock, attemptSeconds = defaultAttemptSeconds } = options;
    this.#ledger = new DigestLedger({ ...options, store: new DigestStampingStore({ clock, attemptSeconds }) });
  }

  /**
   * What the caller needs to prepare the document with; no key acts. The same request key and body answer with the same stamping.
   * Throws scope-missing, forbidden, use-not-allowed, document-class-required, outside-hours, approval-required, malformed-request, policy-not-supported, level-not-supported, seal-not-found, seal-not-active,
   * seal-expired, idempotency-key-reused.
   */
  async prepare(principal: Principal, request: DigestRequest, requestKey: RequestKey): Promise<DigestPreparation> {
    requireScope(principal, 'seal.stamp');
    const owner = ownerOf(principal);
    const order = digestOrder(request);
    const earlier = await this.#ledger.earlier(owner, requestKey);
    const { seal } = await this.#authorise(principal, order, earlier?.certificate_sha256);
    const row = earlier ?? (await this.#ledger.prepare(this.#preparation({ owner, order, seal, requestKey })));
    const { face, sesSeal, record } = seal;
    return { ...(await this.#record(row)), face, sesSeal, widthMm: record.widthMm, heightMm: record.heightMm };
  }

  /**
   * The seal signs what was prepared. Asked once more for the same digest, it answers with the same value. Throws scope-missing,
   * stamping-not-found, malformed-request, digest-stamping-ended (details.status), stamping-not-ready, stamping-in-doubt, forbidden, use-not-allowed,
   * document-class-required, outside-hours, quota-exhausted, approval-required, seal-not-active, seal-expired, product-not-verified, key-unavailable, timestamp-refused.
   */
  async sign(principal: Principal, id: string, signed: ToSign): Promise<DigestStampingRecord> {
    requireScope(principal, 'seal.stamp');
    const owner = ownerOf(principal);
    const row = await this.#ledger.own(owner, id);
    requireToSign(row.request, signed);
    const { clock } = this.#options;
    if (row.status !== 'prepared') return this.#record(earlierValue(row, signed));
    if (row.sign_until.getTime() <= clock.now().getTime()) throw ended('expired');
    const { seal, use } = await this.#authorise(principal, row.request, row.certificate_sha256);
    const intends = () => this.#ledger.intend(principal, row, { seal, use, signed });
    if (!(await this.#recorded(principal, seal, intends)))
      return this.#record(earlierValue(await this.#ledger.own(owner, id), signed));
    return this.#record(await this.#act(principal, row, { owner, seal, use, signed }));
  }

  /** Throws scope-missing, stamping-not-found. */
  async get(principal: Principal, id: string): Promise<DigestStampingRecord> {
    requireScope(principal, 'seal.read', 'seal.stamp');
    return this.#record(await this.#ledger.own(ownerOf(principal), id));
  }

  /** Gives uses that had their time and no outcome their end, as `StampService.voidAbandoned` does. Answers how many. */
  async voidAbandoned(): Promise<number> {
    let count = 0;
    for (const id of await this.#ledger.abandoned(abandonedBatch))
      if (await this.#ledger.void(house, id, 'stamping-in-doubt')) count += 1;
    if (count > 0) this.#options.log.warn({ count }, 'abandoned digest-only stampings were voided');
    return count;
  }

  #preparation(work: { owner: string; order: DigestOrder; seal: AuthorisedSeal; requestKey: RequestKey }) {
    const { owner, order, seal, requestKey } = work;
    // Neither form has fractions of a second, and a time stamp must not seem older than the signature it is over.
    const signingTime = moment(epochSeconds(this.#options.clock.now()) * 1000);
    const ofPdf = order.mediaType === 'application/pdf';
    return {
      id: newUuid(this.#options.clock),
      owner,
      requestKey,
      sealId: seal.uuid,
      certificateSha256: seal.certificateSha256,
      order,
      signingTime,
      contentsSizeBytes: ofPdf ? pdfValueRoomBytes(seal, { timeStamped: order.level === 'B-T' }) : sesRoomBytes,
      signUntil: addSeconds(signingTime, signWithinSeconds),
    };
  }

  /** `edition`: of the certificate that the document was prepared for. */
  async #authorise(
    principal: Principal,
    order: DigestOrder,
    edition?: Uint8Array,
  ): Promise<{ seal: AuthorisedSeal; use: AdmittedUse }> {
    const { seals, authority, clock } = this.#options;
    const seal = await seals.forUse(order.sealId, principal.kind === 'system' ? principal.clientId : undefined);
    return this.#recorded(principal, seal, async () => {
      const at = clock.now();
      const use = admitUse(principal, { ...order, seal, at });
      if (!seal.record.policies.includes(order.policy))
        throw new TrustError('policy-not-supported', `the policy ${order.policy} is none of this seal`);
      const authorised = await authoriseSeal({ seal, policy: order.policy, authority, at });
      if (edition !== undefined && !equalBytes(edition, authorised.certificateSha256))
        throw new TrustError('seal-not-active', 'the seal was renewed meanwhile', {
          details: { reason: 'seal-renewed' },
        });
      return { seal: authorised, use };
    });
  }

  /** A refused use of a seal is recorded too. */
  #recorded<T>(principal: Principal, { record }: SealForUse, does: () => Promise<T>): Promise<T> {
    const use = { action: 'digest-stamping', seal: record, except: notRefused } as const;
    return recordingRefusal(this.#options.audit, principal, use, does);
  }

  /** From the committed intent to the outcome. A crash leaves an intent, which `voidAbandoned` ends: nothing was released. */
  async #act(principal: Principal, row: DigestStampingRow, work: Work): Promise<DigestStampingRow> {
    const { owner, seal, use, signed } = work;
    try {
      await this.#options.faults?.('intended');
      const { keys, timestamps } = this.#options;
      const value = await digestValue({
        row,
        seal,
        signed,
        signer: await keys.signer(seal.keyName, 'seal'),
        timestamps,
      });
      await this.#options.faults?.('signed');
      const { request: order, signing_time: signingTime, contents_size_bytes: roomBytes } = row;
      requireGoodValue({ order, seal, signed, signingTime, roomBytes, value });
      return await this.#ledger.release(principal, row, { seal, use, value });
    } catch (error) {
      const { seals, clock } = this.#options;
      const digestStampingId = idFromUuid('digestStamping', row.digest_stamping_id);
      return settled({
        error: await trueReason(error, { seals, clock, sealId: row.request.sealId }),
        void: (code) => this.#ledger.void(principal, row.digest_stamping_id, code),
        own: () => this.#ledger.own(owner, digestStampingId),
        details: { digestStampingId },
      });
    }
  }

  async #record(row: DigestStampingRow): Promise<DigestStampingRecord> {
    const waitMs = this.#options.auditWaitMs ?? defaultAuditWaitMs;
    return {
      digestStampingId: idFromUuid('digestStamping', row.digest_stamping_id),
      status: row.status,
      order: row.request,
      signingTime: row.signing_time,
      signUntil: row.sign_until,
      contentsSizeBytes: row.contents_size_bytes,
      value: row.value,
      voidCode: row.void_code,
      auditIndex: row.entry_id === null ? null : await this.#options.audit.indexOf(row.entry_id, { waitMs }),
    };
  }
}

interface Work {
  readonly owner: string;
  readonly seal: AuthorisedSeal;
  readonly use: AdmittedUse;
  readonly signed: ToSign;
}

/** A caller who lost the answer asks again for the same: everything else is a second use. */
function earlierValue(row: DigestStampingRow, { digest: asked, path }: ToSign): DigestStampingRow {
  const isSame =
    row.signed_digest !== null && equalBytes(row.signed_digest, asked) && row.signed_path === (path ?? null);
  if (row.status === 'done' && isSame) return row;
  if (row.status === 'intended' && isSame)
    throw new TrustError('stamping-not-ready', 'the same digest is being signed');
  throw ended(row.status === 'prepared' ? 'expired' : row.status);
}

function ended(status: string): TrustError {
  return new TrustError('digest-stamping-ended', 'it signs one digest, and that soon: prepare another one', {
    details: { status },
  });
}
