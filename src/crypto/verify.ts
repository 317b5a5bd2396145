// Signature verification over the bytes as received; FIPS 186-5, RFC 8017, RFC 8032, GM/T 0003.2-2012.

import type { KeyObject } from 'node:crypto';
import { constants, createVerify, verify as nodeVerify } from 'node:crypto';
import type { AlgorithmName } from './algorithms.ts';
import { digestAlgorithms, signatureAlgorithms } from './algorithms.ts';
import type { ImportedKey } from './key-material.ts';
import { importPublicKey } from './key-material.ts';
import type { SignatureForm } from './signer.ts';
import { derToRawSignature, rawToDerSignature } from './signature-form.ts';

export interface SignatureToVerify {
  /** From the key or the certificate, never from the message alone. */
  readonly algorithm: AlgorithmName;
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly form: SignatureForm;
}

/** True only for a good signature; any malformed key or signature is false. Never throws. */
export function verifySignature({ algorithm, spki, data, signature, form }: SignatureToVerify): boolean {
  const key = publicKey(algorithm, spki);
  if (key === undefined) return false;
  try {
    return verifyWith(key, data, signature, form);
  } catch {
    return false;
  }
}

function verifyWith(imported: ImportedKey, data: Uint8Array, signature: Uint8Array, form: SignatureForm): boolean {
  const { algorithm, key, z } = imported;
  const { digest, rawSizeBytes } = signatureAlgorithms[algorithm];
  const { nodeName } = digestAlgorithms[digest];
  switch (algorithm) {
    case 'ES256':
    case 'ES384': {
      const raw = form === 'raw' ? signature : derToRawSignature(signature, rawSizeBytes ?? 0);
      if (raw?.length !== rawSizeBytes || raw === undefined) return false;
      return nodeVerify(nodeName, data, { key, dsaEncoding: 'ieee-p1363' }, raw);
    }
    case 'EdDSA':
      return signature.length === 64 && nodeVerify(null, data, key, signature);
    case 'RS256':
      return hasModulusSize(key, signature) && nodeVerify(nodeName, data, key, signature);
    case 'PS256':
      if (!hasModulusSize(key, signature)) return false;
      return nodeVerify(nodeName, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature);
    case 'SM2': {
      const raw = form === 'raw' ? signature : derToRawSignature(signature, rawSizeBytes ?? 0);
      const der = raw?.length === rawSizeBytes && raw !== undefined ? rawToDerSignature(raw) : undefined;
      if (der === undefined || z === undefined) return false;
      return createVerify(nodeName).update(z).update(data).verify(key, der);
    }
  }
}

/** RFC 8017, 8.1.2 and 8.2.2, step 1: as many octets as the modulus. OpenSSL takes a PSS signature whose leading zero octet was left out: two spellings of one signature. */
export function hasModulusSize(key: KeyObject, signature: Uint8Array): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && signature.length === Math.ceil(bits / 8);
}

/** Importing a key (and Z of an SM2 key) costs more than an ES256 verification. */
const maxCachedKeys = 512;
const cachedKeys = new Map<string, ImportedKey>();

function publicKey(algorithm: AlgorithmName, spki: Uint8Array): ImportedKey | undefined {
  const id = `${algorithm} ${Buffer.from(spki).toString('latin1')}`;
  const cached = cachedKeys.get(id);
  if (cached !== undefined) return cached;
  const imported = importPublicKey(algorithm, spki);
  if (imported === undefined) return undefined;
  const oldest = cachedKeys.size >= maxCachedKeys ? cachedKeys.keys().next() : undefined;
  if (oldest?.done === false) cachedKeys.delete(oldest.value);
  cachedKeys.set(id, imported);
  return imported;
}
