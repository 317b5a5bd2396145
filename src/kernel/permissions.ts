// The questions that every room asks of a caller: has it the scope, is it a keeper, and as whom does it own things.

import { TrustError } from './errors.ts';
import { acrPrefix, type Principal, type RealNameLevel, type Scope } from './principal.ts';

/** Throws `token-missing` for nobody, `scope-missing` when none of `scopes` was granted. The house itself needs none. */
export function requireScope(principal: Principal, ...scopes: readonly Scope[]): void {
  if (principal.kind === 'house') return;
  if (principal.kind === 'anonymous') throw new TrustError('token-missing', 'this needs an access token');
  if (scopes.some((scope) => principal.scopes.has(scope))) return;
  throw new TrustError('scope-missing', `this needs the scope ${scopes.join(' or ')}`, { details: { scopes } });
}

/** So old may the sign-in be at most with which somebody does what cannot be undone (max_age of OpenID Connect Core 3.1.2.1). */
export const recentSeconds = 300;

/** What a deed that cannot be undone asks of the person who does it. */
export interface DeedProof {
  readonly now: Date;
  /** By a passkey whose holder was checked: in production, where staff have them. The sandbox's people have passwords alone. */
  readonly passkey: boolean;
}

/**
 * A person signed in within five minutes, and as strongly as deeds of administrators want it. Systems come with keys of their own, the
 * house with its machine. Throws `step-up-required`; the details say what to ask the provider for (RFC 9470).
 */
export function requireRecentProof(principal: Principal, { now, passkey }: DeedProof): void {
  if (principal.kind !== 'person') return;
  requireLevel(principal, 0, { maxAgeSeconds: recentSeconds, now });
  if (!passkey || isByPasskey(principal)) return;
  throw new TrustError('step-up-required', 'sign in with a passkey', { details: { maxAgeSeconds: 0, amr: 'user' } });
}

/** RFC 8176: a key in hardware or software whose holder was present and checked. */
function isByPasskey({ amr = [] }: Principal): boolean {
  return amr.includes('user') && (amr.includes('hwk') || amr.includes('swk'));
}

/**
 * Throws `step-up-required` when the level of this call is too low, or when the person signed in too long ago: the details say what
 * to ask the provider for (RFC 9470). Systems have no level; the house itself needs none.
 */
export function requireLevel(
  principal: Principal,
  level: RealNameLevel,
  recent?: { readonly maxAgeSeconds: number; readonly now: Date },
): void {
  if (principal.kind === 'house') return;
  const tooLow = principal.level < level;
  const signedInMs = principal.authenticatedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const isPast = recent !== undefined && recent.now.getTime() - signedInMs > recent.maxAgeSeconds * 1000;
  const tooOld = isPast || (recent !== undefined && principal.mustProveAgain === true);
  if (!tooLow && !tooOld) return;
  throw new TrustError('step-up-required', tooLow ? 'a higher real-name level is needed' : 'sign in once more', {
    details: {
      ...(tooLow ? { level, acrValues: `${acrPrefix}${level}` } : {}),
      // A sign-in that is young but counts no more must not satisfy what is asked for.
      ...(recent === undefined ? {} : { maxAgeSeconds: principal.mustProveAgain === true ? 0 : recent.maxAgeSeconds }),
    },
  });
}

/** What the deployment rests on is kept by the house itself or an administrator: `forbidden` for all others. */
export function requireKeeper(principal: Principal): void {
  if (principal.kind === 'house' || principal.roles.has('administrator')) return;
  throw new TrustError('forbidden', 'only an administrator may do this');
}

/**
 * To whom documents, stampings and issued licences belong: a business system, or a person. Never the client a person came
 * through, since one web client serves many people. `forbidden` for a caller who is neither.
 */
export function ownerOf(principal: Principal): string {
  if (principal.kind === 'person' && principal.accountId !== undefined) return `account:${principal.accountId}`;
  if (principal.kind === 'system' && principal.clientId !== undefined) return `client:${principal.clientId}`;
  if (principal.kind === 'house') return 'house';
  throw new TrustError('forbidden', 'this caller can own nothing');
}

/** The account in what `ownerOf` gives for a person. */
export function accountOfOwner(owner: string | undefined): string | undefined {
  return owner?.startsWith('account:') === true ? owner.slice('account:'.length) : undefined;
}
