// CMS SignedData, read strictly with the signed bytes kept as they came; RFC 5652, 5, and the same under GB/T 35275-2017.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import {
  contextTag,
  DerCursor,
  expectTag,
  octetsOf,
  oidOf,
  onlyChild,
  primitiveContextTag,
  smallIntegerOf,
  tags,
} from '../codec/der-value.ts';
import { inDerOrder } from '../codec/der-write.ts';
import { cmsOids, gmCmsOids } from '../codec/oids.ts';
import type { DigestName } from '../crypto/algorithms.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { SignatureAlgorithmIdentifier } from './algorithm-identifier.ts';
import { readDigestAlgorithm, readSignerAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import { parseCertificate, serialHexOf } from './certificate.ts';
import type { RevocationData } from './revocation-data.ts';
import { readRevocationChoices } from './revocation-data.ts';

export interface Attribute {
  readonly type: string;
  readonly values: readonly DerElement[];
}

export interface SignedAttributes {
  /** The SET OF that the signature is over: the received bytes with the tag of [0] IMPLICIT replaced (RFC 5652, 5.4). */
  readonly signedBytes: Uint8Array;
  readonly attributes: readonly Attribute[];
  /** Whether the members stand in DER order; verifiers that re-encode would see other bytes otherwise. */
  readonly inOrder: boolean;
}

export type SignerIdentifier =
  | { readonly kind: 'issuer-and-serial'; readonly issuerDer: Uint8Array; readonly serialHex: string }
  | { readonly kind: 'subject-key-id'; readonly keyId: Uint8Array };

export interface SignerInfo {
  readonly identifier: SignerIdentifier;
  readonly digestAlgorithm: { readonly oid: string; readonly name?: DigestName; readonly raw: Uint8Array };
  readonly signedAttributes?: SignedAttributes;
  readonly signatureAlgorithm: SignatureAlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly unsignedAttributes: readonly Attribute[];
}

/** Whose identifiers a message uses: those of RFC 5652, or those of GB/T 35275-2017, which is PKCS #7 1.5 otherwise. */
export type CmsFamily = 'rfc5652' | 'gbt35275';

export interface SignedData {
  readonly family: CmsFamily;
  readonly contentType: string;
  /** Absent for a detached signature. */
  readonly content?: Uint8Array;
  readonly certificates: readonly Certificate[];
  /** Members of the certificate set that are no X.509 certificate we can read. */
  readonly unreadableCertificates: number;
  /** CRLs and OCSP responses beside the certificates; `others` are of a kind that nobody here knows. */
  readonly revocationData: RevocationData & { readonly others: number };
  readonly signers: readonly SignerInfo[];
}

/** A signature with its time stamp and two chains is some 10 kB; OCSP and CRL inside may be larger. */
const maxCmsBytes = 1024 * 1024;
const maxCertificates = 40;
const maxAttributes = 40;
const maxSigners = 8;

const families: ReadonlyMap<string, CmsFamily> = new Map([
  [cmsOids.signedData, 'rfc5652'],
  [gmCmsOids.signedData, 'gbt35275'],
]);

/** Reads a ContentInfo that holds SignedData. Throws `malformed-cms`. */
export function parseSignedData(cms: Uint8Array): SignedData {
  try {
    const cursor = new DerCursor(readDer(cms, { maxBytes: maxCmsBytes }), 'ContentInfo');
    const type = oidOf(cursor.take(tags.oid));
    const content = onlyChild(cursor.take(contextTag(0)), 'content');
    cursor.end();
    const family = families.get(type);
    if (family === undefined) throw malformed(`content type ${type} is not signedData`);
    return readSignedData(content, family);
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    throw new TrustError('malformed-cms', error.message, { cause: error });
  }
}

function readSignedData(element: DerElement, family: CmsFamily): SignedData {
  const cursor = new DerCursor(element, 'SignedData');
  const version = smallIntegerOf(cursor.take(tags.integer));
  const digestOids = cursor.take(tags.set).children.map((member) => readDigestAlgorithm(member).oid);
  const encapsulated = new DerCursor(cursor.take(tags.sequence), 'EncapsulatedContentInfo');
  const contentType = oidOf(encapsulated.take(tags.oid));
  const contentElement = encapsulated.optional(contextTag(0));
  encapsulated.end();
  const certificateSet = cursor.optional(contextTag(0))?.children ?? [];
  const revocationData = readRevocationChoices(cursor.optional(contextTag(1))?.children ?? []);
  const signerSet = cursor.take(tags.set).children;
  cursor.end();
  if (certificateSet.length > maxCertificates) throw malformed('too many certificates');
  if (signerSet.length > maxSigners) throw malformed('too many signers');
  const certificates = certificateSet.map(certificateOrNone).filter((certificate) => certificate !== undefined);
  const signers = signerSet.map(readSignerInfo);
  checkUnsignedHead({ family, version, digestOids, contentType, certificateSet, signers });
  return {
    family,
    contentType,
    ...(contentElement === undefined ? {} : { content: octetsOf(onlyChild(contentElement, 'eContent')) }),
    certificates,
    unreadableCertificates: certificateSet.length - certificates.length,
    revocationData,
    signers,
  };
}

/**
 * Version and digestAlgorithms stand outside the signature. RFC 5652, 5.1 says what they must be, and lets a verifier refuse a digest
 * that is not announced: then nobody can change these bytes unnoticed.
 */
function checkUnsignedHead(head: {
  family: CmsFamily;
  version: number;
  digestOids: readonly string[];
  contentType: string;
  certificateSet: readonly DerElement[];
  signers: readonly SignerInfo[];
}): void {
  const { family, version, digestOids, contentType, certificateSet, signers } = head;
  const keyed = signers.some(({ identifier }) => identifier.kind === 'subject-key-id');
  const onlyX509 = certificateSet.every(({ tag }) => tag === tags.sequence);
  // GB/T 35275 has version 1 whatever the content, and signers by issuer and serial only.
  if (family === 'gbt35275' && keyed) throw malformed('signer by key identifier');
  const expected = family === 'rfc5652' && (keyed || contentType !== cmsOids.data) ? 3 : 1;
  if (onlyX509 ? version !== expected : version < 3 || version > 5) throw malformed('SignedData version');
  if (!signers.every(({ digestAlgorithm }) => digestOids.includes(digestAlgorithm.oid))) {
    throw malformed('digestAlgorithms without that of the signer');
  }
}

function readSignerInfo(element: DerElement): SignerInfo {
  const cursor = new DerCursor(element, 'SignerInfo');
  const version = smallIntegerOf(cursor.take(tags.integer));
  const identifier = readIdentifier(cursor.any());
  // RFC 5652, 5.3: version 1 goes with issuer and serial, 3 with a key identifier.
  if (version !== (identifier.kind === 'issuer-and-serial' ? 1 : 3)) throw malformed('SignerInfo version');
  const digestElement = cursor.take(tags.sequence);
  const signedElement = cursor.optional(contextTag(0));
  const digestAlgorithm = readDigestAlgorithm(digestElement);
  const signatureAlgorithm = readSignerAlgorithm(cursor.take(tags.sequence), digestAlgorithm.name);
  const signature = octetsOf(cursor.take(tags.octetString));
  const unsignedElement = cursor.optional(contextTag(1));
  cursor.end();
  return {
    identifier,
    digestAlgorithm: { ...digestAlgorithm, raw: digestElement.raw },
    ...(signedElement === undefined ? {} : { signedAttributes: readSignedAttributes(signedElement) }),
    signatureAlgorithm,
    signature,
    // Some makers write an empty set, against SIZE (1..MAX); it says no more than none, and anybody could take it away.
    unsignedAttributes: unsignedElement?.children.length ? readAttributes(unsignedElement) : [],
  };
}

function readIdentifier(element: DerElement): SignerIdentifier {
  if (element.tag === primitiveContextTag(0)) return { kind: 'subject-key-id', keyId: element.content };
  const cursor = new DerCursor(element, 'IssuerAndSerialNumber');
  const issuerDer = cursor.take(tags.sequence).raw;
  const serialHex = serialHexOf(cursor.take(tags.integer).content);
  cursor.end();
  return { kind: 'issuer-and-serial', issuerDer, serialHex };
}

function readSignedAttributes(element: DerElement): SignedAttributes {
  const signedBytes = element.raw.with(0, tags.set);
  const members = element.children.map(({ raw }) => raw);
  const inOrder = inDerOrder(members).every((member, index) => equalBytes(member, members[index] ?? new Uint8Array()));
  return { signedBytes, attributes: readAttributes(element), inOrder };
}

function readAttributes(element: DerElement): Attribute[] {
  const { length } = element.children;
  if (length === 0 || length > maxAttributes) throw malformed('number of attributes'); // SIZE (1..MAX)
  return element.children.map((child) => {
    const cursor = new DerCursor(child, 'Attribute');
    const type = oidOf(cursor.take(tags.oid));
    const values = expectTag(cursor.take(tags.set), tags.set, 'attrValues').children;
    cursor.end();
    return { type, values };
  });
}

/** CertificateSet also allows attribute certificates and obsolete forms, which nobody here can use. */
function certificateOrNone(element: DerElement): Certificate | undefined {
  if (element.tag !== tags.sequence) return undefined;
  try {
    return parseCertificate(element.raw);
  } catch (error) {
    if (isTrustError(error, 'malformed-certificate')) return undefined;
    throw error;
  }
}
