// The signed attributes of one signer and what RFC 5652, 5.3 and 11, RFC 6211 and ETSI EN 319 122-1 demand of them.

import type { DerElement } from '../codec/der.ts';
import { contextTag, oidOf, octetsOf, tags } from '../codec/der-value.ts';
import { cmsOids } from '../codec/oids.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { SignedAttributes, SignerInfo } from './signed-data.ts';

export type Wrong = (code: string, detail: string) => void;

/** Each statement about the content may be made once; several content time stamps may stand side by side (EN 319 122-1, 5.2.8). */
const repeatable = new Set<string>([cmsOids.contentTimestamp]);
/** Where they belong, RFC 5652, 11.4 and EN 319 122-1, 5.3: among the unsigned ones. */
const neverSigned = new Set<string>([cmsOids.countersignature, cmsOids.signatureTimeStampToken]);

/** RFC 5652, 5.3 and 11: in DER, none twice, each with one value, none that says something about the signature itself. */
export function checkAttributeForm({ attributes, inOrder }: SignedAttributes, wrong: Wrong): void {
  if (!inOrder) wrong('signed-attributes-not-der', 'the signed attributes are not in DER order');
  const single = attributes.map(({ type }) => type).filter((type) => !repeatable.has(type));
  if (new Set(single).size !== single.length) wrong('attribute-duplicated', 'a signed attribute stands twice');
  for (const { type, values } of attributes) {
    if (values.length !== 1) wrong('attribute-values-not-one', `signed attribute ${type} has ${values.length} values`);
    if (neverSigned.has(type)) wrong('attribute-misplaced', `attribute ${type} must not be signed`);
  }
}

/** RFC 5652, 11.1: the signed content type is that of the content. */
export function checkContentType(attributes: SignedAttributes, contentType: string, wrong: Wrong): void {
  const signed = readValue(attributes, cmsOids.contentType, oidOf);
  if (signed !== contentType) wrong('content-type-attribute-wrong', 'the signed content type is missing or another');
}

/** RFC 5652, 11.2. */
export function signedDigest(attributes: SignedAttributes): Uint8Array | undefined {
  return readValue(attributes, cmsOids.messageDigest, octetsOf);
}

/** RFC 6211, 2: when the signer protected the algorithm identifiers, they must be the ones outside. */
export function checkAlgorithmProtection({ attributes }: SignedAttributes, signer: SignerInfo, wrong: Wrong): void {
  const elements = attributes.filter(({ type }) => type === cmsOids.algorithmProtection).flatMap((a) => a.values);
  for (const { children } of elements) {
    const [digestElement, signatureElement, ...surplus] = children;
    const same =
      surplus.length === 0 &&
      digestElement !== undefined &&
      signatureElement?.tag === contextTag(1) &&
      equalBytes(digestElement.raw, signer.digestAlgorithm.raw) &&
      equalBytes(signatureElement.raw.with(0, tags.sequence), signer.signatureAlgorithm.raw);
    if (!same) wrong('algorithm-protection-mismatch', 'the protected algorithms are not those of the signer');
  }
}

/** The single value of a signed attribute; `undefined` when it is missing, not single or malformed. */
export function readValue<T>(
  attributes: SignedAttributes | undefined,
  type: string,
  read: (element: DerElement) => T,
): T | undefined {
  const matching = attributes?.attributes.filter((attribute) => attribute.type === type) ?? [];
  const [value, ...rest] = matching.flatMap(({ values }) => values);
  if (value === undefined || rest.length > 0) return undefined;
  try {
    return read(value);
  } catch (error) {
    if (isTrustError(error, 'malformed-der')) return undefined;
    throw error;
  }
}
