// Routes of signing in through another platform: away to it, back from it, and what follows when no account here is linked yet.

import { type NextFunction, type Request, type RequestHandler, type Response, Router, urlencoded } from 'express';
import passport from 'passport';
import type { Identity } from '../identity/identity.ts';
import type { InteractionView } from '../identity/engine/interactions.ts';
import type { UpstreamArrival } from '../identity/upstream/upstream-arrival.ts';
import { arrivalCookie } from '../identity/upstream/upstream-sign-in.ts';
import { upstreamCallbackPath } from '../identity/upstream/upstream-strategy.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { anonymousCaller, callContext } from './pages/caller.ts';
import { languageOf } from './pages/language.ts';
import { sendPage } from './pages/send-page.ts';
import { type NewcomerForm, upstreamPage } from './pages/upstream-page.ts';
import { fromOwnPages, sendOnward } from './sign-in.ts';

declare module 'express-session' {
  interface SessionData {
    /** The sign-in for which the browser was sent to another platform. */
    upstreamUid?: string;
  }
}

export interface UpstreamRouterOptions {
  readonly identity: Pick<Identity, 'interactions' | 'journey' | 'upstream'>;
  readonly publicUrl: string;
  readonly sandbox: boolean;
  /** Reads the session in which Passport keeps state, nonce and verifier between the two platforms. */
  readonly reader: RequestHandler;
  readonly log: Log;
}

/** As long as an interaction of the engine. */
const pendingSeconds = 15 * 60;

export function upstreamRouter(options: UpstreamRouterOptions): Router {
  const { identity, publicUrl, reader } = options;
  const { upstream } = identity;
  const router = Router({ caseSensitive: true });
  const ownForm = fromOwnPages(publicUrl);
  const readForm = urlencoded({ extended: false, limit: '8kb', parameterLimit: 10, inflate: false });
  const authenticator = new passport.Passport();

  router.get(upstreamCallbackPath(':id'), reader, async (request, response, next) => {
    const { upstreamUid: uid } = request.session;
    const source = upstream.platforms.find(textOf(request.params['id']));
    if (source === undefined || uid === undefined || !isAnswer(request)) throw expired();
    const wish = { level: 0, again: false, uiLocales: languageOf(request) };
    const strategy = await upstream.platforms.strategy(source, wish);
    const arrival = await arrivalFrom(authenticator, strategy, { request, response, next }, options.log);
    delete request.session.upstreamUid;
    if (arrival !== undefined) keepArrival(options, response, uid, arrival);
    response.redirect(303, `/sign-in/${uid}/upstream`);
  });

  router.get('/sign-in/:uid/upstream/:id', reader, async (request, response, next) => {
    const view = await identity.interactions.view({ request, response }, textOf(request.params['uid']));
    const source = upstream.platforms.find(textOf(request.params['id']));
    if (source === undefined || view.step === 'consent') throw expired();
    const strategy = await upstream.platforms.strategy(source, {
      level: view.wantedLevel,
      again: view.again,
      uiLocales: languageOf(request),
    });
    request.session.upstreamUid = view.uid;
    if (request.user === undefined) request.session.cookie.maxAge = pendingSeconds * 1000;
    authenticator.authenticate(strategy, { session: false })(request, response, next);
  });

  router.get('/sign-in/:uid/upstream', async (request, response) => {
    const view = await identity.interactions.view({ request, response }, textOf(request.params['uid']));
    const arrival = upstream.arrivalIn(request, view.uid);
    const found = arrival && (await upstream.accountOf(arrival));
    if (arrival === undefined) {
      sendPage(response, pageOf(options, request, view, undefined, {}), 400);
      return;
    }
    if (found === undefined) {
      sendPage(response, pageOf(options, request, view, arrival, {}));
      return;
    }
    const url = await identity.journey.firstProof({ request, response }, view, found, callContext(response));
    sendOnward(options, { request, response }, url);
  });

  router.post('/sign-in/:uid/upstream/link', ownForm, async (request, response) => {
    const view = await identity.interactions.view({ request, response }, textOf(request.params['uid']));
    const arrival = upstream.arrivalIn(request, view.uid);
    if (arrival === undefined) throw expired();
    keepArrival(options, response, view.uid, { ...arrival, linking: true });
    response.redirect(303, `/sign-in/${view.uid}`);
  });

  router.post('/sign-in/:uid/upstream/account', ownForm, readForm, async (request, response) => {
    const view = await identity.interactions.view({ request, response }, textOf(request.params['uid']));
    const arrival = upstream.arrivalIn(request, view.uid);
    if (arrival === undefined) throw expired();
    const form = newcomerForm(request.body);
    try {
      const found = await upstream.register(arrival, form, anonymousCaller(response));
      const url = await identity.journey.firstProof({ request, response }, view, found, callContext(response));
      sendOnward(options, { request, response }, url);
    } catch (error) {
      if (!isTrustError(error, 'malformed-request')) throw error;
      sendPage(response, pageOf(options, request, view, arrival, { loginName: form.loginName, refused: true }), 422);
    }
  });
  return router;
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
  readonly next: NextFunction;
}

/** `undefined` when the person changed their mind there, or the platform's answer is none to a question of this browser. */
function arrivalFrom(
  authenticator: passport.Authenticator,
  strategy: passport.Strategy,
  { request, response, next }: Exchange,
  log: Log,
): Promise<UpstreamArrival | undefined> {
  return new Promise((resolve, reject) => {
    const handle: RequestHandler = authenticator.authenticate(
      strategy,
      { session: false },
      (error: unknown, arrival: UpstreamArrival | false | null) => {
        // What the other side wrote stays in the log of the operator: it is a stranger's text.
        if (error) log.warn({ err: error }, 'an answer of another platform was refused');
        resolve(arrival || undefined);
      },
    );
    Promise.resolve(handle(request, response, next)).catch(reject);
  });
}

function keepArrival(
  { identity, publicUrl }: UpstreamRouterOptions,
  response: Response,
  uid: string,
  arrival: UpstreamArrival,
): void {
  const secure = publicUrl.startsWith('https:');
  response.cookie(`${secure ? '__Secure-' : ''}${arrivalCookie}`, identity.upstream.seal.seal(arrival, uid), {
    path: `/sign-in/${uid}`,
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: pendingSeconds * 1000,
  });
}

function pageOf(
  { identity, sandbox }: UpstreamRouterOptions,
  request: Request,
  view: InteractionView,
  arrival: UpstreamArrival | undefined,
  last: { loginName?: string; refused?: true },
) {
  const source = arrival && identity.upstream.platforms.find(arrival.upstream);
  return upstreamPage({ language: languageOf(request), sandbox, view, source, ...last });
}

function newcomerForm(body: unknown): NewcomerForm {
  const fields = new Map<string, unknown>(typeof body === 'object' && body !== null ? Object.entries(body) : []);
  return {
    loginName: textOf(fields.get('loginName')),
    password: textOf(fields.get('password')),
    termsVersion: textOf(fields.get('terms')),
  };
}

/** The platform's answer, not somebody who opened the address. */
function isAnswer({ query }: Request): boolean {
  return typeof query['state'] === 'string' && ('code' in query || 'error' in query);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function expired(): TrustError {
  return new TrustError('interaction-expired', 'this sign-in has ended or was started in another browser');
}
