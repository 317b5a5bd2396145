// Routes of the pages of business systems: forms that work without JavaScript, each deed answered by the page that shows it.

import { Router } from 'express';
import type { Administration } from '../../identity/administration/administration.ts';
import type { ClientDeed } from '../../identity/administration/identity-deed.ts';
import type { ChangedClient } from '../../identity/clients/client-store.ts';
import type { Organisations } from '../../identity/mandates/organisations.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { present } from '../audit-json.ts';
import { statusOf } from '../problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import { formFault, PostedForm, readAdminForm } from './admin-form.ts';
import { managersOnly } from './manager-visit.ts';
import { clientFormPage, fieldsIn, fieldsOf, kindIn, orderIn } from './client-form.ts';
import { clientListPage, clientPage, clientsPath } from './client-pages.ts';
import { proposalsPath } from './proposal-pages.ts';
import type { RecentVisitOptions } from './recent-visit.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import type { Visit } from './visit.ts';

export interface ClientRoutesOptions extends RecentVisitOptions {
  readonly publicUrl: string;
  readonly administration: Pick<Administration, 'clients' | 'twoPerson'>;
  readonly organisations: Pick<Organisations, 'find'>;
}

const clientsOnPage = 20;

export function clientRoutes(options: ClientRoutesOptions): Router {
  const { clients, twoPerson } = options.administration;
  const router = Router({ caseSensitive: true });
  const own = [fromOwnPages(options.publicUrl), readAdminForm] as const;
  const asManager = managersOnly(options);

  router.get(
    clientsPath,
    asManager(async ({ request: { query }, response, principal, frame }) => {
      const search = textIn(query, 'search')?.slice(0, 64);
      const state = (['active', 'suspended'] as const).find((known) => known === query['state']);
      const page = await clients.list(principal, {
        search,
        state,
        cursor: textIn(query, 'cursor'),
        limit: clientsOnPage,
      });
      sendPage(response, clientListPage({ frame, search, state, ...page }));
    }),
  );
  router.get(
    `${clientsPath}/new`,
    asManager(async ({ response, frame }) =>
      sendPage(response, clientFormPage({ frame, fields: fieldsOf(undefined) })),
    ),
  );
  router.post(
    clientsPath,
    ...own,
    asManager(async (visit) => {
      const { request, response, principal, frame } = visit;
      const form = new PostedForm(request);
      try {
        const order = present({ ...orderIn(form), clientId: form.text('clientId'), kind: kindIn(form) });
        await sendClient(options, visit, await clients.register(principal, order));
      } catch (error) {
        const fault = formFault(error);
        sendPage(response, clientFormPage({ frame, fields: fieldsIn(form), fault }), statusOf(fault.code));
      }
    }),
  );
  router.get(
    `${clientsPath}/:clientId`,
    asManager(async (visit) => {
      const client = await clients.get(visit.principal, idIn(visit));
      await sendClient(options, visit, { client, secret: undefined });
    }),
  );
  router.get(
    `${clientsPath}/:clientId/edit`,
    asManager(async (visit) => {
      const client = await clients.get(visit.principal, idIn(visit));
      sendPage(visit.response, clientFormPage({ frame: visit.frame, client, fields: fieldsOf(client) }));
    }),
  );
  router.post(
    `${clientsPath}/:clientId`,
    ...own,
    asManager(async (visit) => {
      const { request, response, principal, frame } = visit;
      const form = new PostedForm(request);
      try {
        const { jwks, tlsSubjectDn, backchannelLogoutUri, ownerOrganisationId, ...rest } = orderIn(form);
        const change = {
          ...rest,
          jwks: jwks ?? null,
          tlsSubjectDn: tlsSubjectDn ?? null,
          backchannelLogoutUri: backchannelLogoutUri ?? null,
          ownerOrganisationId: ownerOrganisationId ?? null,
        };
        const revision = Number(form.text('revision'));
        if (form.text('propose') === 'yes') {
          const deed = { kind: 'client.change', clientId: idIn(visit), revision, change } as const;
          await twoPerson.propose(principal, deed, form.text('why'));
          response.redirect(303, proposalsPath);
          return;
        }
        const changed = await clients.change(principal, idIn(visit), { revision, change });
        if (changed.secret === undefined) response.redirect(303, `${clientsPath}/${changed.client.clientId}`);
        else await sendClient(options, visit, changed);
      } catch (error) {
        const fault = formFault(error);
        const client = await clients.get(principal, idIn(visit));
        sendPage(response, clientFormPage({ frame, client, fields: fieldsIn(form), fault }), statusOf(fault.code));
      }
    }),
  );

  const deed = (name: string, work: (visit: Visit, form: PostedForm) => Promise<Did | undefined>) =>
    router.post(
      `${clientsPath}/:clientId/${name}`,
      ...own,
      asManager(async (visit) => {
        const { principal, response, request } = visit;
        try {
          const { secret, to = `${clientsPath}/${idIn(visit)}` } = (await work(visit, new PostedForm(request))) ?? {};
          if (secret === undefined) response.redirect(303, to);
          else await sendClient(options, visit, { client: await clients.get(principal, idIn(visit)), secret });
        } catch (error) {
          const fault = formFault(error);
          await sendClient(
            options,
            visit,
            { client: await clients.get(principal, idIn(visit)), secret: undefined },
            fault,
          );
        }
      }),
    );
  /** The form of a client that may much asks why, and what it says is proposed. */
  const proposed = async ({ principal }: Visit, form: PostedForm, what: ClientDeed) => {
    await twoPerson.propose(principal, { ...what, revision: Number(form.text('revision')) }, form.text('reason'));
    return { to: proposalsPath };
  };
  deed('rotate', async (visit, form) => {
    const [clientId, overlapSeconds] = [idIn(visit), Number(form.text('overlap'))];
    if (form.given('reason') !== undefined)
      return proposed(visit, form, { kind: 'client.secret', clientId, overlapSeconds });
    return clients.rotateSecret(visit.principal, clientId, overlapSeconds);
  });
  deed('end-former', async (visit) => void (await clients.endFormerSecret(visit.principal, idIn(visit))));
  deed('suspend', async (visit, form) => {
    // The box is `required`, so only what is no browser comes without it.
    const reason = form.text('sure') === 'yes' ? form.text('reason') : '';
    await clients.suspend(visit.principal, idIn(visit), reason);
    return undefined;
  });
  deed('resume', async (visit, form) => {
    const clientId = idIn(visit);
    if (form.given('reason') !== undefined) return proposed(visit, form, { kind: 'client.resume', clientId });
    await clients.resume(visit.principal, clientId);
    return undefined;
  });
  return router;
}

/** A secret that was made, or where to go on. */
interface Did {
  readonly secret?: string | undefined;
  readonly to?: string;
}

function idIn({ request }: Visit): string {
  return String(request.params['clientId']);
}

async function sendClient(
  { publicUrl, organisations }: ClientRoutesOptions,
  { response, frame }: Visit,
  { client, secret }: ChangedClient,
  fault?: TrustError,
): Promise<void> {
  const owner = client.ownerOrganisationId;
  const ownerName = owner === undefined ? undefined : (await organisations.find(owner))?.name;
  const page = clientPage({ frame, client, publicUrl, ownerName, secret, fault });
  sendPage(response, page, fault === undefined ? 200 : statusOf(fault.code));
}
