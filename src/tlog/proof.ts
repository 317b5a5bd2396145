// Inclusion and consistency proofs, made and verified; RFC 9162, 2.1.3 and 2.1.4.

import { equalBytes } from '../kernel/bytes.ts';
import { hashSizeBytes, nodeHash, type Sha256, splitPoint } from './merkle.ts';

/** Leaves [start, end) of the tree: a proof is the list of the hashes of such ranges. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A path is at most as long as the tree is high; 2^53 leaves are 53 levels. */
export const maxPathLength = 53;

/** The ranges whose hashes prove that leaf `index` is in the tree of `size` leaves, sibling of the leaf first. */
export function inclusionRanges(index: number, size: number): Range[] {
  requireInteger(index, 0, size - 1);
  const path: Range[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
    }
  }
  return path.reverse();
}

/** The ranges whose hashes prove that the tree of `first` leaves is a prefix of the tree of `second` leaves. */
export function consistencyRanges(first: number, second: number): Range[] {
  requireInteger(first, 0, second);
  requireInteger(second, 0, Number.MAX_SAFE_INTEGER);
  if (first === 0 || first === second) return [];
  const path: Range[] = [];
  let start = 0;
  let end = second;
  let wholeOldTree = true; // its root is the one hash the verifier has already
  while (first !== end) {
    const middle = start + splitPoint(end - start);
    if (first <= middle) {
      path.push({ start: middle, end });
      end = middle;
    } else {
      path.push({ start, end: middle });
      start = middle;
      wholeOldTree = false;
    }
  }
  if (!wholeOldTree) path.push({ start, end });
  return path.reverse();
}

/** RFC 9162, 2.1.3.2. False for anything malformed; never throws. */
export function verifyInclusion(
  sha256: Sha256,
  proof: { index: number; size: number; leafHash: Uint8Array; path: readonly Uint8Array[]; root: Uint8Array },
): boolean {
  const { index, size, path } = proof;
  if (!isCount(index) || !isCount(size) || index >= size || !wellFormed([proof.leafHash, ...path])) return false;
  let node = index;
  let last = size - 1;
  let hash = proof.leafHash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sha256, sibling, hash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(sha256, hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, proof.root);
}

/** RFC 9162, 2.1.4.2. The empty tree is a prefix of every tree. False for anything malformed; never throws. */
export function verifyConsistency(
  sha256: Sha256,
  proof: {
    first: number;
    second: number;
    firstRoot: Uint8Array;
    secondRoot: Uint8Array;
    path: readonly Uint8Array[];
  },
): boolean {
  const { first, second, path } = proof;
  if (!isCount(first) || !isCount(second) || first > second) return false;
  if (!wellFormed([proof.firstRoot, ...path])) return false;
  if (first === second) return path.length === 0 && equalBytes(proof.firstRoot, proof.secondRoot);
  if (first === 0) return path.length === 0;
  let node = first - 1;
  let last = second - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // When the old tree is a whole subtree of the new one, its root begins the path without being in it.
  const [seed, ...rest] = node === 0 ? [proof.firstRoot, ...path] : path;
  if (seed === undefined) return false;
  let firstHash = seed;
  let secondHash = seed;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      firstHash = nodeHash(sha256, sibling, firstHash);
      secondHash = nodeHash(sha256, sibling, secondHash);
      while (!isOdd(node) && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      secondHash = nodeHash(sha256, secondHash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(firstHash, proof.firstRoot) && equalBytes(secondHash, proof.secondRoot);
}

function wellFormed(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= 2 * maxPathLength && hashes.every((hash) => hash.length === hashSizeBytes);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function requireInteger(value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new RangeError(`not an index of this tree: ${value}`);
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
