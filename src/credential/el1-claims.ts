// What the static licence code EL1 says about a licence, and its map of integer keys in deterministic CBOR (RFC 8392 section 4 for 4 and 6, ours below zero).

import { type CborKey, type CborMap, type CborValue, decodeCbor, encodeCbor } from '../codec/cbor.ts';
import { fromHex, toHex } from '../kernel/bytes.ts';
import { maxSerialLength } from './licence-identifier.ts';
import { fault, type Outcome, success } from './outcome.ts';

/** Place of a licence in a published status list. */
export interface StatusReference {
  readonly list: number;
  readonly index: number;
}

export interface El1Claims {
  /** `exp`: end of the licence's validity, or three years after issue when it has none. */
  readonly expiresAtSeconds: number;
  /** `iat`. */
  readonly issuedAtSeconds: number;
  /** Number of the licence type in the signed catalogue; names and the type code come from there. */
  readonly catalogueNumber: number;
  readonly issuerCode: string;
  readonly serial: string;
  readonly version: number;
  /** In full or masked, as the type demands. */
  readonly holderName?: string;
  /** Last four characters of the holder's number. */
  readonly holderNumberTail?: string;
  /** Days since 1970-01-01, China Standard Time; the last day counts. */
  readonly validFromDay: number;
  readonly validUntilDay?: number;
  /** The holder is over so many years. */
  readonly ageOver?: number;
  /** First 16 bytes of the SHA-256 of the licence file. */
  readonly fileDigest?: Uint8Array;
  readonly status?: StatusReference;
}

const key = {
  expiresAt: 4,
  issuedAt: 6,
  catalogueNumber: -1,
  holderName: -2,
  validUntilDay: -3,
  issuerCode: -4,
  serial: -5,
  version: -6,
  holderNumberTail: -7,
  validFromDay: -8,
  ageOver: -9,
  fileDigest: -10,
  status: -11,
} as const;

const knownKeys: ReadonlySet<CborKey> = new Set<CborKey>(Object.values(key));
const limits = { sizeBytes: 1024, depth: 2, items: 64 };
const maxNameLength = 100;
const maxSeconds = 253_402_300_799; // the year 9999 ends
const maxDay = 2_932_896; // 9999-12-31
/** Entries of one status list, 2^20. */
export const statusListSize = 1_048_576;
const issuerCodeBytes = 12; // 36^18 < 2^96

export function encodeEl1Claims(claims: El1Claims): Uint8Array {
  const map: CborMap = new Map<CborKey, CborValue>([
    [key.expiresAt, claims.expiresAtSeconds],
    [key.issuedAt, claims.issuedAtSeconds],
    [key.catalogueNumber, claims.catalogueNumber],
    [key.issuerCode, packIssuerCode(claims.issuerCode)],
    [key.serial, claims.serial],
    [key.version, claims.version],
    [key.validFromDay, claims.validFromDay],
  ]);
  const { holderName, holderNumberTail, validUntilDay, ageOver, fileDigest, status } = claims;
  if (holderName !== undefined) map.set(key.holderName, holderName);
  if (holderNumberTail !== undefined) map.set(key.holderNumberTail, holderNumberTail);
  if (validUntilDay !== undefined) map.set(key.validUntilDay, validUntilDay);
  if (ageOver !== undefined) map.set(key.ageOver, ageOver);
  if (fileDigest !== undefined) map.set(key.fileDigest, fileDigest);
  if (status !== undefined) map.set(key.status, [status.list, status.index]);
  return encodeCbor(map);
}

/** Findings: `cbor-malformed`, `claims-malformed` (a key unknown, missing, or of the wrong type or range). */
export function readEl1Claims(payload: Uint8Array): Outcome<El1Claims> {
  let map: CborValue;
  try {
    map = decodeCbor(payload, { limits });
  } catch {
    return fault('cbor-malformed', 'payload is not deterministic CBOR within the limits');
  }
  if (!(map instanceof Map)) return fault('claims-malformed', 'payload is no map');
  for (const name of map.keys()) if (!knownKeys.has(name)) return fault('claims-malformed', `unknown key ${name}`);
  try {
    return success(claimsFrom(map));
  } catch (error) {
    if (error instanceof ClaimFault) return fault('claims-malformed', error.message);
    throw error;
  }
}

