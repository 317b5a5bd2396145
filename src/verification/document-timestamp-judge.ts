// The report on a document time stamp of a PDF (DocTimeStamp): it says when the file was so, not who stands behind it; ETSI EN 319 142-1, 5.4.3.

import type { SignatureReport } from './document-report.ts';
import type { ArchiveStamp } from './past/archive-stamps.ts';
import { type Point, undoubted, verdictOf } from './points.ts';
import { certificateShown } from './shown.ts';
import { coverageOf, laterChanges, type SignatureInput } from './signature-place.ts';

export function reportDocumentTimestamp({ document, signature }: SignatureInput, stamp: ArchiveStamp): SignatureReport {
  const { intact, valid, trusted, provenAt } = stamp;
  const { genTime, signerCertificate: leaf } = stamp.token;
  const { changes, points: changePoints } = laterChanges(document, signature);
  const points: Point[] = [...stamp.points, ...changePoints, ...undoubted(intact && valid && trusted)];
  const { indication, subIndication } = verdictOf(points);
  return {
    indication,
    subIndication,
    intact,
    valid,
    trusted,
    coverage: coverageOf(signature),
    changes,
    signingTime: genTime?.toISOString() ?? null,
    timeSource: genTime === undefined ? 'none' : 'time-stamp',
    provenTime: provenAt?.toISOString() ?? null,
    format: 'DocTimeStamp',
    level: null,
    seal: null,
    certificate: leaf === undefined ? null : certificateShown(leaf),
    findings: points.map((point) => point.finding),
  };
}
