// Key pairs as bytes and their import; RFC 5208 (PKCS #8), RFC 5480 and 8410 (SubjectPublicKeyInfo).
// Keys are always generated as encoded bytes and imported: on Node 20 reading a freshly generated KeyObject can freeze the
// process, and an SM2 key that was not imported signs plain ECDSA on the SM2 curve, which nobody else accepts.

import type { BasePrivateKeyEncodingOptions, KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { equalBytes, fromHex } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { AlgorithmName } from './algorithms.ts';
import { isFitEd25519Key } from './ed25519-point.ts';
import { sm2Z } from './sm2-identity.ts';

export interface KeyPairBytes {
  readonly pkcs8: Uint8Array;
  readonly spki: Uint8Array;
}

export interface ImportedKey {
  readonly algorithm: AlgorithmName;
  readonly key: KeyObject;
  /** SM2 only: Z of the public key, computed once. */
  readonly z?: Uint8Array;
}

/** RSA below 2048 bits is refused (NIST SP 800-131A); above 8192 one verification costs milliseconds to whoever sends it. */
const minRsaBits = 2048;
const maxRsaBits = 8192;
/** Windows takes no public exponent beyond 33 bits, so nobody's certificates have one; a longer one only makes verification slow. */
const maxRsaExponent = 1n << 33n;

/** The whole SubjectPublicKeyInfo before the public key: curves by name, points uncompressed, nothing else accepted. */
const fixedSpki: Readonly<Partial<Record<AlgorithmName, { prefix: Uint8Array; sizeBytes: number }>>> = {
  ES256: { prefix: hex('3059301306072a8648ce3d020106082a8648ce3d03010703420004'), sizeBytes: 91 },
  ES384: { prefix: hex('3076301006072a8648ce3d020106052b8104002203620004'), sizeBytes: 120 },
  EdDSA: { prefix: hex('302a300506032b6570032100'), sizeBytes: 44 },
  SM2: { prefix: hex('3059301306072a8648ce3d020106082a811ccf5501822d03420004'), sizeBytes: 91 },
};

export function generateKeyPair(algorithm: AlgorithmName): KeyPairBytes {
  const pair = generateEncoded(algorithm);
  const pkcs8 = new Uint8Array(pair.privateKey);
  pair.privateKey.fill(0);
  return { pkcs8, spki: new Uint8Array(pair.publicKey) };
}

/** `undefined` when the bytes are no public key of this algorithm, or one that policy refuses. */
export function importPublicKey(algorithm: AlgorithmName, spki: Uint8Array): ImportedKey | undefined {
  const fixed = fixedSpki[algorithm];
  if (fixed !== undefined) {
    const matches = spki.length === fixed.sizeBytes && equalBytes(spki.subarray(0, fixed.prefix.length), fixed.prefix);
    if (!matches) return undefined;
  }
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    if (fixed === undefined && !isAcceptableRsa(key, spki)) return undefined;
    if (algorithm === 'EdDSA' && !isFitEd25519Key(spki.subarray(-32))) return undefined;
    if (algorithm !== 'SM2') return { algorithm, key };
    return isSm2(key) ? { algorithm, key, z: sm2Z(spki.subarray(-64)) } : undefined;
  } catch {
    return undefined;
  }
}

/** Throws `key-unavailable` when private and public part do not belong together or are not of this algorithm. */
export function importPrivateKey(algorithm: AlgorithmName, { pkcs8, spki }: KeyPairBytes): ImportedKey {
  const publicKey = importPublicKey(algorithm, spki);
  if (publicKey === undefined) throw new TrustError('key-unavailable', `public key is no ${algorithm} key`);
  let key: KeyObject;
  let derived: Uint8Array;
  try {
    // The same memory, not a copy: the caller overwrites it.
    const view = Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length);
    key = createPrivateKey({ key: view, format: 'der', type: 'pkcs8' });
    derived = createPublicKey(key).export({ format: 'der', type: 'spki' });
  } catch {
    throw new TrustError('key-unavailable', 'private key cannot be read'); // no cause: it could quote key material
  }
  if (!equalBytes(derived, spki)) throw new TrustError('key-unavailable', 'private key is not that of the public key');
  if (algorithm === 'SM2' && !isSm2(key)) throw new TrustError('key-unavailable', 'SM2 key was not imported as SM2');
  return publicKey.z === undefined ? { algorithm, key } : { algorithm, key, z: publicKey.z };
}

/** OpenSSL gives an SM2 key its own type, which Node has no name for; 'ec' means it would sign ECDSA. */
function isSm2(key: KeyObject): boolean {
  return key.asymmetricKeyType === undefined;
}

function isAcceptableRsa(key: KeyObject, spki: Uint8Array): boolean {
  if (key.asymmetricKeyType !== 'rsa') return false;
  // OpenSSL passes over octets after the key; one key has one spelling here.
  if (!equalBytes(key.export({ format: 'der', type: 'spki' }), spki)) return false;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  const exponentGood = publicExponent > 2n && publicExponent % 2n === 1n && publicExponent < maxRsaExponent;
  return modulusLength >= minRsaBits && modulusLength <= maxRsaBits && exponentGood;
}

const encoding: {
  publicKeyEncoding: { type: 'spki'; format: 'der' };
  privateKeyEncoding: BasePrivateKeyEncodingOptions<'der'> & { type: 'pkcs8' };
} = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
};

function generateEncoded(algorithm: AlgorithmName): { publicKey: Buffer; privateKey: Buffer } {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256', ...encoding });
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384', ...encoding });
    case 'SM2':
      return generateKeyPairSync('ec', { namedCurve: 'SM2', ...encoding });
    case 'EdDSA':
      return generateKeyPairSync('ed25519', encoding);
    case 'RS256':
    case 'PS256':
      return generateKeyPairSync('rsa', { modulusLength: 3072, ...encoding });
  }
}

function hex(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array();
}
