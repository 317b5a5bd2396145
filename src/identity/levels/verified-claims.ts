// Answers `verified_claims` with what was asked for and is there, and nothing else; OpenID Connect for Identity Assurance 1.0, sections 5.5 to 5.7.

import type { ElementRequest, ValueRequest, VerifiedClaimsRequest } from './verified-claims-request.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/** All that could be said about a person: how it was verified, and what. */
export interface VerifiedFacts {
  readonly verification: { readonly [name: string]: Json };
  readonly claims: { readonly [name: string]: Json };
}

/** One element as it stands in an ID token or a userinfo answer. */
export interface VerifiedClaims {
  readonly verification: { readonly [name: string]: Json };
  readonly claims: { readonly [name: string]: Json };
}

/**
 * The element for each request whose requirements are met; `undefined` when there is none. Only claims in `agreed` are released. A
 * requirement on the verification that is not met takes the whole element away, one on a claim that claim (section 5.7.4); an element
 * without a claim is none.
 */
export function verifiedClaims(
  requests: readonly VerifiedClaimsRequest[],
  facts: VerifiedFacts,
  { agreed, now }: { readonly agreed: ReadonlySet<string>; readonly now: Date },
): VerifiedClaims | readonly VerifiedClaims[] | undefined {
  const answers = requests
    .map((request) => answered(request, facts, agreed, now))
    .filter((answer) => answer !== undefined);
  const [only] = answers;
  return requests.length === 1 ? only : answers.length === 0 ? undefined : answers;
}

function answered(
  request: VerifiedClaimsRequest,
  facts: VerifiedFacts,
  agreed: ReadonlySet<string>,
  now: Date,
): VerifiedClaims | undefined {
  const verification = members(request.verification, facts.verification, now);
  if (verification === unmet) return undefined;
  const claims: { [name: string]: Json } = {};
  for (const [name, asked] of request.claims) {
    const value = own(facts.claims, name);
    if (value !== undefined && agreed.has(name) && satisfies(value, asked, now)) claims[name] = value;
  }
  return Object.keys(claims).length === 0 ? undefined : { verification, claims };
}

/** A requirement of the request that the facts do not meet. */
const unmet: unique symbol = Symbol('unmet');

/** What of an element was asked for; `undefined`: it is not there and need not be. */
function element(request: ElementRequest, fact: Json | undefined, now: Date): Json | undefined | typeof unmet {
  switch (request.kind) {
    case 'value': {
      if (fact === undefined) return isRestricted(request.value) ? unmet : undefined;
      return satisfies(fact, request.value, now) ? fact : unmet;
    }
    case 'members':
      if (!isObject(fact)) return restricts(request) ? unmet : undefined;
      return members(request.members, fact, now);
    case 'any-of':
      return matching(request.filters, isList(fact) ? fact : [], now);
  }
}

function members(
  requests: ReadonlyMap<string, ElementRequest>,
  facts: { readonly [name: string]: Json },
  now: Date,
): { readonly [name: string]: Json } | typeof unmet {
  const found: { [name: string]: Json } = {};
  for (const [name, request] of requests) {
    const value = element(request, own(facts, name), now);
    if (value === unmet) return unmet;
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Section 5.4: filters of a list are alternatives and templates; each entry that one of them takes is shown as that one asks. */
function matching(filters: readonly ElementRequest[], facts: readonly Json[], now: Date): Json | typeof unmet {
  const entries: Json[] = [];
  for (const fact of facts) {
    for (const filter of filters) {
      const shown = element(filter, fact, now);
      if (shown === undefined || shown === unmet) continue;
      entries.push(shown);
      break;
    }
  }
  return entries.length === 0 ? unmet : entries;
}

function satisfies(value: Json, { values, maxAgeSeconds }: ValueRequest, now: Date): boolean {
  if (values !== undefined && !values.some((wanted) => JSON.stringify(wanted) === JSON.stringify(value))) return false;
  if (maxAgeSeconds === undefined || typeof value !== 'string') return true;
  const lastMs = lastMomentOf(value);
  return lastMs === undefined || now.getTime() - lastMs <= maxAgeSeconds * 1000;
}

/** Section 5.5.2: age is counted from the last second of a day or minute. `undefined` for what is no time. */
function lastMomentOf(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2})?Z)?$/.exec(text);
  if (match === null) return undefined;
  const [, day, minute = '23:59', second = ':59'] = match;
  const ms = Date.parse(`${day}T${minute}${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

function isRestricted({ values, maxAgeSeconds }: ValueRequest): boolean {
  return values !== undefined || maxAgeSeconds !== undefined;
}

function restricts(request: ElementRequest): boolean {
  switch (request.kind) {
    case 'value':
      return isRestricted(request.value);
    case 'members':
      return [...request.members.values()].some(restricts);
    case 'any-of':
      return true;
  }
}

/** Names come from the request: `__proto__` and `constructor` are not facts. */
function own(facts: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(facts, name) ? facts[name] : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && !Array.isArray(value);
}
