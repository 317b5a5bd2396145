// A writer of DER; ITU-T X.690 (02/2021), clauses 8, 10 and 11.

import { utf8 } from '../kernel/bytes.ts';
import { contextTag, primitiveContextTag, tags } from './der-value.ts';

/** One element with this identifier octet. */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of content) size += part.length;
  const length = size < 0x80 ? undefined : lengthOctets(size);
  let at = 1 + (length?.length ?? 1);
  const out = new Uint8Array(at + size);
  out[0] = tag;
  if (length === undefined) out[1] = size;
  else out.set(length, 1);
  for (const part of content) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function sequence(...members: readonly Uint8Array[]): Uint8Array {
  return tlv(tags.sequence, ...members);
}

/** SET OF in DER order (X.690, 11.6): the encodings ascending, compared octet by octet. */
export function setOf(...members: readonly Uint8Array[]): Uint8Array {
  return tlv(tags.set, ...inDerOrder(members));
}

/** The members of a SET OF in the order DER demands, for sets under an IMPLICIT tag. */
export function inDerOrder(members: readonly Uint8Array[]): Uint8Array[] {
  return [...members].sort(compareOctets);
}

/** [n] EXPLICIT around whole elements, or [n] IMPLICIT around the members of a constructed type. */
export function context(number: number, ...content: readonly Uint8Array[]): Uint8Array {
  return tlv(contextTag(number), ...content);
}

/** [n] IMPLICIT over a primitive type: `content` is what that type's content would be. */
export function primitiveContext(number: number, content: Uint8Array): Uint8Array {
  return tlv(primitiveContextTag(number), content);
}

export function boolean(value: boolean): Uint8Array {
  return tlv(tags.boolean, Uint8Array.of(value ? 0xff : 0));
}

export function nullValue(): Uint8Array {
  return tlv(tags.null);
}

/** Numbers must be safe integers. */
export function integer(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && value >= 0 && value < 0x80) return tlv(tags.integer, Uint8Array.of(value));
  return tlv(tags.integer, integerContent(BigInt(value)));
}

/** An unsigned big-endian number, e.g. a serial. */
export function unsignedInteger(octets: Uint8Array): Uint8Array {
  let first = 0;
  while (first < octets.length - 1 && octets[first] === 0) first++;
  const number = octets.subarray(first);
  if (number.length === 0) return integer(0);
  return (number[0] ?? 0) < 0x80 ? tlv(tags.integer, number) : tlv(tags.integer, Uint8Array.of(0), number);
}

export function integerContent(value: bigint): Uint8Array {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  } while (rest !== 0n && rest !== -1n);
  const negative = value < 0n;
  if (negative !== ((octets[0] ?? 0) & 0x80) > 0) octets.unshift(negative ? 0xff : 0);
  return Uint8Array.from(octets);
}

/** Dotted decimal to OBJECT IDENTIFIER; RangeError when it is none. What it gives is shared and must not be written to. */
export function oid(dotted: string): Uint8Array {
  const known = knownOids.get(dotted);
  if (known !== undefined) return known;
  const written = writeOid(dotted);
  if (knownOids.size < maxKnownOids) knownOids.set(dotted, written);
  return written;
}

/** Spelling one takes longer than hashing a certificate, and a token has ten of the same few. */
const knownOids = new Map<string, Uint8Array>();
const maxKnownOids = 256;

function writeOid(dotted: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(dotted)) throw new RangeError(`not an object identifier: ${dotted}`);
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map((arc) => BigInt(arc));
  if (first < 2n && second > 39n) throw new RangeError(`not an object identifier: ${dotted}`);
  return tlv(tags.oid, Uint8Array.from([first * 40n + second, ...rest].flatMap(base128)));
}

export function octetString(content: Uint8Array): Uint8Array {
  return tlv(tags.octetString, content);
}

/** A BIT STRING of whole octets. */
export function bitString(content: Uint8Array): Uint8Array {
  return tlv(tags.bitString, Uint8Array.of(0), content);
}

/** A named bit list without trailing zero bits (X.690, 11.2.2). */
export function namedBits(bits: Iterable<number>): Uint8Array {
  const numbers = [...bits];
  const highest = Math.max(-1, ...numbers);
  const octets = new Uint8Array(Math.ceil((highest + 1) / 8));
  for (const bit of numbers) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return tlv(tags.bitString, Uint8Array.of(highest < 0 ? 0 : 7 - (highest & 7)), octets);
}

export function utf8String(text: string): Uint8Array {
  return tlv(tags.utf8String, utf8(text));
}

/** RangeError for characters outside PrintableString (X.680, 41.4). */
export function printableString(text: string): Uint8Array {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)) throw new RangeError(`not a PrintableString: ${text}`);
  return tlv(tags.printableString, utf8(text));
}

/** RangeError for characters outside ASCII. */
export function ia5String(text: string): Uint8Array {
  if (utf8(text).length !== text.length) throw new RangeError('not an IA5String');
  return tlv(tags.ia5String, utf8(text));
}

/** Whole seconds, as RFC 5280 4.1.2.5.2 demands. */
export function generalizedTime(date: Date): Uint8Array {
  return tlv(tags.generalizedTime, utf8(`${compact(date)}Z`));
}

/** With milliseconds, without trailing zeros (X.690, 11.7.2), as time stamps use it. */
export function preciseGeneralizedTime(date: Date): Uint8Array {
  const fraction = date.toISOString().slice(20, 23).replace(/0+$/, '');
  return tlv(tags.generalizedTime, utf8(`${compact(date)}${fraction === '' ? '' : `.${fraction}`}Z`));
}

/** RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
export function certificateTime(date: Date): Uint8Array {
  const year = date.getUTCFullYear();
  if (year < 1950 || year > 2049) return generalizedTime(date);
  return tlv(tags.utcTime, utf8(`${compact(date).slice(2)}Z`));
}

function compact(date: Date): string {
  return date.toISOString().slice(0, 19).replace(/[-T:]/g, '');
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

function base128(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
