// The public keys that a client registers by value, and what is wrong with them; RFC 7517, RFC 7518, RFC 8705 2.2.

import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

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
): string | undefined {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > maxKeys) return 'a key set has 1 to 8 keys';
  const kids = keys.map(({ kid }) => kid);
  if (keys.length > 1 && (kids.includes(undefined) || new Set(kids).size !== kids.length))
    return 'keys of a set have different key ids';
  for (const key of keys) {
    const fault = keyFault(key) ?? (withCertificates ? certificateFault(key) : undefined);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function keyFault(key: ClientKey): string | undefined {
  // Private members (d, p, q, k) are among the unknown ones: a private key must not even arrive here.
  if (Object.keys(key).some((name) => !members.has(name))) return 'a key has members of public keys only';
  if (key.use !== undefined && key.use !== 'sig') return 'keys are for signatures';
  if (key.alg !== undefined && !algorithms.has(key.alg)) return 'keys are for ES256, PS256 or EdDSA';
  return publicKeyOf(key) === undefined ? 'keys are P-256, Ed25519 or RSA of 2048 to 4096 bits' : undefined;
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
function certificateFault(key: ClientKey): string | undefined {
  const [text, ...more] = key.x5c ?? [];
  if (text === undefined || more.length > 0) return 'a key of a self-signed certificate has it as its only x5c';
  try {
    const certificate = new X509Certificate(Buffer.from(text, 'base64'));
    return publicKeyOf(key)?.equals(certificate.publicKey) === true ? undefined : 'a certificate has another key';
  } catch {
    return 'a certificate cannot be read';
  }
}
