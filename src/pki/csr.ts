// A certificate request (证书请求) from outside: read strictly, its possession of the key proven, weak keys refused; RFC 2986, 4.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import { bitStringOctetsOf, contextTag, DerCursor, oidOf, smallIntegerOf, tags } from '../codec/der-value.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import { importPublicKey } from '../crypto/key-material.ts';
import { verifySignature } from '../crypto/verify.ts';
import { fromBase64 } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { readSignatureAlgorithm } from './algorithm-identifier.ts';
import type { DistinguishedName } from './name.ts';
import { readName } from './name.ts';
import type { PublicKeyFacts } from './public-key.ts';
import { algorithmsFor, publicKeyFacts } from './public-key.ts';

export interface CertificateSigningRequest {
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly publicKey: PublicKeyFacts;
  /** DER of CertificationRequestInfo: what the signature is over. */
  readonly info: Uint8Array;
  /** Absent when the registry has it not. */
  readonly signatureAlgorithm?: AlgorithmName;
  readonly signature: Uint8Array;
}

/** An RSA-4096 request with a dozen attributes is under 3 kB. */
const maxRequestBytes = 16 * 1024;
const maxTextLength = 24 * 1024;

/** DER of the one PEM block of that name in a text (RFC 7468, 7); two would leave open which is meant. Throws `malformed-csr`. */
export function csrFromPem(text: string): Uint8Array {
  const block = /-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END \1CERTIFICATE REQUEST-----/;
  const blocks =
    text.length > maxTextLength ? 0 : text.split(/-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/).length - 1;
  const body = blocks === 1 ? block.exec(text)?.[2] : undefined;
  const der = body === undefined ? undefined : fromBase64(body.replace(/\s+/g, ''));
  if (der === undefined) throw new TrustError('malformed-csr', 'there is no single PEM block of a certificate request');
  return der;
}

/**
 * A request whose maker has the private key. What it asks for in attributes and extensions is passed over: the profile decides.
 * Throws `malformed-csr`, `csr-key-refused` (kind, size or curve), `csr-not-proven` (4.2: the signature by the key itself).
 */
export function readCsr(der: Uint8Array): CertificateSigningRequest {
  const csr = parseCsr(der);
  const { spki, publicKey, signatureAlgorithm: algorithm, signature, info: data } = csr;
  const usable = algorithmsFor(publicKey);
  // The import of the key checks what the reader does not: the point lies on its curve, the RSA modulus and exponent are sound.
  const proven =
    algorithm !== undefined &&
    usable.includes(algorithm) &&
    verifySignature({ algorithm, spki, data, signature, form: 'der' });
  if (proven) return csr;
  if (!usable.some((name) => importPublicKey(name, spki) !== undefined)) {
    throw new TrustError('csr-key-refused', 'the key is weak, malformed or of a kind that is not accepted');
  }
  throw new TrustError('csr-not-proven', 'the signature is not by the key in the request');
}

/** Throws `malformed-csr`. */
export function parseCsr(der: Uint8Array): CertificateSigningRequest {
  try {
    return readRequest(der);
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    throw new TrustError('malformed-csr', error.message, { cause: error });
  }
}

/**
 * CertificationRequest ::= SEQUENCE { certificationRequestInfo, signatureAlgorithm, signature };
 * CertificationRequestInfo ::= SEQUENCE { version v1(0), subject, subjectPKInfo, attributes [0] }.
 */
function readRequest(der: Uint8Array): CertificateSigningRequest {
  const limits = { maxBytes: maxRequestBytes, maxDepth: 16, maxElements: 1000 };
  const outer = new DerCursor(readDer(der, limits), 'CertificationRequest');
  const info = outer.take(tags.sequence);
  const { name } = readSignatureAlgorithm(outer.take(tags.sequence));
  const signature = bitStringOctetsOf(outer.take(tags.bitString));
  outer.end();
  const cursor = new DerCursor(info, 'CertificationRequestInfo');
  if (smallIntegerOf(cursor.take(tags.integer)) !== 0) throw malformed('version is not 1');
  const subject = readName(cursor.take(tags.sequence));
  const spki = cursor.take(tags.sequence).raw;
  checkAttributes(cursor.optional(contextTag(0))?.children ?? []); // old OpenSSL leaves out an empty set of attributes
  cursor.end();
  return {
    subject,
    spki,
    publicKey: publicKeyFacts(spki),
    info: info.raw,
    ...(name === undefined ? {} : { signatureAlgorithm: name }),
    signature,
  };
}

/** Attribute ::= SEQUENCE { type, values SET SIZE (1..MAX) }: what they ask for is passed over, what is none is not. */
function checkAttributes(attributes: readonly DerElement[]): void {
  for (const attribute of attributes) {
    const cursor = new DerCursor(attribute, 'Attribute');
    oidOf(cursor.take(tags.oid));
    if (cursor.take(tags.set).children.length === 0) throw malformed('Attribute without a value');
    cursor.end();
  }
}
