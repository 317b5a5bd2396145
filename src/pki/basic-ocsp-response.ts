// An OCSP response of somebody else's, read strictly and kept with the bytes it came in; RFC 6960, 4.2.1.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import {
  contextTag,
  DerCursor,
  generalizedTimeOf,
  octetsOf,
  oidOf,
  onlyChild,
  primitiveContextTag,
  smallIntegerOf,
  tags,
} from '../codec/der-value.ts';
import { ocspOids } from '../codec/oids.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Certificate } from './certificate.ts';
import { parseCertificate } from './certificate.ts';
import type { SignedStructure } from './certificate-signature.ts';
import { readCertificateAlgorithm, signatureOctetsOf } from './certificate-signature.ts';
import { reasonOfCode } from './crl-entries.ts';
import { readExtensions } from './extensions.ts';
import type { CertId, CertStatus } from './ocsp.ts';
import { readCertId } from './ocsp-request.ts';

export type ResponderId =
  | { readonly kind: 'name'; readonly name: Uint8Array }
  /** SHA-1 of the responder's key. */
  | { readonly kind: 'key'; readonly hash: Uint8Array };

export interface SingleResponse {
  readonly certId: CertId;
  readonly status: CertStatus;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
}

export interface BasicOcspResponse extends SignedStructure {
  /** The OCSPResponse around it, as received. */
  readonly der: Uint8Array;
  readonly signatureAlgorithmOid: string;
  readonly responderId: ResponderId;
  readonly responses: readonly SingleResponse[];
  /** What the responder sent along: trusted for nothing. */
  readonly certificates: readonly Certificate[];
  /** Critical extensions of the response or of one of its parts: none is processed, so nothing of it may be relied on. */
  readonly criticalExtensions: readonly string[];
}

/** A response about sixteen certificates with a chain is some 10 kB. */
const maxResponseBytes = 128 * 1024;
const maxResponses = 1000;
const maxCertificates = 16;

/** Throws `malformed-ocsp`, also for a failure that tells no status (4.2.1, OCSPResponseStatus). */
export function parseOcspResponse(der: Uint8Array): BasicOcspResponse {
  try {
    return { ...readResponse(der), der };
  } catch (error) {
    if (!isTrustError(error, 'malformed-der') && !isTrustError(error, 'malformed-certificate')) throw error;
    throw new TrustError('malformed-ocsp', error.message, { cause: error });
  }
}

/** OCSPResponse ::= SEQUENCE { responseStatus, responseBytes [0] SEQUENCE { responseType, response OCTET STRING } OPTIONAL }. */
function readResponse(der: Uint8Array): Omit<BasicOcspResponse, 'der'> {
  const outer = new DerCursor(readDer(der, { maxBytes: maxResponseBytes }), 'OCSPResponse');
  const status = smallIntegerOf(outer.take(tags.enumerated));
  const wrapped = outer.optional(contextTag(0));
  outer.end();
  if (status !== 0) throw malformed(`the responder told no status but failure ${status}`);
  if (wrapped === undefined) throw malformed('success without an answer');
  const bytes = new DerCursor(onlyChild(wrapped, 'responseBytes'), 'ResponseBytes');
  if (oidOf(bytes.take(tags.oid)) !== ocspOids.basic) throw malformed('responseType is not basic');
  const basic = octetsOf(bytes.take(tags.octetString));
  bytes.end();
  return readBasic(readDer(basic, { maxBytes: maxResponseBytes }));
}

/** BasicOCSPResponse ::= SEQUENCE { tbsResponseData, signatureAlgorithm, signature, certs [0] OPTIONAL }. */
function readBasic(element: DerElement): Omit<BasicOcspResponse, 'der'> {
  const cursor = new DerCursor(element, 'BasicOCSPResponse');
  const tbs = cursor.take(tags.sequence);
  const { oid, name, foreign } = readCertificateAlgorithm(cursor.take(tags.sequence));
  const signature = signatureOctetsOf(cursor.take(tags.bitString));
  const certs = cursor.optional(contextTag(0));
  cursor.end();
  const list = certs === undefined ? [] : onlyChild(certs, 'certs').children;
  if (list.length > maxCertificates) throw malformed('too many certificates');
  return {
    ...readData(tbs),
    tbs: tbs.raw,
    signature,
    signatureAlgorithmOid: oid,
    ...(name === undefined ? {} : { signatureAlgorithm: name }),
    ...(foreign === undefined ? {} : { foreignAlgorithm: foreign }),
    certificates: list.map(({ raw }) => parseCertificate(raw)),
  };
}

