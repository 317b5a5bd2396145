// The only spelling of a JWT that we take: canonical base64url, three known header members, JSON without a second meaning; RFC 8725.

import { fromBase64url, fromUtf8 } from '../../kernel/bytes.ts';

/** Ours are about 1 kB, and 5 kB with as many authorization details as there may be. */
const maxTokenBytes = 8192;

const headerMembers = new Set(['alg', 'typ', 'kid']);

export interface StrictJwt {
  readonly kid: string;
  readonly claims: ReadonlyMap<string, unknown>;
}

/**
 * Looks at the spelling before any library does; says nothing about the signature. `undefined` when anything is unusual: padding,
 * spare bits, other header members (jwk, jku, x5u, crit, b64), duplicate or reordered members, other numbers of parts.
 */
export function readStrictJwt(
  token: string,
  expected: { readonly alg: string; readonly typ: string },
): StrictJwt | undefined {
  if (token.length > maxTokenBytes) return undefined;
  const [first, second, third, ...more] = token.split('.');
  if (first === undefined || second === undefined || third === undefined || more.length > 0) return undefined;
  if (fromBase64url(third) === undefined || third === '') return undefined;
  const header = canonicalObject(first);
  const claims = canonicalObject(second);
  if (header === undefined || claims === undefined) return undefined;
  if ([...header.keys()].some((name) => !headerMembers.has(name))) return undefined;
  const kid = header.get('kid');
  if (header.get('alg') !== expected.alg || header.get('typ') !== expected.typ || typeof kid !== 'string')
    return undefined;
  return { kid, claims };
}

/** A part whose JSON is what JSON.stringify makes of it: that leaves no room for duplicates, blanks or odd escapes. */
function canonicalObject(part: string): ReadonlyMap<string, unknown> | undefined {
  const bytes = fromBase64url(part);
  const text = bytes && fromUtf8(bytes);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return JSON.stringify(value) === text ? new Map(Object.entries(value)) : undefined;
}
