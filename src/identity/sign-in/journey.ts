// The journey of a sign-in as pure rules: what comes next after what is proven and what is wanted; RFC 8176 names, levels of docs/levels.md.

import type { RealNameLevel } from '../../kernel/principal.ts';
import { factorsIn, lowerLevel, strengthOf } from '../levels/levels.ts';

/** The pages between the first proof and the end, in their order; each is at `/sign-in/{uid}/{step}`. */
export const laterSteps = ['second-factor', 'raise-level', 'choose-party', 'consent'] as const;
export type LaterStep = (typeof laterSteps)[number];

/** What was proven so far. */
export interface Proven {
  /** RFC 8176 names. */
  readonly amr: readonly string[];
  /** Those of them that count for a level above `strengthOfYoungFactors`. */
  readonly counting: readonly string[];
}

/** Everything the rules look at. */
export interface JourneyFacts {
  readonly proven: Proven;
  /** The lowest level that satisfies the client; Infinity when it asks for one that does not exist. 0: nothing asked. */
  readonly floor: number;
  readonly accountLevel: RealNameLevel;
  /** What the account could still prove beyond what it has: names of the methods of its other factors. */
  readonly furtherFactors: readonly Proven[];
  /** The person wants a second factor at every sign-in, or has one, which says the same. */
  readonly secondFactorAlways: boolean;
  readonly raiseLevel: boolean;
  readonly chooseParty: boolean;
  readonly consent: boolean;
  readonly passed: readonly LaterStep[];
}

export type NextStep = LaterStep | 'settle' | 'unmet';

/** A factor that was bound by a weaker login than it would make lends no more than that for a while: a stolen password binds nothing. */
const strengthOfYoungFactors = 3;

/** The highest level that the proofs can stand for. */
export function provenStrength({ amr, counting }: Proven): RealNameLevel {
  const young = lowerLevel(strengthOf(amr), strengthOfYoungFactors);
  const settled = strengthOf(counting);
  return settled > young ? settled : young;
}

/**
 * Every step is asked at most once in a direction that leads on: what cannot be reached is `unmet`, never a question without end.
 * The second factor comes before the others: whoever is not yet known well enough is not asked for a face, nor shown organisations.
 */
export function nextStep(facts: JourneyFacts): NextStep {
  const strength = provenStrength(facts.proven);
  const helps = facts.furtherFactors.some((further) => isHelpful(facts, further));
  if (helps && (strength < facts.floor || facts.secondFactorAlways)) return 'second-factor';
  if (asks(facts, 'raise-level') && facts.raiseLevel) return 'raise-level';
  if (lowerLevel(facts.accountLevel, strength) < facts.floor) return 'unmet';
  if (asks(facts, 'choose-party') && facts.chooseParty) return 'choose-party';
  if (asks(facts, 'consent') && facts.consent) return 'consent';
  return 'settle';
}

/** A second factor is one of another kind, or one that makes the login as strong as the client wants. */
export function isHelpful({ proven, floor }: Pick<JourneyFacts, 'proven' | 'floor'>, further: Proven): boolean {
  const both = together(proven, further);
  if (factorsIn(proven.amr) < 2 && factorsIn(both.amr) >= 2) return true;
  return provenStrength(proven) < floor && provenStrength(both) >= floor;
}

function asks({ passed }: JourneyFacts, step: LaterStep): boolean {
  return !passed.includes(step);
}

/** Both proofs as one, each name once. */
export function together(one: Proven, other: Proven): Proven {
  return { amr: union(one.amr, other.amr), counting: union(one.counting, other.counting) };
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

/** What tokens say: with `mfa` when it was more than one factor (RFC 8176 section 2). */
export function amrOf({ amr }: Proven): readonly string[] {
  return factorsIn(amr) > 1 ? union(amr, ['mfa']) : amr;
}
