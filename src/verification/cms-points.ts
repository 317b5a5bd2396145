// What the check of a CMS message means for the verdict on a signature, and the material that the message brings; ETSI EN 319 102-1, tables 1 to 3.

import { finding, type SubIndication } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import { joinedRevocationData, type RevocationData } from '../pki/revocation-data.ts';
import type { SignedDataVerification } from '../pki/verify-cms.ts';
import { embeddedCertificatesHold } from './embedded-certificates.ts';
import { failed, open, type Point } from './points.ts';
import { allAnchors, type Trust } from './trust.ts';

/** Of the signature and of its time stamps. */
export function certificatesOf(cms: SignedDataVerification): Certificate[] {
  const stamps = [...cms.timestamps, ...cms.contentTimestamps];
  return [...cms.certificates, ...stamps.flatMap(({ certificates }) => certificates)];
}

export function revocationDataOf(cms: SignedDataVerification): RevocationData {
  return joinedRevocationData([cms, ...cms.timestamps, ...cms.contentTimestamps].map((part) => part.revocationData));
}

/** Algorithms we refuse or do not know leave the matter open; everything else that is wrong in the CMS decides it. */
const undecided = new Set(['weak-algorithm', 'algorithm-not-supported', 'weak-key']);
const subIndications: ReadonlyMap<string, SubIndication> = new Map([
  ['message-digest-mismatch', 'HASH_FAILURE'],
  ['signature-invalid', 'SIG_CRYPTO_FAILURE'],
]);

export function cmsPoints(cms: SignedDataVerification, { anchors }: Trust): Point[] {
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
