// Signing a digest that somebody else computed: ECDSA over P-256 without hashing; FIPS 186-5, 6.4, RFC 3279, 2.2.3.

import { p256 } from '@noble/curves/nist.js';
import type { KeyObject } from 'node:crypto';
import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { AlgorithmName } from './algorithms.ts';
import type { KeyPurpose } from './signer.ts';

/**
 * A key that signs digests signs what it never sees, so it is an operation of its own, of seals' P-256 keys alone: a time stamp, a
 * certificate or a token can never be had through it.
 */
export interface DigestSigner {
  readonly keyName: string;
  readonly algorithm: 'ES256';
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** ECDSA-Sig-Value in DER over a SHA-256 digest of 32 bytes. Throws `malformed-request`, `key-state-wrong`, `key-unavailable`. */
  signDigest(digest: Uint8Array): Promise<Uint8Array>;
}

const digestSizeBytes = 32;
const publicPointSizeBytes = 65;
/** ECPrivateKey (RFC 5915, 3): SEQUENCE, version 1, and the OCTET STRING of the number. */
const sec1Head = Uint8Array.of(0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20);

export function maySignDigests({
  purpose,
  algorithm,
}: {
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
}): boolean {
  return purpose === 'seal' && algorithm === 'ES256';
}

/** Throws `malformed-request`. */
export function requireDigest(digest: Uint8Array): void {
  if (digest.length !== digestSizeBytes)
    throw new TrustError('malformed-request', `a SHA-256 digest has ${digestSizeBytes} bytes`);
}

/**
 * The engine hashes whatever it signs, so the number leaves its key object for this call, and the copies are overwritten before it
 * returns; what the arithmetic leaves on the heap is out of reach. The nonce is hedged (RFC 6979, 3.6), so that a fault in one of two
 * equal signatures gives nothing away, and nothing is given out that does not verify. Throws `key-unavailable`.
 */
export function signDigestWith(key: KeyObject, spki: Uint8Array, digest: Uint8Array): Uint8Array {
  requireDigest(digest);
  const sec1 = key.export({ format: 'der', type: 'sec1' });
  try {
    if (!equalBytes(sec1.subarray(0, sec1Head.length), sec1Head))
      throw new TrustError('key-unavailable', 'the key is no P-256 key');
    const secret = sec1.subarray(sec1Head.length, sec1Head.length + digestSizeBytes);
    const signature = p256.sign(digest, secret, { prehash: false, format: 'der', extraEntropy: true });
    if (!digestSignatureVerifies({ spki, digest, signature }))
      throw new TrustError('key-unavailable', 'the signature does not verify');
    return signature;
  } finally {
    sec1.fill(0);
  }
}

/** Of a P-256 key whose SubjectPublicKeyInfo ends in the uncompressed point. Strict DER. */
export function digestSignatureVerifies(given: {
  readonly spki: Uint8Array;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}): boolean {
  const { spki, digest, signature } = given;
  try {
    // Devices give the larger s as often as the smaller: both are good (FIPS 186-5, 6.4.2), and the library takes the smaller alone by itself.
    const options = { prehash: false, format: 'der', lowS: false } as const;
    return p256.verify(signature, digest, spki.subarray(-publicPointSizeBytes), options);
  } catch {
    return false;
  }
}
