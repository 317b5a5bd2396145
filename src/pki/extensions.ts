// The certificate extensions this house understands; RFC 5280, 4.2.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import {
  booleanOf,
  DerCursor,
  expectTag,
  ia5ContentOf,
  namedBitsOf,
  octetsOf,
  oidOf,
  primitiveContextTag,
  smallIntegerOf,
  tags,
} from '../codec/der-value.ts';
import { accessMethodOids, extensionOids } from '../codec/oids.ts';
import type { DistributionPoint } from './distribution-point.ts';
import type { PathExtensions } from './path-extensions.ts';
import { readPathExtension } from './path-extensions.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** The DER inside the OCTET STRING. */
  readonly value: Uint8Array;
}

export const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof keyUsages)[number];

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength?: number;
}

export interface ExtensionValues extends PathExtensions {
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Object identifiers of purposes. */
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  readonly crlUrls: readonly string[];
  readonly ocspUrls: readonly string[];
  readonly caIssuersUrls: readonly string[];
  /** Critical extensions that were not processed: a certificate with any must not be relied on (RFC 5280, 4.2). */
  readonly criticalUnknown: readonly string[];
}

/** A certificate has about ten; RFC 5280 knows under thirty. */
const maxExtensions = 40;

/** Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension. A repeated one is refused (RFC 5280, 4.2). */
export function readExtensions(element: DerElement): Map<string, Extension> {
  const found = new Map<string, Extension>();
  const { children } = expectTag(element, tags.sequence, 'Extensions');
  if (children.length === 0 || children.length > maxExtensions) throw malformed('number of Extensions');
  for (const child of children) {
    const cursor = new DerCursor(child, 'Extension');
    const oid = oidOf(cursor.take(tags.oid));
    const flag = cursor.optional(tags.boolean);
    const value = octetsOf(cursor.take(tags.octetString));
    cursor.end();
    if (found.has(oid)) throw malformed('an extension twice');
    // `critical FALSE` written out is not DER, but it is common in the wild and means nothing else.
    found.set(oid, { oid, critical: flag !== undefined && booleanOf(flag), value });
  }
  return found;
}

export function readExtensionValues(extensions: ReadonlyMap<string, Extension>): ExtensionValues {
  const values: { -readonly [K in keyof ExtensionValues]: ExtensionValues[K] } = {
    crlUrls: [],
    ocspUrls: [],
    caIssuersUrls: [],
    criticalUnknown: [],
  };
  const criticalUnknown: string[] = [];
  for (const { oid, critical, value } of extensions.values()) {
    switch (oid) {
      case extensionOids.basicConstraints:
        values.basicConstraints = readBasicConstraints(readDer(value));
        break;
      case extensionOids.keyUsage:
        values.keyUsage = readKeyUsage(readDer(value));
        break;
      case extensionOids.extendedKeyUsage:
        values.extendedKeyUsage = readExtendedKeyUsage(readDer(value));
        break;
      case extensionOids.subjectKeyIdentifier:
        values.subjectKeyId = octetsOf(readDer(value));
        break;
      case extensionOids.authorityKeyIdentifier: {
        const keyId = readAuthorityKeyIdentifier(readDer(value));
        if (keyId !== undefined) values.authorityKeyId = keyId;
        break;
      }
      case extensionOids.authorityInfoAccess:
        values.ocspUrls = readAccess(readDer(value), accessMethodOids.ocsp);
        values.caIssuersUrls = readAccess(readDer(value), accessMethodOids.caIssuers);
        break;
      default: {
        const read = readPathExtension(oid, critical, value);
        Object.assign(values, read);
        if (critical && read === undefined) criticalUnknown.push(oid);
      }
    }
  }
  return { ...values, crlUrls: crlUrlsOf(values.crlDistributionPoints ?? []), criticalUnknown };
}

function readBasicConstraints(element: DerElement): BasicConstraints {
  const cursor = new DerCursor(element, 'BasicConstraints');
  const flag = cursor.optional(tags.boolean);
  const length = cursor.optional(tags.integer);
  cursor.end();
  const ca = flag !== undefined && booleanOf(flag);
  return length === undefined ? { ca } : { ca, pathLength: smallIntegerOf(length) };
}

function readKeyUsage(element: DerElement): ReadonlySet<KeyUsage> {
  const bits = namedBitsOf(expectTag(element, tags.bitString, 'KeyUsage'));
  return new Set(keyUsages.filter((_, bit) => bits.has(bit)));
}

function readExtendedKeyUsage(element: DerElement): string[] {
  const { children } = expectTag(element, tags.sequence, 'ExtKeyUsageSyntax');
  if (children.length === 0) throw malformed('ExtKeyUsageSyntax is empty');
  return children.map(oidOf);
}

/** AuthorityKeyIdentifier: only the key identifier is used; issuer and serial are passed over. */
function readAuthorityKeyIdentifier(element: DerElement): Uint8Array | undefined {
  const { children } = expectTag(element, tags.sequence, 'AuthorityKeyIdentifier');
  return children.find(({ tag }) => tag === primitiveContextTag(0))?.content;
}

const uriTag = primitiveContextTag(6);

/** URLs of distribution points that cover all reasons and are signed by the issuer itself. */
function crlUrlsOf(points: readonly DistributionPoint[]): string[] {
  return points.flatMap(({ name, reasons, crlIssuer }) => {
    if (name?.kind !== 'full' || reasons !== undefined || crlIssuer !== undefined) return [];
    return name.names.flatMap((url) =>
      url.kind === 'uniformResourceIdentifier' && url.text !== undefined ? [url.text] : [],
    );
  });
}

function readAccess(element: DerElement, method: string): string[] {
  const { children } = expectTag(element, tags.sequence, 'AuthorityInfoAccessSyntax');
  return children.flatMap((description) => {
    const cursor = new DerCursor(description, 'AccessDescription');
    const type = oidOf(cursor.take(tags.oid));
    const location = cursor.any();
    cursor.end();
    return type === method && location.tag === uriTag ? [ia5ContentOf(location)] : [];
  });
}
