// Verification of a document: what it is by its content, each signature judged, one verdict, and a receipt in the audit log.

import type { AuditLog } from '../audit/audit-log.ts';
import { sha256 } from '../crypto/digest.ts';
import { toHex } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { idFromUuid, newId } from '../kernel/ids.ts';
import { Lanes } from '../kernel/lanes.ts';
import type { Principal } from '../kernel/principal.ts';
import { isOfd } from '../ofd/package.ts';
import { isPdf } from '../seal/documents.ts';
import type { DocumentReport } from './document-report.ts';
import type { JudgedDocument } from './pdf-judge.ts';
import type { VerificationReceipts } from './verification-receipts.ts';

export interface DocumentVerifierOptions {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly pdf: DocumentJudge;
  readonly ofd: DocumentJudge;
  readonly receipts: Pick<VerificationReceipts, 'sign'>;
  /** How long an answer waits for its audit index, milliseconds. */
  readonly auditWaitMs?: number;
}

interface DocumentJudge {
  judge(bytes: Uint8Array): Promise<JudgedDocument>;
}

const defaultAuditWaitMs = 2000;
/** A document that is being read holds its parts in memory, and anybody may send one. */
const mostAtOnce = 2;
const mostWaiting = 64;

export class DocumentVerifier {
  readonly #options: DocumentVerifierOptions;
  readonly #lanes = new Lanes({ what: 'verifications', mostRunning: mostAtOnce, mostWaiting });

  constructor(options: DocumentVerifierOptions) {
    this.#options = options;
  }

  /**
   * For anybody. The file is not kept; its digest and the verdict are recorded. A bad document is a report; only what
   * cannot be read at all throws: unsupported-media-type, malformed-pdf, encrypted-pdf, unsupported-pdf, malformed-ofd,
   * unsupported-ofd. Too many at once:
   * too-many-requests.
   */
  async verify(principal: Principal, bytes: Uint8Array): Promise<DocumentReport> {
    const { audit, clock } = this.#options;
    const { mediaType, judge } = this.#kindOf(bytes);
    const verifiedAt = clock.now();
    const judged = await this.#lanes.inTurn(() => judge.judge(bytes));
    const { indication, subIndication } = judged.verdict;
    const verificationId = newId('verification', clock);
    const digest = sha256(bytes);
    const entryId = await audit.append(principal, {
      action: 'document.verified',
      outcome: 'done',
      objectId: verificationId,
      objectSha256: digest,
      facts: { indication, subIndication: subIndication ?? '', signatures: judged.signatures.length },
    });
    const waitMs = this.#options.auditWaitMs ?? defaultAuditWaitMs;
    const report = {
      verificationId,
      verifiedAt: verifiedAt.toISOString(),
      indication,
      subIndication,
      mediaType,
      sha256: toHex(digest),
      pageCount: judged.pageCount,
      signatures: judged.signatures.map(({ report }) => report),
      findings: judged.findings,
      receipt: { entryId: idFromUuid('entry', entryId), auditIndex: await audit.indexOf(entryId, { waitMs }) },
    };
    return { ...report, signedReceipt: await this.#signedReceipt(report) };
  }

  /** The verdict is in the log: that no key can act just now is no reason to keep it from who asked. */
  async #signedReceipt(report: Omit<DocumentReport, 'signedReceipt'>): Promise<string | null> {
    try {
      return await this.#options.receipts.sign(report);
    } catch (error) {
      if (isTrustError(error, 'key-unavailable')) return null;
      throw error;
    }
  }

  /** By content: the name and the declared type are the caller's word. */
  #kindOf(bytes: Uint8Array): { mediaType: string; judge: DocumentJudge } {
    const { pdf, ofd } = this.#options;
    if (isPdf(bytes)) return { mediaType: 'application/pdf', judge: pdf };
    if (isOfd(bytes)) return { mediaType: 'application/ofd', judge: ofd };
    throw new TrustError('unsupported-media-type', 'the content is neither a PDF nor an OFD');
  }
}
