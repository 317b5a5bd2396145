// Checking of an EL1 code against one entry of the trust list: key, signature, what the key may sign, time, identifier. Pure, so that it runs offline.

import { equalBytes } from '../kernel/bytes.ts';
import { addSeconds, epochSeconds } from '../kernel/clock.ts';
import { type Finding, finding, type SubIndication, type Verdict } from '../kernel/report.ts';
import { dayInChina } from './calendar-day.ts';
import type { CoseAlgorithm } from './cose-sign1.ts';
import type { El1Code } from './el1-code.ts';
import { licenceIdentifier } from './licence-identifier.ts';
import { isLowS } from './low-s.ts';

export interface TrustedLicenceType {
  readonly catalogueNumber: number;
  readonly typeCode: string;
  readonly name: { readonly zh: string; readonly en: string };
}

/** One key of the trust list: whose it is and which types it may sign. */
export interface TrustedIssuerKey {
  readonly kid: Uint8Array;
  readonly algorithm: CoseAlgorithm;
  readonly spki: Uint8Array;
  readonly issuerCode: string;
  readonly issuerName: string;
  readonly types: readonly TrustedLicenceType[];
}

export interface RawSignature {
  readonly algorithm: CoseAlgorithm;
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Checks a raw signature; false for anything malformed. On the server crypto does it, in a browser WebCrypto. */
export type SignatureCheck = (check: RawSignature) => boolean | Promise<boolean>;

export interface El1Verification {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** The issuer signed exactly these claims; only then may anything of the code be shown. */
  readonly authentic: boolean;
  /** Present when authentic: GB/T 36904, rebuilt from the claims. */
  readonly identifier?: string;
  readonly type?: TrustedLicenceType;
}

/** Clocks of issuers and verifiers may differ by so much. */
const clockSkewSeconds = 120;

/** `key`: the entry that the trust list has under the code's key id. */
export async function verifyEl1(
  code: El1Code,
  key: TrustedIssuerKey | undefined,
  options: { readonly at: Date; readonly check: SignatureCheck },
): Promise<El1Verification> {
  // The trust list is complete: a key outside it is nobody's, which is worse than a certificate chain still to be found.
  if (key === undefined || !equalBytes(key.kid, code.kid)) {
    return refusal('SIG_CRYPTO_FAILURE', 'issuer-key-unknown', 'no listed issuer has this key');
  }
  const broken = await signatureFault(code, key, options.check);
  if (broken !== undefined) return { verdict: failed('SIG_CRYPTO_FAILURE'), findings: [broken], authentic: false };
  const type = key.types.find(({ catalogueNumber }) => catalogueNumber === code.claims.catalogueNumber);
  if (code.claims.issuerCode !== key.issuerCode) {
    return refusal('FORMAT_FAILURE', 'issuer-not-allowed', 'the key belongs to another authority');
  }
  if (type === undefined) {
    return refusal('FORMAT_FAILURE', 'type-not-allowed', 'the authority may not issue this licence type');
  }
  const identifier = licenceIdentifier({ ...code.claims, typeCode: type.typeCode });
  const time = timeFault(code, options.at);
  return {
    verdict: time === undefined ? { indication: 'TOTAL-PASSED', subIndication: null } : failed(time.subIndication),
    findings: time === undefined ? [] : [time.finding],
    authentic: true,
    identifier,
    type,
  };
}

async function signatureFault(
  code: El1Code,
  key: TrustedIssuerKey,
  check: SignatureCheck,
): Promise<Finding | undefined> {
  const { algorithm, signedBytes: data, signature } = code;
  // The algorithm comes from the trust list; the header may only repeat it.
  if (algorithm !== key.algorithm) return finding('algorithm-wrong', 'error', 'the key is for another algorithm');
  if (algorithm === 'ES256' && !isLowS(signature)) {
    return finding('signature-not-canonical', 'error', 'the mirrored form of an ECDSA signature');
  }
  if (await check({ algorithm, spki: key.spki, data, signature })) return undefined;
  return finding('signature-invalid', 'error', 'the signature does not fit the content');
}

function timeFault(code: El1Code, at: Date): { finding: Finding; subIndication: SubIndication } | undefined {
  const { expiresAtSeconds, issuedAtSeconds, validFromDay, validUntilDay } = code.claims;
  if (issuedAtSeconds > epochSeconds(addSeconds(at, clockSkewSeconds))) {
    return { finding: finding('issued-in-future', 'error', 'issued later than now'), subIndication: 'NOT_YET_VALID' };
  }
  if (validFromDay > dayInChina(at)) {
    return { finding: finding('not-yet-valid', 'error', 'the validity begins later'), subIndication: 'NOT_YET_VALID' };
  }
  const isPast = validUntilDay !== undefined && validUntilDay < dayInChina(at);
  if (isPast || expiresAtSeconds <= epochSeconds(at)) {
    return { finding: finding('expired', 'error', 'the validity has ended'), subIndication: 'EXPIRED' };
  }
  return undefined;
}

function failed(subIndication: SubIndication): Verdict {
  return { indication: 'TOTAL-FAILED', subIndication };
}

function refusal(subIndication: SubIndication, code: string, detail: string): El1Verification {
  return { verdict: failed(subIndication), findings: [finding(code, 'error', detail)], authentic: false };
}
