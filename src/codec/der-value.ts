// Typed values of DER elements, and a cursor that consumes the members of a SEQUENCE in order; ITU-T X.690 (02/2021), clauses 8 and 11.

import { fromUtf8, toHex } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import type { DerElement } from './der.ts';
import { checkBitString, checkInteger, malformed } from './der.ts';

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Identifier octet of a context-specific tag, constructed ([n] EXPLICIT, or IMPLICIT over a constructed type). */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/** Identifier octet of [n] IMPLICIT over a primitive type. */
export function primitiveContextTag(number: number): number {
  return 0x80 | number;
}

/** Walks the members of a constructed element; every wrong, missing or surplus member is `malformed-der`. */
export class DerCursor {
  readonly #members: readonly DerElement[];
  readonly #what: string;
  #next = 0;

  /** `what` names the type in messages, e.g. `TBSCertificate`. */
  constructor(element: DerElement, what: string, tag: number = tags.sequence) {
    if (element.tag !== tag) throw malformed(`${what} has tag ${element.tag}, not ${tag}`);
    this.#members = element.children;
    this.#what = what;
  }

  peekTag(): number | undefined {
    return this.#members[this.#next]?.tag;
  }

  /** The next member, whatever its tag. */
  any(): DerElement {
    const member = this.#members[this.#next];
    if (member === undefined) throw malformed(`${this.#what} ends early`);
    this.#next++;
    return member;
  }

  take(tag: number): DerElement {
    const member = this.any();
    if (member.tag !== tag) throw malformed(`${this.#what} has a member with tag ${member.tag}, not ${tag}`);
    return member;
  }

  /** The next member when it has this tag, else nothing is consumed. */
  optional(tag: number): DerElement | undefined {
    return this.peekTag() === tag ? this.any() : undefined;
  }

  end(): void {
    if (this.#next !== this.#members.length) throw malformed(`${this.#what} has surplus members`);
  }
}

/** The single member of [n] EXPLICIT. */
export function onlyChild(element: DerElement, what: string): DerElement {
  const [child, ...surplus] = element.children;
  if (child === undefined || surplus.length > 0) throw malformed(`${what} does not hold exactly one element`);
  return child;
}

export function expectTag(element: DerElement, tag: number, what: string): DerElement {
  if (element.tag !== tag) throw malformed(`${what} has tag ${element.tag}, not ${tag}`);
  return element;
}

export function booleanOf(element: DerElement): boolean {
  return expectTag(element, tags.boolean, 'BOOLEAN').content[0] === 0xff;
}

/** Two's complement content of an INTEGER or ENUMERATED, also under an IMPLICIT tag, where the reader could not know the rules. */
export function integerOf(element: DerElement): bigint {
  checkInteger(element.content);
  const { length } = element.content;
  // By way of hex, in linear time: built octet by octet, a number of 60,000 octets takes seconds.
  return BigInt.asIntN(length * 8, BigInt(`0x${toHex(element.content)}`));
}

/** An INTEGER that fits 0..2^31-1; versions, counts and codes are such. */
export function smallIntegerOf(element: DerElement): number {
  if (element.content.length > 4) throw malformed('INTEGER too large');
  const value = Number(integerOf(element));
  if (value < 0) throw malformed('INTEGER is negative');
  return value;
}

/** Dotted decimal. Arcs are read as big integers: those under 2.25 (X.667) have 128 bits. */
export function oidOf(element: DerElement): string {
  const { content } = expectTag(element, tags.oid, 'OBJECT IDENTIFIER');
  if (content.length > 64) throw malformed('OBJECT IDENTIFIER too long');
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of content) {
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    if (arcs.length > 0) arcs.push(arc);
    else arcs.push(arc < 80n ? arc / 40n : 2n, arc < 80n ? arc % 40n : arc - 80n);
    arc = 0n;
  }
  return arcs.join('.');
}

