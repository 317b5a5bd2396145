// A TimeStampResp, composed by pkijs: granted with a token, or rejected with a reason; RFC 3161, 2.4.2.

import { BitString, fromBER, Utf8String } from 'asn1js';
import { ContentInfo, PKIStatus, PKIStatusInfo, TimeStampResp } from 'pkijs';
import { readDer } from '../codec/der.ts';
import { namedBits } from '../codec/der-write.ts';
import type { TimestampFailure } from './timestamp.ts';
import { failureBits } from './timestamp.ts';

export type TimestampAnswer =
  /** DER of the token. */
  { readonly granted: Uint8Array } | { readonly refused: TimestampFailure; readonly reason: string };

export function buildTimestampResponse(answer: TimestampAnswer): Uint8Array {
  const response =
    'granted' in answer
      ? new TimeStampResp({
          status: new PKIStatusInfo({ status: PKIStatus.granted }),
          timeStampToken: ContentInfo.fromBER(Uint8Array.from(answer.granted).buffer),
        })
      : new TimeStampResp({
          status: new PKIStatusInfo({
            status: PKIStatus.rejection,
            statusStrings: [new Utf8String({ value: answer.reason })],
            failInfo: failInfo(answer.refused),
          }),
        });
  return new Uint8Array(response.toSchema().toBER());
}

/** A named bit list ends with its highest set bit (X.690, 11.2.2); our writer makes it, pkijs carries it. */
function failInfo(failure: TimestampFailure): BitString {
  const der = Uint8Array.from(namedBits([failureBits[failure]]));
  readDer(der);
  const { result } = fromBER(der.buffer);
  return result instanceof BitString ? result : new BitString();
}
