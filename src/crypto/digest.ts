// Digests by their registry name; FIPS 180-4 and GB/T 32905-2016 (SM3).

import { createHash } from 'node:crypto';
import type { DigestName } from './algorithms.ts';
import { digestAlgorithms } from './algorithms.ts';

/** Digest of the concatenation of `parts`. */
export function digest(name: DigestName, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(digestAlgorithms[name].nodeName);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return digest('SHA-256', ...parts);
}
