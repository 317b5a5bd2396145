// Routes of a person's ways to sign in at /account/factors: the list, renaming, removing, the password, recovery codes.

import { Router } from 'express';
import { TrustError } from '../../kernel/errors.ts';
import type { Words } from '../../kernel/words/language.ts';
import { factorPage, factorsPage, madeCodesPage, passwordPage, recoveryCodesPage } from './account-factors-page.ts';
import {
  factorDeed,
  type FactorDeskOptions,
  factorFault,
  factorsPath,
  factorVisit,
  type OwnVisit,
  ownAccount,
  told,
} from './factor-desk.ts';
import { formField } from './form-field.ts';
import { sendPage } from './send-page.ts';
import { type FactorDeskFault, factorsDone } from './text/account-factors.ts';
import { signedInOnly } from './visit.ts';

export function accountFactorRoutes(options: FactorDeskOptions): Router {
  const { accounts, factors, passwordChange } = options;
  const router = Router({ caseSensitive: true });
  const at = (name: string) => `${factorsPath}/${name}`;

  router.get(
    factorsPath,
    signedInOnly(options, async (visit) => {
      const { request, response, frame } = visit;
      const { accountId } = await ownAccount(options, visit);
      const [own, credentials, codesLeft] = await Promise.all([
        factors.listOf(accountId),
        accounts.credentialsOfAccount(accountId),
        factors.recoveryCodes.left(accountId),
      ]);
      const hasPassword = credentials?.passwordHash !== undefined;
      sendPage(response, factorsPage({ frame, factors: own, hasPassword, codesLeft, done: doneIn(request.query) }));
    }),
  );

  router.get(
    at('password'),
    factorVisit(options, at('password'), async ({ response, frame }) => {
      sendPage(response, passwordPage({ frame }));
    }),
  );
  router.post(
    at('password'),
    factorDeed(options, at('password'), async (visit) => {
      const { request, response, frame, account, principal, sessionId } = visit;
      const password = formField(request, 'password');
      const fault =
        password === formField(request, 'passwordAgain')
          ? await factorFault(() =>
              told(options, visit, 'password-changed', async () => {
                const prepared = await passwordChange.prepare(account, password);
                return passwordChange.change(account, prepared, { principal, except: sessionId });
              }),
            )
          : 'differs';
      if (fault !== undefined) {
        sendPage(response, passwordPage({ frame, fault }), 400);
        return;
      }
      response.redirect(303, `${factorsPath}?done=password`);
    }),
  );

  router.get(
    at('recovery-codes'),
    factorVisit(options, at('recovery-codes'), async ({ response, frame }) => {
      sendPage(response, recoveryCodesPage({ frame }));
    }),
  );
  router.post(
    at('recovery-codes'),
    factorDeed(options, at('recovery-codes'), async (visit) => {
      const { response, frame, account, principal } = visit;
      const codes = await told(options, visit, 'factor-added', () => factors.makeRecoveryCodes(account, principal));
      sendPage(response, madeCodesPage({ frame, codes }));
    }),
  );
  router.use(oneFactorRoutes(options));
  return router;
}

/** After all routes with a name of their own: what is left is the identifier of a factor. */
function oneFactorRoutes(options: FactorDeskOptions): Router {
  const { factors } = options;
  const router = Router({ caseSensitive: true });
  const path = `${factorsPath}/:factorId`;

  async function sendFactor(visit: OwnVisit, fault?: FactorDeskFault): Promise<void> {
    const { request, response, frame, account } = visit;
    const own = await factors.listOf(account.accountId);
    const factor = own.find(({ factorId }) => factorId === request.params['factorId']);
    if (factor === undefined) throw new TrustError('factor-not-found', 'the account has no such factor');
    sendPage(response, factorPage({ frame, factor, fault }), fault === undefined ? 200 : 409);
  }

  router.get(path, factorVisit(options, factorsPath, sendFactor));
  router.post(
    `${path}/rename`,
    factorDeed(options, factorsPath, async ({ request, response, account, principal }) => {
      const label = formField(request, 'label');
      await factors.rename(account.accountId, { factorId: String(request.params['factorId']), label }, principal);
      response.redirect(303, `${factorsPath}?done=renamed`);
    }),
  );
  router.post(
    `${path}/remove`,
    factorDeed(options, factorsPath, async (visit) => {
      const { request, response, account, principal } = visit;
      const fault = await factorFault(() =>
        told(options, visit, 'factor-removed', () =>
          factors.remove(account, String(request.params['factorId']), principal),
        ),
      );
      if (fault !== undefined) await sendFactor(visit, fault);
      else response.redirect(303, `${factorsPath}?done=removed`);
    }),
  );
  return router;
}

function doneIn(query: Readonly<Record<string, unknown>>): Words | undefined {
  return Object.entries(factorsDone).find(([name]) => name === query['done'])?.[1];
}
