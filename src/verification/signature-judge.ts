// Judges one signature of a PDF in named steps: form, digest and signature value, time, path, later changes, seal; ETSI EN 319 102-1, 5.2 to 5.5.

import { digest, sha256 } from '../crypto/digest.ts';
import type { SubIndication } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import type { PdfSignature } from '../pdf/signatures.ts';
import type { Certificate } from '../pki/certificate.ts';
import { validatePath } from '../pki/path.ts';
import { joinedRevocationData, type RevocationData } from '../pki/revocation-data.ts';
import { type SignedDataVerification, verifySignedData } from '../pki/verify-cms.ts';
import type { SealRegister } from '../seal/seals.ts';
import { certificateShown, sealShown } from './shown.ts';
import { judgeDocumentTimestamp } from './document-timestamp-judge.ts';
import { embeddedCertificatesHold } from './embedded-certificates.ts';
import type { SignatureReport } from './document-report.ts';
import { failed, open, type Point, verdictOf } from './points.ts';
import { coverageOf, formPoints, laterChanges, type SignatureInput } from './signature-place.ts';
import { judgeTimestamps, type TrustedTime } from './time-judge.ts';
import { allAnchors, type Trust } from './trust.ts';

export interface JudgedSignature {
  readonly report: SignatureReport;
  /** SHA-256 of the signer's certificate, when the signature names one. */
  readonly certificateSha256: Uint8Array | null;
}

/** A map, not an object: the key comes from the file and could be `constructor`. */
const formats: ReadonlyMap<string, string> = new Map([
  ['ETSI.CAdES.detached', 'PAdES'],
  ['adbe.pkcs7.detached', 'PKCS#7'],
]);

/** Never throws for a bad signature. */
export async function judgeSignature(input: SignatureInput): Promise<JudgedSignature> {
  const { document, signature, ground, seals } = input;
  if (signature.type === 'DocTimeStamp')
    return { report: await judgeDocumentTimestamp(input), certificateSha256: null };
  const cms = verifySignedData({
    cms: signature.contents,
    content: (name) => digest(name, ...signature.signedBytes()),
    signingCertificate: signature.subFilter === 'adbe.pkcs7.detached' ? 'optional' : 'required',
  });
  const ranged = signature.signedBytes().length > 0;
  const [intact, valid] = [ranged && cms.intact, ranged && cms.valid];
  const trust = await ground.forSignature(certificatesOf(cms), revocationDataOf(cms));
  const time = judgeTimestamps(cms, trust);
  const path = signerPath(cms, trust, time);
  const { changes, points: changePoints } = laterChanges(document, signature);
  const seal = await sealOf(cms.signerCertificate, seals, { trust, time });
  const points = [
    ...formPoints(input),
    ...formatPoints(signature),
    ...cmsPoints(cms, trust),
    ...trust.findings.map((what): Point => ({ finding: what })),
    ...time.points,
    ...path.points,
    ...changePoints,
    ...seal.points,
    ...undoubted(intact && valid && path.trusted),
  ];
  const { indication, subIndication } = verdictOf(points);
  const certificate = cms.signerCertificate;
  const report: SignatureReport = {
    indication,
    subIndication,
    intact,
    valid,
    trusted: path.trusted,
    coverage: coverageOf(signature),
    changes,
    signingTime: (time.genTime ?? signature.signingTimeClaimed)?.toISOString() ?? null,
    timeSource: time.genTime !== undefined ? 'time-stamp' : signature.signingTimeClaimed ? 'claimed' : 'none',
    format: formats.get(signature.subFilter ?? '') ?? signature.subFilter ?? 'unknown',
    level: levelOf(signature, cms, time),
    seal: seal.record === undefined ? null : sealShown(seal.record),
    certificate: certificate === undefined ? null : certificateShown(certificate),
    findings: points.map((point) => point.finding),
  };
  return { report, certificateSha256: certificate === undefined ? null : sha256(certificate.der) };
}

/** Of the signature and of its time stamps. */
function certificatesOf(cms: SignedDataVerification): Certificate[] {
  const stamps = [...cms.timestamps, ...cms.contentTimestamps];
  return [...cms.certificates, ...stamps.flatMap(({ certificates }) => certificates)];
}

