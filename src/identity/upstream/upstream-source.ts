// A platform that people may come from (national or provincial identity platform): what is believed of it; OpenID Connect Core 1.0, 2 and 5.1.

import type { RealNameLevel } from '../../kernel/principal.ts';

export interface UpstreamSource {
  /** Stands in addresses, in the audit log and in links: never reused for another platform. */
  readonly id: string;
  readonly name: string;
  readonly nameEn: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly idTokenAlg: 'RS256' | 'PS256' | 'ES256';
  /** Its `acr` values in terms of our levels. What is not named here has `otherwise`. */
  readonly levels: ReadonlyMap<string, RealNameLevel>;
  readonly otherwise: RealNameLevel;
  /** Names of its claims, where it gives a verified real name and resident number. */
  readonly person?: { readonly name: string; readonly idNumber: string };
  /** How long its word about a person counts here. */
  readonly evidenceDays: number;
}

/** The level that a login at the platform stands for, as far as this deployment believes the platform. */
export function levelOfLogin(source: UpstreamSource, acr: unknown): RealNameLevel {
  return (typeof acr === 'string' ? source.levels.get(acr) : undefined) ?? source.otherwise;
}

/** In `amr`, for a login that happened at a platform; RFC 8176 has no name for it, others write it so. */
const method = 'fed';

/**
 * What such a login proves: one factor, which nobody here has seen; from level 4 on two, where the platform is believed to have asked
 * for two, and a key for 5.
 */
export function methodsOf(level: RealNameLevel): readonly string[] {
  if (level < 4) return [method];
  return level === 5 ? [method, 'mfa', 'hwk'] : [method, 'mfa'];
}

export function isFromPlatform(amr: readonly string[]): boolean {
  return amr.includes(method);
}
