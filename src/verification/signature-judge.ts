// Judges one signature of a PDF in named steps: form, digest and signature value, time, path, later changes, seal; ETSI EN 319 102-1, 5.2 to 5.5.

import { digestOf, sha256 } from '../crypto/digest.ts';
import { finding } from '../kernel/report.ts';
import type { PdfSignature } from '../pdf/signatures.ts';
import { verifySignedData } from '../pki/verify-cms.ts';
import { certificatesOf, cmsPoints, revocationDataOf } from './cms-points.ts';
import { certificateShown, sealShown } from './shown.ts';
import { reportDocumentTimestamp } from './document-timestamp-judge.ts';
import type { ArchiveStamp } from './past/archive-stamps.ts';
import { padesLevel } from './past/pades-level.ts';
import type { SignatureReport } from './document-report.ts';
import { open, type Point, undoubted, verdictOf } from './points.ts';
import { registerSeal } from './register-seal.ts';
import { signerPath } from './signer-path.ts';
import { coverageOf, formPoints, laterChanges, type SignatureInput } from './signature-place.ts';
import { judgeTimestamps } from './time-judge.ts';

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

/** Never throws for a bad signature. `archive`: the document time stamps of the file, judged before. */
export async function judgeSignature(
  input: SignatureInput,
  archive: readonly ArchiveStamp[],
): Promise<JudgedSignature> {
  const { document, signature, ground, seals } = input;
  const stamp = archive.find((candidate) => candidate.signature === signature);
  if (stamp !== undefined) return { report: reportDocumentTimestamp(input, stamp), certificateSha256: null };
  const cms = verifySignedData({
    cms: signature.contents,
    content: (name) => digestOf(name, signature.signedBytes()),
    signingCertificate: signature.subFilter === 'adbe.pkcs7.detached' ? 'optional' : 'required',
  });
  const ranged = signature.revisionEnd > 0;
  const [intact, valid] = [ranged && cms.intact, ranged && cms.valid];
  const trust = await ground.forSignature(certificatesOf(cms), revocationDataOf(cms), signature);
  const time = judgeTimestamps(cms, trust);
  const path = signerPath(cms, trust, time);
  const { changes, points: changePoints } = laterChanges(document, signature);
  const seal = await registerSeal(cms.signerCertificate, seals, { trust, time });
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
    provenTime: time.genTime?.toISOString() ?? null,
    format: formats.get(signature.subFilter ?? '') ?? signature.subFilter ?? 'unknown',
    level: padesLevel({ signature, cms, time, path, trust, archive, proofs: ground.proofs }),
    seal: seal.record === undefined ? null : sealShown(seal.record),
    certificate: certificate === undefined ? null : certificateShown(certificate),
    findings: points.map((point) => point.finding),
  };
  return { report, certificateSha256: certificate === undefined ? null : sha256(certificate.der) };
}

function formatPoints({ subFilter = 'missing' }: PdfSignature): Point[] {
  if (formats.has(subFilter)) return [];
  const what = finding('signature-format-not-supported', 'warning', `SubFilter ${subFilter} is not judged here`);
  return [open('FORMAT_FAILURE', what)];
}
