// Digests as makers of seals and OFD name them: in words or by object identifier; GM/T 0006-2012, GB/T 33190-2016, 18.2.3.

import { digestAlgorithms, type DigestName } from '../../crypto/algorithms.ts';

const names: ReadonlyMap<string, DigestName> = new Map([
  ...(['SHA-256', 'SHA-384', 'SHA-512', 'SM3'] as const).flatMap((name) =>
    [name, name.replace('-', ''), digestAlgorithms[name].oid].map((spelling) => [spelling, name] as const),
  ),
  // With and without a key, says GM/T 0006; those who write it mean plain SM3.
  ['1.2.156.10197.1.401.1', 'SM3'],
  ['1.2.156.10197.1.401.2', 'SM3'],
]);

/** `undefined` for a digest that is not accepted here. */
export function digestNamed(text: string): DigestName | undefined {
  return names.get(text.trim().toUpperCase());
}
