// Signatures of other people's authorities that this house verifies and never makes; RFC 8017, RFC 5758, FIPS 186-4 (DSA), FIPS 186-5.

import type { KeyObject } from 'node:crypto';
import { constants, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { equalBytes, fromHex } from '../kernel/bytes.ts';
import { importPublicKey } from './key-material.ts';
import { hasModulusSize } from './verify.ts';

export interface ForeignAlgorithm {
  readonly scheme: 'ecdsa' | 'pkcs1' | 'pss' | 'dsa';
  readonly hash: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
}

export interface ForeignSignature {
  readonly algorithm: ForeignAlgorithm;
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  /** ECDSA and DSA as DER. */
  readonly signature: Uint8Array;
}

/** The whole SubjectPublicKeyInfo before the public point: curves by name (explicit parameters could hide another base point). */
const curves = [
  { prefix: fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'), sizeBytes: 91, ownHash: 'sha256' },
  { prefix: fromHex('3076301006072a8648ce3d020106052b8104002203620004'), sizeBytes: 120, ownHash: 'sha384' },
  { prefix: fromHex('30819b301006072a8648ce3d020106052b810400230381860004'), sizeBytes: 158, ownHash: undefined },
] as const;

/** A larger key costs milliseconds for each signature of whoever sends it. */
const maxDsaBits = 3072;
const saltBytes: Readonly<Record<string, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * DSA was withdrawn by FIPS 186-5 and SHA-1 by NIST SP 800-131A: such a signature can be verified, but proves nothing to whom
 * a current purpose matters.
 */
export function isWithdrawn({ scheme, hash }: ForeignAlgorithm): boolean {
  return scheme === 'dsa' || hash === 'sha1' || hash === 'sha224';
}

/**
 * True only for a good signature. The pairs that the registry has (ES256, ES384, RS256, PS256) are left to it and are false here.
 * Never throws.
 */
export function verifyForeignSignature({ algorithm, spki, data, signature }: ForeignSignature): boolean {
  const { scheme, hash } = algorithm;
  try {
    switch (scheme) {
      case 'ecdsa': {
        if (!isForeignPair(spki, hash)) return false;
        return nodeVerify(hash, data, { key: publicKey(spki), dsaEncoding: 'der' }, signature); // minimal DER, or OpenSSL refuses
      }
      case 'dsa': {
        const key = publicKey(spki);
        return isDsa(key, spki) && nodeVerify(hash, data, { key, dsaEncoding: 'der' }, signature);
      }
      case 'pkcs1': {
        const key = rsaKey(spki, signature);
        return key !== undefined && nodeVerify(hash, data, key, signature);
      }
      case 'pss': {
        const [key, saltLength] = [rsaKey(spki, signature), saltBytes[hash]];
        if (key === undefined || saltLength === undefined) return false;
        return nodeVerify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
      }
    }
  } catch {
    return false;
  }
}

function publicKey(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/** A key that the registry's own algorithms over RSA would use too, and a signature of its size. */
function rsaKey(spki: Uint8Array, signature: Uint8Array): KeyObject | undefined {
  const key = importPublicKey('RS256', spki)?.key;
  return key !== undefined && hasModulusSize(key, signature) ? key : undefined;
}

/** A curve of the registry with another hash than its own, or P-521 with any. */
function isForeignPair(spki: Uint8Array, hash: string): boolean {
  const curve = curves.find(
    ({ prefix, sizeBytes }) =>
      prefix !== undefined && spki.length === sizeBytes && equalBytes(spki.subarray(0, prefix.length), prefix),
  );
  return curve !== undefined && curve.ownHash !== hash;
}

/** OpenSSL passes over octets after the key; one key has one spelling here. */
function isDsa(key: KeyObject, spki: Uint8Array): boolean {
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const sizeGood = modulusLength >= 1024 && modulusLength <= maxDsaBits;
  return key.asymmetricKeyType === 'dsa' && sizeGood && equalBytes(key.export({ format: 'der', type: 'spki' }), spki);
}
