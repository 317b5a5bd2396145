// Who is signed in on the pages: an express-session in PostgreSQL, filled by passport from our own OIDC issuer.

import pgSession from 'connect-pg-simple';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import session from 'express-session';
import { type AuthenticateOptions, Strategy } from 'openid-client/passport';
import passport from 'passport';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Account } from '../identity/accounts/accounts.ts';
import type { Database } from '../db/database.ts';
import type { MandateRegister } from '../identity/mandates/mandate-register.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { acrPrefix, type Principal } from '../kernel/principal.ts';
import { holdForm } from './held-form.ts';
import { type PageClientOptions, pageClient } from './page-client.ts';
import { pagePrincipal, readPageUser } from './page-user.ts';
import { callContext } from './pages/caller.ts';
import { localPath } from './pages/html.ts';
import { languageOf } from './pages/language.ts';
import { fromOwnPages } from './sign-in.ts';

declare module 'express-session' {
  interface SessionData {
    /** Where to go after signing in: a path of this site. */
    returnTo?: string;
    /** The mandate that was chosen since signing in; null: for themselves. */
    mandateId?: string | null;
  }
}

export interface PageSessionOptions extends PageClientOptions {
  readonly database: Database;
  /** Keys of the cookie's signature, the present one first; the same in every process. */
  readonly cookieKeys: readonly string[];
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly accounts: { find(accountId: string): Promise<Account | undefined> };
  readonly mandateRegister: Pick<MandateRegister, 'usableBy'>;
  readonly sessions: { isAlive(accountId: string, sessionId: string): Promise<boolean> };
  readonly log: Log;
}

export interface SignedIn {
  readonly principal: Principal;
  /** The login name, for the header of the page. */
  readonly name: string;
  /** The session through which the person came, for `Sessions`. */
  readonly sessionId: string;
}

export interface PageSession {
  /** Reads the session's cookie; before every page that says who is signed in. */
  readonly reader: RequestHandler;
  /** `/sign-in`, `/signed-in` and `/sign-out`. */
  readonly router: Router;
  /** `undefined` when nobody is signed in, or the account can no longer be used. */
  signedIn(request: Request, response: Response): Promise<SignedIn | undefined>;
  /** Keeps a posted form while its sender signs in anew; false when there is nothing that could be kept. */
  hold(request: Request, accountId: string): boolean;
  /** Sends a browser to sign in, as `how` wants it, and back to where it was. */
  askToSignIn(request: Request, response: Response, how?: Partial<SignInWish>): void;
}

/** What a page needs of a sign-in. */
export interface SignInWish {
  /** Path of this site to come back to. */
  readonly to: string;
  /** `recent`: unless the person signed in just now; `anew`: in any case. */
  readonly recently: 'recent' | 'anew' | false;
  /** At least this real-name level; 0: any. */
  readonly level: number;
}

/** Until somebody has signed in, a session is a row that any stranger can make: it lives no longer than the engine's interaction. */
const pendingSeconds = 15 * 60;
/** A minute less than `recentSeconds` of the pages that ask for it: time to come back in. */
const askedRecencySeconds = 4 * 60;
const longestReturnTo = 500;
const sessionSeconds = 8 * 3600; // a working day; a licence is shown in seconds, a desk is left in the evening

export function pageSession(options: PageSessionOptions): PageSession {
  const authenticator = authenticatorOf(options);
  const reader = Router().use(sessionStore(options), authenticator.session());
  return {
    reader,
    router: signInRoutes(options, authenticator, reader),
    signedIn: (request, response) => signedIn(options, request, response),
    hold: (request, accountId) => holdForm(options, request, accountId),
    askToSignIn: (request, response, { to = request.originalUrl, recently = false, level = 0 } = {}) => {
      response.redirect(request.method === 'GET' ? 302 : 303, signInPath({ to, recently, level }));
    },
  };
}

/** Where a browser goes to sign in so. */
export function signInPath({ to, recently, level }: SignInWish): string {
  const wishes = `${recently === false ? '' : `&recent=${recently === 'anew' ? 'anew' : '1'}`}${level > 0 ? `&level=${level}` : ''}`;
  return `/sign-in?to=${encodeURIComponent(to)}${wishes}`;
}

function sessionStore({ database, cookieKeys, publicUrl, log }: PageSessionOptions): RequestHandler {
  const PgStore = pgSession(session);
  const secure = publicUrl.startsWith('https:');
  const read = session({
    store: new PgStore({
      pool: database.pool,
      schemaName: 'http',
      tableName: 'session',
      createTableIfMissing: false,
      // Without touching, a session ends when its day is over, and reading one writes nothing.
      disableTouch: true,
      errorLog: () => log.warn({}, 'old page sessions could not be cleared away'),
    }),
    name: secure ? '__Host-yinxin-pages' : 'yinxin-pages',
    secret: [...cookieKeys],
    resave: false,
    saveUninitialized: false,
    proxy: secure,
    cookie: { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: sessionSeconds * 1000 },
  });
  return (request, response, next) => {
    // Whether browsers come over https is what PUBLIC_URL says, not what a caller or a proxy claims in a header.
    if (secure) request.headers['x-forwarded-proto'] = 'https';
    read(request, response, next);
  };
}

