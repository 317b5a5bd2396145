// Routes of an organisation for whoever appoints there, at /account/organisations/{id}: agents, appointing in two steps, succession.

import { randomUUID } from 'node:crypto';
import { type Request, Router, urlencoded } from 'express';
import { sha256 } from '../../crypto/digest.ts';
import type { MandateRegister } from '../../identity/mandates/mandate-register.ts';
import type { Mandate } from '../../identity/mandates/mandate-store.ts';
import type { AppointmentOrder, Mandates } from '../../identity/mandates/mandates.ts';
import type { Representatives } from '../../identity/mandates/representatives.ts';
import { utf8 } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { mandateScopes } from '../../kernel/mandate-scopes.ts';
import { requireLevel } from '../../kernel/permissions.ts';
import { errorWords } from '../../kernel/words/errors.ts';
import { asObject } from '../../kernel/words/members.ts';
import { fromOwnPages } from '../sign-in.ts';
import { accountIdOf } from './account-id.ts';
import { formField } from './form-field.ts';
import { doneIn } from './mandate-routes.ts';
import { type AppointForm, appointPage, confirmPage, organisationPage, organisationPath } from './organisation-page.ts';
import { sendPage } from './send-page.ts';
import { daySpanIn, textIn } from './span-form.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface OrganisationRoutesOptions extends VisitOptions {
  readonly mandateRegister: MandateRegister;
  readonly mandates: Mandates;
  readonly representatives: Representatives;
  readonly publicUrl: string;
  readonly clock: Clock;
}

const path = '/account/organisations/:organisationId';
const onPage = 20;
/** Appointing asks for it; asked before the form is filled in, not after. */
const maxAgeSeconds = 300;

export function organisationRoutes(options: OrganisationRoutesOptions): Router {
  const { mandateRegister: register, mandates, representatives, publicUrl, clock } = options;
  const router = Router({ caseSensitive: true });
  const ownForm = fromOwnPages(publicUrl);
  const readForm = urlencoded({ extended: false, limit: '16kb', parameterLimit: 20, inflate: false });

  router.get(
    path,
    signedInOnly(options, async (visit) => {
      const { request, response, principal, frame } = visit;
      const own = await ownIn(options, visit);
      const cursor = textIn(request.query, 'cursor');
      const { items, nextCursor } = await register.ofOrganisation(principal, own.organisation.organisationId, {
        limit: onPage,
        ...(cursor !== undefined && { cursor }),
      });
      sendPage(response, organisationPage({ frame, own, mandates: items, nextCursor, done: doneIn(request.query) }));
    }),
  );

  router.get(
    `${path}/appoint`,
    signedInOnly(options, async (visit) => {
      const own = await ownIn(options, visit);
      requireLevel(visit.principal, 0, { maxAgeSeconds, now: clock.now() });
      sendPage(visit.response, appointPage({ frame: visit.frame, own }));
    }),
  );

  router.post(
    `${path}/appoint`,
    ownForm,
    readForm,
    signedInOnly(options, async (visit) => {
      const own = await ownIn(options, visit);
      const { principal, frame, response } = visit;
      const form = formIn(visit.request);
      await orAgain(visit, own, form, async () => {
        const { organisationId } = own.organisation;
        orderOf(organisationId, form);
        const candidate = await mandates.candidate(principal, organisationId, form.loginName);
        sendPage(response, confirmPage({ frame, own, form, candidate, requestKey: randomUUID() }));
      });
    }),
  );

  router.post(
    `${path}/agents`,
    ownForm,
    readForm,
    signedInOnly(options, async (visit) => {
      const own = await ownIn(options, visit);
      const form = formIn(visit.request);
      await orAgain(visit, own, form, async () => {
        const order = orderOf(own.organisation.organisationId, form);
        await mandates.appoint(visit.principal, order, {
          owner: `account:${accountIdOf(visit.principal)}`,
          key: formField(visit.request, 'key').slice(0, 128) || randomUUID(),
          bodySha256: sha256(utf8(JSON.stringify(order))),
        });
        visit.response.redirect(303, `${organisationPath(own.organisation.organisationId)}?done=offered`);
      });
    }),
  );

  const deeds = {
    revoke: { done: 'ended', does: ({ principal }: Visit, id: string) => mandates.end(principal, id) },
    term: {
      done: 'changed',
      does: ({ principal, request }: Visit, id: string) =>
        mandates.changeTerm(principal, id, dayEnd(formField(request, 'until'))),
    },
    agree: { done: 'agreed', does: ({ principal }: Visit, id: string) => representatives.agree(principal, id) },
    refuse: { done: 'refused', does: ({ principal }: Visit, id: string) => representatives.refuse(principal, id) },
  };
  for (const [name, { done, does }] of Object.entries(deeds))
    router.post(
      `${path}/mandates/:mandateId/${name}`,
      ownForm,
      readForm,
      signedInOnly(options, async (visit) => {
        const { params } = visit.request;
        const { organisation, state } = await does(visit, String(params['mandateId']));
        // Whoever handed over manages here no longer.
        const there =
          name === 'agree' && state === 'active' ? '/account/mandates' : organisationPath(organisation.organisationId);
        visit.response.redirect(303, `${there}?done=${done}`);
      }),
    );
  return router;
}

/** The mandate under which the visitor appoints; an organisation in which they do not is not there for them. */
async function ownIn({ mandateRegister }: OrganisationRoutesOptions, { request, principal }: Visit): Promise<Mandate> {
  const own = await mandateRegister.managing(principal, String(request.params['organisationId']));
  if (own === undefined) throw new TrustError('organisation-not-found', 'the caller appoints for no such organisation');
  return own;
}

/** What can be corrected is told on the form, with what was typed. */
async function orAgain({ frame, response }: Visit, own: Mandate, typed: AppointForm, does: () => Promise<void>) {
  try {
    await does();
  } catch (error) {
    if (!isTrustError(error) || error.code === 'step-up-required') throw error;
    sendPage(response, appointPage({ frame, own, fault: errorWords[error.code], typed }), 400);
  }
}

function formIn(request: Request): AppointForm {
  const body: unknown = request.body;
  const named = asObject(body)?.['scope'];
  const words = Array.isArray(named) ? named : [named];
  return {
    loginName: formField(request, 'loginName').trim().slice(0, 64),
    scope: mandateScopes.filter((word) => words.includes(word)),
    sealIds: formField(request, 'sealIds').trim(),
    maxUses: formField(request, 'maxUses').trim(),
    until: formField(request, 'until'),
    purpose: formField(request, 'purpose').trim(),
  };
}

function orderOf(
  organisationId: string,
  { loginName, scope, sealIds, maxUses, until, purpose }: AppointForm,
): AppointmentOrder {
  if (scope.length === 0) throw new TrustError('malformed-request', 'a mandate allows something');
  return {
    organisationId,
    loginName,
    scope,
    ...(sealIds !== '' && { sealIds: sealIds.split(/\s+/) }),
    ...(maxUses !== '' && { maxUses: Number(maxUses) }),
    validUntil: dayEnd(until),
    purpose,
  };
}

/** The end of a day of Asia/Shanghai. */
function dayEnd(day: string): Date {
  const { until } = daySpanIn({ until: day });
  if (until === undefined) throw new TrustError('malformed-request', 'a mandate has a last day');
  return until;
}
