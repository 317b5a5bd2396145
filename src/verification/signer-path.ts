// The path from a signer's certificate to an anchor, now or at the proven time of the signature; ETSI EN 319 102-1, 5.2.6, 5.5 and 5.6.

import type { Certificate } from '../pki/certificate.ts';
import { judgePath, type JudgedPath } from './past/past-signature.ts';
import type { TrustedTime } from './time-judge.ts';
import type { Trust } from './trust.ts';

/** `certificates`: those of the signature, of which the path may be made besides what the trust brings. */
export function signerPath(
  { signerCertificate: leaf, certificates }: SignerMaterial,
  trust: Trust,
  { genTime: provenAt, madeAfter }: TrustedTime,
): JudgedPath {
  if (leaf === undefined) return { trusted: false, points: [], chain: [] };
  return judgePath({ leaf, certificates, purpose: 'seal', provenAt, madeAfter }, trust);
}

interface SignerMaterial {
  readonly signerCertificate?: Certificate | undefined;
  readonly certificates: readonly Certificate[];
}
