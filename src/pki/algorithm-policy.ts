// Which signatures and keys count for a purpose; NIST SP 800-131A rev. 2, FIPS 186-5.

import { isWithdrawn } from '../crypto/foreign-signature.ts';
import type { Certificate } from './certificate.ts';
import { isBrokenAlgorithm } from './algorithm-identifier.ts';
import type { SignedStructure } from './certificate-signature.ts';
import { isWeakKey } from './public-key.ts';

/**
 * `current`: nothing withdrawn. `withdrawn-too`: DSA and SHA-1 signatures that verify also count; for conformance tests and for
 * reading old chains, never for a purpose of ours.
 */
export type AlgorithmPolicy = 'current' | 'withdrawn-too';

const dsa = '1.2.840.10040.4.1';

/** Whether a signature that holds proves something under `policy`. */
export function signatureCounts(
  signed: SignedStructure & { readonly signatureAlgorithmOid: string },
  policy: AlgorithmPolicy,
): boolean {
  if (policy === 'withdrawn-too' || signed.signatureAlgorithm !== undefined) return true;
  return (
    signed.foreignAlgorithm !== undefined &&
    !isWithdrawn(signed.foreignAlgorithm) &&
    !isBrokenAlgorithm(signed.signatureAlgorithmOid)
  );
}

export function keyCounts({ publicKey }: Certificate, policy: AlgorithmPolicy): boolean {
  return policy === 'withdrawn-too' || (publicKey.keyOid !== dsa && !isWeakKey(publicKey));
}
