// Routes of the verify page: /verify with its form, /v for scanned links, /v/{id} for short codes.

import { Router, urlencoded } from 'express';
import type { Principal } from '../../kernel/principal.ts';
import { failedView } from '../../kernel/words/failed-view.ts';
import { licenceView } from '../../kernel/words/licence-view.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import type { ReportView } from '../../kernel/words/report-view.ts';
import { asTrustError } from '../problem.ts';
import { anonymousCaller } from './caller.ts';
import { languageOf } from './language.ts';
import { sendPage } from './send-page.ts';
import { shortCodeNotFoundPage, verifyPage } from './verify-page.ts';

/** Checks a QR text; the report has the shape of POST /api/v1/licence-verifications. May throw TrustError. */
export type VerifyLicence = (principal: Principal, text: string) => Promise<object>;

export interface VerifyRoutesOptions {
  readonly sandbox: boolean;
  readonly maxDocumentBytes: number;
  readonly script: string | undefined;
  readonly verifyLicence: VerifyLicence;
}

const readForm = urlencoded({ extended: false, limit: '64kb', parameterLimit: 10 }); // a QR text of 8,192 characters, escaped

export function verifyRoutes({ sandbox, maxDocumentBytes, script, verifyLicence }: VerifyRoutesOptions): Router {
  const router = Router({ caseSensitive: true });
  const frame = { sandbox, maxDocumentBytes, ...(script !== undefined && { script }) };

  router.get('/verify', (request, response) => {
    sendPage(response, verifyPage({ ...frame, language: languageOf(request) }));
  });

  router.get('/v', (request, response) => {
    sendPage(response, verifyPage({ ...frame, language: languageOf(request), scanned: true }));
  });

  router.get('/v/:id', (request, response) => {
    sendPage(response, shortCodeNotFoundPage({ sandbox, language: languageOf(request) }), 404);
  });

  router.post('/verify', readForm, async (request, response) => {
    const language = languageOf(request);
    const text = textAt(asObject(request.body), 'text')?.trim();
    if (text === undefined || text === '') {
      sendPage(response, verifyPage({ ...frame, language, fault: 'text-missing' }), 400);
      return;
    }
    // No script on the answer: it would replace the drawn result by an empty form.
    const view = await viewOf(verifyLicence, anonymousCaller(response), text);
    sendPage(response, verifyPage({ sandbox, maxDocumentBytes, language, view }));
  });
  return router;
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
