// Merkle tree hashing; RFC 9162, 2.1.1 (the same tree as RFC 6962, 2.1).

import { concatBytes } from '../kernel/bytes.ts';

/** SHA-256, synchronous, handed in: node and browsers have different fast ones. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

export const hashSizeBytes = 32;

// The two prefixes keep a leaf from ever being read as an inner node (second preimages, RFC 9162, 2.1.1).
const leafPrefix = Uint8Array.of(0x00);
const nodePrefix = Uint8Array.of(0x01);

export function leafHash(sha256: Sha256, leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(leafPrefix, leaf));
}

export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(nodePrefix, left, right));
}

/** MTH of the empty list. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array());
}

/** MTH over hashes that stand for subtrees of one size (the last may be smaller). */
export function rootOf(sha256: Sha256, hashes: readonly Uint8Array[]): Uint8Array {
  let level = [...hashes];
  // Pairing from the left and carrying the odd one up gives the split at the largest power of two.
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i];
      const right = level[i + 1];
      if (left !== undefined) above.push(right === undefined ? left : nodeHash(sha256, left, right));
    }
    level = above;
  }
  return level[0] ?? emptyRoot(sha256);
}

/** The largest power of two smaller than n (n > 1): where RFC 9162 splits a tree. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2; // no bit operations: they end at 2^31
  return k;
}
