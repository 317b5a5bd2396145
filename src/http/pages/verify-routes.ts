// Routes of the verify page: /verify with its form, /v for scanned links, /v/{id} for short codes.

import { type Request, type Response, Router, urlencoded } from 'express';
import type { Principal } from '../../kernel/principal.ts';
import { failedView } from '../../kernel/words/failed-view.ts';
import { licenceView } from '../../kernel/words/licence-view.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import type { ReportView } from '../../kernel/words/report-view.ts';
import type { PageSession } from '../page-session.ts';
import { asTrustError } from '../problem.ts';
import { anonymousCaller } from './caller.ts';
import { languageOf } from './language.ts';
import { sendPage } from './send-page.ts';
import { shortCodeNotFoundPage, verifyPage } from './verify-page.ts';

/** Checks a QR text; the report has the shape of POST /api/v1/licence-verifications. May throw TrustError. */
export type VerifyLicence = (principal: Principal, text: string) => Promise<object>;

export interface VerifyRoutesOptions {
  readonly session: Pick<PageSession, 'signedIn'>;
  readonly sandbox: boolean;
  readonly maxDocumentBytes: number;
  readonly script: string | undefined;
  readonly verifyLicence: VerifyLicence;
}

const readForm = urlencoded({ extended: false, limit: '64kb', parameterLimit: 10, inflate: false }); // 8,192 characters, escaped

export function verifyRoutes(options: VerifyRoutesOptions): Router {
  const { maxDocumentBytes, script, verifyLicence } = options;
  const router = Router({ caseSensitive: true });
  const scripted = { maxDocumentBytes, ...(script !== undefined && { script }) };

  router.get('/verify', async (request, response) => {
    sendPage(response, verifyPage({ ...scripted, ...(await frameOf(options, request, response)) }));
  });

  router.get('/v', async (request, response) => {
    sendPage(response, verifyPage({ ...scripted, ...(await frameOf(options, request, response)), scanned: true }));
  });

  router.get('/v/:id', async (request, response) => {
    sendPage(response, shortCodeNotFoundPage(await frameOf(options, request, response)), 404);
  });

  router.post('/verify', readForm, async (request, response) => {
    const frame = await frameOf(options, request, response);
    const text = textAt(asObject(request.body), 'text')?.trim();
    if (text === undefined || text === '') {
      sendPage(response, verifyPage({ ...scripted, ...frame, fault: 'text-missing' }), 400);
      return;
    }
    // No script on the answer: it would replace the drawn result by an empty form.
    const view = await viewOf(verifyLicence, anonymousCaller(response), text);
    sendPage(response, verifyPage({ ...frame, maxDocumentBytes, view }));
  });
  return router;
}

async function frameOf({ session, sandbox }: VerifyRoutesOptions, request: Request, response: Response) {
  const signedIn = await session.signedIn(request, response);
  return { sandbox, language: languageOf(request), ...(signedIn && { principalName: signedIn.name }) };
}

async function viewOf(verifyLicence: VerifyLicence, principal: Principal, text: string): Promise<ReportView> {
  try {
    // Through JSON, so that what is judged here is what the API says.
    return licenceView(JSON.parse(JSON.stringify(await verifyLicence(principal, text))));
  } catch (error) {
    const problem = asTrustError(error);
    if (problem.code === 'internal') throw error;
    return failedView('licence', problem.code, principal.requestId);
  }
}
