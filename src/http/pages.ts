// The router of the pages: front, verify, wallet, desk, admin, records of uses, their assets, and the problem page for everything else.

import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import type { Identity } from '../identity/identity.ts';
import { errorCodes, type TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { type PageSession, type PageSessionOptions, pageSession, signInPath, type SignInWish } from './page-session.ts';
import { wantsPage } from './page-or-problem.ts';
import { accountRoutes } from './pages/account-routes.ts';
import { type ActivityRoutesOptions, activityRoutes } from './pages/activity-routes.ts';
import { type AdminRoutesOptions, adminRoutes } from './pages/admin-routes.ts';
import { type AuditRoutesOptions, auditRoutes } from './pages/audit-routes.ts';
import { adminAccountRoutes, type AdminAccountRoutesOptions } from './pages/admin-account-routes.ts';
import { webBuild } from './pages/assets.ts';
import { type BatchRoutesOptions, batchRoutes } from './pages/batch-routes.ts';
import { type ClientRoutesOptions, clientRoutes } from './pages/client-routes.ts';
import { type DeskRoutesOptions, deskRoutes } from './pages/desk-routes.ts';
import { adminOrganisationRoutes } from './pages/admin-organisation-routes.ts';
import { frontPage } from './pages/front-page.ts';
import { mandateRoutes } from './pages/mandate-routes.ts';
import { organisationRoutes } from './pages/organisation-routes.ts';
import { heldFormPath } from './pages/held-form-page.ts';
import { heldFormRoutes } from './pages/held-form-routes.ts';
import { languageOf, rememberLanguage } from './pages/language.ts';
import { inPersonRoutes } from './pages/in-person-routes.ts';
import { levelRoutes } from './pages/level-routes.ts';
import { problemPage } from './pages/problem-page.ts';
import { registrationTokenRoutes, type RegistrationTokenRoutesOptions } from './pages/registration-token-routes.ts';
import { requestsRoutes } from './pages/requests-routes.ts';
import { type SealRoutesOptions, sealRoutes } from './pages/seal-routes.ts';
import { stampingRequestRoutes, type StampingRequestRoutesOptions } from './pages/stamping-request-routes.ts';
import { sealStatusRoutes } from './pages/seal-status-routes.ts';
import { sendPage } from './pages/send-page.ts';
import { actingName } from './pages/visit.ts';
import { type VerifyLicence, verifyRoutes } from './pages/verify-routes.ts';
import { type WalletRoutesOptions, walletRoutes } from './pages/wallet-routes.ts';
import { asTrustError, statusOf } from './problem.ts';
import { usePolicyRoutes } from './pages/use-policy-routes.ts';
import { upstreamRouter } from './upstream-sign-in.ts';

type Rooms = WalletRoutesOptions &
  DeskRoutesOptions &
  BatchRoutesOptions &
  AdminRoutesOptions &
  AuditRoutesOptions &
  ActivityRoutesOptions &
  SealRoutesOptions &
  Omit<StampingRequestRoutesOptions, 'requestScript'> &
  Omit<ClientRoutesOptions, 'organisations'> &
  RegistrationTokenRoutesOptions &
  AdminAccountRoutesOptions;

export interface PagesOptions
  extends Omit<Rooms, 'session' | 'script' | 'accounts'>,
    Pick<PageSessionOptions, 'cookieKeys' | 'cipher' | 'issuerOrigin'> {
  readonly identity: Identity;
  /** Secret of the client `yinxin-pages`, which is registered at every start. */
  readonly pageClientSecret: string;
  /** Vite's output, dist/web. */
  readonly webDirectory: string;
  readonly verifyLicence: VerifyLicence;
  readonly log: Log;
}

/** Put it behind `securityHeaders` and before the last 404; `problemPages` comes after that. */
export function pagesRouter(options: PagesOptions): Router {
  const { sandbox, identity, pageClientSecret } = options;
  const router = Router({ caseSensitive: true });
  const build = webBuild(options.webDirectory);
  const session = pageSession({
    ...options,
    accounts: identity.accounts,
    mandateRegister: identity.mandateRegister,
    sessions: identity.sessions,
    clientId: 'yinxin-pages',
    clientSecret: pageClientSecret,
  });
  router.use(build.router);
  router.use(rememberLanguage);
  router.use(session.router);
  router.use(upstreamRouter({ ...options, reader: session.reader }));
  router.use(session.reader); // costs nothing without the session's cookie
  // Where the `type` of every problem document leads.
  router.get('/problems/:code', (request, response, next) => {
    const code = errorCodes.find((known) => known === request.params.code);
    if (code === undefined) next();
    else sendPage(response, problemPage({ language: languageOf(request), code, status: statusOf(code), sandbox }));
  });
  router.get('/', async (request, response) => {
    const signedIn = await session.signedIn(request, response);
    const language = languageOf(request);
    const who = signedIn && { principalName: signedIn.name, ...actingName(signedIn.principal) };
    sendPage(response, frontPage({ language, sandbox, ...who }));
  });
  router.use(heldFormRoutes({ ...options, session }));
  router.use(verifyRoutes({ ...options, session, script: build.scriptOf('verify') }));
  router.use(walletRoutes({ ...options, session }));
  router.use(sealRoutes({ ...options, session }));
  router.use(usePolicyRoutes({ ...options, session, mandateRegister: identity.mandateRegister }));
  router.use(sealStatusRoutes({ ...options, session }));
  router.use(batchRoutes({ ...options, session }));
  router.use(
    stampingRequestRoutes({
      ...options,
      session,
      accounts: identity.accounts,
      requestScript: build.scriptOf('request'),
    }),
  );
  router.use(deskRoutes({ ...options, session, script: build.scriptOf('desk') }));
  router.use(adminRoutes({ ...options, session }));
  router.use(clientRoutes({ ...options, session, organisations: identity.organisations }));
  router.use(registrationTokenRoutes({ ...options, session }));
  router.use(adminAccountRoutes({ ...options, session }));
  router.use(auditRoutes({ ...options, session }));
  router.use(accountRoutes({ ...options, session, passkeyScript: build.scriptOf('passkey') }));
  router.use(requestsRoutes({ ...options, session, approvals: identity.approvals }));
  router.use(activityRoutes({ ...options, session, accounts: identity.accounts }));
  router.use(mandateRoutes({ ...options, ...identity, session }));
  router.use(organisationRoutes({ ...options, ...identity, session }));
  router.use(adminOrganisationRoutes({ ...options, ...identity, session }));
  router.use(
    levelRoutes({ ...options, session, accounts: identity.accounts, identityChecks: identity.identityChecks }),
  );
  router.use(
    inPersonRoutes({ ...options, session, accounts: identity.accounts, identityChecks: identity.identityChecks }),
  );
  router.use(problemPages({ ...options, session }));
  return router;
}

export interface ProblemPagesOptions {
  readonly sandbox: boolean;
  readonly log: Log;
  /** Where it is known, a page of refusal says who was refused. */
  readonly session?: Pick<PageSession, 'signedIn' | 'hold' | 'askToSignIn'>;
}

/** Errors of a browser's requests as pages; other callers go on to the problem documents. */
export function problemPages({ sandbox, log, session }: ProblemPagesOptions): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    if (response.headersSent || !wantsPage(request)) {
      next(error);
      return;
    }
    const problem = asTrustError(error);
    const status = statusOf(problem.code);
    const { requestId } = response.locals;
    if (status >= 500) {
      log.error(
        { err: problem.cause ?? problem, errorCode: problem.code, requestId, route: request.path },
        'page failed',
      );
    }
    const visitor = await visitorOf(session, request, response);
    const principalName = visitor?.name;
    const isHeld =
      problem.code === 'step-up-required' && session?.hold(request, visitor?.principal.accountId ?? '') === true;
    const wish = problem.code === 'step-up-required' && visitor !== undefined && stepUp(problem, request, isHeld);
    if (wish && wish.level === 0 && problem.details?.amr === undefined) {
      session?.askToSignIn(request, response, wish);
      return;
    }
    const page = problemPage({
      language: languageOf(request),
      code: problem.code,
      status,
      sandbox,
      ...(typeof requestId === 'string' && { requestId }),
      ...(principalName !== undefined && { principalName }),
      ...(wish && { stepUpPath: signInPath(wish), byPasskey: problem.details?.amr !== undefined }),
    });
    sendPage(response, page, status);
  };
}

/** RFC 9470 section 4, for our own pages: what the sign-in must be like, and back to the page; after a form, to the form as it was sent. */
function stepUp({ details }: TrustError, request: Request, isHeld: boolean): SignInWish {
  const { level, maxAgeSeconds } = details ?? {};
  const from = request.get('referer') ?? '';
  const { pathname, search } = URL.canParse(from) ? new URL(from) : { pathname: '/', search: '' };
  return {
    to: isHeld ? heldFormPath : request.method === 'GET' ? request.originalUrl : `${pathname}${search}`,
    recently: maxAgeSeconds === undefined ? false : maxAgeSeconds === 0 ? 'anew' : 'recent',
    level: typeof level === 'number' ? level : 0,
  };
}

/** Whatever failed may fail again here, and then the page does without. */
async function visitorOf(session: ProblemPagesOptions['session'], request: Request, response: Response) {
  try {
    return await session?.signedIn(request, response);
  } catch {
    return undefined;
  }
}
