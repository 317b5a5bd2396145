// The public keys that a client registers by value, and what is wrong with them; RFC 7517, RFC 7518, RFC 8705 2.2.

import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ClientFault } from './client-faults.ts';

/** A JWK set of public keys. */
export interface ClientKeys {
  readonly keys: readonly ClientKey[];
}

/** RFC 7517 member names; for self-signed certificates `x5c` has exactly one. */
export interface ClientKey {
  readonly kty: string;
  readonly kid?: string;
  readonly use?: string;
  readonly alg?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly x5c?: readonly string[];
}

const maxKeys = 8;
const members = new Set(['kty', 'kid', 'use', 'alg', 'crv', 'x', 'y', 'n', 'e', 'x5c']);
/** What assertions and request objects are signed with here. */
const algorithms = new Set(['ES256', 'PS256', 'EdDSA', 'Ed25519']);
const minRsaBits = 2048;
const maxRsaBits = 4096;

export function clientKeysFault(
  { keys }: ClientKeys,
  { withCertificates }: { readonly withCertificates: boolean },
): ClientFault | undefined {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > maxKeys) return 'key-count';
  const kids = keys.map(({ kid }) => kid);
  if (keys.length > 1 && (kids.includes(undefined) || new Set(kids).size !== kids.length)) return 'key-ids';
  for (const key of keys) {
    const fault = keyFault(key) ?? (withCertificates ? certificateFault(key) : undefined);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function keyFault(key: ClientKey): ClientFault | undefined {
  // Private members (d, p, q, k) are among the unknown ones: a private key must not even arrive here.
  if (Object.keys(key).some((name) => !members.has(name))) return 'key-private';
  if (key.use !== undefined && key.use !== 'sig') return 'key-use';
  if (key.alg !== undefined && !algorithms.has(key.alg)) return 'key-algorithm';
  return publicKeyOf(key) === undefined ? 'key-type' : undefined;
}

function publicKeyOf(key: ClientKey): KeyObject | undefined {
  const { x5c: _certificates, ...jwk } = key;
  try {
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const { namedCurve, modulusLength = 0, publicExponent = 0n } = publicKey.asymmetricKeyDetails ?? {};
    switch (publicKey.asymmetricKeyType) {
      case 'ec':
        return namedCurve === 'prime256v1' ? publicKey : undefined;
      case 'ed25519':
        return publicKey;
      case 'rsa':
        // A larger exponent only makes verification slow.
        return modulusLength >= minRsaBits && modulusLength <= maxRsaBits && publicExponent === 65537n
          ? publicKey
          : undefined;
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** The engine compares the certificate's thumbprint with the one of `x5c`, so it must be the certificate of this key. */
function certificateFault(key: ClientKey): ClientFault | undefined {
  const [text, ...more] = key.x5c ?? [];
  if (text === undefined || more.length > 0) return 'key-x5c';
  try {
    const certificate = new X509Certificate(Buffer.from(text, 'base64'));
    return publicKeyOf(key)?.equals(certificate.publicKey) === true ? undefined : 'key-certificate';
  } catch {
    return 'certificate-unreadable';
  }
}
