// Routes of a person's own account: registering, its home at /account, and the pages below it.

import { Router } from 'express';
import type { Identity } from '../../identity/identity.ts';
import { TrustError } from '../../kernel/errors.ts';
import { accountAccessRoutes } from './account-access-routes.ts';
import { accountCloseRoutes } from './account-close-routes.ts';
import { accountIdOf } from './account-id.ts';
import { type AccountPart, accountPage } from './account-page.ts';
import type { RecentVisitOptions } from './recent-visit.ts';
import { registerRoutes } from './register-routes.ts';
import { requestsPath } from './requests-page.ts';
import { requestsText } from './text/requests.ts';
import { sendPage } from './send-page.ts';
import { accountText as text } from './text/account.ts';
import { mandateText } from './text/mandates.ts';
import { signedInOnly } from './visit.ts';

export interface AccountRoutesOptions extends RecentVisitOptions {
  readonly identity: Pick<Identity, 'accounts' | 'accountClosing' | 'consents' | 'registration' | 'sessions'>;
  readonly publicUrl: string;
}

const parts: readonly AccountPart[] = [
  { path: requestsPath, name: requestsText.title, purpose: requestsText.lead },
  { path: '/account/mandates', name: mandateText.title, purpose: mandateText.purpose },
  { path: '/account/systems', name: text.systems, purpose: text.systemsLead },
  { path: '/account/sessions', name: text.sessions, purpose: text.sessionsLead },
  { path: '/account/activity', name: text.activity, purpose: text.activityPurpose },
  { path: '/account/close', name: text.close, purpose: text.closePurpose },
];

export function accountRoutes(options: AccountRoutesOptions): Router {
  const { accounts, accountClosing: closing, consents, registration, sessions } = options.identity;
  const router = Router({ caseSensitive: true });
  router.use(registerRoutes({ ...options, registration, accounts }));
  router.use(accountAccessRoutes({ ...options, sessions, consents }));
  router.use(accountCloseRoutes({ ...options, accounts, closing }));

  router.get(
    '/account',
    signedInOnly(options, async ({ response, principal, frame }) => {
      const accountId = accountIdOf(principal);
      const [account, person] = await Promise.all([accounts.find(accountId), accounts.personOf(accountId)]);
      if (account === undefined) throw new TrustError('token-missing', 'the account is gone');
      sendPage(response, accountPage({ frame, account, person, signInLevel: principal.level, parts }));
    }),
  );
  return router;
}
