// Judges an SES signature step by step in the order of the standard; GM/T 0031-2014, 6.2.3, GB/T 38540-2020, 7.3, GM/T 0031-2025.

import { digest } from '../crypto/digest.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import { type Finding, finding } from '../kernel/report.ts';
import { type Certificate, parseCertificate } from '../pki/certificate.ts';
import { joinedRevocationData } from '../pki/revocation-data.ts';
import { type TimestampVerification, verifyTimestampToken } from '../pki/verify-timestamp.ts';
import { listsCertificate, makerSignature, unknownExtensions } from '../seal/ses/check-seal.ts';
import { formOfSignedValue } from '../seal/ses/signed-value.ts';
import { parseSesSignature, type SesSignature } from '../seal/ses/ses-signature.ts';
import { failed, open, type Point } from './points.ts';
import { sealPoints, sealTimestamp } from './ses-seal-judge.ts';
import { signerPath } from './signer-path.ts';
import { clockToleranceMs, judgeTimestamps, noTime, type TrustedTime } from './time-judge.ts';
import type { Trust, TrustGround } from './trust.ts';

export interface JudgedValue {
  /** SES V4, GB/T 35275 … */
  readonly format: string;
  /** The signed digest is that of Signature.xml. */
  readonly intact: boolean;
  readonly valid: boolean;
  readonly trusted: boolean;
  readonly certificate: Certificate | undefined;
  /** The seal inside, as it came. */
  readonly sealDer: Uint8Array | undefined;
  readonly claimedTime: Date | undefined;
  readonly time: TrustedTime;
  readonly trust: Trust;
  readonly points: readonly Point[];
}

export interface ValueToJudge {
  readonly value: Uint8Array;
  /** Signature.xml. */
  readonly signed: Uint8Array;
  /** Its path in the package, without a slash in front. */
  readonly path: string;
  readonly ground: TrustGround;
}

/** Never throws for a bad signature. */
export async function judgeSes({ value, signed, path, ground }: ValueToJudge): Promise<JudgedValue> {
  const read = readSes(value);
  if ('detail' in read) return showsNothing('SES', await ground.forSignature([]), wrongForm(read));
  const { ses, signer, maker } = read;
  const timestamps = timestampsOf(ses);
  const ofSeal = sealTimestamp(ses.seal);
  const tokens = ofSeal === undefined ? timestamps : [...timestamps, ofSeal];
  const certificates = [signer, maker, ...tokens.flatMap((token) => token.certificates)];
  const trust = await ground.forSignature(
    certificates,
    joinedRevocationData(tokens.map((token) => token.revocationData)),
  );
  const time = judgeTimestamps({ timestamps, contentTimestamps: [] }, trust);
  const valueForm = formOfSignedValue({
    algorithmOid: ses.signatureAlgorithmOid,
    certificate: signer,
    data: ses.tbsDer,
    signature: ses.signature,
  });
  const intact = equalBytes(ses.dataHash, digest('SM3', signed));
  const signerTrust = signerPath({ signerCertificate: signer, certificates }, trust, time);
  const seal = sealPoints({ ses, maker, trust, time, stamp: ofSeal });
  const points = [
    ...formPoints(ses),
    ...valuePoints(valueForm),
    ...(listsCertificate(ses.seal.info, signer.der) ? [] : [wrongForm(bad('seal-certificate-not-listed', notListed))]),
    ...makerSignature(ses.seal, maker).map((what) => failed('SIG_CRYPTO_FAILURE', what)),
    ...seal.points,
    ...signerTrust.points,
    ...claimPoints(ses, signer, { trust, time }),
    ...(intact ? [] : [failed('HASH_FAILURE', bad('digest-mismatch', 'Signature.xml is not what was signed'))]),
    ...propertyPoints(ses.propertyInfo, path),
    ...time.points,
  ];
  const form = ['FORMAT_FAILURE', 'SIG_CRYPTO_FAILURE'];
  return {
    format: `SES V${ses.version}`,
    intact,
    valid: points.every(({ verdict }) => !form.includes(verdict?.subIndication ?? '')),
    trusted: signerTrust.trusted && seal.trusted,
    certificate: signer,
    sealDer: ses.sealDer,
    claimedTime: ses.signedAt,
    time,
    trust,
    points,
  };
}

