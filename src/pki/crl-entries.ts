// The revoked certificates of a CRL: checked entry by entry in one pass, and looked up in the bytes they came in; RFC 5280, 5.1.2.6 and 5.3.

import { malformed, readDer } from '../codec/der.ts';
import { expectTag, smallIntegerOf, tags, timeOf } from '../codec/der-value.ts';
import { extensionOids } from '../codec/oids.ts';
import { fromHex } from '../kernel/bytes.ts';
import { CrlEntryTable } from './crl-entry-index.ts';
import type { EntryPlaces } from './crl-entry-walk.ts';
import { entryAt } from './crl-entry-walk.ts';
import type { Extension } from './extensions.ts';
import { readExtensions } from './extensions.ts';
import { readGeneralNames } from './general-name.ts';
import { nameKey } from './name-match.ts';
import type { RevocationReason } from './revocation.ts';
import { revocationReasons } from './revocation.ts';

export interface CrlEntry {
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
  /** In a delta CRL only: the certificate is no longer revoked (5.3.1, removeFromCRL). */
  readonly removed?: true;
}

/** Entries by the spelling of `serialHexOf`. */
export interface CrlEntryIndex {
  readonly size: number;
  has(serialHex: string): boolean;
  get(serialHex: string): CrlEntry | undefined;
}

export interface CrlEntries {
  /** Of certificates of the CRL issuer itself. */
  readonly own: CrlEntryIndex;
  /** Of certificates of other issuers, by `nameKey` of the issuer (5.3.3, certificateIssuer). */
  readonly others: ReadonlyMap<string, CrlEntryIndex>;
  readonly criticalUnknown: readonly string[];
}

/** Beyond the largest list we know of; it takes a second or two. */
const maxEntries = 3_000_000;
const removeFromCrl = 8;
/** Other issuers in one indirect list; each has an index of its own. */
const maxOtherIssuers = 10_000;
const known: ReadonlySet<string> = new Set([
  extensionOids.reasonCode,
  extensionOids.invalidityDate,
  extensionOids.certificateIssuer,
]);

interface EntryExtensions {
  readonly reason: RevocationReason;
  readonly removed: boolean;
  readonly certificateIssuer?: string;
  readonly critical: readonly string[];
}

const noExtensions: EntryExtensions = { reason: 'unspecified', removed: false, critical: [] };

/** `list`: content of revokedCertificates. `issuer`: whose certificates are meant until an entry names another. Throws `malformed-der`. */
export function readCrlEntries(list: Uint8Array, issuerDer: Uint8Array): CrlEntries {
  const ownKey = nameKey(issuerDer);
  const own = new IndexedEntries(list);
  const others = new Map<string, IndexedEntries>();
  const criticalUnknown = new Set<string>();
  const extensionsOf = recentExtensions(list);
  let current = own;
  let count = 0;
  for (let offset = 0; offset < list.length; ) {
    if (++count > maxEntries) throw malformed('too many entries');
    const places = entryAt(list, offset);
    offset = places.end;
    const values = extensionsOf(places);
    if (values.certificateIssuer !== undefined) {
      // 5.3.3: it holds for the entries after it, too, until the next one.
      const key = values.certificateIssuer;
      current = key === ownKey ? own : (others.get(key) ?? new IndexedEntries(list));
      if (current !== own) others.set(key, current);
      if (others.size > maxOtherIssuers) throw malformed('too many certificate issuers');
    }
    for (const oid of values.critical) criticalUnknown.add(oid);
    current.add(places);
  }
  return { own, others, criticalUnknown: [...criticalUnknown] };
}

class IndexedEntries implements CrlEntryIndex {
  readonly #list: Uint8Array;
  readonly #table: CrlEntryTable;

  constructor(list: Uint8Array) {
    this.#list = list;
    this.#table = new CrlEntryTable(list);
  }

  get size(): number {
    return this.#table.size;
  }

  add(places: EntryPlaces): void {
    this.#table.add(places);
  }

