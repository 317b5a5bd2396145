// Routes of registering: /register and the steps below it, each a form that works without a script; and /terms.

import { type Request, type RequestHandler, type Response, Router, urlencoded } from 'express';
import { type Accounts, loginNameOf } from '../../identity/accounts/accounts.ts';
import { passwordFault } from '../../identity/accounts/password-hasher.ts';
import type { Registration } from '../../identity/accounts/registration.ts';
import { termsVersion } from '../../identity/accounts/terms.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { fromOwnPages } from '../sign-in.ts';
import { browserToken } from './browser-token.ts';
import { callContext } from './caller.ts';
import { formField } from './form-field.ts';
import { languageOf } from './language.ts';
import {
  codePage,
  newAccountPage,
  phonePage,
  registeredPage,
  type RegisterFrame,
  termsPage,
} from './register-pages.ts';
import { sendPage } from './send-page.ts';
import type { RegisterFault } from './text/register.ts';

export interface RegisterRoutesOptions {
  readonly registration: Registration;
  readonly accounts: Pick<Accounts, 'findByLoginName'>;
  readonly publicUrl: string;
  readonly sandbox: boolean;
}

export function registerRoutes(options: RegisterRoutesOptions): Router {
  const { registration, sandbox, publicUrl } = options;
  const router = Router({ caseSensitive: true });
  const cookie = browserToken('register', publicUrl);
  const form: RequestHandler[] = [
    fromOwnPages(publicUrl),
    urlencoded({ extended: false, limit: '4kb', parameterLimit: 8, inflate: false }),
  ];
  const frameOf = (request: Request, fault?: RegisterFault): RegisterFrame => ({
    language: languageOf(request),
    sandbox,
    fault,
  });

  router.get('/terms', (request, response) => {
    sendPage(response, termsPage(frameOf(request)));
  });

  router.get('/register', (request, response) => {
    sendPage(response, phonePage(frameOf(request), ''));
  });

  router.post('/register', form, async (request: Request, response: Response) => {
    const typed = formField(request, 'phone').slice(0, 40);
    if (formField(request, 'terms') !== termsVersion) {
      sendPage(response, phonePage(frameOf(request, 'terms'), typed), 400);
      return;
    }
    const begun = await orFault(() => registration.begin(typed, languageOf(request), callContext(response)));
    if ('fault' in begun) {
      sendPage(response, phonePage(frameOf(request, begun.fault), typed), begun.fault === 'limit' ? 429 : 400);
      return;
    }
    cookie.keep(response, begun.value);
    response.redirect(303, '/register/code');
  });

  router.get('/register/code', async (request, response) => {
    await sendCodePage(options, { request, response }, cookie.read(request), frameOf(request));
  });

  router.post('/register/code/again', form, async (request: Request, response: Response) => {
    const token = cookie.read(request);
    const sent = await orFault(() => registration.sendAgain(token, languageOf(request), callContext(response)));
    if ('fault' in sent) {
      await sendCodePage(options, { request, response }, token, frameOf(request, sent.fault), 429);
      return;
    }
    response.redirect(303, '/register/code');
  });

  router.post('/register/code', form, async (request: Request, response: Response) => {
    const token = cookie.read(request);
    const result = await registration.prove(token, formField(request, 'code'), termsVersion);
    if (result === 'proven') response.redirect(303, '/register/account');
    else await sendCodePage(options, { request, response }, token, frameOf(request, result), 400);
  });

  router.get('/register/account', async (request, response) => {
    await sendAccountPage(options, { request, response }, cookie.read(request), frameOf(request));
  });

  router.post('/register/account', form, async (request: Request, response: Response) => {
    const token = cookie.read(request);
    const given = { loginName: formField(request, 'loginName'), password: formField(request, 'password') };
    const fault = await accountFault(options, given, formField(request, 'passwordAgain'));
    if (fault !== undefined) {
      await sendAccountPage(options, { request, response }, token, frameOf(request, fault), 400);
      return;
    }
    const made = await orFault(() => registration.complete(token, given, callContext(response)));
    if ('fault' in made) {
      await sendAccountPage(options, { request, response }, token, frameOf(request, made.fault), 400);
      return;
    }
    cookie.forget(response);
    sendPage(response, registeredPage(frameOf(request), made.value.loginName), 201);
  });
  return router;
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

/** Without a code that is waited for, registering begins again. */
async function sendCodePage(
  { registration }: RegisterRoutesOptions,
  { response }: Exchange,
  token: string,
  frame: RegisterFrame,
  status = 200,
) {
  const waiting = await registration.waiting(token);
  if (waiting === undefined) response.redirect(303, '/register');
  else sendPage(response, codePage(frame, waiting.number), status);
}

async function sendAccountPage(
  { registration }: RegisterRoutesOptions,
  { request, response }: Exchange,
  token: string,
  frame: RegisterFrame,
  status = 200,
) {
  const proven = await registration.proven(token);
  if (proven === undefined) response.redirect(303, '/register');
  else sendPage(response, newAccountPage(frame, proven, formField(request, 'loginName').slice(0, 64)), status);
}

async function accountFault(
  { accounts }: RegisterRoutesOptions,
  { loginName, password }: { readonly loginName: string; readonly password: string },
  again: string,
): Promise<RegisterFault | undefined> {
  const name = loginNameOf(loginName);
  if (name === undefined) return 'name-unfit';
  if ((await accounts.findByLoginName(name)) !== undefined) return 'name-taken';
  if (password !== again) return 'password-differs';
  return passwordFault(password, name) === undefined ? undefined : 'password-unfit';
}

async function orFault<T>(work: () => Promise<T>): Promise<{ value: T } | { fault: RegisterFault }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (isTrustError(error, 'phone-number-invalid')) return { fault: 'phone' };
    if (isTrustError(error, 'password-refused')) return { fault: 'password-unfit' };
    if (isTrustError(error, 'too-many-requests')) return { fault: 'limit' };
    throw error;
  }
}
