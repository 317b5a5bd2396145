// The path of a signer, or of a time-stamp authority: good now, or good at the time at which the signature is proven to have existed;
// ETSI EN 319 102-1, 5.2.6, 5.5.4 step 4 and 5.6.2.4.

import type { SubIndication } from '../../kernel/report.ts';
import { finding } from '../../kernel/report.ts';
import type { Certificate } from '../../pki/certificate.ts';
import type { PathResult } from '../../pki/path.ts';
import { validatePath } from '../../pki/path.ts';
import { failed, open, type Point } from '../points.ts';
import type { Trust } from '../trust.ts';

export interface PathQuestion {
  readonly leaf: Certificate;
  /** Of the message, of which the path may be made besides what the trust brings. */
  readonly certificates: readonly Certificate[];
  readonly purpose: 'seal' | 'time-stamp';
  /** The earliest moment at which the signature is proven to have existed (best-signature-time). */
  readonly provenAt: Date | undefined;
  /** By a time stamp over the content that was signed with it: the signature is younger. */
  readonly madeAfter?: Date | undefined;
}

export interface JudgedPath {
  readonly trusted: boolean;
  readonly points: readonly Point[];
  /** Leaf first, the anchor last; only the leaf when there is no path. */
  readonly chain: readonly Certificate[];
}

/** Never throws. What cannot be shown for the past is told in the words of the present (5.6.2.4, steps 2 and 6). */
export function judgePath(question: PathQuestion, trust: Trust): JudgedPath {
  const { leaf, certificates, purpose, provenAt } = question;
  const { anchors, revocation, now } = trust;
  const intermediates = [...certificates, ...trust.certificates];
  const request = { leaf, intermediates, anchors: anchors[purpose], purpose };
  if (provenAt !== undefined && provenAt < leaf.notBefore) {
    const what = finding('not-yet-valid', 'error', 'it is proven to be older than the certificate of its signer');
    return { trusted: false, points: [failed('NOT_YET_VALID', what)], chain: [leaf] };
  }
  const today = validatePath({ ...request, at: now, atIsProven: false, revocation });
  if (today.trusted) return { trusted: true, points: [], chain: today.chain };
  if (provenAt === undefined) return notTrusted(today, undefined, question, trust);
  const then = validatePath({ ...request, at: provenAt, revocation: trust.past(provenAt, leaf) });
  // What is known today of a revocation before then counts, whether or not anything proves how old that knowledge is.
  if (!then.trusted || wasRevokedBy(today, provenAt)) return notTrusted(today, then, question, trust);
  const [reason] = today.findings;
  const detail = `at ${provenAt.toISOString()}, when it is proven to have existed; since then: ${reason?.detail ?? ''}`;
  const told: Point[] = purpose === 'seal' ? [{ finding: finding('good-at-proven-time', 'info', detail) }] : [];
  return { trusted: true, points: told, chain: then.chain };
}

function notTrusted(today: PathResult, then: PathResult | undefined, question: PathQuestion, trust: Trust): JudgedPath {
  const [first, ...others] = today.findings;
  const further = (then?.findings ?? []).filter(({ code }) => today.findings.every((known) => known.code !== code));
  if (first === undefined) return { trusted: false, points: [], chain: today.chain };
  const decided = decidedBy(today, question);
  const point = decided === undefined ? open(openBy(today, then, question, trust), first) : failed(decided, first);
  const told = [...others, ...further].map((what): Point => ({ finding: what }));
  return { trusted: false, points: [point, ...told], chain: today.chain };
}

/** What the signer has signed proves that he signed too late: his own time stamp over the content is younger than the end of the certificate. */
function decidedBy(today: PathResult, { leaf, madeAfter }: PathQuestion): SubIndication | undefined {
  if (madeAfter === undefined) return undefined;
  if (wasRevokedBy(today, madeAfter)) return 'REVOKED';
  return madeAfter > leaf.notAfter ? 'EXPIRED' : undefined;
}

function wasRevokedBy({ revokedAt }: PathResult, moment: Date): boolean {
  return revokedAt !== undefined && revokedAt <= moment;
}

function openBy(
  today: PathResult,
  then: PathResult | undefined,
  { leaf, provenAt }: PathQuestion,
  trust: Trust,
): SubIndication {
  const { subIndication } = today.verdict;
  if (provenAt !== undefined && wasRevokedBy(today, provenAt)) return 'REVOKED_NO_POE';
  // It existed in time, but only after the certificate was revoked: that says more than that it has expired since.
  if (then?.verdict.subIndication === 'REVOKED') return 'REVOKED_NO_POE';
  if (then !== undefined && then.findings.every(({ code }) => code === 'existence-not-proven')) {
    return 'REVOCATION_OUT_OF_BOUNDS_NO_POE';
  }
  const isOver = subIndication === 'OUT_OF_BOUNDS_NO_POE' && leaf.notAfter < trust.now;
  return isOver && wasNeverRevoked(today, leaf, trust) ? 'OUT_OF_BOUNDS_NOT_REVOKED' : (subIndication ?? 'NO_POE');
}

/** Its status is known up to its end. */
function wasNeverRevoked({ chain: [, ...above] }: PathResult, leaf: Certificate, trust: Trust): boolean {
  const [issuer] = above;
  if (issuer === undefined) return false;
  const path = { above, others: trust.certificates, algorithms: 'current' } as const;
  return trust.past(leaf.notAfter, leaf).check(leaf, issuer, path).status === 'good';
}
