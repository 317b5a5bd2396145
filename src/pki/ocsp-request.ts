// An OCSPRequest from outside, read strictly; RFC 6960, 4.1, with the nonce of RFC 9654.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import { contextTag, DerCursor, octetsOf, oidOf, onlyChild, smallIntegerOf, tags } from '../codec/der-value.ts';
import { ocspOids } from '../codec/oids.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { serialHexOf } from './certificate.ts';
import type { Extension } from './extensions.ts';
import { readExtensions } from './extensions.ts';
import type { CertId } from './ocsp.ts';
import { certIdDigestNames, certIdDigests } from './ocsp.ts';

export interface OcspRequest {
  readonly certIds: readonly CertId[];
  /** The value of the nonce extension as it came, an OCTET STRING of 1 to 128 octets. */
  readonly nonce?: Uint8Array;
}

/** One certificate takes some 80 octets; whoever asks about more than this many asks several times. */
const maxRequestBytes = 4096;
const maxCertIds = 16;
const maxSerialBytes = 64;
const maxNonceBytes = 128;

/** Throws `malformed-ocsp`, also for a critical extension that we do not know. A signature is not asked for and not looked at. */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  try {
    return readRequest(der);
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    throw new TrustError('malformed-ocsp', error.message, { cause: error });
  }
}

/** OCSPRequest ::= SEQUENCE { tbsRequest, optionalSignature [0] OPTIONAL }. */
function readRequest(der: Uint8Array): OcspRequest {
  const limits = { maxBytes: maxRequestBytes, maxDepth: 16, maxElements: 400 };
  const outer = new DerCursor(readDer(der, limits), 'OCSPRequest');
  const cursor = new DerCursor(outer.take(tags.sequence), 'TBSRequest');
  outer.optional(contextTag(0));
  outer.end();
  const version = cursor.optional(contextTag(0));
  if (version !== undefined && smallIntegerOf(onlyChild(version, 'version')) !== 0) throw malformed('version is not 1');
  cursor.optional(contextTag(1)); // requestorName: we answer everybody the same
  const list = cursor.take(tags.sequence).children;
  const extensions = cursor.optional(contextTag(2));
  cursor.end();
  if (list.length === 0 || list.length > maxCertIds) throw malformed(`asks about ${list.length} certificates`);
  const certIds = list.map(readSingle);
  const nonce =
    extensions === undefined ? undefined : nonceIn(readExtensions(onlyChild(extensions, 'requestExtensions')));
  return { certIds, ...(nonce === undefined ? {} : { nonce }) };
}

/** Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] OPTIONAL }. */
function readSingle(element: DerElement): CertId {
  const cursor = new DerCursor(element, 'Request');
  const certId = readCertId(cursor.take(tags.sequence));
  const extensions = cursor.optional(contextTag(0));
  cursor.end();
  if (extensions !== undefined) refuseCritical(readExtensions(onlyChild(extensions, 'singleRequestExtensions')), []);
  return certId;
}

export function readCertId(element: DerElement): CertId {
  const cursor = new DerCursor(element, 'CertID');
  const algorithm = new DerCursor(cursor.take(tags.sequence), 'hashAlgorithm');
  const type = oidOf(algorithm.take(tags.oid));
  algorithm.optional(tags.null);
  algorithm.end();
  const issuerNameHash = octetsOf(cursor.take(tags.octetString));
  const issuerKeyHash = octetsOf(cursor.take(tags.octetString));
  const serial = cursor.take(tags.integer).content;
  cursor.end();
  if (serial.length > maxSerialBytes) throw malformed('serial number too long');
  const digest = certIdDigestNames.find((name) => certIdDigests[name].oid === type);
  const fields = { raw: element.raw, issuerNameHash, issuerKeyHash, serialHex: serialHexOf(serial) };
  return digest === undefined ? fields : { ...fields, digest };
}

function nonceIn(extensions: ReadonlyMap<string, Extension>): Uint8Array | undefined {
  refuseCritical(extensions, [ocspOids.nonce]);
  const nonce = extensions.get(ocspOids.nonce)?.value;
  if (nonce === undefined) return undefined;
  const { length } = octetsOf(readDer(nonce));
  if (length < 1 || length > maxNonceBytes) throw malformed(`nonce of ${length} octets`); // RFC 9654, 2.1
  return nonce;
}

function refuseCritical(extensions: ReadonlyMap<string, Extension>, known: readonly string[]): void {
  for (const { oid, critical } of extensions.values()) {
    if (critical && !known.includes(oid)) throw malformed(`critical extension ${oid}`);
  }
}
