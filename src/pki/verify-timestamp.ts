// Verification of a TimeStampToken against what it is said to stamp; RFC 3161, 2.4.2, RFC 5816.

import { malformed, readDer } from '../codec/der.ts';
import {
  booleanOf,
  contextTag,
  DerCursor,
  generalizedTimeOf,
  octetsOf,
  oidOf,
  primitiveContextTag,
  smallIntegerOf,
  tags,
} from '../codec/der-value.ts';
import type { DerElement } from '../codec/der.ts';
import { cmsOids } from '../codec/oids.ts';
import type { DigestName } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import { isBrokenAlgorithm, readDigestAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { serialHexOf } from './certificate.ts';
import type { RevocationData } from './revocation-data.ts';
import { noRevocationData } from './revocation-data.ts';
import { parseSignedData } from './signed-data.ts';
import type { SignedData } from './signed-data.ts';
import { checkSigner } from './signer-check.ts';

export interface TimestampVerification {
  /** The token stamps this imprint, and its TSTInfo is what was signed. */
  readonly intact: boolean;
  /** The token's signature is cryptographically good. Trust in its certificate: `validatePath`, purpose `time-stamp`. */
  readonly valid: boolean;
  readonly genTime?: Date;
  readonly accuracySeconds?: number;
  readonly policyOid?: string;
  readonly serialHex?: string;
  /** Content octets of the nonce. */
  readonly nonce?: Uint8Array;
  readonly signerCertificate?: Certificate;
  readonly certificates: readonly Certificate[];
  /** CRLs and OCSP responses in the token: trusted for nothing before their signatures are. */
  readonly revocationData: RevocationData;
  readonly findings: readonly Finding[];
}

export interface TimestampClaim {
  readonly token: Uint8Array;
  /** Digest of the stamped octets under the algorithm that the token names. */
  readonly imprint: (name: DigestName) => Uint8Array;
}

interface TstInfo {
  readonly policyOid: string;
  readonly imprintOid: string;
  readonly imprintAlgorithm?: DigestName;
  readonly imprint: Uint8Array;
  readonly serialHex: string;
  readonly genTime: Date;
  readonly accuracySeconds?: number;
  readonly nonce?: Uint8Array;
}

/** Never throws for bad input: a malformed token is the finding `malformed-timestamp`. */
export function verifyTimestampToken({ token, imprint }: TimestampClaim): TimestampVerification {
  let data: SignedData;
  let info: TstInfo;
  try {
    data = parseSignedData(token);
    if (data.family !== 'rfc5652') throw malformed('a time stamp is no GB/T 35275 message');
    info = readTstInfo(readDer(data.content ?? new Uint8Array()));
  } catch (error) {
    if (!isTrustError(error, 'malformed-cms') && !isTrustError(error, 'malformed-der')) throw error;
    return {
      intact: false,
      valid: false,
      certificates: [],
      revocationData: noRevocationData,
      findings: [finding('malformed-timestamp', 'error', error.message)],
    };
  }
  const content = data.content ?? new Uint8Array();
  // Judged by issuer and serial when it names no certificate: not to accept it, but to tell an old token from a damaged one.
  const check = checkSigner(data, {
    contentTypes: [cmsOids.tstInfo],
    digest: (name) => digest(name, content),
    signingCertificate: 'optional',
  });
  const imprintFinding = checkImprint(info, imprint);
  const unreadable = data.unreadableCertificates;
  const findings = [
    ...check.findings.map((what) => (what.code === namesNone ? { ...what, severity: 'error' as const } : what)),
    ...check.unsignedAttributes.map(({ type }) =>
      finding('unsigned-attribute-ignored', 'info', `attribute ${type} of the token is not used`),
    ),
    ...(unreadable > 0
      ? [finding('certificate-unreadable', 'warning', `${unreadable} certificates of the token cannot be read`)]
      : []),
  ];
  const { policyOid, serialHex, genTime, accuracySeconds, nonce } = info;
  return {
    intact: check.intact && imprintFinding === undefined,
    valid: check.valid && findings.every(({ code }) => code !== namesNone),
    genTime,
    policyOid,
    serialHex,
    ...(accuracySeconds === undefined ? {} : { accuracySeconds }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(check.signerCertificate === undefined ? {} : { signerCertificate: check.signerCertificate }),
    certificates: data.certificates,
    revocationData: data.revocationData,
    findings: imprintFinding === undefined ? findings : [...findings, imprintFinding],
  };
}

/** RFC 3161, 2.4.2: the token must name the certificate of its authority by a hash; RFC 5816: by one better than SHA-1. */
const namesNone = 'signing-certificate-missing';

function checkImprint(
  { imprintAlgorithm, imprintOid, imprint }: TstInfo,
  actual: TimestampClaim['imprint'],
): Finding | undefined {
  if (imprintAlgorithm === undefined) {
    const code = isBrokenAlgorithm(imprintOid) ? 'weak-algorithm' : 'algorithm-not-supported';
    return finding(code, 'error', `imprint under ${imprintOid} is not accepted`);
  }
  if (equalBytes(imprint, actual(imprintAlgorithm))) return undefined;
  return finding('imprint-mismatch', 'error', 'the time stamp is over something else');
}

function readTstInfo(element: DerElement): TstInfo {
  const cursor = new DerCursor(element, 'TSTInfo');
  if (smallIntegerOf(cursor.take(tags.integer)) !== 1) throw malformed('TSTInfo version');
  const policyOid = oidOf(cursor.take(tags.oid));
  const imprintCursor = new DerCursor(cursor.take(tags.sequence), 'MessageImprint');
  const algorithm = readDigestAlgorithm(imprintCursor.take(tags.sequence));
  const imprint = octetsOf(imprintCursor.take(tags.octetString));
  imprintCursor.end();
  const serial = cursor.take(tags.integer).content;
  // 2.4.2: users must be ready for 160 bits; a negative number counts no tokens.
  if (serial.length > 21 || (serial[0] ?? 0) >= 0x80) throw malformed('serialNumber negative or too long');
  const genTime = generalizedTimeOf(cursor.any());
  const accuracy = cursor.optional(tags.sequence);
  const ordering = cursor.optional(tags.boolean);
  if (ordering !== undefined) booleanOf(ordering);
  const nonce = cursor.optional(tags.integer)?.content;
  cursor.optional(contextTag(0)); // tsa: a hint that the signing certificate makes superfluous
  // 2.4.2: an extension we do not know must not be passed over when critical; none is known, none is accepted.
  if (cursor.optional(contextTag(1)) !== undefined) throw malformed('TSTInfo has extensions');
  cursor.end();
  return {
    policyOid,
    imprintOid: algorithm.oid,
    ...(algorithm.name === undefined ? {} : { imprintAlgorithm: algorithm.name }),
    imprint,
    serialHex: serialHexOf(serial),
    genTime,
    ...(accuracy === undefined ? {} : { accuracySeconds: readAccuracy(accuracy) }),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] INTEGER (1..999) OPTIONAL }. */
function readAccuracy(element: DerElement): number {
  const cursor = new DerCursor(element, 'Accuracy');
  const parts = [tags.integer, primitiveContextTag(0), primitiveContextTag(1)].map((tag) => cursor.optional(tag));
  cursor.end();
  const [seconds = 0, millis = 0, micros = 0] = parts.map((part) => (part === undefined ? 0 : smallIntegerOf(part)));
  if (millis > 999 || micros > 999) throw malformed('accuracy');
  return seconds + millis / 1000 + micros / 1_000_000;
}
