// Routes of requests for stampings at /desk/requests: lists, one with its document, and the decisions as forms without JavaScript.

import { Router } from 'express';
import type { Accounts } from '../../identity/accounts/accounts.ts';
import { fromHex } from '../../kernel/bytes.ts';
import type { TrustError } from '../../kernel/errors.ts';
import { accountOfOwner, ownerOf } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import { mediaTypeOf } from '../../seal/documents.ts';
import type { RequestQuery, StampingRequests } from '../../seal/use/stamping-requests.ts';
import { statusOf } from '../problem.ts';
import { fromOwnPages } from '../sign-in.ts';
import { formFault, PostedForm, readAdminForm } from './admin-form.ts';
import { sendPage } from './send-page.ts';
import { textIn } from './span-form.ts';
import { requestListPage, requestPage, stampingRequestsPath as path } from './stamping-request-pages.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface StampingRequestRoutesOptions extends VisitOptions {
  readonly publicUrl: string;
  readonly stampingRequests: StampingRequests;
  readonly accounts: Pick<Accounts, 'find' | 'personOf'>;
  readonly requestScript: string | undefined;
}

const onPage = 20;

export function stampingRequestRoutes(options: StampingRequestRoutesOptions): Router {
  const { stampingRequests } = options;
  const router = Router({ caseSensitive: true });
  const own = [fromOwnPages(options.publicUrl), readAdminForm] as const;

  router.get(
    path,
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const views = viewsOf(principal);
      const view = views.find((one) => one === request.query['view']) ?? views[0] ?? 'mine';
      const cursor = textIn(request.query, 'cursor');
      const { items, nextCursor } = await stampingRequests.list(principal, { view, limit: onPage, cursor });
      const named = items.map(async (one) => ({ ...one, requesterName: await nameOf(options, one.owner) }));
      sendPage(response, requestListPage({ frame, view, views, requests: await Promise.all(named), nextCursor }));
    }),
  );

  router.get(
    `${path}/:requestId`,
    signedInOnly(options, async (visit) => sendRequest(options, visit)),
  );

  router.get(
    `${path}/:requestId/document`,
    signedInOnly(options, async ({ request, response, principal }) => {
      const requestId = String(request.params['requestId']);
      const bytes = await stampingRequests.document(principal, requestId);
      const mediaType = mediaTypeOf(bytes) ?? 'application/octet-stream';
      response
        .type(mediaType)
        .set('cache-control', 'no-store')
        .set('content-disposition', `attachment; filename="${requestId}.${mediaType.split('/')[1]}"`)
        .send(Buffer.from(bytes));
    }),
  );

  const deeds = {
    approve: ({ principal }: Visit, id: string, form: PostedForm) =>
      stampingRequests.approve(principal, id, fromHex(form.text('contentSha256')) ?? new Uint8Array()),
    refuse: ({ principal }: Visit, id: string, form: PostedForm) =>
      stampingRequests.refuse(principal, id, form.text('reason')),
    withdraw: ({ principal }: Visit, id: string, form: PostedForm) =>
      stampingRequests.withdraw(principal, id, form.text('reason')),
    stamp: ({ principal }: Visit, id: string) => stampingRequests.stamp(principal, id),
  };
  for (const [name, does] of Object.entries(deeds))
    router.post(
      `${path}/:requestId/${name}`,
      ...own,
      signedInOnly(options, async (visit) => {
        const requestId = String(visit.request.params['requestId']);
        try {
          await does(visit, requestId, new PostedForm(visit.request));
          visit.response.redirect(303, `${path}/${requestId}?done=yes`);
        } catch (error) {
          await sendRequest(options, visit, formFault(error));
        }
      }),
    );
  return router;
}

async function sendRequest(options: StampingRequestRoutesOptions, visit: Visit, fault?: TrustError): Promise<void> {
  const { request: asked, response, principal, frame } = visit;
  const { stampingRequests } = options;
  const requestId = String(asked.params['requestId']);
  const [request, preview] = await Promise.all([
    stampingRequests.get(principal, requestId),
    stampingRequests.preview(principal, requestId),
  ]);
  const isOwn = request.owner === ownerOf(principal);
  const hasApproved = request.approvals.some(({ accountId }) => accountId === principal.accountId);
  const page = requestPage({
    frame,
    request,
    preview,
    requesterName: await nameOf(options, request.owner),
    approverNames: await Promise.all(request.approvals.map(({ accountId }) => nameOf(options, `account:${accountId}`))),
    isOwn,
    hasApproved,
    mayDecide: !isOwn && !hasApproved && principal.scopes.has('seal.approve'),
    fault,
    isDone: asked.query['done'] === 'yes',
    script: options.requestScript,
  });
  sendPage(response, page, fault === undefined ? 200 : statusOf(fault.code));
}

/** What waits for somebody comes first for who may decide. */
function viewsOf({ actingFor }: Principal): readonly RequestQuery['view'][] {
  const scope = actingFor?.scope ?? [];
  if (scope.includes('seal:approve')) return ['to-decide', 'mine', 'organisation'];
  return scope.includes('seal:apply') ? ['mine', 'organisation'] : ['mine'];
}

/** Colleagues know each other by name; of a system its id. */
async function nameOf({ accounts }: StampingRequestRoutesOptions, owner: string): Promise<string> {
  const accountId = accountOfOwner(owner);
  if (accountId === undefined) return owner.slice(owner.indexOf(':') + 1);
  const [account, person] = await Promise.all([accounts.find(accountId), accounts.personOf(accountId)]);
  return [person?.name, account?.loginName].filter((word) => word !== undefined && word !== '').join(' · ');
}
