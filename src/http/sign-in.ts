// Routes of signing in: the OIDC engine at /oidc, and the pages of its interactions; forms work without JavaScript.

import { type NextFunction, type Request, type RequestHandler, type Response, Router, text, urlencoded } from 'express';
import passport from 'passport';
import type { Rider } from '../db/riders.ts';
import type { Account } from '../identity/accounts/accounts.ts';
import { withCall } from '../identity/call-context.ts';
import type { Identity } from '../identity/identity.ts';
import type { InteractionView } from '../identity/engine/interactions.ts';
import type { Proven } from '../identity/sign-in/journey.ts';
import type { PluggedStep } from '../identity/sign-in/sign-in-journey.ts';
import {
  passwordForm,
  PasswordStrategy,
  type PasswordStrategyOptions,
} from '../identity/accounts/password-strategy.ts';
import { onOnePage } from '../identity/engine/request-memory.ts';
import { TrustError } from '../kernel/errors.ts';
import { browserName } from './browser-name.ts';
import { callContext } from './pages/caller.ts';
import { consentPage } from './pages/consent.ts';
import { languageOf, rememberLanguage } from './pages/language.ts';
import { sendPage } from './pages/send-page.ts';
import { onwardPage } from './pages/sign-in-onward.ts';
import { type SignInFault, signInPage } from './pages/sign-in.ts';
import { factorSignIn } from './sign-in-factors.ts';
import { choosePartyRouter } from './sign-in-choose-party.ts';
import { raiseLevelRouter } from './sign-in-raise-level.ts';

export interface SignInRouterOptions {
  readonly identity: Identity;
  readonly publicUrl: string;
  readonly sandbox: boolean;
  /** The script that speaks to authenticators; without it no passkey is offered. */
  readonly passkeyScript?: string | undefined;
  /** How people know a seal that software asks leave to sign with. */
  readonly sealName: (sealId: string) => Promise<string | undefined>;
  /** Pages of the steps that other parts plug into the journey; each is mounted at `/sign-in/{uid}/{name}` (mergeParams). */
  readonly steps?: readonly { readonly name: PluggedStep['name']; readonly router: Router }[];
}

