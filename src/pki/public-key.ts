// What kind of public key a SubjectPublicKeyInfo holds, and which algorithms may use it; RFC 5480, 3279, 8410, GM/T 0006-2012.

import { malformed, readDer } from '../codec/der.ts';
import { bitStringOctetsOf, DerCursor, oidOf, tags } from '../codec/der-value.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import { algorithmNames, signatureAlgorithms } from '../crypto/algorithms.ts';
import { sha256 } from '../crypto/digest.ts';

export interface PublicKeyFacts {
  readonly keyOid: string;
  readonly curveOid?: string;
  /** Size of the RSA modulus. */
  readonly rsaBits?: number;
  /** Content of the subjectPublicKey BIT STRING. */
  readonly keyOctets: Uint8Array;
}

const rsaEncryption = '1.2.840.113549.1.1.1';

/** Throws `malformed-der`. */
export function publicKeyFacts(spki: Uint8Array): PublicKeyFacts {
  const cursor = new DerCursor(readDer(spki), 'SubjectPublicKeyInfo');
  const algorithm = new DerCursor(cursor.take(tags.sequence), 'AlgorithmIdentifier');
  const keyOctets = bitStringOctetsOf(cursor.take(tags.bitString));
  cursor.end();
  const keyOid = oidOf(algorithm.take(tags.oid));
  const curve = algorithm.optional(tags.oid);
  if (keyOid === rsaEncryption) return { keyOid, keyOctets, rsaBits: rsaBitsOf(keyOctets) };
  return curve === undefined ? { keyOid, keyOctets } : { keyOid, keyOctets, curveOid: oidOf(curve) };
}

/** RSA keys under 2048 bits have been out since 2013 (NIST SP 800-131A). */
export function isWeakKey(facts: PublicKeyFacts): boolean {
  return facts.rsaBits !== undefined && facts.rsaBits < 2048;
}

/** The algorithms of the registry that a key of this kind may be used with. */
export function algorithmsFor({ keyOid, curveOid }: PublicKeyFacts): AlgorithmName[] {
  return algorithmNames.filter((name) => {
    const algorithm = signatureAlgorithms[name];
    return algorithm.keyOid === keyOid && algorithm.curveOid === curveOid;
  });
}

/** RFC 7093, 2 (1): the leftmost 160 bits of the SHA-256 of the subjectPublicKey. */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  return sha256(publicKeyFacts(spki).keyOctets).subarray(0, 20);
}

function rsaBitsOf(keyOctets: Uint8Array): number {
  const cursor = new DerCursor(readDer(keyOctets), 'RSAPublicKey');
  const modulus = cursor.take(tags.integer).content;
  const [first = 0] = modulus;
  if (first >= 0x80) throw malformed('RSA modulus is negative');
  const digits = first === 0 ? modulus.subarray(1) : modulus;
  return digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24;
}
