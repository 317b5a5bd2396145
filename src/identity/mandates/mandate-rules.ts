// What may be given under a mandate, as pure rules: nobody gives more than they have, and an agent's agent appoints nobody.

import { addSeconds } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type MandateRole, type MandateScope, mandateScopes } from '../../kernel/mandate-scopes.ts';
import { recentSeconds, requireLevel } from '../../kernel/permissions.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal, Scope } from '../../kernel/principal.ts';

const daySeconds = 86_400;
const yearSeconds = 365 * daySeconds;
/** Where none is said. */
export const defaultTermSeconds = yearSeconds;
/** Whoever was forgotten stops acting at last; a leap day is no reason to refuse three years. */
const longestTermSeconds = 3 * yearSeconds + daySeconds;
/** A register's word about a representative is good for so long; then it is asked again. */
export const proofSeconds = yearSeconds;
/** An offer that nobody answered, or a claim that nobody decided. */
export const offerSeconds = 30 * daySeconds;
/** Levels of docs/levels.md: a representative is known to be the holder of the name, an agent to have it. */
export const representativeLevel = 4;
export const agentLevel = 3;
const maxPurposeLength = 200;
const maxSeals = 50;
const mostUses = 100_000;

/** The mandate under which somebody appoints. */
export interface Appointer {
  readonly maxUses?: number;
  readonly role: MandateRole;
  readonly scope: readonly MandateScope[];
  readonly sealIds?: readonly string[];
  readonly validUntil: Date;
}

export interface Terms {
  readonly scope: readonly MandateScope[];
  readonly sealIds?: readonly string[];
  readonly validUntil: Date;
  readonly purpose: string;
  readonly maxUses?: number;
}

/** The terms in the order of the list, each word once. Throws `malformed-request` for what nobody can give, `forbidden` for what this appointer cannot. */
export function permittedTerms(appointer: Appointer, wanted: Terms, now: Date): Terms {
  const scope = mandateScopes.filter((word) => wanted.scope.includes(word));
  if (scope.length === 0) throw malformed('a mandate allows something');
  if (!isPlainText(wanted.purpose, maxPurposeLength))
    throw malformed(`a purpose has 1 to ${maxPurposeLength} visible characters`);
  const sealIds = wanted.sealIds === undefined ? undefined : [...new Set(wanted.sealIds)];
  if (sealIds !== undefined && (sealIds.length === 0 || sealIds.length > maxSeals))
    throw malformed(`a mandate is narrowed to 1 to ${maxSeals} seals`);
  requireTerm(appointer, wanted.validUntil, now);
  requireUses(appointer, wanted, scope);
  const beyond = scope.find((word) => !allows(appointer.scope, word));
  if (beyond !== undefined) throw new TrustError('forbidden', `the appointing mandate does not allow ${beyond}`);
  if (appointer.role === 'agent' && scope.includes('organisation:manage'))
    throw new TrustError('forbidden', 'an agent of an agent appoints nobody');
  const { sealIds: own } = appointer;
  if (own !== undefined && sealIds?.every((sealId) => own.includes(sealId)) !== true && scope.some(isAboutSeals))
    throw new TrustError('forbidden', 'the appointing mandate is narrowed to other seals');
  return { ...wanted, scope, ...(sealIds === undefined ? {} : { sealIds }) };
}

/** Throws `malformed-request`, and `forbidden` for whoever may use seals so many times: that is not passed on. */
function requireUses(appointer: Appointer, { maxUses }: Terms, scope: readonly MandateScope[]): void {
  if (appointer.maxUses !== undefined && scope.includes('seal:use'))
    throw new TrustError('forbidden', 'the appointing mandate is for a number of uses');
  if (maxUses === undefined) return;
  if (!scope.includes('seal:use')) throw malformed('a number of uses is of a mandate that uses seals');
  if (!Number.isSafeInteger(maxUses) || maxUses < 1 || maxUses > mostUses)
    throw malformed(`a mandate is for 1 to ${mostUses} uses, or for any number`);
}

/** Throws as `permittedTerms`: an end that is past or too far; one beyond the end of the appointing agent's own mandate. */
export function requireTerm(appointer: Pick<Appointer, 'role' | 'validUntil'>, validUntil: Date, now: Date): void {
  if (validUntil <= now || validUntil > addSeconds(now, longestTermSeconds))
    throw malformed('a mandate ends within three years from now');
  // A representative's own end is that of the register's word, which is renewed.
  if (appointer.role === 'agent' && validUntil > appointer.validUntil)
    throw new TrustError('forbidden', 'an agent appoints for no longer than the own mandate lasts');
}

/** `seal:use`, `seal:approve` and `seal:apply` contain `seal:read`. */
export function allows(scope: readonly MandateScope[], word: MandateScope): boolean {
  return scope.includes(word) || (word === 'seal:read' && scope.some(isAboutSeals));
}

const apiScopes: Readonly<Partial<Record<MandateScope, readonly Scope[]>>> = {
  'seal:read': ['seal.read'],
  'seal:use': ['seal.read', 'seal.stamp', 'service', 'credential'],
  'seal:approve': ['seal.read', 'seal.approve'],
  'seal:apply': ['seal.read', 'seal.apply'],
};

/** What a mandate lets a person ask of our API, beyond what everybody may and what a role gives. */
export function apiScopesOf(scope: readonly MandateScope[]): readonly Scope[] {
  return scope.flatMap((word) => apiScopes[word] ?? []);
}

/** Throws `forbidden` for who is no person, `step-up-required` (RFC 9470) when the sign-in is older than five minutes. */
export function requireRecentPerson(principal: Principal, now: Date): string {
  const { kind, accountId } = principal;
  if (kind !== 'person' || accountId === undefined) throw new TrustError('forbidden', 'only a person may do this');
  requireLevel(principal, 0, { maxAgeSeconds: recentSeconds, now });
  return accountId;
}

function isAboutSeals(word: MandateScope): boolean {
  return word.startsWith('seal:');
}

function malformed(message: string): TrustError {
  return new TrustError('malformed-request', message);
}