/** Put it before every body parser: the OIDC engine reads its bodies itself. */
export function signInRouter(options: SignInRouterOptions): Router {
  const { identity, publicUrl } = options;
  const router = Router({ caseSensitive: true });
  const readForm = urlencoded({ extended: false, limit: '8kb', parameterLimit: 10, inflate: false });
  const ownForm = fromOwnPages(publicUrl);
  const authenticator = new passport.Passport();
  authenticator.use(new PasswordStrategy({ signIn: identity.signIn }));

  router.post('/oidc/auth', text({ type: formType, limit: '16kb', inflate: false }), authorizationByPost(publicUrl));
  router.use('/oidc', engine(identity));
  router.get('/.well-known/oauth-authorization-server/oidc', (request, response, next) => {
    request.url = '/.well-known/oauth-authorization-server'; // RFC 8414 section 3.1 puts the well-known part before the path
    engine(identity)(request, response, next);
  });

  // RFC 8628, 3.3: what people type is short, and what a device draws as a code carries the user code along.
  router.get('/device', rememberLanguage, (request, response) => {
    const { user_code: typed } = request.query;
    const query =
      typeof typed === 'string' && typed !== '' ? `?user_code=${encodeURIComponent(typed.slice(0, 20))}` : '';
    response.redirect(303, `/oidc/device${query}`);
  });

  router.use('/sign-in', rememberLanguage, (_request, _response, next) => onOnePage(next));
  router.get('/sign-in/:uid', async (request, response) => {
    await sendStep(options, request, response);
  });
  router.post('/sign-in/:uid', ownForm, readForm, async (request, response, next) => {
    const view = await identity.interactions.view({ request, response }, uidOf(request));
    const outcome = await passwordOutcome(authenticator, view.clientId, { request, response, next });
    if ('account' in outcome) {
      const url = await identity.journey.firstProof({ request, response }, view, outcome, callContext(response));
      // Everything that its page shows is known here: a redirect would only read it again.
      if (url === `${publicUrl}${consentPath(view)}`)
        await sendConsent(options, { request, response }, view, outcome.account);
      else sendOnward(options, { request, response }, url);
      return;
    }
    await sendStep(options, request, response, outcome.fault);
  });
  router.use(
    '/sign-in/:uid',
    ownForm,
    factorSignIn({
      ...options,
      onward: (exchange, url) => sendOnward(options, exchange, url),
      refused: (exchange, fault) => sendStep(options, exchange.request, exchange.response, fault),
    }),
  );
  router.get('/sign-in/:uid/consent', async (request, response) => {
    const standing = await identity.journey.standingAtConsent({ request, response }, uidOf(request));
    if (typeof standing === 'string') sendOnward(options, { request, response }, standing);
    else await sendConsent(options, { request, response }, standing.view, standing.account);
  });
  router.post('/sign-in/:uid/consent', ownForm, async (request, response) => {
    const url = await identity.journey.agreed({ request, response }, uidOf(request), callContext(response));
    sendOnward(options, { request, response }, url);
  });
  router.post('/sign-in/:uid/same-account', ownForm, async (request, response) => {
    const url = await identity.interactions.sameAccount({ request, response }, uidOf(request));
    sendPage(response, onwardPage({ language: languageOf(request), url }));
  });
  router.post('/sign-in/:uid/cancel', ownForm, async (request, response) => {
    const url = await identity.journey.refused({ request, response }, uidOf(request), callContext(response));
    sendPage(response, onwardPage({ language: languageOf(request), url }));
  });
  const raiseLevel = raiseLevelRouter({
    ...options,
    onward: (request, response, url) => sendOnward(options, { request, response }, url),
  });
  router.use('/sign-in/:uid/raise-level', ownForm, raiseLevel);
  const chooseParty = choosePartyRouter({
    ...options,
    onward: (request, response, url) => sendOnward(options, { request, response }, url),
  });
  router.use('/sign-in/:uid/choose-party', ownForm, chooseParty);
  for (const step of options.steps ?? []) router.use(`/sign-in/:uid/${step.name}`, ownForm, step.router);
  return router;
}

/** Between pages of ours a redirect will do; CSP lets none follow a form to another site, so the engine's are a page with a link. */
export function sendOnward(
  { publicUrl }: Pick<SignInRouterOptions, 'publicUrl'>,
  { request, response }: { readonly request: Request; readonly response: Response },
  url: string,
): void {
  if (url.startsWith(`${publicUrl}/sign-in/`)) response.redirect(303, url.slice(publicUrl.length));
  else sendPage(response, onwardPage({ language: languageOf(request), url }));
}

const formType = 'application/x-www-form-urlencoded';

function engine(identity: Identity): RequestHandler {
  return (request, response) => {
    const browser = browserName(request.get('user-agent'));
    return withCall({ ...callContext(response), browser }, () => identity.callback(request, response));
  };
}

/** OpenID Connect Core 3.1.2.1: an authorization request may be a POST. It becomes a GET, so that its cookies can stay Lax. */
function authorizationByPost(publicUrl: string): RequestHandler {
  return (request, response) => {
    if (typeof request.body !== 'string')
      throw new TrustError('unsupported-media-type', `the body must be ${formType}`);
    response.redirect(303, `${publicUrl}/oidc/auth?${new URLSearchParams(request.body).toString()}`);
  };
}

/**
 * A form of ours comes from a page of ours. The interaction cookie is Lax, signed and bound to its address, so a foreign form has
 * none anyway; this refuses it before anything is read. Callers that are no browsers send neither header.
 */
export function fromOwnPages(publicUrl: string): RequestHandler {
  return (request, _response, next) => {
    // Looking at a page changes nothing, and people come to some from other sites.
    if (request.method === 'GET') {
      next();
      return;
    }
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const own = site === undefined ? origin === undefined || origin === publicUrl : site === 'same-origin';
    if (!own) throw new TrustError('forbidden', 'this form was sent from a foreign page');
    next();
  };
}

