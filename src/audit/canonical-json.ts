// JSON in one spelling only: members sorted, no space; RFC 8785 (JSON Canonicalization Scheme), for plain values.

import { fromUtf8, utf8 } from '../kernel/bytes.ts';

export type PlainValue = string | number | boolean | PlainObject;

export interface PlainObject {
  readonly [name: string]: PlainValue | undefined;
}

/** Members that are `undefined` are left out. Throws RangeError for a number that JSON does not have. */
export function canonicalJson(value: PlainObject): Uint8Array {
  return utf8(spell(value));
}

/** The object when the bytes are exactly its canonical spelling, else `undefined`. */
export function parseCanonicalJson(bytes: Uint8Array): PlainObject | undefined {
  const text = fromUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // Spelling it again catches doubled members, spaces, other escapes and other numbers.
    return isPlainObject(value) && spell(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function spell(value: PlainValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('not a JSON number');
  if (typeof value !== 'object') return JSON.stringify(value);
  const members: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${spell(member)}`);
  }
  return `{${members.join(',')}}`;
}

function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isPlain);
}

function isPlain(value: unknown): value is PlainValue {
  return ['string', 'number', 'boolean'].includes(typeof value) || isPlainObject(value);
}
