// Routes of the administrators' pages of accounts and of deeds of two people; forms work without JavaScript.

import { Router } from 'express';
import { accountKeys } from '../../identity/accounts/account-search.ts';
import type { Administration } from '../../identity/administration/administration.ts';
import { isClientDeed } from '../../identity/administration/identity-deed.ts';
import { isEvidenceMethod } from '../../identity/levels/evidence-rules.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Role, roles, scopes } from '../../kernel/principal.ts';
import { statusOf } from '../problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import {
  accountDeeds,
  accountListPage,
  type AccountListPage,
  adminAccountPage,
  adminAccountsPath,
} from './admin-account-pages.ts';
import { formFault, PostedForm, readAdminForm } from './admin-form.ts';
import { levels } from './client-form.ts';
import { managersOnly } from './manager-visit.ts';
import { clientPage, clientsPath } from './client-pages.ts';
import { proposalListPage, proposalsPath, rightsPage } from './proposal-pages.ts';
import type { RecentVisitOptions } from './recent-visit.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import type { Visit } from './visit.ts';

export interface AdminAccountRoutesOptions extends RecentVisitOptions {
  readonly publicUrl: string;
  readonly administration: Pick<Administration, 'accounts' | 'accountSearch' | 'clients' | 'twoPerson'>;
}

const onPage = 20;

export function adminAccountRoutes(options: AdminAccountRoutesOptions): Router {
  const { accountSearch } = options.administration;
  const router = Router({ caseSensitive: true });
  const own = [fromOwnPages(options.publicUrl), readAdminForm] as const;
  const asManager = managersOnly(options);

  const sendList = async ({ request, response, principal, frame }: Visit, more: Partial<AccountListPage>) => {
    const list = request.query['list'] === 'suspended' ? 'suspended' : 'staff';
    const page = await accountSearch.list(principal, { list, cursor: textIn(request.query, 'cursor'), limit: onPage });
    const status = more.fault === undefined ? 200 : statusOf(more.fault.code);
    sendPage(response, accountListPage({ frame, list, ...page, ...more }), status);
  };
  const sendAccount = async ({ request, response, principal, frame }: Visit, fault?: TrustError) => {
    const view = await accountSearch.view(principal, accountIn(request));
    sendPage(response, adminAccountPage({ frame, view, fault }), fault === undefined ? 200 : statusOf(fault.code));
  };

  router.get(
    adminAccountsPath,
    asManager(async (visit) => sendList(visit, {})),
  );
  router.post(
    `${adminAccountsPath}/search`,
    ...own,
    asManager(
      async (visit) => {
        const form = new PostedForm(visit.request);
        const by = accountKeys.find((key) => key === form.text('by')) ?? 'login-name';
        const asked = { by, value: form.text('value'), reason: form.text('reason') };
        const found = await accountSearch.search(visit.principal, asked).catch(formFault);
        await sendList(visit, found instanceof TrustError ? { by, fault: found } : { by, found });
      },
      { reads: true },
    ),
  );
  router.get(
    `${adminAccountsPath}/:accountId`,
    asManager(async (visit) => sendAccount(visit)),
  );
  for (const [path, work] of [
    ['deeds', changeAccount],
    ['correct', proposeCorrection],
    ['withdraw-evidence', withdrawEvidence],
  ] as const)
    router.post(
      `${adminAccountsPath}/:accountId/${path}`,
      ...own,
      asManager(async (visit) => {
        try {
          visit.response.redirect(303, await work(options, visit, new PostedForm(visit.request)));
        } catch (error) {
          await sendAccount(visit, formFault(error));
        }
      }),
    );
  router.use(proposalRoutes(options));
  return router;
}