function revocationDataOf(cms: SignedDataVerification): RevocationData {
  return joinedRevocationData([cms, ...cms.timestamps, ...cms.contentTimestamps].map((part) => part.revocationData));
}

/** Whatever a step above may overlook: only what is intact, valid and trusted can pass. */
function undoubted(good: boolean): Point[] {
  if (good) return [];
  return [
    open('SIG_CONSTRAINTS_FAILURE', finding('signature-not-good', 'info', 'it is not intact, valid and trusted')),
  ];
}

function formatPoints({ subFilter = 'missing' }: PdfSignature): Point[] {
  if (formats.has(subFilter)) return [];
  const what = finding('signature-format-not-supported', 'warning', `SubFilter ${subFilter} is not judged here`);
  return [open('FORMAT_FAILURE', what)];
}

/** Algorithms we refuse or do not know leave the matter open; everything else that is wrong in the CMS decides it. */
const undecided = new Set(['weak-algorithm', 'algorithm-not-supported', 'weak-key']);
const subIndications: ReadonlyMap<string, SubIndication> = new Map([
  ['message-digest-mismatch', 'HASH_FAILURE'],
  ['signature-invalid', 'SIG_CRYPTO_FAILURE'],
]);

function cmsPoints(cms: SignedDataVerification, { anchors }: Trust): Point[] {
  const points = cms.findings.map((what): Point => {
    if (undecided.has(what.code)) return open('CRYPTO_CONSTRAINTS_FAILURE_NO_POE', what);
    // What it proved cannot be told any more; the signature itself is none the worse (5.5.4).
    if (what.code === 'time-stamp-damaged') return open('SIG_CONSTRAINTS_FAILURE', what);
    // An embedded certificate that cannot be read was damaged: the unsigned part of the CMS was touched.
    const decides = what.severity === 'error' || what.code === 'certificate-unreadable';
    return decides ? failed(subIndications.get(what.code) ?? 'FORMAT_FAILURE', what) : { finding: what };
  });
  if (!embeddedCertificatesHold(certificatesOf(cms), allAnchors(anchors))) {
    const detail = 'an embedded certificate is not as its issuer signed it';
    points.push(failed('FORMAT_FAILURE', finding('embedded-certificate-altered', 'error', detail)));
  }
  return points;
}

function signerPath(
  cms: SignedDataVerification,
  trust: Trust,
  time: TrustedTime,
): { trusted: boolean; points: readonly Point[] } {
  const leaf = cms.signerCertificate;
  if (leaf === undefined) return { trusted: false, points: [] };
  const { anchors, revocation, now } = trust;
  const path = validatePath({
    leaf,
    intermediates: [...cms.certificates, ...trust.certificates],
    anchors: anchors.seal,
    at: time.genTime ?? now,
    atIsProven: time.genTime !== undefined,
    purpose: 'seal',
    revocation,
  });
  const { verdict } = path;
  const points = path.findings.map(
    (what, i): Point => (i === 0 && !path.trusted ? { finding: what, verdict } : { finding: what }),
  );
  return { trusted: path.trusted, points };
}

/** A seal out of use when it signed (挂失, 停用, 撤销, 缴销) does not bind anybody; without a proven time it may have been in use. */
async function sealOf(
  certificate: Certificate | undefined,
  seals: SealRegister,
  { trust, time }: { trust: Trust; time: TrustedTime },
) {
  if (certificate === undefined) return { record: undefined, points: [] };
  const found = await seals.byCertificate(sha256(certificate.der), time.genTime ?? trust.now);
  if (found === undefined) {
    return {
      record: undefined,
      points: [{ finding: finding('seal-unknown', 'info', 'not made with a seal of this register') }],
    };
  }
  const { record, stateThen } = found;
  if (stateThen === 'active') return { record, points: [] };
  const what = finding('seal-not-in-use', 'error', `the seal was ${stateThen}`);
  return { record, points: [time.genTime === undefined ? open('REVOKED_NO_POE', what) : failed('REVOKED', what)] };
}

/** EN 319 142-1, 6.1: B-T is B-B with a trusted time on the signature. */
function levelOf(signature: PdfSignature, cms: SignedDataVerification, time: TrustedTime): 'B-B' | 'B-T' | null {
  if (signature.subFilter !== 'ETSI.CAdES.detached' || !cms.valid) return null;
  return time.genTime === undefined ? 'B-B' : 'B-T';
}
