// Routes of the factors besides the password, under /sign-in/{uid}: a code by SMS or a passkey as the first proof, any of them as the second.

import { type Request, type Response, Router, urlencoded } from 'express';
import type { FactorOutcome } from '../identity/factors/factor-gate.ts';
import type { Methods } from '../identity/factors/factors.ts';
import type { Identity } from '../identity/identity.ts';
import type { InteractionView } from '../identity/engine/interactions.ts';
import type { Proven } from '../identity/sign-in/journey.ts';
import type { Standing } from '../identity/sign-in/sign-in-journey.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { callContext } from './pages/caller.ts';
import { languageOf } from './pages/language.ts';
import { sendPage } from './pages/send-page.ts';
import type { SignInFault } from './pages/sign-in.ts';
import { type FactorFault, secondFactorPage, smsCodePage, smsNumberPage } from './pages/sign-in-factors.ts';

interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

export interface FactorSignInOptions {
  readonly identity: Identity;
  readonly sandbox: boolean;
  /** The script that speaks to authenticators; without it no passkey is offered. */
  readonly passkeyScript?: string | undefined;
  /** Leads the browser on. */
  readonly onward: (exchange: Exchange, url: string) => void;
  /** The page where the sign-in began, with what went wrong. */
  readonly refused: (exchange: Exchange, fault: SignInFault) => Promise<void>;
}

const statusOfFault = {
  code: 401,
  over: 401,
  passkey: 401,
  password: 401,
  number: 400,
  locked: 429,
  sms: 429,
} as const;

/** Mounted at `/sign-in/:uid`, behind the check that a form comes from a page of ours. */
export function factorSignIn(options: FactorSignInOptions): Router {
  const router = Router({ mergeParams: true, caseSensitive: true });
  const readForm = urlencoded({ extended: false, limit: '32kb', parameterLimit: 10, inflate: false });
  router.use(firstBySms(options, readForm));
  router.use(firstByPasskey(options, readForm));
  router.use(second(options, readForm));
  return router;
}

type FormReader = ReturnType<typeof urlencoded>;

function firstBySms(options: FactorSignInOptions, readForm: FormReader): Router {
  const { identity, onward } = options;
  const { smsProofs, factors, journey } = identity;
  const router = Router({ mergeParams: true, caseSensitive: true });

  const numberPage = (exchange: Exchange, view: InteractionView, fault?: FactorFault, number?: string): void => {
    const page = smsNumberPage({ ...common(options, exchange), view, fault, number });
    send(exchange, page, fault);
  };
  const codePage = async (exchange: Exchange, view: InteractionView, fault?: FactorFault): Promise<void> => {
    const waiting = await factors.smsCodes.waiting({ purpose: 'sign-in', context: view.uid });
    if (waiting === undefined) numberPage(exchange, view, fault);
    else send(exchange, smsCodePage({ ...common(options, exchange), view, fault, waiting }), fault);
  };

  router.get('/sms', async (request, response) => {
    const exchange = { request, response };
    numberPage(exchange, await signInView(identity, exchange));
  });
  router.post('/sms', readForm, async (request, response) => {
    const exchange = { request, response };
    const view = await signInView(identity, exchange);
    const number = field(request, 'number');
    const fault = await smsFault(() => smsProofs.sendFirst(askerOf(view, request), number, callContext(response)));
    if (fault === undefined) response.redirect(303, `/sign-in/${view.uid}/sms/code`);
    else numberPage(exchange, view, fault, number.slice(0, 24));
  });
  router.post('/sms/again', async (request, response) => {
    const exchange = { request, response };
    const view = await signInView(identity, exchange);
    const fault = await smsFault(() => smsProofs.sendFirstAgain(askerOf(view, request), callContext(response)));
    if (fault === undefined) response.redirect(303, `/sign-in/${view.uid}/sms/code`);
    else await codePage(exchange, view, fault);
  });
  router.get('/sms/code', async (request, response) => {
    const exchange = { request, response };
    await codePage(exchange, await signInView(identity, exchange));
  });
  router.post('/sms/code', readForm, async (request, response) => {
    const exchange = { request, response };
    const view = await signInView(identity, exchange);
    const call = callContext(response);
    const outcome = await smsProofs.prove(view, { code: field(request, 'code') }, call);
    if (outcome.ok) onward(exchange, await journey.firstProof(exchange, view, outcome, call));
    else await codePage(exchange, view, { kind: outcome.over ? 'over' : 'code' });
  });
  return router;
}

