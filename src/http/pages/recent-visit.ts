// Deeds on one's own account that want a recent sign-in: whoever finds an open browser cannot take the account over; OpenID Connect Core 3.1.2.1, max_age.

import type { RequestHandler } from 'express';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { recentSeconds, requireRecentProof } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface RecentVisitOptions extends VisitOptions {
  readonly clock: Clock;
}

/** Others sign in again and come back to `page`, which shows the form anew: what was typed is not kept meanwhile. */
export function recentlySignedInOnly(
  options: RecentVisitOptions,
  page: string,
  handle: (visit: Visit) => Promise<void>,
): RequestHandler {
  return signedInOnly(options, async (visit) => {
    const { principal, request, response } = visit;
    if (isRecent(principal, options.clock.now())) await handle(visit);
    else options.session.askToSignIn(request, response, { to: page, recently: recencyFor(principal) });
  });
}

export function isRecent(
  { authenticatedAt, mustProveAgain }: Pick<Principal, 'authenticatedAt' | 'mustProveAgain'>,
  now: Date,
): boolean {
  return mustProveAgain !== true && authenticatedAt !== undefined && authenticatedAt >= addSeconds(now, -recentSeconds);
}

/** A young sign-in that counts no more would be taken for good again. */
function recencyFor({ mustProveAgain }: Principal): 'recent' | 'anew' {
  return mustProveAgain === true ? 'anew' : 'recent';
}

/**
 * For deeds of administrators. Throws `step-up-required`; the page of that problem leads through signing in and back, with what was
 * typed (held-form.ts).
 */
export function requireDeedProof({ clock, sandbox }: RecentVisitOptions, { principal }: Visit): void {
  requireRecentProof(principal, { now: clock.now(), passkey: !sandbox });
}