  has(serialHex: string): boolean {
    return this.#find(serialHex) !== undefined;
  }

  get(serialHex: string): CrlEntry | undefined {
    const places = this.#find(serialHex);
    if (places === undefined) return undefined;
    const { serialEnd, timeEnd, end } = places;
    const revokedAt = timeOf(readDer(this.#list.subarray(serialEnd, timeEnd)));
    const extensions = this.#list.subarray(timeEnd, end);
    const { reason, removed } = extensions.length === 0 ? noExtensions : readEntryExtensions(extensions);
    return removed ? { revokedAt, reason, removed: true } : { revokedAt, reason };
  }

  #find(serialHex: string): EntryPlaces | undefined {
    const serial = serialContentOf(serialHex);
    return serial === undefined ? undefined : this.#table.find(serial);
  }
}

/** The inverse of `serialHexOf`: the content of the INTEGER. */
function serialContentOf(serialHex: string): Uint8Array | undefined {
  if (serialHex.startsWith('-')) return fromHex(serialHex.slice(1));
  const octets = fromHex(serialHex);
  return octets === undefined || (octets[0] ?? 0) < 0x80 ? octets : Uint8Array.of(0, ...octets);
}

/** Extensions mostly are one of a few, octet by octet: those seen lately are not read again. */
const maxRecent = 16;

function recentExtensions(list: Uint8Array): (places: EntryPlaces) => EntryExtensions {
  const recent: { readonly start: number; readonly length: number; readonly values: EntryExtensions }[] = [];
  return ({ timeEnd: start, end }) => {
    const length = end - start;
    if (length === 0) return noExtensions;
    for (const seen of recent) {
      if (seen.length === length && isSameRun(list, seen.start, start, length)) return seen.values;
    }
    const values = readEntryExtensions(list.subarray(start, end));
    if (recent.length === maxRecent) recent.shift();
    recent.push({ start, length, values });
    return values;
  };
}

function isSameRun(list: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (list[a + i] !== list[b + i]) return false;
  return true;
}

function readEntryExtensions(der: Uint8Array): EntryExtensions {
  const extensions = readExtensions(readDer(der));
  const code = extensions.get(extensionOids.reasonCode);
  const issuer = extensions.get(extensionOids.certificateIssuer);
  const number = code === undefined ? 0 : reasonCodeOf(code);
  const critical = [...extensions.values()].filter((e) => e.critical && !known.has(e.oid)).map((e) => e.oid);
  const certificateIssuer = issuer === undefined ? undefined : certificateIssuerOf(issuer);
  return {
    reason: reasonOfCode(number),
    removed: number === removeFromCrl,
    critical,
    ...(certificateIssuer === undefined ? {} : { certificateIssuer }),
  };
}

const reasonNames: ReadonlyMap<number, RevocationReason> = new Map(
  Object.keys(revocationReasons).flatMap((reason) => (isReason(reason) ? [[revocationReasons[reason], reason]] : [])),
);

/** A CRLReason by its number; one that we have no name for is no reason to doubt the revocation. */
export function reasonOfCode(code: number): RevocationReason {
  return reasonNames.get(code) ?? 'unspecified';
}

function reasonCodeOf({ value }: Extension): number {
  const element = readDer(value);
  if (element.tag !== tags.enumerated) throw malformed('reasonCode is not ENUMERATED');
  return smallIntegerOf(element);
}

/** 5.3.3: the name from the issuer field of the certificates. Another kind of name is one that we cannot find certificates by. */
function certificateIssuerOf({ value }: Extension): string {
  const names = readGeneralNames(expectTag(readDer(value), tags.sequence, 'CertificateIssuer'));
  const directory = names.find((name) => name.kind === 'directoryName');
  if (directory?.kind !== 'directoryName') throw malformed('certificateIssuer has no directory name');
  return nameKey(directory.name);
}

export function isReason(text: string): text is RevocationReason {
  return Object.hasOwn(revocationReasons, text);
}
