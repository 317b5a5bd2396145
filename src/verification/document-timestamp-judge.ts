// Judges a document time stamp of a PDF (DocTimeStamp): it says when the file was so, not who stands behind it; ETSI EN 319 142-1, 5.4.3.

import { digestOf } from '../crypto/digest.ts';
import { finding } from '../kernel/report.ts';
import { validatePath } from '../pki/path.ts';
import { verifyTimestampToken } from '../pki/verify-timestamp.ts';
import type { SignatureReport } from './document-report.ts';
import { failed, open, type Point, verdictOf } from './points.ts';
import { certificateShown } from './shown.ts';
import { coverageOf, formPoints, laterChanges, type SignatureInput } from './signature-place.ts';

export async function judgeDocumentTimestamp(input: SignatureInput): Promise<SignatureReport> {
  const { document, signature, ground } = input;
  const token = verifyTimestampToken({
    token: signature.contents,
    imprint: (name) => digestOf(name, signature.signedBytes()),
  });
  const { genTime, signerCertificate: leaf, certificates } = token;
  const intact = signature.revisionEnd > 0 && token.intact;
  const { changes, points: changePoints } = laterChanges(document, signature);
  const points: Point[] = [...formPoints(input)];
  if (!intact)
    points.push(failed('HASH_FAILURE', finding('imprint-mismatch', 'error', 'the file is not what was stamped')));
  if (!token.valid) {
    const detail = token.findings[0]?.detail ?? 'the token does not verify';
    points.push(failed('SIG_CRYPTO_FAILURE', finding('time-stamp-invalid', 'error', detail)));
  }
  let trusted = false;
  if (leaf !== undefined) {
    const trust = await ground.forSignature(certificates, token.revocationData);
    const { anchors, revocation, now } = trust;
    const purpose = 'time-stamp' as const;
    const path = validatePath({
      leaf,
      intermediates: [...certificates, ...trust.certificates],
      anchors: anchors[purpose],
      at: now,
      atIsProven: false,
      purpose,
      revocation,
    });
    trusted = path.trusted;
    const [what] = path.findings;
    if (!trusted && what !== undefined) points.push(open(path.verdict.subIndication ?? 'NO_POE', what));
  }
  points.push(...changePoints);
  const { indication, subIndication } = verdictOf(points);
  return {
    indication,
    subIndication,
    intact,
    valid: signature.revisionEnd > 0 && token.valid,
    trusted,
    coverage: coverageOf(signature),
    changes,
    signingTime: genTime?.toISOString() ?? null,
    timeSource: genTime === undefined ? 'none' : 'time-stamp',
    format: 'DocTimeStamp',
    level: null,
    seal: null,
    certificate: leaf === undefined ? null : certificateShown(leaf),
    findings: points.map((point) => point.finding),
  };
}
