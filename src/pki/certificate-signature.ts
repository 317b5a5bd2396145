// The signature over a certificate or a CRL: which algorithm it names, and whether a key made it; RFC 5280, 4.1.1.2, 4.1.1.3, RFC 4055, 5758.

import type { DerElement } from '../codec/der.ts';
import {
  bitStringOctetsOf,
  contextTag,
  DerCursor,
  expectTag,
  oidOf,
  onlyChild,
  smallIntegerOf,
  tags,
} from '../codec/der-value.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { ForeignAlgorithm } from '../crypto/foreign-signature.ts';
import { verifyForeignSignature } from '../crypto/foreign-signature.ts';
import { verifiedBefore } from '../crypto/verified-before.ts';
import { verifySignature } from '../crypto/verify.ts';
import { readDigestAlgorithm, readSignatureAlgorithm } from './algorithm-identifier.ts';

/** A SIGNED structure: what was signed, as received, and the signature with its algorithm. */
export interface SignedStructure {
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** Absent when the registry has it not. */
  readonly signatureAlgorithm?: AlgorithmName;
  /** One that we only verify. Both are absent when nothing verifies it. */
  readonly foreignAlgorithm?: ForeignAlgorithm;
}

export interface CertificateAlgorithm {
  readonly oid: string;
  readonly name?: AlgorithmName;
  readonly foreign?: ForeignAlgorithm;
  readonly raw: Uint8Array;
}

type Hash = ForeignAlgorithm['hash'];

const foreignOids: ReadonlyMap<string, ForeignAlgorithm> = new Map([
  ['1.2.840.10045.4.3.2', { scheme: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { scheme: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { scheme: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.113549.1.1.12', { scheme: 'pkcs1', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { scheme: 'pkcs1', hash: 'sha512' }],
  ['1.2.840.10040.4.3', { scheme: 'dsa', hash: 'sha1' }],
  ['2.16.840.1.101.3.4.3.1', { scheme: 'dsa', hash: 'sha224' }],
  ['2.16.840.1.101.3.4.3.2', { scheme: 'dsa', hash: 'sha256' }],
]);
const rsassaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';

/** Reads a signatureAlgorithm; one with parameters that it must not have is no algorithm. Throws `malformed-der`. */
export function readCertificateAlgorithm(element: DerElement): CertificateAlgorithm {
  const { oid, name, raw } = readSignatureAlgorithm(element);
  const foreign = foreignOf(oid, element);
  return { oid, raw, ...(name === undefined ? {} : { name }), ...(foreign === undefined ? {} : { foreign }) };
}

/**
 * The octets of a signature. A BIT STRING with bits left over is readable but no signature of any algorithm we know, so it is given
 * as no octets, which verify under no key.
 */
export function signatureOctetsOf(element: DerElement): Uint8Array {
  return element.tag === tags.bitString && element.content[0] !== 0 ? new Uint8Array() : bitStringOctetsOf(element);
}

/** Whether the private part of `spki` made the signature; over the bytes as received. Never throws. */
export function holdsUnder(signed: SignedStructure, spki: Uint8Array): boolean {
  const { signatureAlgorithm, foreignAlgorithm, tbs: data, signature } = signed;
  if (signature.length === 0) return false;
  if (signatureAlgorithm !== undefined) {
    const check = { algorithm: signatureAlgorithm, spki, data, signature, form: 'der' } as const;
    if (verifiedBefore({ scheme: signatureAlgorithm, spki, data, signature }, () => verifySignature(check)))
      return true;
  }
  return (
    foreignAlgorithm !== undefined && verifyForeignSignature({ algorithm: foreignAlgorithm, spki, data, signature })
  );
}

function foreignOf(oid: string, element: DerElement): ForeignAlgorithm | undefined {
  const parameters = element.children[1];
  if (oid === rsassaPss) {
    const hash = parameters === undefined ? undefined : pssHash(parameters);
    return hash === undefined ? undefined : { scheme: 'pss', hash };
  }
  const foreign = foreignOids.get(oid);
  if (foreign === undefined) return undefined;
  // RFC 4055, 5: NULL for RSA, absent accepted; RFC 3279, 2.2.2 and RFC 5758, 3: absent for DSA and ECDSA.
  const right = parameters === undefined || (foreign.scheme === 'pkcs1' && parameters.tag === tags.null);
  return right ? foreign : undefined;
}

/** RSASSA-PSS-params with SHA-384 or SHA-512 throughout and a salt as long as the digest (RFC 4055, 3.1; RFC 8692 practice). */
function pssHash(parameters: DerElement): Hash | undefined {
  if (parameters.tag !== tags.sequence) return undefined;
  const cursor = new DerCursor(parameters, 'RSASSA-PSS-params');
  const [hash, mask, salt] = [0, 1, 2].map((number) => cursor.optional(contextTag(number)));
  cursor.end();
  if (hash === undefined || mask === undefined || salt === undefined) return undefined;
  const maskCursor = new DerCursor(onlyChild(mask, 'maskGenAlgorithm'), 'maskGenAlgorithm');
  if (oidOf(maskCursor.take(tags.oid)) !== mgf1) return undefined;
  const maskName = readDigestAlgorithm(maskCursor.take(tags.sequence)).name;
  const name = readDigestAlgorithm(onlyChild(hash, 'hashAlgorithm')).name;
  const saltBytes = smallIntegerOf(expectTag(onlyChild(salt, 'saltLength'), tags.integer, 'saltLength'));
  if (maskName !== name) return undefined;
  if (name === 'SHA-384' && saltBytes === 48) return 'sha384';
  return name === 'SHA-512' && saltBytes === 64 ? 'sha512' : undefined;
}
