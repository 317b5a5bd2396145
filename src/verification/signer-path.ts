// The path from a signer's certificate to an anchor at the proven time of the signature, else now; ETSI EN 319 102-1, 5.2.6 and 5.5.

import type { Certificate } from '../pki/certificate.ts';
import { validatePath } from '../pki/path.ts';
import type { Point } from './points.ts';
import type { TrustedTime } from './time-judge.ts';
import type { Trust } from './trust.ts';

/** `certificates`: those of the signature, of which the path may be made besides what the trust brings. */
export function signerPath(
  { signerCertificate: leaf, certificates }: SignerMaterial,
  trust: Trust,
  time: TrustedTime,
): { trusted: boolean; points: readonly Point[] } {
  if (leaf === undefined) return { trusted: false, points: [] };
  const { anchors, revocation, now } = trust;
  const path = validatePath({
    leaf,
    intermediates: [...certificates, ...trust.certificates],
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

interface SignerMaterial {
  readonly signerCertificate?: Certificate | undefined;
  readonly certificates: readonly Certificate[];
}
