// Signatures that this process has found good before: those over certificates and seals come again with every document, and the answer never changes.

import { createHash } from 'node:crypto';

/** Of 32 bytes each. Whoever brings many good signatures over things of their own only makes us check ours once more. */
const mostKnown = 4096;
/** More is not of the kind that comes again, and reading it for its digest costs as much as checking it. */
const maxDataBytes = 256 * 1024;

const known = new Set<string>();

export interface SignedBefore {
  /** Of the way in which it is checked. */
  readonly scheme: string;
  readonly spki: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** What `verify` says of exactly these octets under this key and scheme; only a yes is remembered. */
export function verifiedBefore({ scheme, spki, data, signature }: SignedBefore, verify: () => boolean): boolean {
  if (data.length > maxDataBytes) return verify();
  // The lengths keep the parts apart: no other key, data and signature have the same octets in all.
  const lengths = `${scheme} ${spki.length} ${signature.length} ${data.length} `;
  const hash = createHash('sha256').update(lengths).update(spki).update(signature).update(data);
  const name = hash.digest('base64');
  if (known.has(name)) return true;
  if (!verify()) return false;
  const oldest = known.size >= mostKnown ? known.values().next() : undefined;
  if (oldest?.done === false) known.delete(oldest.value);
  known.add(name);
  return true;
}
