// When two distinguished names are the same, and when one lies below another; RFC 5280, 7.1 and 4.2.1.10, RFC 4518, 2.

import type { DerElement } from '../codec/der.ts';
import { readDer } from '../codec/der.ts';
import { oidOf, stringOf, tags } from '../codec/der-value.ts';
import { equalBytes, toHex } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';

/** Names are compared again and again while a path is built, mostly the same objects. */
const known = new WeakMap<Uint8Array, readonly string[]>();

/** Case, insignificant space and the choice of string type do not make another name. */
export function sameName(a: Uint8Array, b: Uint8Array): boolean {
  return equalBytes(a, b) || nameKey(a) === nameKey(b);
}

/** A text that is equal for two names exactly when the names are the same. `name`: DER of a Name. */
export function nameKey(name: Uint8Array): string {
  return rdnKeys(name).join('\n'); // JSON texts hold no line break
}

/** Whether `name` is `subtree` or below it: begins with the same relative distinguished names. */
export function isWithinName(name: Uint8Array, subtree: Uint8Array): boolean {
  const [inner, outer] = [rdnKeys(name), rdnKeys(subtree)];
  return outer.length <= inner.length && outer.every((key, index) => key === inner[index]);
}

function rdnKeys(name: Uint8Array): readonly string[] {
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const keys = readRdns(name);
  known.set(name, keys);
  return keys;
}

/** A name that is none is the same as its own bytes only. */
function readRdns(name: Uint8Array): string[] {
  try {
    return readDer(name).children.map(rdnKey);
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    return [JSON.stringify(toHex(name))];
  }
}

/** A relative name is a set: the order of its attributes means nothing. */
function rdnKey(rdn: DerElement): string {
  return JSON.stringify(rdn.children.map(attributeKey).sort());
}

function attributeKey(pair: DerElement): string {
  const [type, value] = pair.children;
  if (type === undefined || value === undefined || pair.children.length !== 2) return `raw ${toHex(pair.raw)}`;
  const text = comparable.has(value.tag) ? prepared(stringOf(value)) : undefined;
  return text === undefined ? `raw ${toHex(pair.raw)}` : `${oidOf(type)}=${text}`;
}

/** TeletexString has no agreed characters: compared by its octets. */
const comparable: ReadonlySet<number> = new Set([
  tags.printableString,
  tags.utf8String,
  tags.ia5String,
  tags.bmpString,
]);

/** RFC 4518, 2.2: controls and marks of format are mapped to nothing. */
const ignored = /\p{Cc}|\p{Cf}|\p{Variation_Selector}|\u034f/gu;
const spaces = /[\t\n\v\f\r\u0085\p{Z}]+/gu;
/** RFC 4518, 2.4: private use, non-characters, the replacement character. Such a text equals nothing but its own bytes. */
const prohibited = /[\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\ufffd]/u;

/** Map, normalise, prohibit, fold space; `undefined` when no comparison is defined. */
function prepared(text: string): string | undefined {
  if (prohibited.test(text)) return undefined;
  const visible = text.replace(spaces, ' ').replace(ignored, '');
  return visible.normalize('NFKC').toLowerCase().replace(spaces, ' ').trim();
}
