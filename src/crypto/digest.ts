// Digests by their registry name; FIPS 180-4 and GB/T 32905-2016 (SM3).

import { createHash, hash } from 'node:crypto';
import type { DigestName } from './algorithms.ts';
import { digestAlgorithms } from './algorithms.ts';

/** Digest of the concatenation of `parts`. */
export function digest(name: DigestName, ...parts: readonly Uint8Array[]): Uint8Array {
  const [first, second] = parts;
  if (first !== undefined && second === undefined) return oneShot(digestAlgorithms[name].nodeName, first);
  return digestOf(name, parts);
}

/** The same of parts that come one by one, and need not all be there at once. */
export function digestOf(name: DigestName, parts: Iterable<Uint8Array>): Uint8Array {
  const hash = createHash(digestAlgorithms[name].nodeName);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

const sha256Name = digestAlgorithms['SHA-256'].nodeName;

/**
 * A Merkle tree hashes millions of short inputs. There the cost is not SHA-256 but the object and the buffer that Node makes for
 * each: a one-shot hash that answers with a string of its bytes takes a third of the time.
 */
function oneShot(nodeName: string, data: Uint8Array): Uint8Array {
  const text = hash(nodeName, data, 'binary');
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function sha256(first?: Uint8Array, ...more: readonly Uint8Array[]): Uint8Array {
  return first !== undefined && more.length === 0
    ? oneShot(sha256Name, first)
    : digest('SHA-256', ...(first === undefined ? [] : [first, ...more]));
}
