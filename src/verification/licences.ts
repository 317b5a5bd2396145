// Is this licence code good: decoded, signed by an authority that may, in its time, and what the register says of it now.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Authority } from '../authority/authority.ts';
import { type El1Code, readEl1Code } from '../credential/el1-code.ts';
import { looksLikeLicenceCode, readEl1Text } from '../credential/el1-text.ts';
import { type El1Verification, verifyEl1 } from '../credential/el1-verify.ts';
import { verifySignature } from '../crypto/verify.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { type Clock, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { idFromUuid, newId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { type Finding, finding, type SubIndication, type Verdict, worstVerdict } from '../kernel/report.ts';
import type { LicenceIssuers, ListedIssuerKey } from '../licence/issuers.ts';
import { holderSubject } from '../licence/holder.ts';
import type { LicenceStatus } from '../licence/licence-record.ts';
import type { RegisteredStatus } from '../licence/licence-store.ts';
import type { LicenceService } from '../licence/licences.ts';
import { validatePath } from '../pki/path.ts';
import { TrustGround } from './trust.ts';
import {
  type LicenceJudgement,
  type LicenceReport,
  type LicenceStatusValue,
  verifiedLicence,
} from './licence-report.ts';

export interface LicenceVerifierOptions {
  readonly audit: AuditLog;
  readonly authority: Authority;
  readonly clock: Clock;
  readonly issuers: LicenceIssuers;
  readonly licences: LicenceService;
  readonly publicUrl: string;
  /** How long an answer waits for its audit index, milliseconds. */
  readonly auditWaitMs?: number;
}

const defaultAuditWaitMs = 0;
const passed: Verdict = { indication: 'TOTAL-PASSED', subIndication: null };

export class LicenceVerifier {
  readonly #options: LicenceVerifierOptions;

  constructor(options: LicenceVerifierOptions) {
    this.#options = options;
  }

  /** A bad code is a bad report. Throws malformed-qr for a text that does not even mean to be a licence code. */
  async verify(principal: Principal, text: string): Promise<LicenceReport> {
    const { audit, clock, publicUrl, auditWaitMs = defaultAuditWaitMs } = this.#options;
    const code = text.trim(); // base45 never ends in a space, so no code is damaged
    if (!looksLikeLicenceCode(code, publicUrl)) throw new TrustError('malformed-qr', 'the text is no licence code');
    const now = clock.now();
    const { verdict, findings, status, licence, registered, typeCode } = await this.#judge(code, now);
    const verificationId = newId('verification', clock);
    // Who was checked where is for the holder and for auditors: licence and holder are sealed, under the holder's key.
    const entry = await audit.append(principal, {
      action: 'licence.verified',
      outcome: 'done',
      objectId: verificationId,
      ...(registered === undefined
        ? {}
        : {
            subjectId: holderSubject(registered.holderIndex),
            personal: { licence: idFromUuid('licence', registered.licenceId) },
          }),
      facts: {
        form: 'EL1',
        indication: verdict.indication,
        ...(registered === undefined || typeCode === undefined ? {} : { typeCode }),
      },
    });
    return {
      verificationId,
      ...verdict,
      form: 'EL1',
      licence: verdict.indication === 'TOTAL-PASSED' && licence !== undefined ? licence : null,
      status: { value: status, checkedAt: now, ageSeconds: 0 },
      findings,
      receipt: { entryId: idFromUuid('entry', entry), auditIndex: await audit.indexOf(entry, { waitMs: auditWaitMs }) },
    };
  }

  /** The steps in their order; the first that fails ends it, except that time, issuer and register are all asked. */
  async #judge(text: string, now: Date): Promise<LicenceJudgement> {
    const bytes = readEl1Text(text, this.#options.publicUrl);
    if (!bytes.ok) return unreadable(bytes.fault);
    const reading = readEl1Code(bytes.value);
    if (!reading.ok) return unreadable(reading.fault);
    const code = reading.value;
    const key = await this.#options.issuers.listedKey(code.kid);
    const el1 = await verifyEl1(code, key, {
      at: now,
      check: (signature) => verifySignature({ ...signature, form: 'raw' }),
    });
    const { authentic, identifier, type } = el1;
    if (!authentic || key === undefined || identifier === undefined || type === undefined) {
      return { verdict: el1.verdict, findings: el1.findings, status: 'unknown' };
    }
    const issuer = await this.#issuerVerdict(key, code, now);
    const register = await this.#registerVerdict(code, identifier, el1);
    return {
      verdict: worstVerdict([register.verdict, el1.verdict, issuer.verdict]),
      findings: [...register.findings, ...el1.findings, ...issuer.findings],
      status: register.status,
      ...(register.registered === undefined ? {} : { registered: register.registered }),
      typeCode: type.typeCode,
      licence: verifiedLicence(code.claims, { key, type, identifier }),
    };
  }