/** ResponseData ::= SEQUENCE { version [0] DEFAULT v1, responderID, producedAt, responses, responseExtensions [1] OPTIONAL }. */
function readData(element: DerElement): Pick<BasicOcspResponse, 'responderId' | 'responses' | 'criticalExtensions'> {
  const cursor = new DerCursor(element, 'ResponseData');
  const version = cursor.optional(contextTag(0));
  if (version !== undefined && smallIntegerOf(onlyChild(version, 'version')) !== 0) throw malformed('version is not 1');
  const responderId = readResponderId(cursor.any());
  generalizedTimeOf(cursor.any()); // producedAt: says nothing of the status
  const list = cursor.take(tags.sequence).children;
  const extensions = criticalIn(cursor.optional(contextTag(1)));
  cursor.end();
  if (list.length === 0 || list.length > maxResponses) throw malformed(`${list.length} responses`);
  const singles = list.map(readSingle);
  return {
    responderId,
    responses: singles.map(({ response }) => response),
    criticalExtensions: [...extensions, ...singles.flatMap(({ critical }) => critical)],
  };
}

/** ResponderID ::= CHOICE { byName [1] Name, byKey [2] KeyHash }, both EXPLICIT. */
function readResponderId(element: DerElement): ResponderId {
  if (element.tag === contextTag(1)) return { kind: 'name', name: onlyChild(element, 'byName').raw };
  if (element.tag === contextTag(2)) return { kind: 'key', hash: octetsOf(onlyChild(element, 'byKey')) };
  throw malformed('ResponderID is neither a name nor a key');
}

/** SingleResponse ::= SEQUENCE { certID, certStatus, thisUpdate, nextUpdate [0] OPTIONAL, singleExtensions [1] OPTIONAL }. */
function readSingle(element: DerElement): { response: SingleResponse; critical: string[] } {
  const cursor = new DerCursor(element, 'SingleResponse');
  const certId = readCertId(cursor.take(tags.sequence));
  const status = readStatus(cursor.any());
  const thisUpdate = generalizedTimeOf(cursor.any());
  const next = cursor.optional(contextTag(0));
  const critical = criticalIn(cursor.optional(contextTag(1)));
  cursor.end();
  const nextUpdate = next === undefined ? undefined : generalizedTimeOf(onlyChild(next, 'nextUpdate'));
  return { response: { certId, status, thisUpdate, ...(nextUpdate === undefined ? {} : { nextUpdate }) }, critical };
}

/** CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL }, all IMPLICIT. */
function readStatus(element: DerElement): CertStatus {
  const { tag, content, children } = element;
  if (tag === contextTag(1)) {
    const [time, reason, ...surplus] = children;
    if (time === undefined || surplus.length > 0) throw malformed('RevokedInfo');
    if (reason !== undefined && reason.tag !== contextTag(0)) throw malformed('revocationReason');
    const code = reason === undefined ? 0 : smallIntegerOf(enumeratedIn(reason));
    return { status: 'revoked', revokedAt: generalizedTimeOf(time), reason: reasonOfCode(code) };
  }
  if (content.length > 0) throw malformed('CertStatus with content');
  if (tag === primitiveContextTag(0)) return { status: 'good' };
  if (tag === primitiveContextTag(2)) return { status: 'unknown' };
  throw malformed('CertStatus is none of the three');
}

function enumeratedIn(element: DerElement): DerElement {
  const child = onlyChild(element, 'revocationReason');
  if (child.tag !== tags.enumerated) throw malformed('CRLReason is not ENUMERATED');
  return child;
}

function criticalIn(element: DerElement | undefined): string[] {
  if (element === undefined) return [];
  return [...readExtensions(onlyChild(element, 'extensions')).values()]
    .filter(({ critical }) => critical)
    .map(({ oid }) => oid);
}
