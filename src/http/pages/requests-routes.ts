// Routes of what waits for a person's approval, at /account/requests: forms, and a page that looks again by itself.

import { Router } from 'express';
import type { Approvals } from '../../identity/grants/approvals.ts';
import { fromOwnPages } from '../sign-in.ts';
import { accountIdOf } from './account-id.ts';
import { requestsPage, requestsPath } from './requests-page.ts';
import { sendPage } from './send-page.ts';
import { requestsText as text } from './text/requests.ts';
import { signedInOnly, type VisitOptions } from './visit.ts';

export interface RequestsRoutesOptions extends VisitOptions {
  readonly approvals: Pick<Approvals, 'openOf' | 'approve' | 'refuse'>;
  readonly publicUrl: string;
}

const refreshSeconds = 10;
const doneText = { approve: text.approved, refuse: text.refused } as const;

export function requestsRoutes(options: RequestsRoutesOptions): Router {
  const { approvals } = options;
  const router = Router({ caseSensitive: true });
  const ownForm = fromOwnPages(options.publicUrl);

  router.get(
    requestsPath,
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const open = await approvals.openOf(accountIdOf(principal));
      const { done } = request.query;
      // Only while there is nothing to read: a page must not change under the finger (WCAG 2.2.2).
      if (open.length === 0) response.set('refresh', `${refreshSeconds};url=${requestsPath}`);
      const said = done === 'approve' || done === 'refuse' ? doneText[done] : undefined;
      sendPage(response, requestsPage({ frame, approvals: open, done: said }));
    }),
  );

  for (const deed of ['approve', 'refuse'] as const)
    router.post(
      `${requestsPath}/:approvalId/${deed}`,
      ownForm,
      signedInOnly(options, async ({ request, response, principal }) => {
        await approvals[deed](principal, String(request.params['approvalId']));
        response.redirect(303, `${requestsPath}?done=${deed}`);
      }),
    );
  return router;
}
