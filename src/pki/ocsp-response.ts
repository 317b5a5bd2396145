// Building OCSP responses: a BasicOCSPResponse signed by a delegated responder, or a failure without a signature; RFC 6960, 4.2.

import {
  bitString,
  context,
  generalizedTime,
  octetString,
  oid,
  primitiveContext,
  sequence,
  tlv,
} from '../codec/der-write.ts';
import { tags } from '../codec/der-value.ts';
import { ocspOids } from '../codec/oids.ts';
import type { Signer } from '../crypto/signer.ts';
import { concatBytes } from '../kernel/bytes.ts';
import { writeSignatureAlgorithm } from './algorithm-identifier.ts';
import type { Certificate } from './certificate.ts';
import type { CertStatus, OcspFailure } from './ocsp.ts';
import { certIdHash, ocspFailures } from './ocsp.ts';
import { publicKeyFacts } from './public-key.ts';
import { revocationReasons } from './revocation.ts';

export interface SingleAnswer {
  /** DER of the CertID as it was asked. */
  readonly certId: Uint8Array;
  readonly status: CertStatus;
}

export interface OcspAnswerOrder {
  /** The key and certificate of the responder, which the issuer of the certificates asked about has issued (4.2.2.2). */
  readonly signer: Signer;
  readonly responder: Certificate;
  readonly answers: readonly SingleAnswer[];
  readonly producedAt: Date;
  readonly nextUpdate: Date;
  /** Value of the nonce extension, repeated as it came. */
  readonly nonce?: Uint8Array;
}

/** DER of an OCSPResponse. Throws `key-…` of the signer. */
export async function buildOcspResponse(order: OcspAnswerOrder): Promise<Uint8Array> {
  const { signer, responder } = order;
  const tbs = responseData(order);
  const signature = await signer.sign(tbs, 'der');
  const basic = sequence(
    tbs,
    writeSignatureAlgorithm(signer.algorithm),
    bitString(signature),
    context(0, sequence(responder.der)),
  );
  return sequence(enumerated(0), context(0, sequence(oid(ocspOids.basic), octetString(basic))));
}

/** OCSPResponse ::= SEQUENCE { responseStatus }: nothing is signed, because nothing is said of a certificate. */
export function buildOcspFailure(failure: OcspFailure): Uint8Array {
  return sequence(enumerated(ocspFailures[failure]));
}

/** ResponseData ::= SEQUENCE { responderID byKey [2], producedAt, responses, responseExtensions [1] OPTIONAL }. */
function responseData({ responder, answers, producedAt, nextUpdate, nonce }: OcspAnswerOrder): Uint8Array {
  const produced = generalizedTime(producedAt);
  const until = context(0, generalizedTime(nextUpdate));
  const keyHash = certIdHash('SHA-1', publicKeyFacts(responder.spki).keyOctets); // KeyHash is SHA-1 by definition (4.2.1)
  return sequence(
    context(2, octetString(keyHash)),
    produced,
    sequence(...answers.map(({ certId, status }) => sequence(certId, certStatus(status), produced, until))),
    ...(nonce === undefined ? [] : [context(1, sequence(sequence(oid(ocspOids.nonce), octetString(nonce))))]),
  );
}

/** CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL }, all IMPLICIT. */
function certStatus(status: CertStatus): Uint8Array {
  switch (status.status) {
    case 'good':
      return primitiveContext(0, new Uint8Array());
    case 'unknown':
      return primitiveContext(2, new Uint8Array());
    case 'revoked': {
      const { revokedAt, reason } = status;
      const code = reason === 'unspecified' ? new Uint8Array() : context(0, enumerated(revocationReasons[reason]));
      return context(1, concatBytes(generalizedTime(revokedAt), code));
    }
  }
}

function enumerated(value: number): Uint8Array {
  return tlv(tags.enumerated, Uint8Array.of(value));
}
