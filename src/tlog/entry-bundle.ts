// Entry bundles: the leaves of a level 0 tile, each after its length as a big-endian uint16; C2SP tlog-tiles, "Log entries".

import { concatBytes } from '../kernel/bytes.ts';
import { hashSizeBytes, leafHash, type Sha256 } from './merkle.ts';

export const maxLeafSizeBytes = 65_535;

export function encodeEntryBundle(leaves: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const leaf of leaves) {
    if (leaf.length > maxLeafSizeBytes) throw new RangeError('a leaf over 65,535 bytes cannot be served');
    parts.push(Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf);
  }
  return concatBytes(...parts);
}

/** Exactly `count` leaves and nothing after them, else `undefined`. */
export function decodeEntryBundle(bundle: Uint8Array, count: number): Uint8Array[] | undefined {
  const { leaves, sizeBytes } = leadingLeaves(bundle, count);
  return leaves.length === count && sizeBytes === bundle.length ? leaves : undefined;
}

/** The whole leaves at the start of a bundle, at most `count`, however the rest looks; and how many bytes they take. */
export function leadingLeaves(bundle: Uint8Array, count: number): { leaves: Uint8Array[]; sizeBytes: number } {
  const leaves: Uint8Array[] = [];
  let offset = 0;
  while (leaves.length < count) {
    const high = bundle[offset];
    const low = bundle[offset + 1];
    if (high === undefined || low === undefined) break;
    const end = offset + 2 + ((high << 8) | low);
    if (end > bundle.length) break;
    leaves.push(bundle.subarray(offset + 2, end));
    offset = end;
  }
  return { leaves, sizeBytes: offset };
}

/** The leaf hashes of a bundle of exactly `count` leaves, as a tile of level 0 has them; `undefined` when it is none. */
export function hashEntryBundle(sha256: Sha256, bundle: Uint8Array, count: number): Uint8Array | undefined {
  const leaves = decodeEntryBundle(bundle, count);
  if (leaves === undefined) return undefined;
  const hashes = new Uint8Array(count * hashSizeBytes);
  leaves.forEach((leaf, place) => {
    hashes.set(leafHash(sha256, leaf), place * hashSizeBytes);
  });
  return hashes;
}
