// Words and identifiers that OCSP requests and answers share; RFC 6960, 4.1.1 and 4.2.1.

import { createHash } from 'node:crypto';
import { nullValue, octetString, oid, sequence, unsignedInteger } from '../codec/der-write.ts';
import type { RevocationReason } from './revocation.ts';
import { publicKeyFacts } from './public-key.ts';

/** OCSPResponseStatus: what is answered instead of a status. */
export const ocspFailures = {
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const;
export type OcspFailure = keyof typeof ocspFailures;

/** The digests a CertID may name its issuer with. SHA-1 only names here and vouches for nothing (RFC 6960, 4.3; RFC 5019, 2.1.1). */
export const certIdDigests = {
  'SHA-1': { oid: '1.3.14.3.2.26', nodeName: 'sha1', sizeBytes: 20 },
  'SHA-256': { oid: '2.16.840.1.101.3.4.2.1', nodeName: 'sha256', sizeBytes: 32 },
} as const;
export type CertIdDigest = keyof typeof certIdDigests;
export const certIdDigestNames = ['SHA-1', 'SHA-256'] as const satisfies readonly CertIdDigest[];

/** CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }. */
export interface CertId {
  /** As it came, to be repeated octet by octet. */
  readonly raw: Uint8Array;
  /** Absent when it is none of ours. */
  readonly digest?: CertIdDigest;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** As `Certificate.serialHex` spells it. */
  readonly serialHex: string;
}

export type CertStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revokedAt: Date; readonly reason: RevocationReason }
  | { readonly status: 'unknown' };

/** Both hashes of an issuer by which a CertID names it. */
export function issuerHashes(
  issuer: { readonly subjectDer: Uint8Array; readonly spki: Uint8Array },
  digest: CertIdDigest,
): { readonly name: Uint8Array; readonly key: Uint8Array } {
  return {
    name: certIdHash(digest, issuer.subjectDer),
    key: certIdHash(digest, publicKeyFacts(issuer.spki).keyOctets),
  };
}

export function certIdHash(digest: CertIdDigest, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(certIdDigests[digest].nodeName).update(data).digest());
}

/** DER of a CertID; `serial` as the certificate has it, without its sign octet. */
export function writeCertId(
  digest: CertIdDigest,
  issuer: { readonly name: Uint8Array; readonly key: Uint8Array },
  serial: Uint8Array,
): Uint8Array {
  const algorithm = sequence(oid(certIdDigests[digest].oid), nullValue());
  return sequence(algorithm, octetString(issuer.name), octetString(issuer.key), unsignedInteger(serial));
}
