// A strict reader of DER that keeps every element's bytes as they came; ITU-T X.690 (02/2021), clauses 8, 10 and 11.

import { TrustError } from '../kernel/errors.ts';

/** One element. `tag` is its whole identifier octet, e.g. 0x30 SEQUENCE, 0xa0 constructed [0]. */
export interface DerElement {
  readonly tag: number;
  /** Identifier, length and content, as received: what signatures and digests are computed over. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
  /** Elements inside; empty for primitive ones. */
  readonly children: readonly DerElement[];
}

export interface DerLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxElements: number;
}

/** A CRL of 10,000 entries has 50,000 elements; no structure of ours nests deeper than 20. */
export const defaultDerLimits: DerLimits = { maxBytes: 4 * 1024 * 1024, maxDepth: 32, maxElements: 100_000 };

/**
 * Reads exactly one element that fills `bytes`.
 * Throws `malformed-der`: over a limit, indefinite or non-minimal length, tag number above 30, trailing bytes, or a
 * universal type in a form DER forbids.
 */
export function readDer(bytes: Uint8Array, limits: Partial<DerLimits> = {}): DerElement {
  const { maxBytes, maxDepth, maxElements } = { ...defaultDerLimits, ...limits };
  if (bytes.length > maxBytes) throw malformed(`${bytes.length} bytes, at most ${maxBytes} are read`);
  const budget = { elements: maxElements };
  const element = readElement(bytes, maxDepth, budget);
  if (element.raw.length !== bytes.length) throw malformed('bytes after the element');
  return element;
}

/**
 * Like `readDer` for the outermost element alone: its content stays unread and `children` is empty. For structures too long to be
 * held as a tree; what is inside is read piece by piece, with `elementsIn` and `readDer`. Throws `malformed-der`.
 */
export function readDerShallow(bytes: Uint8Array, { maxBytes }: Pick<DerLimits, 'maxBytes'>): DerElement {
  if (bytes.length > maxBytes) throw malformed(`${bytes.length} bytes, at most ${maxBytes} are read`);
  const element = shallowElement(bytes);
  if (element.raw.length !== bytes.length) throw malformed('bytes after the element');
  return element;
}

/**
 * The elements that stand one after another in `content`, at most `maxElements`, each with its own content unread: whoever gathers
 * them must say how many there may be. Throws `malformed-der`.
 */
export function* elementsIn(content: Uint8Array, maxElements: number): Generator<DerElement> {
  let count = 0;
  for (let offset = 0; offset < content.length; ) {
    if (++count > maxElements) throw malformed('too many elements');
    const element = shallowElement(content.subarray(offset));
    offset += element.raw.length;
    yield element;
  }
}

function shallowElement(bytes: Uint8Array): DerElement {
  const tag = readTag(bytes);
  const { headerBytes, contentBytes } = readLength(bytes);
  const end = headerBytes + contentBytes;
  if (end > bytes.length) throw malformed('content ends early');
  return { tag, raw: bytes.subarray(0, end), content: bytes.subarray(headerBytes, end), children: [] };
}

export function malformed(detail: string): TrustError {
  return new TrustError('malformed-der', detail);
}

const empty = new Uint8Array();

function readElement(bytes: Uint8Array, depth: number, budget: { elements: number }): DerElement {
  if (depth === 0) throw malformed('nested too deep');
  if (--budget.elements < 0) throw malformed('too many elements');
  const tag = readTag(bytes);
  const { headerBytes, contentBytes } = readLength(bytes);
  const end = headerBytes + contentBytes;
  if (end > bytes.length) throw malformed('content ends early');
  const content = bytes.subarray(headerBytes, end);
  const constructed = (tag & 0x20) !== 0;
  if ((tag & 0xc0) === 0) checkUniversal(tag & 0x1f, constructed, content);
  const children: DerElement[] = [];
  for (let rest = constructed ? content : empty; rest.length > 0; ) {
    const child = readElement(rest, depth - 1, budget);
    children.push(child);
    rest = rest.subarray(child.raw.length);
  }
  return { tag, raw: bytes.subarray(0, end), content, children };
}

function readTag(bytes: Uint8Array): number {
  const tag = bytes[0];
  if (tag === undefined) throw malformed('an element without a tag');
  if ((tag & 0x1f) === 0x1f) throw malformed('tag number above 30');
  if (tag === 0) throw malformed('reserved tag 0'); // X.690, 8.1.5: end-of-contents, not in DER
  return tag;
}

/** X.690, 10.1: definite lengths in the fewest octets. Four length octets are more than any limit allows. */
function readLength(bytes: Uint8Array): { headerBytes: number; contentBytes: number } {
  const first = bytes[1];
  if (first === undefined) throw malformed('an element without a length');
  if (first < 0x80) return { headerBytes: 2, contentBytes: first };
  const octets = first & 0x7f;
  if (octets === 0) throw malformed('indefinite length');
  if (octets > 4) throw malformed('length too long');
  let length = 0;
  for (let i = 0; i < octets; i++) {
    const octet = bytes[2 + i];
    if (octet === undefined) throw malformed('length ends early');
    length = length * 256 + octet;
  }
  if (length < 0x80 || length < 256 ** (octets - 1)) throw malformed('length not minimal');
  return { headerBytes: 2 + octets, contentBytes: length };
}

const sequenceNumber = 16;
const setNumber = 17;

/** The rules of single universal types, checked while reading, so that no caller can forget one. */
function checkUniversal(number: number, constructed: boolean, content: Uint8Array): void {
  // X.690, 10.2: strings are never constructed in DER. EXTERNAL, EMBEDDED PDV and CHARACTER STRING have no place here.
  if (constructed !== (number === sequenceNumber || number === setNumber))
    throw malformed('wrong form of a universal type');
  switch (number) {
    case 1: // BOOLEAN, 11.1
      if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed('BOOLEAN not 00 or FF');
      return;
    case 2: // INTEGER, 8.3.2
    case 10: // ENUMERATED, 8.4
      checkInteger(content);
      return;
    case 3: // BIT STRING, 8.6.2, 11.2.1
      checkBitString(content);
      return;
    case 5: // NULL, 8.8.2
      if (content.length !== 0) throw malformed('NULL with content');
      return;
    case 6: // OBJECT IDENTIFIER, 8.19.2
      checkObjectIdentifier(content);
      return;
    default:
  }
}

/** X.690, 8.3.2: the fewest octets. */
export function checkInteger(content: Uint8Array): void {
  const [first, second] = content;
  if (first === undefined) throw malformed('INTEGER without content');
  if (second === undefined) return;
  const padded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
  if (padded) throw malformed('INTEGER not minimal');
}

/** X.690, 8.6.2 and 11.2.1: a count of unused bits that can be, and those bits zero. */
export function checkBitString(content: Uint8Array): void {
  const unused = content[0];
  if (unused === undefined || unused > 7) throw malformed('BIT STRING with a wrong count of unused bits');
  const last = content[content.length - 1] ?? 0;
  const noBits = content.length === 1;
  if (noBits ? unused !== 0 : (last & ((1 << unused) - 1)) !== 0) throw malformed('BIT STRING with unused bits set');
}

function checkObjectIdentifier(content: Uint8Array): void {
  const last = content[content.length - 1];
  if (last === undefined || last >= 0x80) throw malformed('OBJECT IDENTIFIER ends early');
  let startsArc = true;
  for (const octet of content) {
    if (startsArc && octet === 0x80) throw malformed('OBJECT IDENTIFIER not minimal');
    startsArc = octet < 0x80;
  }
}
