// Merkle tree hashing; RFC 9162, 2.1.1 (the same tree as RFC 6962, 2.1).

import { concatBytes } from '../kernel/bytes.ts';

/** SHA-256, synchronous, handed in: node and browsers have different fast ones. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

export const hashSizeBytes = 32;

// The two prefixes keep a leaf from ever being read as an inner node (second preimages, RFC 9162, 2.1.1).
const leafPrefix = Uint8Array.of(0x00);
const nodePrefix = 0x01;

// Millions of hashes are made one after the other: they share two pieces of memory, which `sha256` reads before it returns.
const node = new Uint8Array(1 + 2 * hashSizeBytes);
node[0] = nodePrefix;
const prefixedLeaf = new Uint8Array(0x10000);
prefixedLeaf.set(leafPrefix);

export function leafHash(sha256: Sha256, leaf: Uint8Array): Uint8Array {
  if (leaf.length >= prefixedLeaf.length) return sha256(concatBytes(leafPrefix, leaf));
  prefixedLeaf.set(leaf, 1);
  return sha256(prefixedLeaf.subarray(0, 1 + leaf.length));
}

export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== hashSizeBytes || right.length !== hashSizeBytes)
    throw new RangeError('a node is over two hashes of 32 bytes');
  node.set(left, 1);
  node.set(right, 1 + hashSizeBytes);
  return sha256(node);
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

/**
 * The inner nodes over the hashes of a tile (or of as much of it as is there), level by level: `nodes[0]` is `hashes` itself, each
 * next one has half as many, complete subtrees only, down to one. Hashing a full tile is 255 nodes.
 */
export function innerNodes(sha256: Sha256, hashes: Uint8Array): Uint8Array[] {
  const nodes = [hashes];
  for (let below = hashes; below.length >= 2 * hashSizeBytes; ) {
    const above = new Uint8Array(Math.floor(below.length / hashSizeBytes / 2) * hashSizeBytes);
    for (let i = 0; i < above.length; i += hashSizeBytes) {
      const from = 2 * i;
      for (let j = 0; j < 2 * hashSizeBytes; j++) node[1 + j] = below[from + j] ?? 0;
      above.set(sha256(node), i);
    }
    nodes.push(above);
    below = above;
  }
  return nodes;
}

/** The largest power of two smaller than n (n > 1): where RFC 9162 splits a tree. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2; // no bit operations: they end at 2^31
  return k;
}
