// A TimeStampToken: TSTInfo inside SignedData; RFC 3161, 2.4.2, with ESSCertIDv2 (RFC 5816).

import {
  integer,
  octetString,
  oid,
  preciseGeneralizedTime,
  primitiveContext,
  integerContent,
  sequence,
  tlv,
  unsignedInteger,
} from '../codec/der-write.ts';
import { tags } from '../codec/der-value.ts';
import { cmsOids } from '../codec/oids.ts';
import { signatureAlgorithms } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import type { Signer } from '../crypto/signer.ts';
import type { Certificate } from './certificate.ts';
import { composeSignedData } from './cms.ts';

export interface TimestampOrder {
  readonly imprint: {
    /** DER of the AlgorithmIdentifier as the requester wrote it. */
    readonly digestIdentifier: Uint8Array;
    readonly digest: Uint8Array;
  };
  readonly policyOid: string;
  /** Unsigned big-endian number, never used before. */
  readonly serial: Uint8Array;
  readonly genTime: Date;
  readonly accuracy: { readonly seconds: number; readonly millis?: number };
  /** Content octets of the requester's INTEGER. */
  readonly nonce?: Uint8Array;
  readonly signer: Signer;
  readonly certificate: Certificate;
  /** What to embed: nothing unless certReq was set. */
  readonly embedded: readonly Certificate[];
}

/** DER of the ContentInfo. Throws `key-unavailable`, `algorithm-not-supported`. */
export async function buildTimestampToken(order: TimestampOrder): Promise<Uint8Array> {
  const { signer, certificate, embedded } = order;
  const content = tstInfo(order);
  const digestAlgorithm = signatureAlgorithms[signer.algorithm].digest;
  return composeSignedData({
    contentType: cmsOids.tstInfo,
    content,
    contentDigest: digest(digestAlgorithm, content),
    digestAlgorithm,
    signer,
    certificate,
    embedded,
  });
}

/**
 * TSTInfo ::= SEQUENCE { version, policy, messageImprint, serialNumber, genTime, accuracy, ordering DEFAULT FALSE, nonce … }.
 * `ordering` is absent: two tokens within the accuracy say nothing about each other.
 */
function tstInfo({ imprint, policyOid, serial, genTime, accuracy, nonce }: TimestampOrder): Uint8Array {
  const { seconds, millis } = accuracy;
  return sequence(
    integer(1),
    oid(policyOid),
    sequence(imprint.digestIdentifier, octetString(imprint.digest)),
    unsignedInteger(serial),
    preciseGeneralizedTime(genTime),
    sequence(
      ...(seconds > 0 ? [integer(seconds)] : []),
      ...(millis === undefined ? [] : [primitiveContext(0, integerContent(BigInt(millis)))]),
    ),
    ...(nonce === undefined ? [] : [tlv(tags.integer, nonce)]),
  );
}
