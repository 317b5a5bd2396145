// Routes of getting back into an account: /recover and the steps below it, forms that work without a script.

import { type Request, type RequestHandler, type Response, Router, urlencoded } from 'express';
import type { Recovery } from '../../identity/accounts/recovery.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { fromOwnPages } from '../sign-in.ts';
import { browserToken } from './browser-token.ts';
import { callContext } from './caller.ts';
import { formField } from './form-field.ts';
import { languageOf } from './language.ts';
import {
  recoverCodePage,
  recoveredPage,
  type RecoverFrame,
  recoverNamePage,
  recoverPasswordPage,
} from './recover-pages.ts';
import { sendPage } from './send-page.ts';
import type { RecoverFault } from './text/recover.ts';

export interface RecoverRoutesOptions {
  readonly recovery: Recovery;
  readonly publicUrl: string;
  readonly sandbox: boolean;
}

export function recoverRoutes({ recovery, publicUrl, sandbox }: RecoverRoutesOptions): Router {
  const router = Router({ caseSensitive: true });
  const cookie = browserToken('recover', publicUrl);
  const form: RequestHandler[] = [
    fromOwnPages(publicUrl),
    urlencoded({ extended: false, limit: '4kb', parameterLimit: 8, inflate: false }),
  ];
  const frameOf = (request: Request, fault?: RecoverFault): RecoverFrame => ({
    language: languageOf(request),
    sandbox,
    fault,
  });

  router.get('/recover', (request, response) => {
    sendPage(response, recoverNamePage(frameOf(request), ''));
  });

  router.post('/recover', form, async (request: Request, response: Response) => {
    const typed = formField(request, 'loginName').slice(0, 64);
    try {
      cookie.keep(response, await recovery.begin(typed, languageOf(request), callContext(response)));
    } catch (error) {
      if (!isTrustError(error, 'too-many-requests')) throw error;
      sendPage(response, recoverNamePage(frameOf(request, 'limit'), typed), 429);
      return;
    }
    response.redirect(303, '/recover/code');
  });

  router.get('/recover/code', async (request, response) => {
    if (await recovery.isWaiting(cookie.read(request))) sendPage(response, recoverCodePage(frameOf(request)));
    else response.redirect(303, '/recover');
  });

  router.post('/recover/code', form, async (request: Request, response: Response) => {
    const outcome = await recovery.provePhone(cookie.read(request), formField(request, 'code'));
    if ('fault' in outcome) {
      sendPage(response, recoverCodePage(frameOf(request, outcome.fault)), 400);
      return;
    }
    cookie.forget(response);
    sendPage(response, recoverPasswordPage(frameOf(request), outcome.ticket));
  });

  router.post('/recover/password', form, async (request: Request, response: Response) => {
    const ticket = formField(request, 'ticket');
    const [proof, password] = [formField(request, 'proof'), formField(request, 'password')];
    const told = { language: languageOf(request), call: callContext(response) };
    const fault =
      password === formField(request, 'passwordAgain')
        ? await recovery.complete(ticket, { proof, password }, told)
        : 'differs';
    if (fault === undefined) sendPage(response, recoveredPage(frameOf(request)));
    else if (fault === 'over') sendPage(response, recoverNamePage(frameOf(request, fault), ''), 400);
    else sendPage(response, recoverPasswordPage(frameOf(request, fault), ticket), fault === 'locked' ? 429 : 400);
  });
  return router;
}
