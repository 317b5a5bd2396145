// Entry bundles: the leaves of a level 0 tile, each after its length as a big-endian uint16; C2SP tlog-tiles, "Log entries".

import { concatBytes } from '../kernel/bytes.ts';

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
  const leaves: Uint8Array[] = [];
  let offset = 0;
  while (leaves.length < count) {
    const high = bundle[offset];
    const low = bundle[offset + 1];
    if (high === undefined || low === undefined) return undefined;
    const end = offset + 2 + ((high << 8) | low);
    if (end > bundle.length) return undefined;
    leaves.push(bundle.subarray(offset + 2, end));
    offset = end;
  }
  return offset === bundle.length ? leaves : undefined;
}
