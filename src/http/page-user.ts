// The signed-in person of a page: what the session keeps of the sign-in, and the Principal made of it anew for every request.

import { type Account, isOvertaken } from '../identity/accounts/accounts.ts';
import { levelOfAcr, lowerLevel } from '../identity/levels/levels.ts';
import { mandateIn } from '../identity/mandates/party-claim.ts';
import { scopesOf } from '../identity/tokens/role-scopes.ts';
import { moment } from '../kernel/clock.ts';
import type { Principal, RepresentedParty } from '../kernel/principal.ts';
import { asObject, numberAt, textAt } from '../kernel/words/members.ts';

/** What the ID token said: kept in the session, and no personal data with it. */
export interface PageUser {
  readonly accountId: string;
  /** Of the engine's session through which the person came. */
  readonly sessionId: string;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly authTimeSeconds: number;
  /** The mandate under which the person came to act; null: for themselves. */
  readonly mandateId: string | null;
}

/** Claims of a verified ID token, or what a session kept; `undefined` when it is not whole. */
export function readPageUser(value: unknown): PageUser | undefined {
  const claims = asObject(value);
  const accountId = textAt(claims, 'accountId') ?? textAt(claims, 'sub');
  const sessionId = textAt(claims, 'sessionId') ?? textAt(claims, 'sid');
  const acr = textAt(claims, 'acr');
  const authTimeSeconds = numberAt(claims, 'authTimeSeconds') ?? numberAt(claims, 'auth_time');
  const amr = claims?.['amr'];
  const mandateId = textAt(claims, 'mandateId') ?? mandateIn(claims?.['represented_party']) ?? null;
  if (accountId === undefined || sessionId === undefined) return undefined;
  if (acr === undefined || authTimeSeconds === undefined) return undefined;
  if (!Array.isArray(amr) || !amr.every((method) => typeof method === 'string')) return undefined;
  return { accountId, sessionId, acr, amr, authTimeSeconds, mandateId };
}

export interface PagePrincipalParts {
  readonly user: PageUser;
  /** As it is now: a suspended account or a lost role counts at once. */
  readonly account: Account;
  readonly actingFor: RepresentedParty | undefined;
  readonly clientId: string;
  readonly context: Pick<Principal, 'origin' | 'requestId'>;
}

export function pagePrincipal({ user, account, actingFor, clientId, context }: PagePrincipalParts): Principal {
  return {
    kind: 'person',
    accountId: account.accountId,
    clientId,
    scopes: new Set(scopesOf(account.roles, actingFor)),
    roles: new Set(account.roles),
    // Never above what the account has now, nor above what this sign-in showed.
    level: lowerLevel(levelOfAcr(user.acr), account.level),
    authenticatedAt: moment(user.authTimeSeconds * 1000),
    amr: user.amr,
    sessionId: user.sessionId,
    ...(isOvertaken(account, user) && { mustProveAgain: true }),
    ...(actingFor !== undefined && { actingFor }),
    ...context,
  };
}
