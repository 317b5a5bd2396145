// Signatures of other people's authorities that this house verifies and never makes; RFC 8017, RFC 5758, FIPS 186-4 (DSA), FIPS 186-5.

import type { KeyObject } from 'node:crypto';
import { constants, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { equalBytes, fromHex } from '../kernel/bytes.ts';
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
const maxModulusBits = 8192;
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
    if (scheme === 'ecdsa' && !isForeignPair(spki, hash)) return false;
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    switch (scheme) {
      case 'ecdsa': // OpenSSL refuses a signature that is not minimal DER
        return key.asymmetricKeyType === 'ec' && nodeVerify(hash, data, { key, dsaEncoding: 'der' }, signature);
      case 'dsa':
        return isDsa(key) && nodeVerify(hash, data, { key, dsaEncoding: 'der' }, signature);
      case 'pkcs1':
        return isRsa(key) && hasModulusSize(key, signature) && nodeVerify(hash, data, key, signature);
      case 'pss': {
        const saltLength = saltBytes[hash];
        if (saltLength === undefined || !isRsa(key) || !hasModulusSize(key, signature)) return false;
        return nodeVerify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
      }
    }
  } catch {
    return false;
  }
}

/** A curve of the registry with another hash than its own, or P-521 with any. */
function isForeignPair(spki: Uint8Array, hash: string): boolean {
  const curve = curves.find(
    ({ prefix, sizeBytes }) =>
      prefix !== undefined && spki.length === sizeBytes && equalBytes(spki.subarray(0, prefix.length), prefix),
  );
  return curve !== undefined && curve.ownHash !== hash;
}

function isRsa(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  const exponentGood = publicExponent > 2n && publicExponent % 2n === 1n && publicExponent < 1n << 64n;
  return key.asymmetricKeyType === 'rsa' && modulusLength >= 2048 && modulusLength <= maxModulusBits && exponentGood;
}

function isDsa(key: KeyObject): boolean {
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  return key.asymmetricKeyType === 'dsa' && modulusLength >= 1024 && modulusLength <= maxDsaBits;
}