function firstByPasskey(options: FactorSignInOptions, readForm: FormReader): Router {
  const { identity, onward } = options;
  const { passkeys } = identity.factors;
  const router = Router({ mergeParams: true, caseSensitive: true });

  router.post('/passkey/options', async (request, response) => {
    const view = await signInView(identity, { request, response });
    const asked = await passkeys.requestOptions({ context: firstContext(view) });
    response.set('cache-control', 'no-store').json(asked);
  });
  router.post('/passkey', readForm, async (request, response) => {
    const exchange = { request, response };
    const view = await signInView(identity, exchange);
    const call = callContext(response);
    const answer = field(request, 'answer');
    const factor = await passkeys.named(answer);
    const account = factor && (await identity.accounts.find(factor.accountId));
    const outcome: FactorOutcome =
      factor !== undefined && account?.status === 'active'
        ? await passkeys.verify(
            { account, clientId: view.clientId },
            { context: firstContext(view), factor, answer },
            call,
          )
        : { ok: false, code: 'credentials-wrong' };
    if (outcome.ok && account !== undefined) {
      const proof = { account, proven: outcome.proven };
      onward(exchange, await identity.journey.firstProof(exchange, view, proof, call));
      return;
    }
    const locked = !outcome.ok && outcome.code === 'account-locked';
    await options.refused(exchange, locked ? { ...outcome, kind: 'locked' } : { kind: 'passkey' });
  });
  return router;
}

function second(options: FactorSignInOptions, readForm: FormReader): Router {
  const { identity, onward } = options;
  const { factors, smsProofs, signIn, journey } = identity;
  const router = Router({ mergeParams: true, caseSensitive: true });

  async function standingOf(exchange: Exchange): Promise<Standing> {
    const standing = await journey.standing(exchange, uidOf(exchange.request));
    if (standing === undefined) throw new TrustError('interaction-expired', 'nothing is proven in this sign-in');
    return standing;
  }

  async function sendSecond(
    exchange: Exchange,
    standing: Standing,
    { asked, fault }: { readonly asked: string; readonly fault?: FactorFault },
  ): Promise<void> {
    const { view, account } = standing;
    const offered = (await journey.furtherMethods(standing)).filter(
      (name) => name !== 'passkey' || options.passkeyScript !== undefined,
    );
    const method = offered.find((name) => name === asked) ?? offered[0];
    if (method === undefined) {
      exchange.response.redirect(303, `/sign-in/${view.uid}`);
      return;
    }
    const phone = (await factors.listOf(account.accountId)).find(({ kind }) => kind === 'phone')?.label;
    const waiting = await factors.smsCodes.waiting({ purpose: 'second-factor', context: view.uid });
    const others = offered.filter((name) => name !== method);
    const page = { ...common(options, exchange), view, fault, method, others, phone, waiting };
    send(exchange, secondFactorPage(page), fault);
  }

  /** One route for each method; the account is the one that the first proof named. */
  function method(
    name: keyof Methods,
    fault: 'code' | 'passkey' | 'password',
    verify: (exchange: Exchange, standing: Standing) => Promise<SecondOutcome>,
  ): void {
    router.post(`/second-factor/${name}`, readForm, async (request, response) => {
      const exchange = { request, response };
      const standing = await standingOf(exchange);
      const outcome = await verify(exchange, standing);
      if (outcome.ok)
        onward(exchange, await journey.furtherProof(exchange, standing, outcome.proven, callContext(response)));
      else await sendSecond(exchange, standing, { asked: name, fault: faultOf(outcome, fault) });
    });
  }

  router.get('/second-factor', async (request, response) => {
    const { method: asked } = request.query;
    const exchange = { request, response };
    await sendSecond(exchange, await standingOf(exchange), { asked: typeof asked === 'string' ? asked : '' });
  });
  method('totp', 'code', async ({ request, response }, { account, view }) =>
    factors.totp.verify(
      { account, clientId: view.clientId },
      { factors: await factors.keptOf(account.accountId), code: field(request, 'code') },
      callContext(response),
    ),
  );
  method('recoveryCode', 'code', ({ request, response }, { account, view }) =>
    factors.recoveryCodes.verify({ account, clientId: view.clientId }, field(request, 'code'), callContext(response)),
  );
  method('phone', 'code', ({ request, response }, { account, view }) =>
    smsProofs.prove(view, { code: field(request, 'code'), account }, callContext(response)),
  );
  router.post('/second-factor/phone/send', async (request, response) => {
    const exchange = { request, response };
    const standing = await standingOf(exchange);
    const { view, account } = standing;
    const fault = await smsFault(() => smsProofs.sendSecond(askerOf(view, request), account, callContext(response)));
    if (fault === undefined) response.redirect(303, `/sign-in/${view.uid}/second-factor?method=phone`);
    else await sendSecond(exchange, standing, { asked: 'phone', fault });
  });
  method('password', 'password', async ({ request, response }, { account, view }) => {
    const attempt = { loginName: account.loginName, password: field(request, 'password'), clientId: view.clientId };
    const outcome = await signIn.authenticate(attempt, callContext(response));
    return outcome.signedIn ? { ok: true, proven: outcome.proven } : { ...outcome, ok: false };
  });
  router.post('/second-factor/passkey/options', async (request, response) => {
    const { view, account } = await standingOf({ request, response });
    const asked = await factors.passkeys.requestOptions({
      context: secondContext(view),
      factors: await factors.keptOf(account.accountId),
    });
    response.set('cache-control', 'no-store').json(asked);
  });
  method('passkey', 'passkey', async ({ request, response }, { account, view }) => {
    const answer = field(request, 'answer');
    const factor = await factors.passkeys.named(answer);
    if (factor === undefined) return { ok: false, code: 'credentials-wrong' };
    const attempt = { account, clientId: view.clientId };
    return factors.passkeys.verify(attempt, { context: secondContext(view), factor, answer }, callContext(response));
  });
  return router;
}

