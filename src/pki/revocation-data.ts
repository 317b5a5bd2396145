// CRLs and OCSP responses that travel with a signature, as the bytes they came in; RFC 5652, 10.2.1, RFC 5940, ISO 32000-2, 12.8.3.3.2.

import type { DerElement } from '../codec/der.ts';
import { malformed } from '../codec/der.ts';
import { contextTag, DerCursor, expectTag, oidOf, onlyChild, tags } from '../codec/der-value.ts';
import { cmsOids } from '../codec/oids.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { Attribute } from './signed-data.ts';

/** Unread and trusted for nothing. */
export interface RevocationData {
  readonly crls: readonly Uint8Array[];
  readonly ocspResponses: readonly Uint8Array[];
}

export const noRevocationData: RevocationData = { crls: [], ocspResponses: [] };

/** RevocationInfoChoices ::= SET OF CHOICE { crl CertificateList, other [1] IMPLICIT { format OID, info ANY } }. Throws `malformed-der`. */
export function readRevocationChoices(members: readonly DerElement[]): RevocationData & { readonly others: number } {
  const crls = members.filter(({ tag }) => tag === tags.sequence).map(({ raw }) => raw);
  const formats = members
    .filter(({ tag }) => tag !== tags.sequence)
    .map((member) => {
      const cursor = new DerCursor(member, 'OtherRevocationInfoFormat', contextTag(1));
      const [format, info] = [oidOf(cursor.take(tags.oid)), cursor.any()];
      cursor.end();
      return { format, info };
    });
  const responses = formats.filter(({ format }) => format === cmsOids.ocspResponseInfo);
  return {
    crls,
    ocspResponses: responses.map(({ info }) => info.raw),
    others: formats.length - responses.length,
  };
}

/**
 * The signed attribute adbe-revocationInfoArchival ::= SEQUENCE { crl [0] SEQUENCE OF CertificateList OPTIONAL,
 * ocsp [1] SEQUENCE OF OCSPResponse OPTIONAL, otherRevInfo [2] … }, all EXPLICIT. One that is broken holds nothing.
 */
export function readRevocationArchive(attributes: readonly Attribute[]): RevocationData {
  const archives = attributes.filter(({ type }) => type === cmsOids.revocationInfoArchival);
  try {
    const parts = archives.flatMap(({ values }) => values.map(readArchive));
    return joinedRevocationData(parts);
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    return noRevocationData;
  }
}

export function joinedRevocationData(parts: readonly RevocationData[]): RevocationData {
  return {
    crls: parts.flatMap(({ crls }) => crls),
    ocspResponses: parts.flatMap(({ ocspResponses }) => ocspResponses),
  };
}

function readArchive(value: DerElement): RevocationData {
  const cursor = new DerCursor(value, 'RevocationInfoArchival');
  const listIn = (element: DerElement | undefined): Uint8Array[] => {
    if (element === undefined) return [];
    const { children } = expectTag(onlyChild(element, 'RevocationInfoArchival'), tags.sequence, 'list');
    if (children.some(({ tag }) => tag !== tags.sequence)) throw malformed('RevocationInfoArchival');
    return children.map(({ raw }) => raw);
  };
  const crls = listIn(cursor.optional(contextTag(0)));
  const ocspResponses = listIn(cursor.optional(contextTag(1)));
  return { crls, ocspResponses };
}