const strategyName = 'yinxin';

function authenticatorOf(options: PageSessionOptions): passport.Authenticator {
  const authenticator = new passport.Passport();
  const strategy = new PageStrategy(
    {
      config: pageClient(options),
      name: strategyName,
      sessionKey: 'oidc',
      scope: 'openid',
      callbackURL: `${options.publicUrl}/signed-in`,
    },
    (tokens, done) => {
      const user = readPageUser(tokens.claims());
      done(user === undefined ? new TrustError('internal', 'the ID token lacks claims') : null, user);
    },
  );
  authenticator.use(strategy);
  authenticator.serializeUser((user, done) => done(null, readPageUser(user)));
  authenticator.deserializeUser((kept, done) => done(null, readPageUser(kept) ?? false));
  return authenticator;
}

/** Sends the language of the page along, and what a page needs of the sign-in (OpenID Connect Core 3.1.2.1; RFC 9470 section 4). */
class PageStrategy extends Strategy {
  override authorizationRequestParams(request: Request, options: AuthenticateOptions) {
    const params = new URLSearchParams(super.authorizationRequestParams(request, options));
    params.set('ui_locales', languageOf(request));
    const { recent } = request.query;
    if (recent === '1') params.set('max_age', String(askedRecencySeconds));
    if (recent === 'anew') params.set('prompt', 'login');
    const { level } = request.query;
    if (typeof level === 'string' && /^[1-5]$/.test(level)) params.set('acr_values', `${acrPrefix}${level}`);
    return params;
  }
}

function signInRoutes(
  options: PageSessionOptions,
  authenticator: passport.Authenticator,
  reader: RequestHandler,
): Router {
  const router = Router({ caseSensitive: true });
  const ask: RequestHandler = authenticator.authenticate(strategyName);

  router.get('/sign-in', reader, (request, response, next) => {
    const { to } = request.query;
    request.session.returnTo = localPath(typeof to === 'string' && to.length <= longestReturnTo ? to : '/');
    if (request.user === undefined) request.session.cookie.maxAge = pendingSeconds * 1000;
    // Kept before it is answered: after the answer a failure could only cut the connection.
    request.session.save((error: unknown) => (error ? next(error) : ask(request, response, next)));
  });

  router.get('/signed-in', reader, (request, response, next) => {
    // passport begins a new session on success; the place to return to must survive that, and the form that waits.
    const returnTo = localPath(request.session.returnTo ?? '/');
    const { heldForm } = request.session;
    if (request.query['code'] === undefined && request.query['error'] === undefined) {
      response.redirect(returnTo);
      return;
    }
    authenticator.authenticate(strategyName, { failWithError: true })(request, response, (error?: unknown) => {
      if (error === undefined) {
        // Another person who signs in finds nothing of it: it is sealed for the account that sent it.
        if (heldForm !== undefined && readPageUser(request.user)?.accountId === heldForm.accountId)
          request.session.heldForm = heldForm;
        response.redirect(returnTo);
      } else next(signInFailure(error, options.log));
    });
  });

  router.post('/sign-out', fromOwnPages(options.publicUrl), reader, (request, response, next) => {
    request.session.destroy((error: unknown) => {
      if (error) {
        next(error);
        return;
      }
      const end = new URL(`${options.publicUrl}/oidc/session/end`);
      end.searchParams.set('client_id', options.clientId);
      end.searchParams.set('post_logout_redirect_uri', `${options.publicUrl}/`);
      response.redirect(303, `${end.pathname}${end.search}`);
    });
  });
  return router;
}

/** Refused, cancelled, or an answer to no question of this browser: start again. Anything else is ours. */
function signInFailure(error: unknown, log: Log): TrustError {
  const name = error instanceof Error ? error.name : '';
  const expected = ['AuthenticationError', 'AuthorizationResponseError', 'ResponseBodyError'].includes(name);
  if (expected) return new TrustError('interaction-expired', 'the sign-in was not completed', { cause: error });
  log.error({ err: error }, 'signing in on the pages failed');
  return new TrustError('internal', 'signing in failed', { cause: error });
}

async function signedIn(
  { accounts, mandateRegister, sessions, clientId }: PageSessionOptions,
  request: Request,
  response: Response,
): Promise<SignedIn | undefined> {
  const user = readPageUser(request.user);
  const account = user && (await accounts.find(user.accountId));
  if (user === undefined || account?.status !== 'active') return undefined;
  // Signed out elsewhere, ended from the list, or by the service: nobody is signed in here any more either.
  if (!(await sessions.isAlive(user.accountId, user.sessionId))) return undefined;
  const { mandateId = user.mandateId } = request.session;
  const actingFor = mandateId === null ? undefined : await mandateRegister.usableBy(account.accountId, mandateId);
  const principal = pagePrincipal({ user, account, actingFor, clientId, context: callContext(response) });
  return { principal, name: account.loginName, sessionId: user.sessionId };
}
