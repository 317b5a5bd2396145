// The route of the public status of seals, at /seal-status.

import { Router } from 'express';
import type { PublicStatus } from '../../seal/life/public-status.ts';
import type { PageSession } from '../page-session.ts';
import { statusOf } from '../problem.ts';
import { formFault } from './admin-form.ts';
import { anonymousCaller } from './caller.ts';
import { languageOf } from './language.ts';
import { sealStatusPage, sealStatusPath } from './seal-status-page.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';

export interface SealStatusRoutesOptions {
  readonly session: Pick<PageSession, 'signedIn'>;
  readonly sandbox: boolean;
  readonly sealOffice: { readonly publicStatus: PublicStatus };
}

export function sealStatusRoutes({ session, sandbox, sealOffice }: SealStatusRoutesOptions): Router {
  const router = Router({ caseSensitive: true });
  router.get(sealStatusPath, async (request, response) => {
    const signedIn = await session.signedIn(request, response);
    const frame = { sandbox, language: languageOf(request), ...(signedIn && { principalName: signedIn.name }) };
    const code = (textIn(request.query, 'code') ?? '').normalize('NFKC').slice(0, 40);
    if (code === '') {
      sendPage(response, sealStatusPage({ frame, code }));
      return;
    }
    try {
      const found = await sealOffice.publicStatus.of(anonymousCaller(response), code);
      sendPage(response, sealStatusPage({ frame, code, found }));
    } catch (error) {
      const fault = formFault(error);
      sendPage(response, sealStatusPage({ frame, code, fault }), statusOf(fault.code));
    }
  });
  return router;
}