/** Control, format and bidirectional override characters could make a screen show another name than the one signed. */
export function isHolderName(text: string): boolean {
  const length = Array.from(text).length;
  return length > 0 && length <= maxNameLength && !/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(text);
}

/** Carries a fault out of the field readers below; it never leaves this file. */
class ClaimFault extends Error {}

function claimsFrom(map: CborMap): El1Claims {
  const holderName = optional(map, key.holderName, personOrFirmName);
  const holderNumberTail = optional(map, key.holderNumberTail, text(/^[0-9A-Z]{4}$/));
  const validUntilDay = optional(map, key.validUntilDay, whole(0, maxDay));
  const ageOver = optional(map, key.ageOver, whole(1, 150));
  const fileDigest = optional(map, key.fileDigest, byteString(16));
  const status = optional(map, key.status, statusReference);
  const claims = {
    expiresAtSeconds: required(map, key.expiresAt, whole(0, maxSeconds)),
    issuedAtSeconds: required(map, key.issuedAt, whole(0, maxSeconds)),
    catalogueNumber: required(map, key.catalogueNumber, whole(1, 0xffff_ffff)),
    issuerCode: required(map, key.issuerCode, unpackIssuerCode),
    serial: required(map, key.serial, text(new RegExp(`^[0-9A-Z]{1,${maxSerialLength}}$`))),
    version: required(map, key.version, whole(1, 999)),
    validFromDay: required(map, key.validFromDay, whole(0, maxDay)),
    ...(holderName !== undefined && { holderName }),
    ...(holderNumberTail !== undefined && { holderNumberTail }),
    ...(validUntilDay !== undefined && { validUntilDay }),
    ...(ageOver !== undefined && { ageOver }),
    ...(fileDigest !== undefined && { fileDigest }),
    ...(status !== undefined && { status }),
  };
  if (claims.issuedAtSeconds >= claims.expiresAtSeconds) throw new ClaimFault('expires before it is issued');
  if (validUntilDay !== undefined && validUntilDay < claims.validFromDay) throw new ClaimFault('ends before it begins');
  return claims;
}

type Reader<T> = (value: CborValue, name: CborKey) => T;

function required<T>(map: CborMap, name: CborKey, read: Reader<T>): T {
  const value = map.get(name);
  if (value === undefined) throw new ClaimFault(`key ${name} is missing`);
  return read(value, name);
}

function optional<T>(map: CborMap, name: CborKey, read: Reader<T>): T | undefined {
  const value = map.get(name);
  return value === undefined ? undefined : read(value, name);
}

function whole(least: number, most: number): Reader<number> {
  return (value, name) => {
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw new ClaimFault(`key ${name} is no integer from ${least} to ${most}`);
  };
}

function text(form: RegExp): Reader<string> {
  return (value, name) => {
    if (typeof value === 'string' && form.test(value)) return value;
    throw new ClaimFault(`key ${name} has the wrong form`);
  };
}

function byteString(length: number): Reader<Uint8Array> {
  return (value, name) => {
    if (value instanceof Uint8Array && value.length === length) return value;
    throw new ClaimFault(`key ${name} is no string of ${length} bytes`);
  };
}

const personOrFirmName: Reader<string> = (value, name) => {
  if (typeof value === 'string' && isHolderName(value)) return value;
  throw new ClaimFault(`key ${name} is no name`);
};

const statusReference: Reader<StatusReference> = (value, name) => {
  if (!Array.isArray(value) || value.length !== 2) throw new ClaimFault(`key ${name} is no pair`);
  const [list, index] = value;
  return { list: whole(0, 0xffff_ffff)(list ?? null, name), index: whole(0, statusListSize - 1)(index ?? null, name) };
};

/** 18 characters of base 36 as one 96-bit number, big endian: 12 bytes instead of 18. */
function packIssuerCode(issuerCode: string): Uint8Array {
  let value = 0n;
  for (const character of issuerCode) value = value * 36n + BigInt(Number.parseInt(character, 36));
  return fromHex(value.toString(16).padStart(issuerCodeBytes * 2, '0')) ?? new Uint8Array();
}

const unpackIssuerCode: Reader<string> = (value, name) => {
  const packed = byteString(issuerCodeBytes)(value, name);
  const code = BigInt(`0x${toHex(packed)}`)
    .toString(36)
    .toUpperCase()
    .padStart(18, '0');
  if (code.length !== 18) throw new ClaimFault(`key ${name} is no issuer code`);
  return code;
};