export function octetsOf(element: DerElement): Uint8Array {
  return expectTag(element, tags.octetString, 'OCTET STRING').content;
}

/** A BIT STRING that holds whole octets: signatures and public keys. */
export function bitStringOctetsOf(element: DerElement): Uint8Array {
  const { content } = expectTag(element, tags.bitString, 'BIT STRING');
  if (content[0] !== 0) throw malformed('BIT STRING is no whole number of octets');
  return content.subarray(1);
}

/** Numbers of the set bits of a named bit list, bit 0 first, also under an IMPLICIT tag. X.690, 11.2.2: no trailing zero bits. */
export function namedBitsOf(element: DerElement): ReadonlySet<number> {
  checkBitString(element.content);
  const [unused = 0, ...octets] = element.content;
  const last = octets[octets.length - 1];
  if (last !== undefined && ((last >> unused) & 1) === 0) throw malformed('named bit list not minimal');
  const bits = new Set<number>();
  octets.forEach((octet, index) => {
    for (let bit = 0; bit < 8; bit++) if (octet & (0x80 >> bit)) bits.add(index * 8 + bit);
  });
  return bits;
}

const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** UTF8String, PrintableString, IA5String, BMPString or TeletexString (read as Latin-1, as everybody does). */
export function stringOf(element: DerElement): string {
  const { content } = element;
  switch (element.tag) {
    case tags.utf8String:
      return checked(fromUtf8(content));
    case tags.printableString:
      return checked(fromUtf8(content), printable);
    case tags.ia5String:
      return ia5ContentOf(element);
    case tags.teletexString:
      return Array.from(content, (octet) => String.fromCharCode(octet)).join('');
    case tags.bmpString:
      return checked(bmpText(content));
    default:
      throw malformed(`tag ${element.tag} is no string`);
  }
}

/** IA5String content under an IMPLICIT tag, as in GeneralName. */
export function ia5ContentOf(element: DerElement): string {
  const text = fromUtf8(element.content);
  return checked(text?.length === element.content.length ? text : undefined); // as many characters as octets: all ASCII
}

/** UTCTime (RFC 5280, 4.1.2.5.1: two digits mean 1950 to 2049) or GeneralizedTime, both in UTC as DER demands. */
export function timeOf(element: DerElement): Date {
  if (element.tag !== tags.utcTime) return generalizedTimeOf(element);
  const text = checked(fromUtf8(element.content), /^\d{12}Z$/);
  const year = Number(text.slice(0, 2));
  return calendarTime(`${year < 50 ? '20' : '19'}${text.slice(0, -1)}`, '');
}

/** X.690, 11.7: seconds present, a fraction without trailing zeros, Z. Fractions beyond milliseconds are cut. */
export function generalizedTimeOf(element: DerElement): Date {
  expectTag(element, tags.generalizedTime, 'GeneralizedTime');
  const text = checked(fromUtf8(element.content), /^\d{14}(\.\d{0,8}[1-9])?Z$/);
  return calendarTime(text.slice(0, 14), text.slice(15, -1));
}

function calendarTime(digits: string, fraction: string): Date {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  try {
    const date = moment(iso);
    if (date.toISOString() === iso) return date; // 30 February would otherwise become 1 March
  } catch {
    // no such moment: refused below
  }
  throw malformed('no such time');
}

function checked(text: string | undefined, pattern?: RegExp): string {
  if (text === undefined || (pattern !== undefined && !pattern.test(text)))
    throw malformed('string has characters its type has not');
  return text;
}

function bmpText(content: Uint8Array): string | undefined {
  if (content.length % 2 !== 0) return undefined;
  let text = '';
  for (let i = 0; i < content.length; i += 2) {
    const unit = ((content[i] ?? 0) << 8) | (content[i + 1] ?? 0);
    if (unit >= 0xd800 && unit <= 0xdfff) return undefined; // BMPString has no surrogates
    text += String.fromCharCode(unit);
  }
  return text;
}
