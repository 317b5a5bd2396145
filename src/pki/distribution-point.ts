// Distribution points: which CRLs cover a certificate, and what a CRL covers; RFC 5280, 4.2.1.13 and 5.2.5.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import { contextTag, DerCursor, expectTag, namedBitsOf, primitiveContextTag, tags } from '../codec/der-value.ts';
import { sequence, tlv } from '../codec/der-write.ts';
import type { GeneralName } from './general-name.ts';
import { directoryNameKey, generalNameKey, readGeneralNames } from './general-name.ts';

/** A set of ReasonFlags: bit n of the number is bit n of the BIT STRING. */
export type ReasonMask = number;

/** Bits 1 to 8, keyCompromise to aACompromise; bit 0 is unused. */
export const allReasons: ReasonMask = 0b1_1111_1110;

export type DistributionPointName =
  | { readonly kind: 'full'; readonly names: readonly GeneralName[] }
  /** Content of the SET, to be put after the name of the CRL issuer. */
  | { readonly kind: 'relative'; readonly rdn: Uint8Array };

export interface DistributionPoint {
  readonly name?: DistributionPointName;
  /** Absent: all. */
  readonly reasons?: ReasonMask;
  /** Who signs the CRL when it is not the issuer of the certificate. */
  readonly crlIssuer?: readonly GeneralName[];
}

export interface IssuingDistributionPoint {
  readonly name?: DistributionPointName;
  readonly onlyUserCertificates: boolean;
  readonly onlyAuthorityCertificates: boolean;
  readonly onlyAttributeCertificates: boolean;
  readonly reasons?: ReasonMask;
  readonly indirect: boolean;
  /** As received: two lists have the same scope when these are the same. */
  readonly der: Uint8Array;
}

const maxDistributionPoints = 100;

/** CRLDistributionPoints, also the syntax of freshestCRL. Throws `malformed-der`. */
export function readDistributionPoints(element: DerElement): DistributionPoint[] {
  const { children } = expectTag(element, tags.sequence, 'CRLDistributionPoints');
  if (children.length === 0 || children.length > maxDistributionPoints)
    throw malformed('number of distribution points');
  return children.map((point) => {
    const cursor = new DerCursor(point, 'DistributionPoint');
    const name = readPointName(cursor.optional(contextTag(0)));
    const reasons = readReasons(cursor.optional(primitiveContextTag(1)));
    const crlIssuer = cursor.optional(contextTag(2));
    cursor.end();
    return {
      ...(name === undefined ? {} : { name }),
      ...(reasons === undefined ? {} : { reasons }),
      ...(crlIssuer === undefined ? {} : { crlIssuer: readGeneralNames(crlIssuer) }),
    };
  });
}

/** Throws `malformed-der`. */
export function readIssuingDistributionPoint(der: Uint8Array): IssuingDistributionPoint {
  const cursor = new DerCursor(readDer(der), 'IssuingDistributionPoint');
  const name = readPointName(cursor.optional(contextTag(0)));
  const [users, authorities] = [1, 2].map((number) => isSet(cursor.optional(primitiveContextTag(number))));
  const reasons = readReasons(cursor.optional(primitiveContextTag(3)));
  const [indirect, attributes] = [4, 5].map((number) => isSet(cursor.optional(primitiveContextTag(number))));
  cursor.end();
  return {
    ...(name === undefined ? {} : { name }),
    ...(reasons === undefined ? {} : { reasons }),
    onlyUserCertificates: users === true,
    onlyAuthorityCertificates: authorities === true,
    onlyAttributeCertificates: attributes === true,
    indirect: indirect === true,
    der,
  };
}

/** Comparable texts of a point's names. `crlIssuerDer`: the Name that a relative one continues. */
export function pointNameKeys(name: DistributionPointName, crlIssuerDer: Uint8Array): string[] {
  if (name.kind === 'full') return name.names.map(generalNameKey);
  const rdns = readDer(crlIssuerDer).children.map(({ raw }) => raw);
  return [directoryNameKey(sequence(...rdns, tlv(tags.set, name.rdn)))];
}

/** DistributionPointName ::= CHOICE { [0] GeneralNames, [1] RelativeDistinguishedName } in an explicit [0]. */
function readPointName(element: DerElement | undefined): DistributionPointName | undefined {
  if (element === undefined) return undefined;
  const [choice, ...surplus] = element.children;
  if (choice === undefined || surplus.length > 0) throw malformed('DistributionPointName is no single choice');
  if (choice.tag === contextTag(0)) return { kind: 'full', names: readGeneralNames(choice) };
  if (choice.tag === contextTag(1)) return { kind: 'relative', rdn: choice.content };
  throw malformed('DistributionPointName is neither full nor relative');
}

function readReasons(element: DerElement | undefined): ReasonMask | undefined {
  if (element === undefined) return undefined;
  let mask = 0;
  for (const bit of namedBitsOf(element)) if (bit <= 8) mask |= 1 << bit;
  return mask & allReasons;
}

/** BOOLEAN under an IMPLICIT tag. FALSE written out is not DER, and means nothing else. */
function isSet(element: DerElement | undefined): boolean {
  if (element === undefined) return false;
  const [octet, ...surplus] = element.content;
  if (surplus.length > 0 || (octet !== 0 && octet !== 0xff)) throw malformed('BOOLEAN not 00 or FF');
  return octet === 0xff;
}
