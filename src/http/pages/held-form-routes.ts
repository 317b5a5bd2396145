// The route of the page that shows a waiting form back to whoever sent it, at /continue.

import { Router } from 'express';
import { waitingForm } from '../held-form.ts';
import type { PageSessionOptions } from '../page-session.ts';
import { accountIdOf } from './account-id.ts';
import { heldFormPage, heldFormPath } from './held-form-page.ts';
import { sendPage } from './send-page.ts';
import { signedInOnly, type VisitOptions } from './visit.ts';

export function heldFormRoutes(options: VisitOptions & Pick<PageSessionOptions, 'cipher' | 'clock'>): Router {
  const router = Router({ caseSensitive: true });
  router.get(
    heldFormPath,
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const form = waitingForm(options, request.session.heldForm, accountIdOf(principal));
      if (form === undefined) response.redirect('/');
      else sendPage(response, heldFormPage({ frame, form }));
    }),
  );
  return router;
}
