// Building CMS SignedData with one signer; RFC 5652, 5, or GB/T 35275-2017, with the attributes of ETSI EN 319 122-1 (CAdES) as EN 319 142-1 (PAdES B-B, B-T) wants them.

import {
  context,
  inDerOrder,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
  tlv,
  unsignedInteger,
} from '../codec/der-write.ts';
import { tags } from '../codec/der-value.ts';
import { cmsOids, gmCmsOids } from '../codec/oids.ts';
import type { DigestName } from '../crypto/algorithms.ts';
import { signatureAlgorithms } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import type { Signer } from '../crypto/signer.ts';
import { concatBytes, equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { writeDigestAlgorithm, writeGmSignerAlgorithm, writeSignatureAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import type { CmsFamily } from './signed-data.ts';

interface CommonOrder {
  readonly digestAlgorithm: DigestName;
  readonly signer: Signer;
  readonly certificate: Certificate;
  /** Certificates above the signer's, embedded for whoever verifies offline. */
  readonly chain: readonly Certificate[];
  /** Given the signature value, a TimeStampToken over it: the signature becomes B-T. */
  readonly timestamp?: (signatureValue: Uint8Array) => Promise<Uint8Array>;
  /** Given the content digest, a TimeStampToken over it, to be signed: proves that the signature is younger. */
  readonly contentTimestamp?: (contentDigest: Uint8Array) => Promise<Uint8Array>;
  /** Whose identifiers are written; default `rfc5652`. `gbt35275` goes with SM2 only. */
  readonly family?: CmsFamily;
}

export interface SignedDataOrder extends CommonOrder {
  /** Digest of the detached content (of the ByteRange of a PDF). */
  readonly contentDigest: Uint8Array;
}

export interface AttachedDataOrder extends CommonOrder {
  /** Content to carry inside. */
  readonly content: Uint8Array;
}

/**
 * DER of a detached ContentInfo. No signing-time attribute: in PAdES the claimed time stands in the dictionary (EN 319 142-1, 5.3).
 * Throws `algorithm-not-supported`, `key-unavailable` when certificate, key and digest do not belong together.
 */
export async function buildSignedData(order: SignedDataOrder): Promise<Uint8Array> {
  return composeSignedData({
    ...order,
    contentType: dataOf(order),
    embedded: [order.certificate, ...order.chain],
  });
}

/** DER of a ContentInfo that carries its content. Throws as `buildSignedData` does. */
export async function buildAttachedData(order: AttachedDataOrder): Promise<Uint8Array> {
  return composeSignedData({
    ...order,
    contentDigest: digest(order.digestAlgorithm, order.content),
    contentType: dataOf(order),
    embedded: [order.certificate, ...order.chain],
  });
}

function dataOf({ family }: CommonOrder): string {
  return family === 'gbt35275' ? gmCmsOids.data : cmsOids.data;
}

export interface ComposeOrder extends Omit<SignedDataOrder, 'chain'> {
  readonly contentType: string;
  /** Encapsulated content; absent for a detached signature. */
  readonly content?: Uint8Array;
  readonly embedded: readonly Certificate[];
}

/** SignedData of any content type, for documents and for time-stamp tokens. */
export async function composeSignedData(order: ComposeOrder): Promise<Uint8Array> {
  const { contentType, content, contentDigest, digestAlgorithm, signer, certificate, embedded } = order;
  const gm = order.family === 'gbt35275';
  if (signatureAlgorithms[signer.algorithm].digest !== digestAlgorithm) {
    throw new TrustError('algorithm-not-supported', `${signer.algorithm} does not go with ${digestAlgorithm}`);
  }
  if (gm && signer.algorithm !== 'SM2') {
    throw new TrustError('algorithm-not-supported', `${signer.algorithm} is none of GB/T 35275`);
  }
  if (!equalBytes(signer.spki, certificate.spki)) {
    throw new TrustError('key-unavailable', 'the certificate is not that of the signing key');
  }
  const digestIdentifier = writeDigestAlgorithm(digestAlgorithm);
  const contentToken = await order.contentTimestamp?.(contentDigest);
  const attributes = inDerOrder([
    attribute(cmsOids.contentType, oid(contentType)),
    attribute(cmsOids.messageDigest, octetString(contentDigest)),
    attribute(cmsOids.signingCertificateV2, signingCertificateV2(certificate, digestAlgorithm)),
    ...(contentToken === undefined ? [] : [attribute(cmsOids.contentTimestamp, contentToken)]),
  ]);
  const signature = await signer.sign(tlv(tags.set, ...attributes), 'der');
  const token = await order.timestamp?.(signature);
  const signerInfo = sequence(
    integer(1),
    sequence(certificate.issuerDer, tlv(tags.integer, certificate.serial)),
    digestIdentifier,
    context(0, ...attributes),
    gm ? writeGmSignerAlgorithm() : writeSignatureAlgorithm(signer.algorithm),
    octetString(signature),
    ...(token === undefined ? [] : [context(1, attribute(cmsOids.signatureTimeStampToken, token))]),
  );
  const version = gm || contentType === cmsOids.data ? 1 : 3; // RFC 5652, 5.1; GB/T 35275 knows version 1 only
  const certificates = inDerOrder(embedded.map(({ der }) => der));
  const signedData = sequence(
    integer(version),
    setOf(digestIdentifier),
    sequence(oid(contentType), ...(content === undefined ? [] : [context(0, octetString(content))])),
    ...(certificates.length === 0 ? [] : [context(0, ...certificates)]),
    setOf(signerInfo),
  );
  return sequence(oid(gm ? gmCmsOids.signedData : cmsOids.signedData), context(0, signedData));
}

/**
 * SigningCertificateV2 ::= SEQUENCE { certs SEQUENCE OF ESSCertIDv2 } (RFC 5035, 3); the default SHA-256 is not written.
 * IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber }.
 */
function signingCertificateV2(certificate: Certificate, digestAlgorithm: DigestName): Uint8Array {
  const hashAlgorithm = digestAlgorithm === 'SHA-256' ? new Uint8Array() : writeDigestAlgorithm(digestAlgorithm);
  const directoryName = context(4, certificate.issuerDer);
  const issuerSerial = sequence(sequence(directoryName), unsignedInteger(certificate.serial));
  const certHash = octetString(digest(digestAlgorithm, certificate.der));
  return sequence(sequence(sequence(concatBytes(hashAlgorithm, certHash, issuerSerial))));
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return sequence(oid(type), setOf(value));
}