async function sendStep(options: SignInRouterOptions, request: Request, response: Response, fault?: SignInFault) {
  const { identity, sandbox, passkeyScript } = options;
  const language = languageOf(request);
  const view = await identity.interactions.view({ request, response }, uidOf(request));
  if (view.step === 'consent') {
    const loginName = await loginNameOf(identity, view);
    const seal = await sealAsked(options, view);
    sendPage(response, consentPage({ language, sandbox, view, loginName, path: `/sign-in/${view.uid}`, seal }));
    return;
  }
  const page = {
    language,
    sandbox,
    view,
    passkeyScript,
    present: view.choosesAccount ? await loginNameOf(identity, view) : undefined,
    ...platformsFor(identity, request, view),
  };
  if (fault === undefined) {
    sendPage(response, signInPage(page));
    return;
  }
  const loginName = passwordForm(request.body)?.loginName.slice(0, 64);
  if (fault.kind === 'locked') response.set('retry-after', String(fault.retryAfterSeconds));
  const answer = signInPage({ ...page, fault, ...(loginName === undefined ? {} : { loginName }) });
  sendPage(response, answer, { wrong: 401, empty: 400, passkey: 401, locked: 429 }[fault.kind]);
}

/** Where people may sign in instead; or the platform that they came from to link it with their account. */
function platformsFor({ upstream }: Identity, request: Request, view: InteractionView) {
  const arrival = upstream.arrivalIn(request, view.uid);
  const linking = arrival?.linking && upstream.platforms.find(arrival.upstream);
  return { platforms: upstream.platforms.sources, linking };
}

/** Of a sign-in that is still a journey. */
async function sendConsent(
  { sandbox, sealName }: Pick<SignInRouterOptions, 'sandbox' | 'sealName'>,
  { request, response }: { readonly request: Request; readonly response: Response },
  view: InteractionView,
  { loginName }: Account,
): Promise<void> {
  const seal = await sealAsked({ sealName }, view);
  const language = languageOf(request);
  sendPage(response, consentPage({ language, sandbox, view, loginName, path: consentPath(view), seal }));
}

async function sealAsked({ sealName }: Pick<SignInRouterOptions, 'sealName'>, view: InteractionView) {
  const asked = view.authorizationDetails.find((detail) => 'credentialID' in detail);
  return asked === undefined ? undefined : sealName(asked.credentialID);
}

function consentPath({ uid }: InteractionView): string {
  return `/sign-in/${uid}/consent`;
}

async function loginNameOf(identity: Identity, view: InteractionView): Promise<string> {
  if (view.accountId === undefined) return '';
  return (await identity.accounts.find(view.accountId))?.loginName ?? '';
}

type Outcome = (Proof & { readonly account: Account }) | { readonly fault: SignInFault };

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  readonly next: NextFunction;
}

/** Passport answers by calling back once; without a session nothing else is touched. */
function passwordOutcome(
  authenticator: passport.Authenticator,
  clientId: string,
  { request, response, next }: Exchange,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options: PasswordStrategyOptions & { session: false } = {
      session: false,
      call: callContext(response),
      clientId,
    };
    const handle: RequestHandler = authenticator.authenticate(
      'password',
      options,
      (error: unknown, account: Account | false | null, info: Partial<Proof> & Refusal) => {
        if (error) reject(error);
        else if (account && info.proven !== undefined && info.success !== undefined)
          resolve({ account, proven: info.proven, success: info.success });
        else resolve({ fault: faultOf(info, request.body) });
      },
    );
    Promise.resolve(handle(request, response, next)).catch(reject);
  });
}

interface Proof {
  readonly proven: Proven;
  readonly success: Rider;
}

interface Refusal {
  readonly code?: string;
  readonly retryAfterSeconds?: number;
}

function faultOf(refusal: Refusal, body: unknown): SignInFault {
  if (refusal.code === 'account-locked') {
    return { kind: 'locked', retryAfterSeconds: refusal.retryAfterSeconds ?? 60 };
  }
  const form = passwordForm(body);
  return { kind: form?.loginName && form.password ? 'wrong' : 'empty' };
}

function uidOf(request: Request): string {
  const { uid } = request.params;
  return typeof uid === 'string' ? uid : '';
}
