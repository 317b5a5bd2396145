// The Signer port: a private key that can only be asked to sign, and what it is for.

import { createSign, sign as nodeSign, constants } from 'node:crypto';
import { TrustError } from '../kernel/errors.ts';
import type { AlgorithmName } from './algorithms.ts';
import { digestAlgorithms, signatureAlgorithms } from './algorithms.ts';
import type { ImportedKey, KeyPairBytes } from './key-material.ts';
import { maySignDigests, signDigestWith } from './digest-signer.ts';
import { importPrivateKey } from './key-material.ts';
import type { PrivateKey } from './private-key-vault.ts';
import { derToRawSignature } from './signature-form.ts';

/** One key, one purpose: a key asked to act for another purpose is refused. */
export const keyPurposes = [
  'root-ca',
  'issuing-ca',
  'seal-maker',
  'seal',
  'time-stamp',
  'licence-issuer',
  'ocsp',
  'mdoc-issuer',
  'tls-client',
  'oidc',
  'identity-receipt',
  'verification-receipt',
  'log',
] as const;
export type KeyPurpose = (typeof keyPurposes)[number];

export type SignatureForm = 'der' | 'raw';

export interface Signer {
  readonly keyName: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** 'der': ECDSA and SM2 as SEQUENCE { r, s } (X.509, CMS); 'raw': r‖s (JOSE, COSE). The same bytes for EdDSA and RSA. */
  sign(data: Uint8Array, form: SignatureForm): Promise<Uint8Array>;
}

export interface SignerOptions extends KeyPairBytes {
  readonly keyName: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
}

/** A signer over a private key held in this process. Throws `key-unavailable` when the key pair is unusable. */
export function createSigner({ keyName, purpose, algorithm, pkcs8, spki }: SignerOptions): Signer & PrivateKey {
  const key = importPrivateKey(algorithm, { pkcs8, spki });
  return {
    keyName,
    purpose,
    algorithm,
    spki,
    sign: async (data, form) => signWith(key, data, form),
    ...(maySignDigests({ purpose, algorithm }) && {
      signDigest: async (digest: Uint8Array) => signDigestWith(key.key, spki, digest),
    }),
  };
}

/** Synchronous on purpose: the thread pool is shared with password hashing, which would make signing wait for seconds. */
export function signWith({ algorithm, key, z }: ImportedKey, data: Uint8Array, form: SignatureForm): Uint8Array {
  const { digest, rawSizeBytes } = signatureAlgorithms[algorithm];
  const { nodeName } = digestAlgorithms[digest];
  switch (algorithm) {
    case 'ES256':
    case 'ES384':
      return bytes(nodeSign(nodeName, data, { key, dsaEncoding: form === 'raw' ? 'ieee-p1363' : 'der' }));
    case 'EdDSA':
      return bytes(nodeSign(null, data, key));
    case 'RS256':
      return bytes(nodeSign(nodeName, data, key));
    case 'PS256':
      return bytes(nodeSign(nodeName, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }));
    case 'SM2': {
      // One-shot sign would prepend Z of an empty identity; dsaEncoding is ignored for these keys.
      const der = bytes(
        createSign(nodeName)
          .update(z ?? new Uint8Array())
          .update(data)
          .sign(key),
      );
      if (form === 'der') return der;
      const raw = derToRawSignature(der, rawSizeBytes ?? 0);
      if (raw === undefined) throw new TrustError('key-unavailable', 'the key produced no DER signature');
      return raw;
    }
  }
}

function bytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}
