// A TimeStampReq from outside: our strict reader lets only DER within limits through, pkijs reads the structure; RFC 3161, 2.4.1.

import { fromBER } from 'asn1js';
import { AlgorithmIdentifier, TimeStampReq } from 'pkijs';
import { readDer } from '../codec/der.ts';
import type { DigestName } from '../crypto/algorithms.ts';
import { digestNameOf } from '../crypto/algorithms.ts';
import { TrustError } from '../kernel/errors.ts';

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
    readDer(der, { maxBytes: maxRequestBytes, maxDepth: 8, maxElements: 64 });
    const copy = Uint8Array.from(der);
    return facts(new TimeStampReq({ schema: fromBER(copy.buffer).result }));
  } catch (error) {
    throw new TrustError('malformed-timestamp', 'not a TimeStampReq', { cause: error });
  }
}

function facts({ version, messageImprint, reqPolicy, nonce, certReq, extensions }: TimeStampReq): TimestampRequest {
  if (version !== 1) throw new TrustError('malformed-timestamp', 'version is not 1');
  const { hashAlgorithm, hashedMessage } = messageImprint;
  const digestOid = hashAlgorithm.algorithmId;
  const digestAlgorithm = digestNameOf(digestOid);
  const nonceOctets = nonce === undefined ? undefined : new Uint8Array(nonce.valueBlock.valueHexView);
  if (nonceOctets !== undefined && nonceOctets.length > maxNonceBytes)
    throw new TrustError('malformed-timestamp', 'nonce too long');
  return {
    digestOid,
    ...(digestAlgorithm === undefined ? {} : { digestAlgorithm }),
    digest: new Uint8Array(hashedMessage.valueBlock.valueHexView),
    digestIdentifier: new Uint8Array(new AlgorithmIdentifier(hashAlgorithm).toSchema().toBER()),
    ...(reqPolicy === undefined ? {} : { policyOid: reqPolicy }),
    ...(nonceOctets === undefined ? {} : { nonce: nonceOctets }),
    certReq: certReq ?? false,
    hasExtensions: extensions !== undefined && extensions.length > 0,
  };
}
