// Candidate certification paths from a leaf up to a trust anchor; RFC 4158, 2 and 3, with bounds against certificate graphs made to exhaust us.

import { equalBytes } from '../kernel/bytes.ts';
import type { Certificate } from './certificate.ts';
import { isSameCertificate, isSignedBy } from './certificate.ts';
import { sameName } from './name.ts';

/** Leaf first; `anchor` is not part of `chain`. */
export interface CandidatePath {
  readonly chain: readonly Certificate[];
  readonly anchor: Certificate;
}

/** Longer paths do not exist outside of test suites. */
const maxChainLength = 10;
/** Each step verifies a signature; a hostile bag of cross-certificates has exponentially many paths. */
const maxSteps = 200;

/** Paths in which every signature holds, best guess first. */
export function candidatePaths(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  anchors: readonly Certificate[],
): CandidatePath[] {
  const found: CandidatePath[] = [];
  const budget = { steps: maxSteps };
  const extend = (chain: readonly Certificate[]): void => {
    const last = chain[chain.length - 1];
    if (last === undefined || chain.length > maxChainLength) return;
    for (const anchor of issuersOf(last, anchors, budget)) found.push({ chain, anchor });
    for (const issuer of issuersOf(last, intermediates, budget)) {
      const isLoop = chain.some(
        (member) => equalBytes(member.spki, issuer.spki) && sameName(member.subjectDer, issuer.subjectDer),
      );
      if (!isLoop) extend([...chain, issuer]);
    }
  };
  // A trust anchor is trusted to issue, not to act: it is no end of a path of length zero.
  if (!anchors.some((anchor) => isSameCertificate(anchor, leaf))) extend([leaf]);
  return found;
}

/** Certificates whose name and key made this one; those whose key identifier fits come first (RFC 4158, 3.5.12). */
function issuersOf(certificate: Certificate, pool: readonly Certificate[], budget: { steps: number }): Certificate[] {
  const named = pool.filter((candidate) => sameName(candidate.subjectDer, certificate.issuerDer));
  const fits = (candidate: Certificate) =>
    certificate.authorityKeyId !== undefined &&
    candidate.subjectKeyId !== undefined &&
    equalBytes(certificate.authorityKeyId, candidate.subjectKeyId);
  const ordered = [...named.filter(fits), ...named.filter((candidate) => !fits(candidate))];
  return ordered.filter((candidate) => --budget.steps >= 0 && isSignedBy(certificate, candidate));
}
