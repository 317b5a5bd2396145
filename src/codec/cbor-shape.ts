// A first walk over hostile CBOR (RFC 8949 section 3) that builds nothing: it bounds size, depth and count before a decoder recurses or allocates.

import { fromUtf8 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';

export interface CborLimits {
  readonly sizeBytes: number;
  /** Arrays, maps and tags inside one another. */
  readonly depth: number;
  /** All data items together, nested ones included. */
  readonly items: number;
}

export const defaultCborLimits: CborLimits = { sizeBytes: 65_536, depth: 16, items: 4096 };

export interface CborShape {
  readonly limits: CborLimits;
  readonly tags: readonly number[];
}

const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
const simpleValues = [20, 21, 22]; // false, true, null

/** `malformed-cbor` unless `bytes` are exactly one well-formed item of the types we exchange, within the limits. */
export function checkCborShape(bytes: Uint8Array, shape: CborShape): void {
  if (bytes.length > shape.limits.sizeBytes) throw malformed('too large');
  const walk = { at: 0, items: 0 };
  // Items still expected in each open container, so that depth costs memory and not stack.
  const open: number[] = [1];
  while (open.length > 0) {
    const last = open.length - 1;
    const expected = open[last] ?? 0;
    if (expected === 0) {
      open.pop();
      continue;
    }
    open[last] = expected - 1;
    if (++walk.items > shape.limits.items) throw malformed('too many items');
    const members = readItem(bytes, walk, shape);
    if (members > 0) open.push(members);
    if (open.length > shape.limits.depth + 1) throw malformed('too deep');
  }
  if (walk.at !== bytes.length) throw malformed('bytes after the end');
}

/** Steps over one head (and the bytes of a string) and returns how many items lie inside it. */
function readItem(bytes: Uint8Array, walk: { at: number }, shape: CborShape): number {
  const { type, argument } = readHead(bytes, walk);
  switch (type) {
    case major.bytes:
    case major.text: {
      const content = take(bytes, walk, argument);
      if (type === major.text && fromUtf8(content) === undefined) throw malformed('text that is not UTF-8');
      return 0;
    }
    case major.array:
    case major.map: {
      const members = type === major.map ? argument * 2 : argument;
      // Each member takes a byte at least: a length that the rest cannot hold is refused before anything is allocated.
      if (members > bytes.length - walk.at) throw malformed('length beyond the end');
      return members;
    }
    case major.tag:
      if (!shape.tags.includes(argument)) throw malformed('unexpected tag');
      return 1;
    case major.simple:
      if (!simpleValues.includes(argument)) throw malformed('float, undefined or unknown simple value');
      return 0;
    default:
      return 0;
  }
}

/** RFC 8949 section 3: the initial byte and its argument, in the shortest form only (section 4.2.1). */
function readHead(bytes: Uint8Array, walk: { at: number }): { type: number; argument: number } {
  const initial = take(bytes, walk, 1)[0] ?? 0;
  const type = initial >> 5;
  const information = initial & 31;
  if (information < 24) return { type, argument: information };
  if (information > 27) throw malformed('indefinite length or reserved head');
  if (type === major.simple) throw malformed('float or unknown simple value');
  const size = 2 ** (information - 24);
  let argument = 0;
  for (const byte of take(bytes, walk, size)) argument = argument * 256 + byte;
  if (argument > Number.MAX_SAFE_INTEGER) throw malformed('integer beyond 2^53');
  if (argument < (size === 1 ? 24 : 2 ** (4 * size))) throw malformed('head longer than needed');
  return { type, argument };
}

function take(bytes: Uint8Array, walk: { at: number }, count: number): Uint8Array {
  if (count > bytes.length - walk.at) throw malformed('ends too early');
  walk.at += count;
  return bytes.subarray(walk.at - count, walk.at);
}

function malformed(what: string): TrustError {
  return new TrustError('malformed-cbor', `malformed CBOR: ${what}`);
}
