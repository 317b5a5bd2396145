// Routes of a person's own account: its home at /account and the pages below it.

import { Router } from 'express';
import type { Accounts } from '../../identity/accounts.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type AccountPart, accountPage } from './account-page.ts';
import { sendPage } from './send-page.ts';
import { accountText as text } from './text/account.ts';
import { levelPageText } from './text/level.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface AccountRoutesOptions extends VisitOptions {
  readonly accounts: Pick<Accounts, 'find' | 'personOf'>;
}

const parts: readonly AccountPart[] = [
  { path: '/account/level', name: levelPageText.title, purpose: levelPageText.purpose },
  { path: '/account/activity', name: text.activity, purpose: text.activityPurpose },
];

export function accountRoutes(options: AccountRoutesOptions): Router {
  const { accounts } = options;
  const router = Router({ caseSensitive: true });

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

/** Whoever passed `signedInOnly` is a person with an account. */
export function accountIdOf({ accountId }: Visit['principal']): string {
  if (accountId === undefined) throw new TrustError('token-missing', 'sign in first');
  return accountId;
}
