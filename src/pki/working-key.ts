// The keys that verify the signatures of a path: a DSA key may leave its parameters to its issuer's; RFC 5280, 6.1.4 (d) to (f), RFC 3279, 2.3.2.

import { readDer } from '../codec/der.ts';
import { tags } from '../codec/der-value.ts';
import { sequence } from '../codec/der-write.ts';
import type { PublicKeyFacts } from './public-key.ts';

interface KeyBearer {
  readonly spki: Uint8Array;
  readonly publicKey: PublicKeyFacts;
}

const dsa = '1.2.840.10040.4.1';

/** Whether the key cannot verify anything without the parameters of the key above it. */
export function lacksParameters({ publicKey, spki }: KeyBearer): boolean {
  return publicKey.keyOid === dsa && parametersOf(spki) === undefined;
}

/** SubjectPublicKeyInfo of each, complete where the ones above allow it. `upwards`: the lowest first, the anchor last. */
export function workingKeys(upwards: readonly KeyBearer[]): Uint8Array[] {
  const keys: Uint8Array[] = [];
  let above: KeyBearer | undefined;
  for (const bearer of [...upwards].reverse()) {
    const spki: Uint8Array =
      above !== undefined && above.publicKey.keyOid === dsa && lacksParameters(bearer)
        ? completed(bearer.spki, above.spki)
        : bearer.spki;
    keys.unshift(spki);
    above = { spki, publicKey: bearer.publicKey };
  }
  return keys;
}

function completed(spki: Uint8Array, above: Uint8Array): Uint8Array {
  const [algorithm, key] = readDer(spki).children;
  const [type] = algorithm?.children ?? [];
  const parameters = parametersOf(above);
  if (type === undefined || key === undefined || parameters === undefined) return spki;
  return sequence(sequence(type.raw, parameters), key.raw);
}

function parametersOf(spki: Uint8Array): Uint8Array | undefined {
  const parameters = readDer(spki).children[0]?.children[1];
  return parameters === undefined || parameters.tag === tags.null ? undefined : parameters.raw;
}
