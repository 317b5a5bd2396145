// What each kind of evidence can prove and for how long: the rules of real-name levels (实名等级), pure. NIST SP 800-63A-4, section 4.

import { addSeconds } from '../../kernel/clock.ts';
import type { RealNameLevel } from '../../kernel/principal.ts';

interface MethodRule {
  readonly level: RealNameLevel;
  /** Without it the evidence counts until it is withdrawn. */
  readonly lastsSeconds?: number;
  /** The evidence is worth nothing without an end of its own: that of the certificate. */
  readonly needsExpiry?: true;
  /** It compares elements of a name and number; alone, without the register, it says nothing about the person. */
  readonly needsRegister?: true;
}

const yearSeconds = 365 * 24 * 3600;

export const evidenceMethods = {
  phone: { level: 1 },
  /** 自报: the person's own word, with right check characters. */
  'self-stated': { level: 2 },
  'population-register': { level: 3 },
  /** 银行卡四要素: the bank knows the card's holder. It is no look at a face and never counts as one. */
  'bank-card': { level: 4, lastsSeconds: yearSeconds, needsRegister: true },
  face: { level: 4, lastsSeconds: yearSeconds },
  /** 网证 (CTID) with a face. */
  'network-id': { level: 4, lastsSeconds: yearSeconds },
  'in-person': { level: 5 },
  certificate: { level: 5, needsExpiry: true },
  /** What an upstream platform says of its own account, for as long as the deployment believes it. */
  'platform-register': { level: 3, needsExpiry: true },
  'platform-person': { level: 4, needsExpiry: true },
  'platform-certificate': { level: 5, needsExpiry: true },
} as const satisfies Readonly<Record<string, MethodRule>>;

export type EvidenceMethod = keyof typeof evidenceMethods;

/** A piece of evidence as far as the level depends on it. */
export interface CountedEvidence {
  readonly level: RealNameLevel;
  readonly expiresAt?: Date | undefined;
  readonly withdrawnAt?: Date | undefined;
}

export function isEvidenceMethod(text: string): text is EvidenceMethod {
  return Object.hasOwn(evidenceMethods, text);
}

export function levelOfMethod(method: EvidenceMethod): RealNameLevel {
  return evidenceMethods[method].level;
}

export function counts({ expiresAt, withdrawnAt }: CountedEvidence, now: Date): boolean {
  return withdrawnAt === undefined && (expiresAt === undefined || expiresAt > now);
}

/** The level of an account: the highest of its evidence that counts at this moment. The database asks the same in SQL. */
export function levelOf(evidence: readonly CountedEvidence[], now: Date): RealNameLevel {
  return evidence
    .filter((piece) => counts(piece, now))
    .reduce<RealNameLevel>((highest, { level }) => (level > highest ? level : highest), 0);
}

/**
 * When evidence established now ends: the rule's term, or an earlier end that it brings. `undefined`: not by itself.
 * `'refused'` for evidence that may not be established so: without the end it must have, past its end, or without the register.
 */
export function expiryOf(
  method: EvidenceMethod,
  {
    now,
    expiresAt,
    registered,
  }: { readonly now: Date; readonly expiresAt?: Date | undefined; readonly registered: boolean },
): Date | undefined | 'refused' {
  const rule: MethodRule = evidenceMethods[method];
  if (rule.needsExpiry === true && expiresAt === undefined) return 'refused';
  if (rule.needsRegister === true && !registered) return 'refused';
  if (expiresAt !== undefined && expiresAt <= now) return 'refused';
  const term = rule.lastsSeconds === undefined ? undefined : addSeconds(now, rule.lastsSeconds);
  if (term === undefined || expiresAt === undefined) return term ?? expiresAt;
  return expiresAt < term ? expiresAt : term;
}

/** Levels above this one rest on the name and number: they fall when either changes. */
export const highestUnprovenLevel = 2;
