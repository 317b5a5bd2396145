// CBOR in its one deterministic encoding (RFC 8949 section 4.2.1), read strictly under limits: other spellings of the same data are refused.

import { decode, encode, rfc8949EncodeOptions, Tagged } from 'cborg';
import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { checkCborShape, type CborLimits, defaultCborLimits } from './cbor-shape.ts';

export type CborKey = number | string;
/** Integers within ±2^53 only, and no floating point numbers, undefined or bignums: nothing we exchange has them. */
export type CborValue = number | string | boolean | null | Uint8Array | CborValue[] | CborMap | CborTag;
export type CborMap = Map<CborKey, CborValue>;

/** A tagged data item (RFC 8949 section 3.4). */
export class CborTag {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

/** RFC 8949 section 4.2.1: shortest heads, definite lengths, map keys in bytewise order of their encodings. */
export function encodeCbor(value: CborValue): Uint8Array {
  return new Uint8Array(encode(toEncodable(value), rfc8949EncodeOptions));
}

export interface CborReading {
  readonly limits?: CborLimits;
  /** Tag numbers that may occur; all others are refused. Default: none. */
  readonly tags?: readonly number[];
  /** `any`: for formats of others that do not demand the deterministic order of map keys. Default: `deterministic`. */
  readonly keyOrder?: 'deterministic' | 'any';
}

/**
 * The value of one CBOR item that fills `bytes` to the last. `malformed-cbor` for anything else: bytes left over, heads longer
 * than needed, indefinite lengths, duplicate or unordered map keys, bad UTF-8, floats, unknown tags, or more than the limits.
 */
export function decodeCbor(bytes: Uint8Array, reading: CborReading = {}): CborValue {
  const tags = reading.tags ?? [];
  checkCborShape(bytes, { limits: reading.limits ?? defaultCborLimits, tags });
  const value = fromDecoded(decodeStrictly(bytes, tags));
  // The last word on determinism: whatever the checks above overlooked (key order among it) encodes to other bytes.
  if (reading.keyOrder !== 'any' && !equalBytes(encodeCbor(value), bytes))
    throw malformed('not the deterministic encoding');
  return value;
}

function decodeStrictly(bytes: Uint8Array, tags: readonly number[]): unknown {
  try {
    return decode(bytes, {
      strict: true,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowBigInt: false,
      allowInfinity: false,
      allowNaN: false,
      tags: Tagged.preserve(...tags),
    });
  } catch (error) {
    throw new TrustError('malformed-cbor', 'not CBOR', { cause: error });
  }
}

function toEncodable(value: CborValue): unknown {
  if (value instanceof CborTag) return new Tagged(value.tag, toEncodable(value.value));
  if (Array.isArray(value)) return value.map(toEncodable);
  if (value instanceof Map) return new Map(Array.from(value, ([key, member]) => [exact(key), toEncodable(member)]));
  if (typeof value === 'number') return exact(value);
  return value;
}

function exact<T extends CborValue>(value: T): T {
  if (typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0))) {
    throw malformed('number that is no exact integer');
  }
  return value;
}

function fromDecoded(value: unknown): CborValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return exact(value);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(fromDecoded);
  if (value instanceof Tagged) return new CborTag(value.tag, fromDecoded(value.value));
  if (value instanceof Map) return mapFromDecoded(value);
  throw malformed('unexpected type');
}

function mapFromDecoded(entries: Map<unknown, unknown>): CborMap {
  const map: CborMap = new Map();
  for (const [key, member] of entries) {
    if (typeof key !== 'number' && typeof key !== 'string') throw malformed('map key that is neither integer nor text');
    map.set(key, fromDecoded(member));
  }
  return map;
}

function malformed(what: string): TrustError {
  return new TrustError('malformed-cbor', `malformed CBOR: ${what}`);
}
