// Distinguished names: reading and writing; RFC 5280, 4.1.2.4, X.520.

import type { DerElement } from '../codec/der.ts';
import { malformed } from '../codec/der.ts';
import { DerCursor, oidOf, stringOf, tags } from '../codec/der-value.ts';
import { oid, printableString, sequence, setOf, utf8String } from '../codec/der-write.ts';
import { nameOids } from '../codec/oids.ts';

/** The attributes this house shows. A repeated attribute shows all its values, joined by ` / `, so that none hides. */
export type DistinguishedName = { readonly [K in keyof typeof nameOids]?: string };

type Attribute = keyof typeof nameOids;

/** From the general to the particular, as RFC 4514 readers expect it. */
const order: readonly Attribute[] = [
  'country',
  'stateOrProvince',
  'locality',
  'organisation',
  'organisationIdentifier',
  'organisationalUnit',
  'serialNumber',
  'commonName',
];

/** A subject has a handful of attributes; more are an attempt to be slow. */
const maxAttributes = 32;

export function readName(element: DerElement): DistinguishedName {
  const name: { [K in Attribute]?: string } = {};
  const pairs = element.children.flatMap((rdn) => {
    if (rdn.tag !== tags.set || rdn.children.length === 0)
      throw malformed('RelativeDistinguishedName is no SET of attributes');
    return rdn.children;
  });
  if (pairs.length > maxAttributes) throw malformed('Name has too many attributes');
  for (const pair of pairs) {
    const cursor = new DerCursor(pair, 'AttributeTypeAndValue');
    const type = oidOf(cursor.take(tags.oid));
    const value = cursor.any();
    cursor.end();
    const attribute = order.find((known) => nameOids[known] === type);
    if (attribute === undefined) continue;
    const text = stringOf(value);
    name[attribute] = name[attribute] === undefined ? text : `${name[attribute]} / ${text}`;
  }
  return name;
}

/** RFC 5280, appendix A: countryName and serialNumber are PrintableString, the rest UTF8String. */
export function writeName(name: DistinguishedName): Uint8Array {
  const rdns = order.flatMap((attribute) => {
    const text = name[attribute];
    if (text === undefined) return [];
    const printable = attribute === 'country' || attribute === 'serialNumber';
    const value = printable ? printableString(text) : utf8String(text);
    return [setOf(sequence(oid(nameOids[attribute]), value))];
  });
  return sequence(...rdns);
}
