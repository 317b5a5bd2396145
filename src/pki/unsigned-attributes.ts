// What stands unsigned beside a signature: time-stamp tokens, and everything else said by name; RFC 5652, 11.4, ETSI EN 319 122-1, 5.3 and 5.5.

import type { DerElement } from '../codec/der.ts';
import { tags } from '../codec/der-value.ts';
import { oid } from '../codec/der-write.ts';
import { cmsOids } from '../codec/oids.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import type { Attribute } from './signed-data.ts';

export interface UnsignedAttributes {
  /** Tokens over the signature value, in the order found. */
  readonly tokens: readonly Uint8Array[];
  readonly findings: readonly Finding[];
}

/** Each costs several signature checks; two authorities for one signature are already rare. */
const maxTokens = 4;

/** RFC 5652, 11.1 and 11.2, EN 319 122-1, 5.1 and 5.2: a statement about the content that is not signed says nothing. */
const onlySigned = new Set<string>([
  cmsOids.contentType,
  cmsOids.messageDigest,
  cmsOids.signingTime,
  cmsOids.signingCertificate,
  cmsOids.signingCertificateV2,
  cmsOids.contentTimestamp,
  cmsOids.algorithmProtection,
]);

/** Material for long-term validation of CAdES (EN 319 122-1, 5.4 and 5.5): harmless, and not used here. */
const longTerm = new Set<string>([
  '1.2.840.113549.1.9.16.2.21', // complete-certificate-references
  '1.2.840.113549.1.9.16.2.22', // complete-revocation-references
  '1.2.840.113549.1.9.16.2.23', // certificate-values
  '1.2.840.113549.1.9.16.2.24', // revocation-values
  cmsOids.revocationInfoArchival,
]);

/** Nothing protects these bytes, so whatever is not understood is told: a damaged attribute must not vanish in silence. */
export function readUnsignedAttributes(attributes: readonly Attribute[]): UnsignedAttributes {
  const stamps = attributes.filter(({ type }) => type === cmsOids.signatureTimeStampToken);
  const found = stamps.flatMap(({ values }) => values.map(({ raw }) => raw));
  const findings = attributes.flatMap((attribute) => judge(attribute, found.length > 0));
  if (found.length > maxTokens) {
    findings.push(finding('time-stamp-surplus', 'warning', `only ${maxTokens} of ${found.length} were judged`));
  }
  return { tokens: found.slice(0, maxTokens), findings };
}

function judge({ type, values }: Attribute, stamped: boolean): Finding[] {
  if (type === cmsOids.signatureTimeStampToken) {
    return values.length > 0 ? [] : [finding('time-stamp-damaged', 'warning', 'the time-stamp attribute is empty')];
  }
  if (type === cmsOids.countersignature) {
    return [finding('countersignature-ignored', 'warning', 'a countersignature was not judged')];
  }
  if (onlySigned.has(type)) {
    return [finding('attribute-misplaced', 'error', `attribute ${type} stands outside the signature`)];
  }
  if (values.some(looksLikeTimestamp)) {
    // Beside a time stamp it may be an archive time stamp of CAdES; alone it is what is left of a time stamp.
    return stamped
      ? [finding('time-stamp-surplus', 'warning', `a time stamp in attribute ${type} was not judged`)]
      : [finding('time-stamp-damaged', 'warning', `attribute ${type} holds what looks like a time stamp`)];
  }
  return longTerm.has(type)
    ? [finding('unsigned-attribute-ignored', 'info', `attribute ${type} is not used`)]
    : [finding('unsigned-attribute-unknown', 'warning', `attribute ${type} is not known`)];
}

function looksLikeTimestamp(element: DerElement): boolean {
  return element.tag === tags.oid ? equalBytes(element.raw, tstInfoOid) : element.children.some(looksLikeTimestamp);
}

const tstInfoOid = oid(cmsOids.tstInfo);
