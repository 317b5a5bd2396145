// The revoked certificates of a CRL, read one by one because there can be a million; RFC 5280, 5.1.2.6 and 5.3.

import { elementsIn, malformed, readDer } from '../codec/der.ts';
import type { DerElement } from '../codec/der.ts';
import { expectTag, smallIntegerOf, tags, timeOf } from '../codec/der-value.ts';
import { extensionOids } from '../codec/oids.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { serialHexOf } from './certificate.ts';
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

export interface CrlEntries {
  /** Of certificates of the CRL issuer itself, by `serialHexOf`. */
  readonly own: ReadonlyMap<string, CrlEntry>;
  /** Of certificates of other issuers, by `nameKey` of the issuer (5.3.3, certificateIssuer). */
  readonly others: ReadonlyMap<string, ReadonlyMap<string, CrlEntry>>;
  readonly criticalUnknown: readonly string[];
}

/** Some 300 MB once read. */
const maxEntries = 1_500_000;
/** An entry has a serial number, a time and a few small extensions. */
const maxEntryBytes = 16 * 1024;
const removeFromCrl = 8;
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
  const own = new Map<string, CrlEntry>();
  const others = new Map<string, Map<string, CrlEntry>>();
  const criticalUnknown = new Set<string>();
  const readTime = rememberingLast((element) => timeOf(element));
  const readEntryExtensions = rememberingLast(readExtensionsOfEntry);
  let current = own;
  for (const element of elementsIn(list, maxEntries)) {
    const [serial, time, extensions] = membersOf(element);
    const revokedAt = readTime(time);
    const values = extensions === undefined ? noExtensions : readEntryExtensions(extensions);
    if (values.certificateIssuer !== undefined) {
      // 5.3.3: it holds for the entries after it, too, until the next one.
      const key = values.certificateIssuer;
      current = key === ownKey ? own : (others.get(key) ?? new Map<string, CrlEntry>());
      if (current !== own) others.set(key, current);
    }
    for (const oid of values.critical) criticalUnknown.add(oid);
    const serialHex = serialHexOf(serial.content);
    if (current.has(serialHex)) throw malformed('a serial number twice');
    const { reason } = values;
    current.set(serialHex, values.removed ? { revokedAt, reason, removed: true } : { revokedAt, reason });
  }
  return { own, others, criticalUnknown: [...criticalUnknown] };
}

function membersOf(element: DerElement): [serial: DerElement, time: DerElement, extensions: DerElement | undefined] {
  if (element.tag !== tags.sequence || element.content.length > maxEntryBytes)
    throw malformed('revokedCertificate is no SEQUENCE, or too long');
  const [serial, time, extensions, ...surplus] = elementsIn(element.content, 3);
  if (serial?.tag !== tags.integer || time === undefined || surplus.length > 0)
    throw malformed('revokedCertificate has other members');
  if (extensions !== undefined && extensions.tag !== tags.sequence)
    throw malformed('crlEntryExtensions is no SEQUENCE');
  readDer(serial.raw);
  return [serial, time, extensions];
}

function readExtensionsOfEntry(element: DerElement): EntryExtensions {
  const extensions = readExtensions(readDer(element.raw));
  const code = extensions.get(extensionOids.reasonCode);
  const issuer = extensions.get(extensionOids.certificateIssuer);
  const number = code === undefined ? 0 : reasonCodeOf(code);
  const critical = [...extensions.values()].filter((e) => e.critical && !known.has(e.oid)).map((e) => e.oid);
  const certificateIssuer = issuer === undefined ? undefined : certificateIssuerOf(issuer);
  return {
    reason: reasonNames.get(number) ?? 'unspecified',
    removed: number === removeFromCrl,
    critical,
    ...(certificateIssuer === undefined ? {} : { certificateIssuer }),
  };
}

const reasonNames: ReadonlyMap<number, RevocationReason> = new Map(
  Object.keys(revocationReasons).flatMap((reason) => (isReason(reason) ? [[revocationReasons[reason], reason]] : [])),
);

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

/** Neighbours in a list mostly have the same time and the same extensions, octet by octet. */
function rememberingLast<T>(read: (element: DerElement) => T): (element: DerElement) => T {
  let last: { readonly raw: Uint8Array; readonly value: T } | undefined;
  return (element) => {
    if (last !== undefined && equalBytes(last.raw, element.raw)) return last.value;
    last = { raw: element.raw, value: read(element) };
    return last.value;
  };
}
