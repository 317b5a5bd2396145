// The policies under which a path holds; RFC 5280, 6.1, with the policy graph of RFC 9618 in place of the tree, whose size is exponential.

import type { Certificate } from './certificate.ts';
import { sameName } from './name-match.ts';
import { anyPolicy } from './policy.ts';

/** The inputs of RFC 5280, 6.1.1 (c) and (e) to (g). */
export interface PolicyInput {
  /** Policies acceptable to the one who asks; absent: any. */
  readonly initial?: readonly string[];
  /** The path must hold under at least one acceptable policy. */
  readonly explicit?: boolean;
  readonly inhibitMapping?: boolean;
  readonly inhibitAny?: boolean;
}

export type PolicyOutcome =
  /** `policies`: the user-constrained policy set; `2.5.29.32.0` stands for every policy. */
  | { readonly good: true; readonly policies: readonly string[] }
  | { readonly good: false; readonly code: 'policy-missing' | 'policy-mapping-any'; readonly certificate: Certificate };

/** A policy at one depth. One node a policy and depth, however many ways lead to it: that is what bounds the graph. */
interface Node {
  readonly policy: string;
  readonly parents: readonly Node[];
  expected: ReadonlySet<string>;
}

type Level = Map<string, Node>;

/** `chain`: leaf first, without the anchor. Names of certificates are compared to find self-issued ones. */
export function judgePolicies(chain: readonly Certificate[], input: PolicyInput = {}): PolicyOutcome {
  const count = chain.length;
  let explicit = input.explicit ? 0 : count + 1;
  let mapping = input.inhibitMapping ? 0 : count + 1;
  let inhibitAny = input.inhibitAny ? 0 : count + 1;
  let level: Level = new Map([[anyPolicy, { policy: anyPolicy, parents: [], expected: new Set([anyPolicy]) }]]);

  for (let depth = count - 1; depth >= 0; depth--) {
    const certificate = chain[depth];
    if (certificate === undefined) break;
    const isFinal = depth === 0;
    const selfIssued = sameName(certificate.subjectDer, certificate.issuerDer);
    const above = level;
    level = nextLevel(certificate, above, inhibitAny > 0 || (!isFinal && selfIssued)); // 6.1.3 (d), (e)
    if (explicit === 0 && level.size === 0) return { good: false, code: 'policy-missing', certificate }; // 6.1.3 (f)
    const { requireExplicit, inhibitMapping } = certificate.policyConstraints ?? {};
    if (isFinal) {
      if (explicit > 0) explicit--; // 6.1.5 (a)
      if (requireExplicit === 0) explicit = 0; // 6.1.5 (b)
      break;
    }
    if (mapsAnyPolicy(certificate)) return { good: false, code: 'policy-mapping-any', certificate }; // 6.1.4 (a)
    applyMappings(certificate, { level, above, allowed: mapping > 0 }); // 6.1.4 (b)
    if (!selfIssued) [explicit, mapping, inhibitAny] = [less(explicit), less(mapping), less(inhibitAny)]; // 6.1.4 (h)
    explicit = Math.min(explicit, requireExplicit ?? explicit); // 6.1.4 (i)
    mapping = Math.min(mapping, inhibitMapping ?? mapping);
    inhibitAny = Math.min(inhibitAny, certificate.inhibitAnyPolicy ?? inhibitAny); // 6.1.4 (j)
  }

  const anyInitial = input.initial === undefined || input.initial.includes(anyPolicy);
  const policies = constrainedSet(level, anyInitial ? undefined : input.initial);
  const [leaf] = chain;
  if (explicit === 0 && policies.length === 0 && leaf !== undefined) {
    return { good: false, code: 'policy-missing', certificate: leaf }; // 6.1.5 (g)
  }
  return { good: true, policies };
}

/** RFC 9618, 5.1 (d) and (e): the nodes of one certificate. Nodes above without a child are simply not referred to again. */
function nextLevel({ certificatePolicies }: Certificate, above: Level, anyCounts: boolean): Level {
  const level: Level = new Map();
  if (certificatePolicies === undefined || above.size === 0) return level;
  const expecting = nodesByExpectation(above);
  const anyAbove = above.get(anyPolicy);
  for (const policy of certificatePolicies) {
    if (policy === anyPolicy) continue;
    const parents = expecting.get(policy) ?? (anyAbove === undefined ? [] : [anyAbove]); // (d) (1) (i), (ii)
    if (parents.length > 0) level.set(policy, { policy, parents, expected: new Set([policy]) });
  }
  if (certificatePolicies.has(anyPolicy) && anyCounts) {
    for (const [policy, parents] of expecting) {
      if (!level.has(policy)) level.set(policy, { policy, parents, expected: new Set([policy]) }); // (d) (2)
    }
  }
  return level;
}

function nodesByExpectation(above: Level): Map<string, Node[]> {
  const expecting = new Map<string, Node[]>();
  for (const node of above.values()) {
    for (const policy of node.expected) {
      const nodes = expecting.get(policy);
      if (nodes === undefined) expecting.set(policy, [node]);
      else nodes.push(node);
    }
  }
  return expecting;
}

function mapsAnyPolicy({ policyMappings = [] }: Certificate): boolean {
  return policyMappings.some(
    ({ issuerDomain, subjectDomain }) => issuerDomain === anyPolicy || subjectDomain === anyPolicy,
  );
}

/** RFC 9618, 5.2 (b). */
function applyMappings(
  { policyMappings = [] }: Certificate,
  { level, above, allowed }: { level: Level; above: Level; allowed: boolean },
): void {
  const subjectDomains = new Map<string, Set<string>>();
  for (const { issuerDomain, subjectDomain } of policyMappings) {
    const domains = subjectDomains.get(issuerDomain) ?? new Set();
    subjectDomains.set(issuerDomain, domains.add(subjectDomain));
  }
  const anyHere = level.has(anyPolicy);
  const anyAbove = above.get(anyPolicy);
  for (const [policy, expected] of subjectDomains) {
    const node = level.get(policy);
    if (!allowed) level.delete(policy);
    else if (node !== undefined) node.expected = expected;
    else if (anyHere && anyAbove !== undefined) level.set(policy, { policy, parents: [anyAbove], expected });
  }
}

/** RFC 9618, 5.4 (g): policies granted by the authorities, in the words of the first of them, that the asker accepts. */
function constrainedSet(last: Level, initial: readonly string[] | undefined): string[] {
  const granted = new Set<string>();
  const seen = new Set<Node>();
  const pending = [...last.values()];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.parents);
    if (node.policy !== anyPolicy && node.parents.some(({ policy }) => policy === anyPolicy)) granted.add(node.policy);
  }
  if (last.has(anyPolicy)) return initial === undefined ? [anyPolicy] : [...new Set(initial)];
  return [...granted].filter((policy) => initial === undefined || initial.includes(policy));
}

function less(counter: number): number {
  return counter > 0 ? counter - 1 : 0;
}
