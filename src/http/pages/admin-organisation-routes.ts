// Routes of organisations for administrators and auditors, at /admin/organisations: the list, status, mandates, succession by two people.

import { Router, urlencoded } from 'express';
import type { MandateRegister } from '../../identity/mandates/mandate-register.ts';
import type { OrganisationStatus } from '../../identity/mandates/mandate-store.ts';
import type { Mandates } from '../../identity/mandates/mandates.ts';
import type { Organisations } from '../../identity/mandates/organisations.ts';
import type { Representatives } from '../../identity/mandates/representatives.ts';
import { TrustError } from '../../kernel/errors.ts';
import { fromOwnPages } from '../sign-in.ts';
import { adminOrganisationPage, organisationListPage } from './admin-organisation-page.ts';
import { formField } from './form-field.ts';
import { doneIn } from './mandate-routes.ts';
import { type RecentVisitOptions, requireDeedProof } from './recent-visit.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import { signedInOnly, type Visit } from './visit.ts';

export interface AdminOrganisationRoutesOptions extends RecentVisitOptions {
  readonly organisations: Organisations;
  readonly mandateRegister: MandateRegister;
  readonly mandates: Mandates;
  readonly representatives: Representatives;
  readonly publicUrl: string;
}

const path = '/admin/organisations';
const onPage = 20;
const statuses: readonly OrganisationStatus[] = ['active', 'suspended', 'closed'];

export function adminOrganisationRoutes(options: AdminOrganisationRoutesOptions): Router {
  const { organisations, mandateRegister, mandates, representatives, publicUrl } = options;
  const router = Router({ caseSensitive: true });
  const ownForm = fromOwnPages(publicUrl);
  const readForm = urlencoded({ extended: false, limit: '4kb', parameterLimit: 4, inflate: false });

  router.get(
    path,
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const uscc = textIn(request.query, 'uscc');
      const cursor = textIn(request.query, 'cursor');
      const page = await organisations.list(principal, { limit: onPage, ...(cursor !== undefined && { cursor }) });
      const found = uscc === undefined ? undefined : await organisations.findByUscc(uscc);
      const items = uscc === undefined ? page.items : found === undefined ? [] : [found];
      const nextCursor = uscc === undefined ? page.nextCursor : null;
      sendPage(response, organisationListPage({ frame, organisations: items, nextCursor, uscc }));
    }),
  );

  router.get(
    `${path}/:organisationId`,
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const organisationId = String(request.params['organisationId']);
      const cursor = textIn(request.query, 'cursor');
      const page = await mandateRegister.ofOrganisation(principal, organisationId, {
        limit: onPage,
        ...(cursor !== undefined && { cursor }),
      });
      const organisation = await organisations.find(organisationId);
      if (organisation === undefined) throw new TrustError('organisation-not-found', 'there is no such organisation');
      const mayChange = principal.roles.has('administrator');
      const done = doneIn(request.query);
      const { items, nextCursor } = page;
      sendPage(response, adminOrganisationPage({ frame, organisation, mandates: items, nextCursor, mayChange, done }));
    }),
  );

  router.post(
    `${path}/:organisationId/status`,
    ownForm,
    readForm,
    signedInOnly(options, async (visit) => {
      requireDeedProof(options, visit);
      const { request, response, principal } = visit;
      const organisationId = String(request.params['organisationId']);
      const to = statuses.find((status) => status === formField(request, 'to'));
      if (to === undefined) throw new TrustError('malformed-request', 'there is no such status');
      await organisations.changeStatus(principal, organisationId, { to, reason: formField(request, 'reason') });
      response.redirect(303, `${path}/${organisationId}?done=status`);
    }),
  );

  const deeds = {
    revoke: { done: 'ended', does: ({ principal }: Visit, id: string) => mandates.end(principal, id) },
    approve: { done: 'approved', does: ({ principal }: Visit, id: string) => representatives.approve(principal, id) },
    refuse: { done: 'refused', does: ({ principal }: Visit, id: string) => representatives.refuse(principal, id) },
  };
  for (const [name, { done, does }] of Object.entries(deeds))
    router.post(
      `${path}/:organisationId/mandates/:mandateId/${name}`,
      ownForm,
      signedInOnly(options, async (visit) => {
        requireDeedProof(options, visit);
        const { organisation } = await does(visit, String(visit.request.params['mandateId']));
        visit.response.redirect(303, `${path}/${organisation.organisationId}?done=${done}`);
      }),
    );
  return router;
}
