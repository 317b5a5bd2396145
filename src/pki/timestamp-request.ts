// A TimeStampReq: read strictly when it comes from outside, written for a foreign authority; RFC 3161, 2.4.1.

import type { DerElement } from '../codec/der.ts';
import { malformed, readDer } from '../codec/der.ts';
import { booleanOf, contextTag, DerCursor, octetsOf, oidOf, smallIntegerOf, tags } from '../codec/der-value.ts';
import { boolean, integer, octetString, sequence, unsignedInteger } from '../codec/der-write.ts';
import type { DigestName } from '../crypto/algorithms.ts';
import { digestNameOf } from '../crypto/algorithms.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { writeDigestAlgorithm } from './algorithm-identifier.ts';
import type { MessageImprint } from './timestamp.ts';

export interface TimestampRequest {
  readonly digestOid: string;
  /** Absent when the registry has no such digest. */
  readonly digestAlgorithm?: DigestName;
  readonly digest: Uint8Array;
  /** DER of the AlgorithmIdentifier, to be repeated in the token octet by octet (2.4.2). */
  readonly digestIdentifier: Uint8Array;
  readonly policyOid?: string;
  /** Content octets of the INTEGER. */
  readonly nonce?: Uint8Array;
  readonly certReq: boolean;
  readonly hasExtensions: boolean;
}

/** A request is under 200 octets. */
const maxRequestBytes = 4096;
const maxNonceBytes = 32;

/** Throws `malformed-timestamp`. */
export function parseTimestampRequest(der: Uint8Array): TimestampRequest {
  try {
    return readRequest(readDer(der, { maxBytes: maxRequestBytes, maxDepth: 8, maxElements: 64 }));
  } catch (error) {
    if (!isTrustError(error, 'malformed-der')) throw error;
    throw new TrustError('malformed-timestamp', `not a TimeStampReq: ${error.message}`, { cause: error });
  }
}

/** `nonce`: unsigned big-endian number. The certificates of the authority are asked for. */
export function writeTimestampRequest({ digestAlgorithm, digest }: MessageImprint, nonce: Uint8Array): Uint8Array {
  const imprint = sequence(writeDigestAlgorithm(digestAlgorithm), octetString(digest));
  return sequence(integer(1), imprint, unsignedInteger(nonce), boolean(true));
}

/** TimeStampReq ::= SEQUENCE { version, messageImprint, reqPolicy OPTIONAL, nonce OPTIONAL, certReq DEFAULT FALSE, extensions [0] OPTIONAL }. */
function readRequest(element: DerElement): TimestampRequest {
  const cursor = new DerCursor(element, 'TimeStampReq');
  if (smallIntegerOf(cursor.take(tags.integer)) !== 1) throw malformed('version is not 1');
  const imprint = new DerCursor(cursor.take(tags.sequence), 'MessageImprint');
  const identifier = imprint.take(tags.sequence);
  const digest = octetsOf(imprint.take(tags.octetString));
  imprint.end();
  const policy = cursor.optional(tags.oid);
  const nonce = cursor.optional(tags.integer)?.content;
  const certReq = cursor.optional(tags.boolean);
  const extensions = cursor.optional(contextTag(0));
  cursor.end();
  if (nonce !== undefined && nonce.length > maxNonceBytes) throw malformed('nonce too long');
  const digestOid = digestOidOf(identifier);
  const digestAlgorithm = digestNameOf(digestOid);
  return {
    digestOid,
    ...(digestAlgorithm === undefined ? {} : { digestAlgorithm }),
    digest,
    digestIdentifier: identifier.raw,
    ...(policy === undefined ? {} : { policyOid: oidOf(policy) }),
    ...(nonce === undefined ? {} : { nonce }),
    certReq: certReq !== undefined && booleanOf(certReq),
    hasExtensions: extensions !== undefined,
  };
}

/** Parameters are absent or NULL for every digest of the registry (RFC 5754, 2). */
function digestOidOf(identifier: DerElement): string {
  const cursor = new DerCursor(identifier, 'hashAlgorithm');
  const type = oidOf(cursor.take(tags.oid));
  cursor.optional(tags.null);
  cursor.end();
  return type;
}
