// The API of uses: what the audit log tells a person and an organisation about themselves.

import * as contract from '../contract/activity.ts';
import { moment } from '../kernel/clock.ts';
import type { Activity, Use } from './activity.ts';
import type { Binding, binder } from './api.ts';

export function activityHandlers(bind: ReturnType<typeof binder>, activity: Activity): Binding[] {
  return [
    bind(contract.listOwnActivity, async ({ principal, query }) => {
      const { items, nextCursor } = await activity.own(principal, spanOf(query));
      return { json: { items: items.map(useJson), nextCursor } };
    }),
    bind(contract.listOrganisationActivity, async ({ principal, params, query }) => {
      const { items, nextCursor } = await activity.ofOrganisation(principal, params.organisationId, spanOf(query));
      return { json: { items: items.map(useJson), nextCursor } };
    }),
  ];
}

interface GivenSpan {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

function spanOf({ from, until, cursor, limit }: GivenSpan) {
  return {
    limit,
    ...(cursor === undefined ? {} : { cursor }),
    ...(from === undefined ? {} : { from: moment(from) }),
    ...(until === undefined ? {} : { until: moment(until) }),
  };
}

function useJson({ entry, by, text, client, purpose, origin }: Use) {
  return {
    entryId: entry.entryId,
    auditIndex: entry.index,
    at: entry.at.toISOString(),
    action: entry.action,
    outcome: entry.outcome,
    text: { zh: text['zh-CN'], en: text.en },
    by,
    client,
    objectId: entry.objectId,
    purpose,
    origin,
    code: entry.code,
  };
}
