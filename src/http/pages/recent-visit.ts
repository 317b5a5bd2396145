// Deeds on one's own account that want a recent sign-in: whoever finds an open browser cannot take the account over; OpenID Connect Core 3.1.2.1, max_age.

import type { RequestHandler } from 'express';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import type { Principal } from '../../kernel/principal.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface RecentVisitOptions extends VisitOptions {
  readonly clock: Clock;
}

const recentSeconds = 5 * 60;

/** Others sign in again and come back to `page`, which shows the form anew: what was typed is not kept meanwhile. */
export function recentlySignedInOnly(
  options: RecentVisitOptions,
  page: string,
  handle: (visit: Visit) => Promise<void>,
): RequestHandler {
  return signedInOnly(options, async (visit) => {
    if (isRecent(visit.principal, options.clock.now())) await handle(visit);
    else options.session.askToSignIn(visit.request, visit.response, { to: page, recently: true });
  });
}

export function isRecent({ authenticatedAt }: Pick<Principal, 'authenticatedAt'>, now: Date): boolean {
  return authenticatedAt !== undefined && authenticatedAt >= addSeconds(now, -recentSeconds);
}
