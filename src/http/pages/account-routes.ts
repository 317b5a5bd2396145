// Routes of a person's own account: registering, its home at /account, and the pages below it.

import { Router } from 'express';
import type { Identity } from '../../identity/identity.ts';
import { TrustError } from '../../kernel/errors.ts';
import { accountAccessRoutes } from './account-access-routes.ts';
import { accountCloseRoutes } from './account-close-routes.ts';
import { accountFactorAddingRoutes } from './account-factor-adding-routes.ts';
import { accountFactorRoutes } from './account-factor-routes.ts';
import { accountIdOf } from './account-id.ts';
import { type AccountPart, accountPage } from './account-page.ts';
import { platformRoutes, platformText } from './platform-routes.ts';
import type { RecentVisitOptions } from './recent-visit.ts';
import { registerRoutes } from './register-routes.ts';
import { recoverRoutes } from './recover-routes.ts';
import { sendPage } from './send-page.ts';
import { accountText as text } from './text/account.ts';
import { requestsPath } from './requests-page.ts';
import { requestsText } from './text/requests.ts';
import { mandateText } from './text/mandates.ts';
import { factorsText } from './text/account-factors.ts';
import { signedInOnly } from './visit.ts';

export interface AccountRoutesOptions extends RecentVisitOptions {
  readonly identity: Pick<
    Identity,
    | 'accounts'
    | 'accountClosing'
    | 'consents'
    | 'factors'
    | 'passwordChange'
    | 'recovery'
    | 'registration'
    | 'sessions'
    | 'upstream'
  >;
  /** The script that speaks to authenticators; `undefined` when the pages were not built. */
  readonly passkeyScript: string | undefined;
  readonly publicUrl: string;
}

/** Not shown where the deployment names no platform. */
const platformsPart: AccountPart = {
  path: '/account/platforms',
  name: platformText.title,
  purpose: platformText.purpose,
};

const parts: readonly AccountPart[] = [
  { path: requestsPath, name: requestsText.title, purpose: requestsText.lead },
  { path: '/account/mandates', name: mandateText.title, purpose: mandateText.purpose },
  { path: '/account/factors', name: factorsText.title, purpose: factorsText.purpose },
  { path: '/account/systems', name: text.systems, purpose: text.systemsLead },
  { path: '/account/sessions', name: text.sessions, purpose: text.sessionsLead },
  platformsPart,
  { path: '/account/activity', name: text.activity, purpose: text.activityPurpose },
  { path: '/account/close', name: text.close, purpose: text.closePurpose },
];

export function accountRoutes(options: AccountRoutesOptions): Router {
  const { accounts, accountClosing: closing, consents, registration, sessions, upstream } = options.identity;
  const { factors, passwordChange } = options.identity;
  const router = Router({ caseSensitive: true });
  router.use(registerRoutes({ ...options, registration, accounts }));
  router.use(recoverRoutes({ ...options, recovery: options.identity.recovery }));
  router.use(accountAccessRoutes({ ...options, sessions, consents }));
  router.use(platformRoutes({ ...options, upstream }));
  router.use(accountFactorAddingRoutes({ ...options, accounts, factors, passwordChange }));
  router.use(accountFactorRoutes({ ...options, accounts, factors, passwordChange }));
  router.use(accountCloseRoutes({ ...options, accounts, closing }));

  router.get(
    '/account',
    signedInOnly(options, async ({ response, principal, frame }) => {
      const accountId = accountIdOf(principal);
      const [account, person] = await Promise.all([accounts.find(accountId), accounts.personOf(accountId)]);
      if (account === undefined) throw new TrustError('token-missing', 'the account is gone');
      const shown = parts.filter(({ path }) => path !== platformsPart.path || upstream.platforms.sources.length > 0);
      sendPage(response, accountPage({ frame, account, person, signInLevel: principal.level, parts: shown }));
    }),
  );
  return router;
}
