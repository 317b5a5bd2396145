// Routes of the page of registration tokens; forms that work without JavaScript.

import { Router } from 'express';
import type { Administration } from '../../identity/administration/administration.ts';
import type { MadeToken } from '../../identity/self-registration/registration-tokens.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { scopes } from '../../kernel/principal.ts';
import { statusOf } from '../problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import { formFault, PostedForm, readAdminForm } from './admin-form.ts';
import { managersOnly } from './manager-visit.ts';
import { levels } from './client-form.ts';
import {
  emptyTokenFields,
  registrationTokenPage,
  registrationTokensPath,
  type TokenFields,
} from './registration-token-page.ts';
import type { RecentVisitOptions } from './recent-visit.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import type { Visit } from './visit.ts';

export interface RegistrationTokenRoutesOptions extends RecentVisitOptions {
  readonly publicUrl: string;
  readonly administration: Pick<Administration, 'registrationTokens'>;
  readonly registersClients: boolean;
  readonly clock: Clock;
}

const tokensOnPage = 20;

export function registrationTokenRoutes(options: RegistrationTokenRoutesOptions): Router {
  const { registrationTokens } = options.administration;
  const router = Router({ caseSensitive: true });
  const own = [fromOwnPages(options.publicUrl), readAdminForm] as const;
  const asManager = managersOnly(options);

  router.get(
    registrationTokensPath,
    asManager((visit) => sendTokens(options, visit, {})),
  );
  router.post(
    registrationTokensPath,
    ...own,
    asManager(async (visit) => {
      const form = new PostedForm(visit.request);
      try {
        await sendTokens(options, visit, { made: await registrationTokens.make(visit.principal, orderIn(form)) });
      } catch (error) {
        await sendTokens(options, visit, { fault: formFault(error), fields: fieldsIn(form) });
      }
    }),
  );
  router.post(
    `${registrationTokensPath}/:tokenId/end`,
    ...own,
    asManager(async ({ request, response, principal }) => {
      await registrationTokens.end(principal, String(request.params['tokenId']));
      response.redirect(303, registrationTokensPath);
    }),
  );
  return router;
}

async function sendTokens(
  { administration, registersClients, clock }: RegistrationTokenRoutesOptions,
  { request, response, principal, frame }: Visit,
  told: { readonly made?: MadeToken; readonly fault?: TrustError; readonly fields?: TokenFields },
): Promise<void> {
  const cursor = request.method === 'GET' ? textIn(request.query, 'cursor') : undefined;
  const list = await administration.registrationTokens.list(principal, { limit: tokensOnPage, cursor });
  const fields = told.fields ?? emptyTokenFields;
  const page = { frame, isOpen: registersClients, now: clock.now(), ...list, ...told, fields };
  sendPage(response, registrationTokenPage(page), told.fault === undefined ? 200 : statusOf(told.fault.code));
}

function orderIn(form: PostedForm) {
  const chosen = new Set(form.all('apiScopes'));
  return {
    name: form.text('name'),
    hosts: form.lines('hosts'),
    uses: Number(form.text('uses')),
    lifetimeSeconds: Number(form.text('days')) * 86_400,
    levelFloor: levels.find((level) => String(level) === form.text('levelFloor')) ?? 0,
    apiScopes: scopes.filter((scope) => chosen.has(scope)),
  };
}

function fieldsIn(form: PostedForm): TokenFields {
  return {
    name: form.text('name'),
    hosts: form.text('hosts'),
    uses: form.text('uses'),
    days: form.text('days'),
    levelFloor: form.text('levelFloor'),
    apiScopes: form.all('apiScopes'),
  };
}
