// Certification path validation; RFC 5280, 6.1, answered in the words of ETSI EN 319 102-1.

import type { Finding, Verdict } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';
import { isBrokenAlgorithm } from './algorithm-identifier.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import type { Certificate } from './certificate.ts';
import type { ComparisonBudget } from './name-constraints.ts';
import { comparisonBudget } from './name-constraints.ts';
import type { CandidatePath } from './path-build.ts';
import { PathBuilder } from './path-build.ts';
import type { PathContext, PathProblem, PathPurpose } from './path-rules.ts';
import { pathRules } from './path-rules.ts';
import type { PolicyInput } from './policy-graph.ts';
import { judgePolicies } from './policy-graph.ts';
import type { RevocationSource } from './revocation.ts';

export interface PathRequest {
  readonly leaf: Certificate;
  /** From the message, in any order, trusted for nothing. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  /** The moment at which the path must be good: a proven signing time, or now. */
  readonly at: Date;
  readonly purpose: PathPurpose;
  readonly revocation: RevocationSource;
  /**
   * Whether the signature is proven to have existed at `at` (a time stamp, or it is being made now). Without a proof an expired or
   * revoked certificate leaves the matter open (INDETERMINATE, …_NO_POE) instead of deciding it. Default true.
   */
  readonly atIsProven?: boolean;
  /** Default `current`. */
  readonly algorithms?: AlgorithmPolicy;
  /** RFC 5280, 6.1.1 (c), (e) to (g). Default: any policy, none demanded, mappings and anyPolicy allowed. */
  readonly policies?: PolicyInput;
}

export interface PathResult {
  readonly trusted: boolean;
  readonly verdict: Verdict;
  /** Leaf first, the anchor last; only the leaf when no path was found. */
  readonly chain: Certificate[];
  readonly findings: Finding[];
  /** When the leaf was revoked, if it was, and the path is not trusted for it. */
  readonly revokedAt?: Date;
  /** The policies of a trusted path that the asker accepts (6.1.6); `2.5.29.32.0` stands for every one, none for no statement. */
  readonly policies: readonly string[];
}

/** The first path that is good; if none is, the path with the fewest problems and what is wrong with it. Never throws. */
export function validatePath(request: PathRequest): PathResult {
  const builder = new PathBuilder(request);
  const budget = comparisonBudget();
  let best: PathResult | undefined;
  let judged = 0;
  for (const candidate of builder.candidates()) {
    const result = judge(candidate, request, budget);
    if (result.trusted) return result;
    if (best === undefined || result.findings.length < best.findings.length) best = result;
    if (++judged === maxJudgedPaths) break;
  }
  return best ?? noPath(request.leaf, builder);
}

/** Where so many paths are bad, the next one is no better: somebody made them to be judged. */
const maxJudgedPaths = 30;

function judge(candidate: CandidatePath, request: PathRequest, budget: ComparisonBudget): PathResult {
  const { intermediates, at, purpose, revocation, atIsProven = true, algorithms = 'current', policies } = request;
  const outcome = judgePolicies(candidate.chain, policies);
  const context: PathContext = {
    ...candidate,
    others: intermediates,
    at,
    purpose,
    revocation,
    atIsProven,
    algorithms,
    outcome,
    budget,
  };
  const problems = pathRules.flatMap((rule) => rule(context));
  const revokedAt = problems.find((problem) => problem.revokedAt !== undefined)?.revokedAt;
  return {
    trusted: problems.length === 0,
    verdict: verdictOf(problems),
    chain: [...candidate.chain, candidate.anchor],
    findings: problems.map((problem) => problem.finding),
    policies: outcome.good ? outcome.policies : [],
    ...(revokedAt === undefined ? {} : { revokedAt }),
  };
}

/** A certain failure outweighs an open question; among equals the first rule speaks. */
function verdictOf(problems: readonly PathProblem[]): Verdict {
  const decisive = problems.find(({ failed }) => failed) ?? problems[0];
  if (decisive === undefined) return { indication: 'TOTAL-PASSED', subIndication: null };
  const { failed, subIndication } = decisive;
  return { indication: failed ? 'TOTAL-FAILED' : 'INDETERMINATE', subIndication };
}

function noPath(leaf: Certificate, { wronglySigned, exhausted }: PathBuilder): PathResult {
  const findings = [finding('no-path', 'error', 'no path from the certificate to a trust anchor')];
  if (isBrokenAlgorithm(leaf.signatureAlgorithmOid)) {
    findings.push(finding('weak-algorithm', 'error', `the certificate is signed with ${leaf.signatureAlgorithmOid}`));
  }
  if (wronglySigned !== undefined) {
    const detail = `its issuer did not sign certificate ${wronglySigned.subject.commonName ?? ''} (serial ${wronglySigned.serialHex})`;
    findings.push(finding('certificate-signature-wrong', 'error', detail));
  }
  if (exhausted) findings.push(finding('path-search-limit', 'warning', 'the search for a path was given up'));
  return {
    trusted: false,
    verdict: { indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' },
    chain: [leaf],
    findings,
    policies: [],
  };
}