const notListed = 'the certificate of the signer is not one of the seal';

function readSes(value: Uint8Array): { ses: SesSignature; signer: Certificate; maker: Certificate } | Finding {
  try {
    const ses = parseSesSignature(value);
    return { ses, signer: parseCertificate(ses.certificate), maker: parseCertificate(ses.seal.makerCertificate) };
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return bad('malformed-ses', error.message);
  }
}

/** Of a value that does not lead to a key: nothing is shown by it. */
export function showsNothing(format: string, trust: Trust, point: Point): JudgedValue {
  return {
    format,
    intact: false,
    valid: false,
    trusted: false,
    certificate: undefined,
    sealDer: undefined,
    claimedTime: undefined,
    time: noTime,
    trust,
    points: [point],
  };
}

function formPoints(ses: SesSignature): Point[] {
  const points = ses.extensions
    .filter(({ critical }) => critical)
    .map(({ oid }) => wrongForm(bad('ses-extension-unknown', `critical extension ${oid}`)));
  if (ses.tbsVersion !== ses.version) {
    const detail = `the signature is of version ${ses.tbsVersion}, its seal of ${ses.version}`;
    points.push(wrongForm(bad('ses-version-mismatch', detail)));
  }
  return [...points, ...unknownExtensions(ses.seal).map(wrongForm)];
}

function valuePoints(form: 'der' | 'raw' | undefined): Point[] {
  if (form === undefined)
    return [failed('SIG_CRYPTO_FAILURE', bad('signature-invalid', 'the signature value is wrong'))];
  const told = finding('signature-not-der', 'info', 'the SM2 signature is written as r‖s, not as DER');
  return form === 'der' ? [] : [{ finding: told }];
}

/** Steps e and f: what the signer says of the time must be possible. */
function claimPoints(
  { signedAt }: SesSignature,
  signer: Certificate,
  { trust, time }: { trust: Trust; time: TrustedTime },
): Point[] {
  if (signedAt === undefined) return [];
  const points: Point[] = [];
  if (signedAt < signer.notBefore || signedAt > signer.notAfter) {
    const what = bad('signed-outside-certificate', 'the claimed time is not within the validity of the certificate');
    points.push(failed(signedAt < signer.notBefore ? 'NOT_YET_VALID' : 'EXPIRED', what));
  }
  if (signedAt.getTime() > trust.now.getTime() + clockToleranceMs) {
    points.push(open('SIG_CONSTRAINTS_FAILURE', bad('signing-time-future', 'the claimed time is in the future')));
  }
  if (time.genTime !== undefined && time.genTime.getTime() + clockToleranceMs < signedAt.getTime()) {
    const what = bad('time-stamp-before-signing', 'the time stamp is older than the claimed time');
    points.push(open('TIMESTAMP_ORDER_FAILURE', what));
  }
  return points;
}

/** The path of Signature.xml, bare or as `ofd.Sign` among the properties of the document. */
function propertyPoints(propertyInfo: string, path: string): Point[] {
  const named = /"ofd\.Sign"\s*:\s*"([^"]*)"/.exec(propertyInfo)?.[1] ?? propertyInfo;
  if (named.replaceAll('\\', '/').replace(/^\//, '').toLowerCase() === path.toLowerCase()) return [];
  return [wrongForm(bad('ses-property-wrong', 'it was made for another place in the package'))];
}

function timestampsOf({ timeStamp, signature }: SesSignature): TimestampVerification[] {
  if (timeStamp === undefined) return [];
  return [verifyTimestampToken({ token: timeStamp, imprint: (name) => digest(name, signature) })];
}

function wrongForm(what: Finding): Point {
  return failed('FORMAT_FAILURE', what);
}

function bad(code: string, detail: string): Finding {
  return finding(code, 'error', detail);
}
