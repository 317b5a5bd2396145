// AlgorithmIdentifier to registry names and back; RFC 5754, 5758, 4055, 8410, GM/T 0006-2012. Wrong parameters are another algorithm.

import type { DerElement } from '../codec/der.ts';
import { contextTag, DerCursor, expectTag, oidOf, onlyChild, smallIntegerOf, tags } from '../codec/der-value.ts';
import { context, integer, nullValue, oid, sequence } from '../codec/der-write.ts';
import type { AlgorithmName, DigestName } from '../crypto/algorithms.ts';
import { algorithmNameOf, digestAlgorithms, digestNameOf, signatureAlgorithms } from '../crypto/algorithms.ts';
import { equalBytes } from '../kernel/bytes.ts';

export interface SignatureAlgorithmIdentifier {
  readonly oid: string;
  /** Absent: not in the registry, or with parameters that it must not have. */
  readonly name?: AlgorithmName;
  readonly raw: Uint8Array;
}

/** Signature algorithms over MD5 or SHA-1: refused, and said by name. */
const brokenOids = new Set([
  '1.2.840.113549.1.1.4', // md5WithRSAEncryption
  '1.2.840.113549.1.1.5', // sha1WithRSAEncryption
  '1.3.14.3.2.29', // sha1WithRSA (OIW)
  '1.2.840.10040.4.3', // dsa-with-sha1
  '1.2.840.10045.4.1', // ecdsa-with-SHA1
  '1.3.14.3.2.26', // SHA-1
  '1.2.840.113549.2.5', // MD5
]);

export function isBrokenAlgorithm(oidText: string): boolean {
  return brokenOids.has(oidText);
}

export function readSignatureAlgorithm(element: DerElement): SignatureAlgorithmIdentifier {
  const { type, parameters } = readIdentifier(element);
  const name = algorithmNameOf(type);
  const known = name !== undefined && hasRightParameters(name, parameters);
  return known ? { oid: type, name, raw: element.raw } : { oid: type, raw: element.raw };
}

/** The key's algorithm alone: RFC 3370, 3.2 for RSA, GB/T 35275-2017 for SM2. */
const keyAlgorithms: ReadonlyMap<string, { readonly digest: DigestName; readonly name: AlgorithmName }> = new Map([
  ['1.2.840.113549.1.1.1', { digest: 'SHA-256', name: 'RS256' }],
  ['1.2.156.10197.1.301.1', { digest: 'SM3', name: 'SM2' }],
]);

/**
 * signatureAlgorithm of a SignerInfo. Wider than in certificates: it may name the key's algorithm only, the digest standing in
 * `digestAlgorithm`; and SM2 may have NULL parameters, as makers of GB/T 35275 messages write them.
 */
export function readSignerAlgorithm(element: DerElement, digest: DigestName | undefined): SignatureAlgorithmIdentifier {
  const { type, parameters } = readIdentifier(element);
  const empty = parameters === undefined || parameters.tag === tags.null;
  const byKey = keyAlgorithms.get(type);
  if (byKey !== undefined && byKey.digest === digest && empty) return { oid: type, name: byKey.name, raw: element.raw };
  if (algorithmNameOf(type) === 'SM2' && empty) return { oid: type, name: 'SM2', raw: element.raw };
  return readSignatureAlgorithm(element);
}

/** digestEncryptionAlgorithm of GB/T 35275-2017: SM2 without its digest. */
export function writeGmSignerAlgorithm(): Uint8Array {
  return sequence(oid('1.2.156.10197.1.301.1'));
}

export function writeSignatureAlgorithm(name: AlgorithmName): Uint8Array {
  const { oid: type, parameters } = signatureAlgorithms[name];
  switch (parameters) {
    case 'absent':
      return sequence(oid(type));
    case 'null':
      return sequence(oid(type), nullValue());
    case 'pss':
      return sequence(oid(type), pssParameters);
  }
}

/** RFC 5754, 2: parameters absent; NULL is accepted for SHA-2 because older implementations write it. */
export function readDigestAlgorithm(element: DerElement): { oid: string; name?: DigestName } {
  const { type, parameters } = readIdentifier(element);
  const name = digestNameOf(type);
  if (name === undefined || (parameters !== undefined && parameters.tag !== tags.null)) return { oid: type };
  return { oid: type, name };
}

export function writeDigestAlgorithm(name: DigestName): Uint8Array {
  return sequence(oid(digestAlgorithms[name].oid));
}

function readIdentifier(element: DerElement): { type: string; parameters: DerElement | undefined } {
  const cursor = new DerCursor(element, 'AlgorithmIdentifier');
  const type = oidOf(cursor.take(tags.oid));
  const parameters = cursor.peekTag() === undefined ? undefined : cursor.any();
  cursor.end();
  return { type, parameters };
}

function hasRightParameters(name: AlgorithmName, parameters: DerElement | undefined): boolean {
  switch (signatureAlgorithms[name].parameters) {
    case 'absent':
      return parameters === undefined;
    case 'null':
      return parameters === undefined || parameters.tag === tags.null; // RFC 4055, 5: absent must be accepted
    case 'pss':
      return parameters?.tag === tags.sequence && isPs256(parameters);
  }
}

const sha256WithNull = sequence(oid(digestAlgorithms['SHA-256'].oid), nullValue());
const mgf1Oid = '1.2.840.113549.1.1.8';
/** RSASSA-PSS-params with SHA-256, MGF1 with SHA-256, salt of 32 octets, trailer by default (RFC 4055, 3.1). */
const pssParameters = sequence(
  context(0, sha256WithNull),
  context(1, sequence(oid(mgf1Oid), sha256WithNull)),
  context(2, integer(32)),
);

/** The one parameter set of PS256, with or without the NULLs: RFC 4055, 2.1 lets both be written. */
function isPs256(parameters: DerElement): boolean {
  if (equalBytes(parameters.raw, pssParameters)) return true;
  const cursor = new DerCursor(parameters, 'RSASSA-PSS-params');
  const [hash, mask, salt, trailer] = [0, 1, 2, 3].map((number) => cursor.optional(contextTag(number)));
  cursor.end();
  // Left out, the first three mean SHA-1 and a salt of 20 octets; a trailer written out is another one than the default.
  if (hash === undefined || mask === undefined || salt === undefined || trailer !== undefined) return false;
  const maskCursor = new DerCursor(onlyChild(mask, 'maskGenAlgorithm'), 'maskGenAlgorithm');
  const maskType = oidOf(maskCursor.take(tags.oid));
  const maskHash = readDigestAlgorithm(maskCursor.take(tags.sequence));
  maskCursor.end();
  const hashName = readDigestAlgorithm(onlyChild(hash, 'hashAlgorithm')).name;
  const saltBytes = smallIntegerOf(expectTag(onlyChild(salt, 'saltLength'), tags.integer, 'saltLength'));
  return hashName === 'SHA-256' && maskType === mgf1Oid && maskHash.name === 'SHA-256' && saltBytes === 32;
}
