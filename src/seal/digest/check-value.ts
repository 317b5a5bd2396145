// A signature value is checked before it leaves, as a product is read back: made by this seal's key, over this digest, of the level asked for.

import { digest } from '../../crypto/digest.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { verifySignedData } from '../../pki/verify-cms.ts';
import { verifyTimestampToken, type TimestampVerification } from '../../pki/verify-timestamp.ts';
import { pdfDigestAlgorithms } from '../pdf-signature-value.ts';
import { formOfSignedValue } from '../ses/signed-value.ts';
import { parseSesSignature, type SesSignature } from '../ses/ses-signature.ts';
import type { AuthorisedSeal } from '../stamp-policy.ts';
import type { DigestOrder, ToSign } from './digest-order.ts';

export interface ValueMade {
  readonly order: DigestOrder;
  readonly seal: AuthorisedSeal;
  readonly signed: ToSign;
  readonly signingTime: Date;
  readonly roomBytes: number;
  readonly value: Uint8Array;
}

/** Trust in the certificate was judged when the seal was authorised. Throws product-not-verified. */
export function requireGoodValue(made: ValueMade): void {
  const { order, roomBytes, value } = made;
  if (value.length > roomBytes) throw refused(`it has ${value.length} bytes, ${roomBytes} were reserved`);
  const timeStamps = order.mediaType === 'application/pdf' ? checkedCms(made) : checkedSes(made);
  const wanted = order.level === 'B-T' ? 1 : 0;
  if (timeStamps.length !== wanted || !timeStamps.every(({ intact, valid }) => intact && valid))
    throw refused(`${timeStamps.length} time stamps, ${wanted} good ones were to be there`);
}

function checkedCms({ order, seal, signed, value }: ValueMade): readonly TimestampVerification[] {
  const cms = verifySignedData({
    cms: value,
    content: (name) => (name === pdfDigestAlgorithms[order.policy] ? signed.digest : new Uint8Array()),
  });
  const ours = cms.signerCertificate !== undefined && equalBytes(cms.signerCertificate.der, seal.certificate.der);
  if (!ours || !cms.intact || !cms.valid) throw refused(cms.findings[0]?.detail ?? 'it is not of this seal');
  return cms.timestamps;
}

function checkedSes(made: ValueMade): readonly TimestampVerification[] {
  const { seal, signed, signingTime } = made;
  const ses = sesOf(made.value);
  const { tbsDer: data, signatureAlgorithmOid: algorithmOid, signature, timeStamp } = ses;
  const isSigned = formOfSignedValue({ algorithmOid, certificate: seal.certificate, data, signature }) === 'der';
  const isOurs = equalBytes(ses.certificate, seal.certificate.der) && equalBytes(ses.sealDer, seal.sesSeal);
  const isOver = equalBytes(ses.dataHash, signed.digest) && ses.propertyInfo === signed.path;
  if (!isSigned || !isOurs || !isOver || ses.signedAt?.getTime() !== signingTime.getTime())
    throw refused('it is not of this seal, or over something else');
  if (timeStamp === undefined) return [];
  return [verifyTimestampToken({ token: timeStamp, imprint: (name) => digest(name, signature) })];
}

function sesOf(value: Uint8Array): SesSignature {
  try {
    return parseSesSignature(value);
  } catch (error) {
    if (isTrustError(error, 'malformed-der')) throw refused(error.message);
    throw error;
  }
}

function refused(reason: string): TrustError {
  return new TrustError('product-not-verified', `the signature value was not released: ${reason}`, {
    details: { reason },
  });
}
