// Signed receipts of verifications (核验回执): what was found of which document and when, tied to its place in the log, for whoever has the document; RFC 7515.

import type { AuditLog } from '../audit/audit-log.ts';
import { digest } from '../crypto/digest.ts';
import type { KeyDescription, KeyStore } from '../crypto/key-store.ts';
import { toBase64url, utf8 } from '../kernel/bytes.ts';
import { epochSeconds, moment } from '../kernel/clock.ts';
import { house } from '../kernel/principal.ts';
import type { DocumentReport } from './document-report.ts';

export interface VerificationReceiptsOptions {
  readonly keys: KeyStore;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Issuer of the receipts. */
  readonly publicUrl: string;
}

export interface VerificationReceiptKey {
  /** SHA-256 of the SubjectPublicKeyInfo, base64url. */
  readonly kid: string;
  readonly state: KeyDescription['state'];
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

/** Explicit typing (RFC 8725, 3.11): it is no token of anybody. */
const receiptType = 'yinxin-verification-receipt+jwt';
const wanted = { name: 'verification-receipt', purpose: 'verification-receipt', algorithm: 'ES256' } as const;
const publishedStates: readonly KeyDescription['state'][] = ['active', 'retiring', 'pending'];

export class VerificationReceipts {
  readonly #options: VerificationReceiptsOptions;

  constructor(options: VerificationReceiptsOptions) {
    this.#options = options;
  }

  /** Compact JWS, ES256. The entry of the verification is in the log by then. Throws what the key store throws. */
  async sign(report: Omit<DocumentReport, 'signedReceipt'>): Promise<string> {
    await this.#made();
    const signer = await this.#options.keys.signer(wanted.name, wanted.purpose);
    const header = { alg: wanted.algorithm, kid: kidOf(signer.spki), typ: receiptType };
    const payload = {
      iss: this.#options.publicUrl,
      iat: epochSeconds(moment(report.verifiedAt)),
      jti: report.verificationId,
      audit_entry: report.receipt.entryId,
      document: { sha256: report.sha256, media_type: report.mediaType },
      indication: report.indication,
      sub_indication: report.subIndication,
      signatures: report.signatures.map((signature) => ({
        indication: signature.indication,
        sub_indication: signature.subIndication,
        format: signature.format,
        level: signature.level,
        coverage: signature.coverage,
        signing_time: signature.signingTime,
        time_source: signature.timeSource,
        proven_time: signature.provenTime,
      })),
    };
    const signed = `${part(header)}.${part(payload)}`;
    return `${signed}.${toBase64url(await signer.sign(utf8(signed), 'raw'))}`;
  }

  /** All that verify a receipt: those that sign, will sign, or have signed and are not retired. */
  async published(): Promise<VerificationReceiptKey[]> {
    await this.#made();
    const family = await this.#options.keys.family(wanted.name);
    return family
      .filter(({ state }) => publishedStates.includes(state))
      .map(({ state, spki }) => ({ kid: kidOf(spki), state, spki }));
  }

  /** Making a key is atomic: two processes that come first get the same. A crash in here leaves an intent, and a key or none. */
  async #made(): Promise<void> {
    const { keys, audit } = this.#options;
    if ((await keys.find(wanted.name)) !== undefined) return;
    const facts = { keyName: wanted.name, purpose: wanted.purpose, algorithm: wanted.algorithm };
    await audit.append(house, { action: 'key.created', outcome: 'intended', objectId: wanted.name, facts });
    await keys.create(wanted);
    await audit.append(house, { action: 'key.created', outcome: 'done', objectId: wanted.name, facts });
  }
}

function part(value: object): string {
  return toBase64url(utf8(JSON.stringify(value)));
}

function kidOf(spki: Uint8Array): string {
  return toBase64url(digest('SHA-256', spki));
}
