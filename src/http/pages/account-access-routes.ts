// Routes of what a person can end: sessions at /account/sessions, and what systems may see at /account/systems.

import { Router } from 'express';
import type { Consents } from '../../identity/accounts/consents.ts';
import type { Sessions } from '../../identity/sessions/sessions.ts';
import { type Words, words } from '../../kernel/words/language.ts';
import { fromOwnPages } from '../sign-in.ts';
import { accountIdOf } from './account-id.ts';
import { accountSessionsPage } from './account-sessions-page.ts';
import { accountSystemsPage } from './account-systems-page.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import { signedInOnly, type VisitOptions } from './visit.ts';

export interface AccountAccessRoutesOptions extends VisitOptions {
  readonly sessions: Pick<Sessions, 'listOf' | 'end' | 'endAll'>;
  readonly consents: Consents;
  readonly publicUrl: string;
}

const sessionsOnPage = 20;

const doneText: Readonly<Record<string, Words>> = {
  withdrawn: words('已撤回。该系统要再用您的信息，必须重新请您同意。', 'Withdrawn. The system must ask you again.'),
  ended: words('已退出该登录。', 'That session has ended.'),
  'others-ended': words('其他登录都已退出。', 'All other sessions have ended.'),
};

export function accountAccessRoutes(options: AccountAccessRoutesOptions): Router {
  const { sessions, consents } = options;
  const router = Router({ caseSensitive: true });
  const ownForm = fromOwnPages(options.publicUrl);

  router.get(
    '/account/sessions',
    signedInOnly(options, async ({ request, response, principal, frame, sessionId }) => {
      const cursor = textIn(request.query, 'cursor');
      const page = await sessions.listOf(accountIdOf(principal), {
        limit: sessionsOnPage,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const done = doneIn(request.query);
      sendPage(
        response,
        accountSessionsPage({ frame, sessions: page.items, nextCursor: page.nextCursor, ownId: sessionId, done }),
      );
    }),
  );

  router.post(
    '/account/sessions/end-others',
    ownForm,
    signedInOnly(options, async ({ response, principal, sessionId }) => {
      await sessions.endAll(accountIdOf(principal), { principal, except: sessionId });
      response.redirect(303, '/account/sessions?done=others-ended');
    }),
  );

  router.post(
    '/account/sessions/:sessionId/end',
    ownForm,
    signedInOnly(options, async ({ request, response, principal }) => {
      await sessions.end(accountIdOf(principal), String(request.params['sessionId']), principal);
      response.redirect(303, '/account/sessions?done=ended');
    }),
  );

  router.get(
    '/account/systems',
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const systems = await consents.listOf(accountIdOf(principal));
      sendPage(response, accountSystemsPage({ frame, systems, done: doneIn(request.query) }));
    }),
  );

  router.post(
    '/account/systems/:clientId/withdraw',
    ownForm,
    signedInOnly(options, async ({ request, response, principal }) => {
      await consents.withdraw(accountIdOf(principal), String(request.params['clientId']), principal);
      response.redirect(303, '/account/systems?done=withdrawn');
    }),
  );
  return router;
}

function doneIn(query: Readonly<Record<string, unknown>>): Words | undefined {
  return Object.entries(doneText).find(([name]) => name === query['done'])?.[1];
}
