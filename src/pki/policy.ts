// The certificate extensions that govern policies; RFC 5280, 4.2.1.4, 4.2.1.5, 4.2.1.11 and 4.2.1.14.

import type { DerElement } from '../codec/der.ts';
import { malformed } from '../codec/der.ts';
import { DerCursor, expectTag, oidOf, primitiveContextTag, smallIntegerOf, tags } from '../codec/der-value.ts';

export const anyPolicy = '2.5.29.32.0';

export interface PolicyMapping {
  readonly issuerDomain: string;
  readonly subjectDomain: string;
}

export interface PolicyConstraints {
  /** Further certificates, self-issued ones not counted, before a policy must be named. */
  readonly requireExplicit?: number;
  readonly inhibitMapping?: number;
}

export interface CertificatePolicies {
  readonly policies: ReadonlySet<string>;
  /** Whether all qualifiers are of the two kinds that RFC 5280 defines; matters only when the extension is critical. */
  readonly qualifiersKnown: boolean;
}

/** Real certificates name a handful; the graph of a path grows with the number. */
const maxPolicies = 500;
const maxMappings = 500;
const knownQualifiers = new Set(['1.3.6.1.5.5.7.2.1', '1.3.6.1.5.5.7.2.2']); // CPS pointer, user notice

/** certificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation; a policy stands in it once (4.2.1.4). */
export function readCertificatePolicies(element: DerElement): CertificatePolicies {
  const policies = new Set<string>();
  let qualifiersKnown = true;
  for (const information of membersOf(element, maxPolicies, 'certificatePolicies')) {
    const cursor = new DerCursor(information, 'PolicyInformation');
    const policy = oidOf(cursor.take(tags.oid));
    const qualifiers = cursor.optional(tags.sequence);
    cursor.end();
    if (policies.has(policy)) throw malformed('a policy twice');
    policies.add(policy);
    for (const qualifier of qualifiers?.children ?? []) {
      const type = oidOf(new DerCursor(qualifier, 'PolicyQualifierInfo').take(tags.oid));
      qualifiersKnown &&= knownQualifiers.has(type);
    }
  }
  return { policies, qualifiersKnown };
}

/** PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { issuerDomainPolicy, subjectDomainPolicy } */
export function readPolicyMappings(element: DerElement): PolicyMapping[] {
  return membersOf(element, maxMappings, 'PolicyMappings').map((pair) => {
    const cursor = new DerCursor(pair, 'PolicyMapping');
    const [issuerDomain, subjectDomain] = [oidOf(cursor.take(tags.oid)), oidOf(cursor.take(tags.oid))];
    cursor.end();
    return { issuerDomain, subjectDomain };
  });
}

/** PolicyConstraints ::= SEQUENCE { [0] SkipCerts OPTIONAL, [1] SkipCerts OPTIONAL }, never empty. */
export function readPolicyConstraints(element: DerElement): PolicyConstraints {
  const cursor = new DerCursor(element, 'PolicyConstraints');
  const [explicit, mapping] = [0, 1].map((number) => cursor.optional(primitiveContextTag(number)));
  cursor.end();
  if (explicit === undefined && mapping === undefined) throw malformed('PolicyConstraints is empty');
  return {
    ...(explicit === undefined ? {} : { requireExplicit: smallIntegerOf(explicit) }),
    ...(mapping === undefined ? {} : { inhibitMapping: smallIntegerOf(mapping) }),
  };
}

export function readInhibitAnyPolicy(element: DerElement): number {
  return smallIntegerOf(expectTag(element, tags.integer, 'InhibitAnyPolicy'));
}

function membersOf(element: DerElement, most: number, what: string): readonly DerElement[] {
  const { children } = expectTag(element, tags.sequence, what);
  if (children.length === 0 || children.length > most) throw malformed(`number of members of ${what}`);
  return children;
}