type SecondOutcome =
  | { readonly ok: true; readonly proven: Proven }
  | { readonly ok: false; readonly code: 'credentials-wrong'; readonly over?: boolean }
  | { readonly ok: false; readonly code: 'account-locked'; readonly retryAfterSeconds: number };

/** An answer is good in the sign-in, and the place in it, where it was asked for. */
const firstContext = ({ uid }: InteractionView): string => `sign-in:${uid}`;
const secondContext = ({ uid }: InteractionView): string => `second-factor:${uid}`;

function faultOf(outcome: SecondOutcome, wrong: 'code' | 'passkey' | 'password'): FactorFault {
  if (outcome.ok) return { kind: wrong };
  if (outcome.code === 'account-locked') return { kind: 'locked', retryAfterSeconds: outcome.retryAfterSeconds };
  return { kind: outcome.over === true ? 'over' : wrong };
}

/** What the page says when no message may leave. */
async function smsFault(send: () => Promise<void>): Promise<FactorFault | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    if (isTrustError(error, 'phone-number-invalid')) return { kind: 'number' };
    if (isTrustError(error, 'interaction-expired')) return { kind: 'over' };
    if (!isTrustError(error, 'too-many-requests')) throw error;
    const seconds = error.details?.['retryAfterSeconds'];
    return { kind: 'sms', retryAfterSeconds: typeof seconds === 'number' ? seconds : 60 };
  }
}

async function signInView(identity: Identity, exchange: Exchange): Promise<InteractionView> {
  const view = await identity.interactions.view(exchange, uidOf(exchange.request));
  if (view.step !== 'sign-in') throw new TrustError('interaction-expired', 'this sign-in is past that step');
  return view;
}

function common({ sandbox, passkeyScript }: FactorSignInOptions, { request }: Exchange) {
  return { language: languageOf(request), sandbox, passkeyScript };
}

function send({ response }: Exchange, page: Parameters<typeof sendPage>[1], fault: FactorFault | undefined): void {
  if (fault !== undefined && 'retryAfterSeconds' in fault) response.set('retry-after', String(fault.retryAfterSeconds));
  sendPage(response, page, fault === undefined ? 200 : statusOfFault[fault.kind]);
}

function askerOf(view: InteractionView, request: Request) {
  return { uid: view.uid, clientId: view.clientId, language: languageOf(request) };
}

/** A field that is there once; empty otherwise. */
function field(request: Request, name: string): string {
  const { body }: { body?: unknown } = request;
  if (typeof body !== 'object' || body === null) return '';
  const value = new Map<string, unknown>(Object.entries(body)).get(name);
  return typeof value === 'string' ? value : '';
}

function uidOf(request: Request): string {
  const { uid } = request.params;
  return typeof uid === 'string' ? uid : '';
}
