// The router of the pages: front, verify, wallet, desk, admin, their assets, and the problem page for everything else.

import type { ErrorRequestHandler, Request } from 'express';
import { Router } from 'express';
import type { Log } from '../kernel/log.ts';
import { webBuild } from './pages/assets.ts';
import { frontPage } from './pages/front-page.ts';
import { languageOf, rememberLanguage } from './pages/language.ts';
import { problemPage } from './pages/problem-page.ts';
import { sendPage } from './pages/send-page.ts';
import { type VerifyLicence, verifyRoutes } from './pages/verify-routes.ts';
import { asTrustError, statusOf } from './problem.ts';

export interface PagesOptions {
  readonly sandbox: boolean;
  /** Vite's output, dist/web. */
  readonly webDirectory: string;
  readonly maxDocumentBytes: number;
  readonly verifyLicence: VerifyLicence;
}

/** Put it behind `securityHeaders` and before the API's 404; `problemPages` comes last of all. */
export function pagesRouter(options: PagesOptions): Router {
  const router = Router({ caseSensitive: true });
  const build = webBuild(options.webDirectory);
  router.use(build.router);
  router.use(rememberLanguage);
  router.get('/', (request, response) => {
    sendPage(response, frontPage({ language: languageOf(request), sandbox: options.sandbox }));
  });
  router.use(verifyRoutes({ ...options, script: build.scriptOf('verify') }));
  return router;
}

/** True for a browser that wants a page rather than a problem document. */
export function wantsPage(request: Request): boolean {
  return (
    !request.path.startsWith('/api/') &&
    request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html'
  );
}

/** Errors of a browser's requests as pages; other callers go on to the problem documents. */
export function problemPages({ sandbox, log }: { sandbox: boolean; log: Log }): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
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
    const page = problemPage({
      language: languageOf(request),
      code: problem.code,
      status,
      sandbox,
      ...(typeof requestId === 'string' && { requestId }),
    });
    sendPage(response, page, status);
  };
}