function proposalRoutes(options: AdminAccountRoutesOptions): Router {
  const { clients, twoPerson } = options.administration;
  const router = Router({ caseSensitive: true });
  const own = [fromOwnPages(options.publicUrl), readAdminForm] as const;
  const asManager = managersOnly(options);
  const sendProposals = async ({ request, response, principal, frame }: Visit, fault?: TrustError) => {
    const page = await twoPerson.list(principal, { cursor: textIn(request.query, 'cursor'), limit: onPage });
    const shown = proposalListPage({ frame, reader: principal.accountId, ...page, fault });
    sendPage(response, shown, fault === undefined ? 200 : statusOf(fault.code));
  };

  router.get(
    proposalsPath,
    asManager(async (visit) => sendProposals(visit)),
  );
  const decided = (decision: 'approve' | 'reject', work: (visit: Visit, proposalId: string) => Promise<void>) =>
    router.post(
      `${proposalsPath}/:proposalId/${decision}`,
      ...own,
      asManager(async (visit) => {
        try {
          await work(visit, String(visit.request.params['proposalId']));
        } catch (error) {
          await sendProposals(visit, formFault(error));
        }
      }),
    );
  decided('approve', async ({ principal, response, frame }, proposalId) => {
    const { deed, secret } = await twoPerson.approve(principal, proposalId);
    if (secret === undefined || !isClientDeed(deed)) {
      response.redirect(303, proposalsPath);
      return;
    }
    const client = await clients.get(principal, deed.clientId);
    sendPage(response, clientPage({ frame, client, secret, publicUrl: options.publicUrl, ownerName: undefined }));
  });
  decided('reject', async ({ principal, response }, proposalId) => {
    await twoPerson.reject(principal, proposalId);
    response.redirect(303, proposalsPath);
  });
  router.get(
    `${clientsPath}/:clientId/rights`,
    asManager(async ({ request, response, principal, frame }) => {
      const client = await clients.get(principal, String(request.params['clientId']));
      sendPage(response, rightsPage({ frame, client }));
    }),
  );
  router.post(
    `${clientsPath}/:clientId/rights`,
    ...own,
    asManager(async ({ request, response, principal, frame }) => {
      const form = new PostedForm(request);
      const clientId = String(request.params['clientId']);
      const chosen = new Set(form.all('apiScopes'));
      const levelFloor = levels.find((level) => String(level) === form.text('levelFloor')) ?? 0;
      const deed = {
        kind: 'client.rights',
        clientId,
        revision: Number(form.text('revision')),
        apiScopes: scopes.filter((scope) => chosen.has(scope)),
        levelFloor,
      } as const;
      try {
        await twoPerson.propose(principal, deed, form.text('reason'));
        response.redirect(303, proposalsPath);
      } catch (error) {
        const fault = formFault(error);
        const client = await clients.get(principal, clientId);
        sendPage(response, rightsPage({ frame, client, fault }), statusOf(fault.code));
      }
    }),
  );
  return router;
}

function accountIn({ params }: Visit['request']): string {
  return String(params['accountId']);
}

/** Returns where the browser goes afterwards. */
async function changeAccount(
  { administration: { accounts, twoPerson } }: AdminAccountRoutesOptions,
  { request, principal }: Visit,
  form: PostedForm,
): Promise<string> {
  const accountId = accountIn(request);
  const reason = form.text('reason');
  const kind = accountDeeds.map(([name]) => name).find((name) => name === form.text('deed'));
  switch (kind) {
    case 'suspend':
      await accounts.suspend(principal, accountId, reason);
      break;
    case 'resume':
      await accounts.resume(principal, accountId, reason);
      break;
    case 'unlock':
      await accounts.unlock(principal, accountId, reason);
      break;
    case 'end-sessions':
      await accounts.endSessions(principal, accountId, reason);
      break;
    case 'give-role':
      await accounts.giveRole(principal, accountId, roleIn(form), reason);
      break;
    case 'take-role':
      await accounts.takeRole(principal, accountId, roleIn(form), reason);
      break;
    case 'reset-factors':
      await accounts.resetFactors(principal, accountId, { reason, reference: form.text('reference') });
      break;
    case 'administrator.give':
    case 'administrator.take':
    case 'administrator.suspend':
    case 'administrator.resume':
    case 'person.erase':
      await twoPerson.propose(principal, { kind, accountId }, reason);
      return proposalsPath;
    case undefined:
      throw new TrustError('malformed-request', 'there is no such deed');
  }
  return `${adminAccountsPath}/${accountId}`;
}

async function proposeCorrection(
  { administration: { twoPerson } }: AdminAccountRoutesOptions,
  { request, principal }: Visit,
  form: PostedForm,
): Promise<string> {
  const person = { name: form.text('personName'), idNumber: form.text('personNumber') };
  await twoPerson.propose(
    principal,
    { kind: 'person.correct', accountId: accountIn(request), ...person },
    form.text('why'),
  );
  return proposalsPath;
}

async function withdrawEvidence(
  { administration: { accounts } }: AdminAccountRoutesOptions,
  { request, principal }: Visit,
  form: PostedForm,
): Promise<string> {
  const method = form.text('method');
  if (!isEvidenceMethod(method)) throw new TrustError('malformed-request', 'there is no such means');
  const accountId = accountIn(request);
  await accounts.withdrawEvidence(principal, accountId, { method, reason: form.text('withdrawReason') });
  return `${adminAccountsPath}/${accountId}`;
}

function roleIn(form: PostedForm): Role {
  const role = roles.find((known) => known === form.text('role'));
  if (role === undefined) throw new TrustError('malformed-request', 'there is no such role');
  return role;
}
