// Identifiers: UUID version 7 (RFC 9562, 5.7) in the database, `prefix_` + 26 Crockford base32 characters outside.
// They are made by the application, ordered by time, and the 12 bits after the version can carry a bucket (see `bucketOf`).

import { toHex } from './bytes.ts';
import type { Clock } from './clock.ts';
import { randomBytes } from './clock.ts';

/** What an identifier names. The prefix is part of the public spelling and keeps identifiers of different things apart. */
export const idPrefixes = {
  account: 'acc',
  organisation: 'org',
  mandate: 'man',
  certificate: 'crt',
  proposal: 'prp',
  seal: 'seal',
  document: 'doc',
  stamping: 'stp',
  stampingRequest: 'srq',
  batch: 'bat',
  digestStamping: 'dst',
  licence: 'lic',
  presentation: 'prs',
  verification: 'ver',
  entry: 'ent',
  alert: 'alt',
  webhook: 'whk',
  delivery: 'dlv',
  factor: 'fac',
  session: 'ses',
  registrationToken: 'rgt',
} as const;

export type IdKind = keyof typeof idPrefixes;

/** The public spelling of an identifier of one kind, e.g. `seal_01jd…`. */
export type Id<K extends IdKind> = `${(typeof idPrefixes)[K]}_${string}`;

/** The database spelling: lower-case UUID text. */
export type Uuid = string;

/** `bucket`: 0..4095, for tables that are distributed by holder; absent means random. */
export function newUuid(clock: Clock, bucket?: number): Uuid {
  const bytes = randomBytes(16);
  let ms = clock.now().getTime();
  for (let i = 5; i >= 0; i--) {
    bytes[i] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  const twelve = bucket ?? (((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0xfff;
  bytes[6] = 0x70 | (twelve >> 8);
  bytes[7] = twelve & 0xff;
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return uuidOfBytes(bytes);
}

export function newId<K extends IdKind>(kind: K, clock: Clock, bucket?: number): Id<K> {
  return idFromUuid(kind, newUuid(clock, bucket));
}

export function idFromUuid<K extends IdKind>(kind: K, uuid: Uuid): Id<K> {
  let value = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = (alphabet[Number(value & 31n)] ?? '') + text;
    value >>= 5n;
  }
  return `${idPrefixes[kind]}_${text}` as Id<K>;
}

/** The UUID of a public identifier of this kind, or `undefined` when the text is none (wrong prefix, length, alphabet or range). */
export function uuidFromId(kind: IdKind, id: string): Uuid | undefined {
  const prefix = `${idPrefixes[kind]}_`;
  const body = id.slice(prefix.length);
  if (!id.startsWith(prefix) || !/^[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$/.test(body)) return undefined;
  let value = 0n;
  for (const character of body) value = (value << 5n) | BigInt(alphabet.indexOf(character));
  const hex = value.toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The 12 bits that `newUuid` was given as bucket. */
export function bucketOf(uuid: Uuid): number {
  return Number.parseInt(uuid.slice(15, 18), 16);
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Of 16 bytes. */
export function uuidOfBytes(bytes: Uint8Array): Uuid {
  const hex = toHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