  /**
   * The key must have a certificate of ours whose path is good: now, or, once the certificate has expired, at the time of
   * issue. Backdating gains nothing, because the register knows what was issued.
   */
  async #issuerVerdict(key: ListedIssuerKey, code: El1Code, now: Date): Promise<Judged> {
    const { authority } = this.#options;
    try {
      const { certificate, chain } = await authority.certificateOf(key.keyName);
      if (!equalBytes(certificate.spki, key.spki)) {
        return failed('SIG_CONSTRAINTS_FAILURE', 'issuer-certificate-wrong', 'the certificate is for another key');
      }
      const ground = await TrustGround.of(authority, now);
      const { anchors, revocation } = await ground.forSignature([certificate, ...chain]);
      const isOver = certificate.notAfter.getTime() < now.getTime();
      return validatePath({
        leaf: certificate,
        intermediates: chain,
        anchors: anchors.licence,
        at: isOver ? moment(code.claims.issuedAtSeconds * 1000) : now,
        purpose: 'licence',
        revocation,
      });
    } catch (error) {
      if (!isTrustError(error, 'certificate-not-found')) throw error;
      return failed('SIG_CONSTRAINTS_FAILURE', 'issuer-certificate-missing', 'the issuer key has no certificate');
    }
  }

  /** Fails closed: a licence that the register does not know as issued is bad, however well it is signed. */
  async #registerVerdict(code: El1Code, identifier: string, el1: El1Verification): Promise<Registered> {
    const { status: reference } = code.claims;
    const registered = reference && (await this.#options.licences.registeredStatus(reference));
    if (registered === undefined || registered.identifier !== identifier) {
      const judged = failed('SIG_CONSTRAINTS_FAILURE', 'licence-not-registered', 'the register does not know it');
      return { ...judged, status: 'unknown' };
    }
    return { ...registerVerdicts[registered.status](el1.verdict), registered };
  }
}

interface Judged {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}

interface Registered extends Judged {
  readonly status: LicenceStatusValue;
  readonly registered?: RegisteredStatus;
}

/** What each status in the register makes of a code that is authentic. */
const registerVerdicts: Readonly<Record<LicenceStatus, (time: Verdict) => Registered>> = {
  active: (time) => ({ verdict: passed, findings: [], status: timeStatus(time) }),
  suspended: () => ({
    verdict: { indication: 'INDETERMINATE', subIndication: 'TRY_LATER' },
    findings: [finding('licence-suspended', 'error', 'the licence is suspended')],
    status: 'suspended',
  }),
  revoked: () => ({ ...failed('REVOKED', 'licence-revoked', 'the licence is revoked'), status: 'revoked' }),
  intended: () => neverIssued(),
  voided: () => neverIssued(),
};

function neverIssued(): Registered {
  const judged = failed('SIG_CONSTRAINTS_FAILURE', 'licence-not-issued', 'the licence was never issued');
  return { ...judged, status: 'unknown' };
}

function unreadable(fault: Finding): LicenceJudgement {
  const verdict: Verdict = { indication: 'TOTAL-FAILED', subIndication: 'FORMAT_FAILURE' };
  return { verdict, findings: [fault], status: 'unknown' };
}

function failed(subIndication: SubIndication, code: string, detail: string): Judged {
  return { verdict: { indication: 'TOTAL-FAILED', subIndication }, findings: [finding(code, 'error', detail)] };
}

function timeStatus({ subIndication }: Verdict): LicenceStatusValue {
  if (subIndication === 'EXPIRED') return 'expired';
  return subIndication === 'NOT_YET_VALID' ? 'not-yet-valid' : 'active';
}
