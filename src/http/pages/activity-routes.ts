// Routes of the records of uses: a person's own at /account/activity, those of an organisation's seals at /desk/activity, and their receipts.

import { Router } from 'express';
import type { Account } from '../../identity/accounts/accounts.ts';
import { TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import type { Activity, UsePage } from '../activity.ts';
import { type ReceiptServices, receiptFile } from '../receipt-file.ts';
import { type ActivityPage, activityPage } from './activity-page.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { sendFile, sendPage } from './send-page.ts';
import { daySpanIn, textIn } from './span-form.ts';
import { activityText as text } from './text/activity.ts';
import { requirePageScope, signedInOnly, type Visit, type VisitOptions } from './visit.ts';

export interface ActivityRoutesOptions extends VisitOptions {
  readonly activity: Activity;
  readonly receipts: ReceiptServices;
  readonly accounts: { find(accountId: string): Promise<Account | undefined> };
}

const usesOnPage = 30;

export function activityRoutes(options: ActivityRoutesOptions): Router {
  const { activity, receipts } = options;
  const router = Router({ caseSensitive: true });

  router.get(
    '/account/activity',
    signedInOnly(options, async (visit) => {
      const asked = askedBy(visit);
      const page = await activity.own(visit.principal, asked);
      sendPage(visit.response, activityPage({ ...pageOf(visit, page), ...ofPerson }));
    }),
  );

  router.get(
    '/desk/activity',
    signedInOnly(options, async (visit) => {
      const { principal, frame, response } = visit;
      requirePageScope(principal, 'seal.read');
      const organisationId = principal.actingFor?.organisationId;
      if (organisationId === undefined) {
        const title = text.sealTitle[frame.language];
        const body = html`<div class="narrow"><h1>${title}</h1><p class="notice">${text.noMandate[frame.language]}</p></div>`;
        sendPage(response, layout({ ...frame, title, door: 'desk', body }));
        return;
      }
      const page = await activity.ofOrganisation(principal, organisationId, askedBy(visit));
      const names = await namesIn(options, page);
      sendPage(response, activityPage({ ...pageOf(visit, page), ...ofOrganisation, names }));
    }),
  );

  // What a receipt opens depends on who asks for it, not on the page it was asked from.
  for (const path of ['/account/activity/:entryId/receipt', '/desk/activity/:entryId/receipt'])
    router.get(
      path,
      signedInOnly(options, async ({ request, response, principal }) => {
        sendFile(response, await receiptFile(receipts, principal, entryIdIn(request.params['entryId'])));
      }),
    );
  return router;
}

const ofPerson = {
  door: 'wallet',
  path: '/account/activity',
  words: { title: text.ownTitle, lead: text.ownLead, whole: text.ownWhole, back: text.account },
  backPath: '/account',
} as const;

const ofOrganisation = {
  door: 'desk',
  path: '/desk/activity',
  words: { title: text.sealTitle, lead: text.sealLead, whole: text.sealWhole, back: text.desk },
  backPath: '/desk',
} as const;

function askedBy({ request: { query } }: Visit) {
  const cursor = textIn(query, 'cursor');
  return { ...daySpanIn(query), limit: usesOnPage, ...(cursor === undefined ? {} : { cursor }) };
}

function pageOf(
  { request: { query }, frame }: Visit,
  { items, nextCursor }: UsePage,
): Pick<ActivityPage, 'frame' | 'span' | 'isLater' | 'uses' | 'nextCursor'> {
  return { frame, span: daySpanIn(query), isLater: textIn(query, 'cursor') !== undefined, uses: items, nextCursor };
}

/** Who stamped, by the name they sign in with: those who act for the organisation may know their colleagues. */
async function namesIn({ accounts }: ActivityRoutesOptions, { items }: UsePage): Promise<Map<string, string>> {
  const shown = items.filter(({ by }) => by === 'you' || by === 'officer').map(({ entry }) => entry.accountId);
  const ids = [...new Set(shown.filter((id) => id !== null))];
  const found = await Promise.all(ids.map((id) => accounts.find(id)));
  return new Map(found.flatMap((account) => (account === undefined ? [] : [[account.accountId, account.loginName]])));
}

/** Entries are asked for by identifier here: what has another spelling does not exist. */
export function entryIdIn(param: unknown): string {
  const named = String(param);
  if (uuidFromId('entry', named) === undefined) throw new TrustError('not-found', 'no entry can have that name');
  return named;
}
