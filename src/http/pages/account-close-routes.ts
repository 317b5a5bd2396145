// Routes of closing one's own account: explained at /account/close, confirmed by typing at /account/close/confirm.

import { type RequestHandler, Router, urlencoded } from 'express';
import type { AccountClosing } from '../../identity/accounts/account-closing.ts';
import { type Account, type Accounts, loginNameOf } from '../../identity/accounts/accounts.ts';
import { TrustError } from '../../kernel/errors.ts';
import { fromOwnPages } from '../sign-in.ts';
import { closeConfirmPage, closedPage, closeMeaningPage } from './account-close-pages.ts';
import { accountIdOf } from './account-id.ts';
import { formField } from './form-field.ts';
import { type RecentVisitOptions, recentlySignedInOnly } from './recent-visit.ts';
import { sendPage } from './send-page.ts';
import { signedInOnly, type Visit } from './visit.ts';

export interface AccountCloseRoutesOptions extends RecentVisitOptions {
  readonly accounts: Pick<Accounts, 'find'>;
  readonly closing: AccountClosing;
  readonly publicUrl: string;
}

export function accountCloseRoutes(options: AccountCloseRoutesOptions): Router {
  const { closing, accounts } = options;
  const router = Router({ caseSensitive: true });
  const confirm = '/account/close/confirm';
  const form: RequestHandler[] = [
    fromOwnPages(options.publicUrl),
    urlencoded({ extended: false, limit: '2kb', parameterLimit: 4, inflate: false }),
  ];

  router.get(
    '/account/close',
    signedInOnly(options, async ({ response, frame, principal }) => {
      sendPage(response, closeMeaningPage(frame, await own(accounts, principal)));
    }),
  );

  router.get(
    confirm,
    recentlySignedInOnly(options, confirm, async ({ response, frame, principal }) => {
      sendPage(response, closeConfirmPage(frame, await own(accounts, principal), false));
    }),
  );

  router.post(
    confirm,
    form,
    recentlySignedInOnly(options, confirm, async ({ request, response, frame, principal }) => {
      const account = await own(accounts, principal);
      if (loginNameOf(formField(request, 'loginName')) !== account.loginName) {
        sendPage(response, closeConfirmPage(frame, account, true), 400);
        return;
      }
      await closing.close(account, principal);
      sendPage(response, closedPage(frame));
    }),
  );
  return router;
}

async function own(accounts: Pick<Accounts, 'find'>, principal: Visit['principal']): Promise<Account> {
  const account = await accounts.find(accountIdOf(principal));
  if (account === undefined) throw new TrustError('token-missing', 'the account is gone');
  return account;
}
