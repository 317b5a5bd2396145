// Routes of a person's mandates at /account/mandates, and of choosing for whom one acts on the pages at /account/acting.

import { Router, urlencoded } from 'express';
import type { Acting } from '../../identity/mandates/acting.ts';
import type { MandateRegister } from '../../identity/mandates/mandate-register.ts';
import type { Mandates } from '../../identity/mandates/mandates.ts';
import type { Representatives } from '../../identity/mandates/representatives.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { errorWords } from '../../kernel/words/errors.ts';
import type { Words } from '../../kernel/words/language.ts';
import { fromOwnPages } from '../sign-in.ts';
import { accountIdOf } from './account-id.ts';
import { formField } from './form-field.ts';
import { localPath } from './html.ts';
import { mandatesPage } from './mandates-page.ts';
import { partyPage } from './party-page.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import { doneText } from './text/mandates.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface MandateRoutesOptions extends VisitOptions {
  readonly mandateRegister: MandateRegister;
  readonly mandates: Mandates;
  readonly representatives: Representatives;
  readonly acting: Acting;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly publicUrl: string;
}

const path = '/account/mandates';
const onPage = 20;

export function mandateRoutes(options: MandateRoutesOptions): Router {
  const { mandates, representatives, acting, publicUrl } = options;
  const router = Router({ caseSensitive: true });
  const ownForm = fromOwnPages(publicUrl);
  const readForm = urlencoded({ extended: false, limit: '4kb', parameterLimit: 6, inflate: false });

  router.get(
    path,
    signedInOnly(options, async (visit) => sendMandates(options, visit)),
  );

  router.post(
    `${path}/claim`,
    ownForm,
    readForm,
    signedInOnly(options, async (visit) => {
      const uscc = formField(visit.request, 'uscc').trim();
      try {
        const claim = await representatives.claim(visit.principal, uscc);
        visit.response.redirect(303, `${path}?done=${claim.state === 'claimed' ? 'claimed' : 'proven'}`);
      } catch (error) {
        if (!isTrustError(error) || error.code === 'step-up-required') throw error;
        await sendMandates(options, visit, { fault: errorWords[error.code], uscc });
      }
    }),
  );

  const deeds = {
    accept: { done: 'accepted', does: (visit: Visit, id: string) => mandates.answer(visit.principal, id, 'accepted') },
    decline: { done: 'declined', does: (visit: Visit, id: string) => mandates.answer(visit.principal, id, 'declined') },
    end: { done: 'ended', does: (visit: Visit, id: string) => mandates.end(visit.principal, id) },
    withdraw: { done: 'refused', does: (visit: Visit, id: string) => representatives.refuse(visit.principal, id) },
  };
  for (const [name, { done, does }] of Object.entries(deeds))
    router.post(
      `${path}/:mandateId/${name}`,
      ownForm,
      signedInOnly(options, async (visit) => {
        await does(visit, String(visit.request.params['mandateId']));
        visit.response.redirect(303, `${path}?done=${done}`);
      }),
    );

  router.get(
    '/account/acting',
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const parties = await acting.partiesOf(accountIdOf(principal));
      const chosen = principal.actingFor?.mandateId ?? null;
      const to = cameFrom(request.get('referer'), publicUrl);
      sendPage(response, partyPage({ frame, path: `/account/acting?to=${encodeURIComponent(to)}`, parties, chosen }));
    }),
  );

  router.post(
    '/account/acting',
    ownForm,
    readForm,
    signedInOnly(options, async ({ request, response, principal }) => {
      const named = formField(request, 'mandate');
      const party = await acting.chosen(accountIdOf(principal), named === '' ? null : named);
      await options.audit.append(principal, {
        action: 'party.chosen',
        outcome: 'done',
        subjectId: accountIdOf(principal),
        facts: { client: principal.clientId ?? '', ...(party !== null && { organisation: party.organisationId }) },
      });
      request.session.mandateId = party?.mandateId ?? null;
      const to = textIn(request.query, 'to');
      response.redirect(303, to === undefined ? cameFrom(request.get('referer'), publicUrl) : localPath(to));
    }),
  );
  return router;
}

async function sendMandates(
  { mandateRegister }: MandateRoutesOptions,
  { request, response, principal, frame }: Visit,
  refused?: { fault: Words; uscc: string },
): Promise<void> {
  const cursor = textIn(request.query, 'cursor');
  const { items, nextCursor } = await mandateRegister.own(principal, { limit: onPage, ...(cursor && { cursor }) });
  const done = doneIn(request.query);
  sendPage(response, mandatesPage({ frame, mandates: items, nextCursor, done, ...refused }), refused ? 400 : 200);
}

export function doneIn(query: Readonly<Record<string, unknown>>): Words | undefined {
  return Object.entries(doneText).find(([name]) => name === query['done'])?.[1];
}

/** The page of ours that a browser comes from; the mandates for one that says nothing. */
function cameFrom(referer: string | undefined, publicUrl: string): string {
  if (referer === undefined || !URL.canParse(referer)) return path;
  const { origin, pathname, search } = new URL(referer);
  return origin === publicUrl && pathname !== '/account/acting' ? localPath(`${pathname}${search}`) : path;
}
