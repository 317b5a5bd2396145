// A TimeStampResp: granted with a token, or rejected with a reason; written by us, read by pkijs when it is a foreign authority's; RFC 3161, 2.4.2.

import { TimeStampResp } from 'pkijs';
import { readDer } from '../codec/der.ts';
import { integer, namedBits, sequence, utf8String } from '../codec/der-write.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { TimestampFailure } from './timestamp.ts';
import { failureBits } from './timestamp.ts';

export type TimestampAnswer =
  /** DER of the token. */
  { readonly granted: Uint8Array } | { readonly refused: TimestampFailure; readonly reason: string };

/** PKIStatus: granted 0, grantedWithMods 1; everything else is no token. */
const granted = 0;
const grantedWithMods = 1;
const rejection = 2;
/** A token with a long chain is some 10 kB. */
const maxResponseBytes = 128 * 1024;

/** TimeStampResp ::= SEQUENCE { status PKIStatusInfo { status, statusString, failInfo }, timeStampToken OPTIONAL }. */
export function buildTimestampResponse(answer: TimestampAnswer): Uint8Array {
  if ('granted' in answer) return sequence(sequence(integer(granted)), answer.granted);
  const { refused, reason } = answer;
  return sequence(sequence(integer(rejection), sequence(utf8String(reason)), namedBits([failureBits[refused]])));
}

/** DER of the token in a foreign authority's answer. Throws `malformed-timestamp`, and `timestamp-refused` when it holds none. */
export function tokenOfResponse(der: Uint8Array): Uint8Array {
  const { status, token } = readResponse(der);
  if (status !== granted && status !== grantedWithMods) {
    throw new TrustError('timestamp-refused', `the time-stamp authority answered with status ${status}`);
  }
  if (token === undefined) throw new TrustError('malformed-timestamp', 'granted without a token');
  return token;
}

function readResponse(der: Uint8Array): { status: number; token: Uint8Array | undefined } {
  try {
    // Our strict reader lets only DER within limits through, and keeps the bytes of the token as they came.
    const [, token] = readDer(der, { maxBytes: maxResponseBytes }).children;
    const response = TimeStampResp.fromBER(Uint8Array.from(der));
    return { status: response.status.status, token: token?.raw };
  } catch (error) {
    if (isTrustError(error) && error.code !== 'malformed-der') throw error;
    throw new TrustError('malformed-timestamp', 'not a TimeStampResp', { cause: error });
  }
}
