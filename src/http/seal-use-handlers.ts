// The API of the use of seals over the seal room: policies of use, and stampings that others must agree to.

import * as contract from '../contract/seal-use.ts';
import { createStamping } from '../contract/seals.ts';
import * as requests from '../contract/stamping-requests.ts';
import { fromHex, toHex } from '../kernel/bytes.ts';
import { accountOfOwner } from '../kernel/permissions.ts';
import { mediaTypeOf } from '../seal/documents.ts';
import type { SealOffice } from '../seal/life/seal-office.ts';
import type { StampingRequest } from '../seal/use/request-record.ts';
import type { StampingRequests } from '../seal/use/stamping-requests.ts';
import type { UsePolicyVersion } from '../seal/use/use-policies.ts';
import type { Binding, binder } from './api.ts';

export interface SealUseServices {
  readonly sealOffice: SealOffice;
  readonly stampingRequests: StampingRequests;
}

export function sealUseHandlers(
  bind: ReturnType<typeof binder>,
  { sealOffice: { usePolicies }, stampingRequests }: SealUseServices,
): Binding[] {
  return [
    bind(contract.getUsePolicy, async ({ principal, params }) => {
      const policy = await usePolicies.of(principal, params.sealId);
      return { json: policyJson(policy), revision: policy.version };
    }),
    bind(contract.listUsePolicyVersions, async ({ principal, params }) => ({
      json: { items: (await usePolicies.versions(principal, params.sealId)).map(policyJson) },
    })),
    bind(contract.setUsePolicy, async ({ principal, params, json: { reason, ...rules }, requestKey, revision }) => {
      const change = { rules, reason, basedOn: revision };
      const policy = await usePolicies.set(principal, params.sealId, change, requestKey);
      return { json: policyJson(policy), revision: policy.version };
    }),
    bind(requests.createStampingRequest, async ({ principal, json, requestKey }) => ({
      json: requestJson(await stampingRequests.ask(principal, json, requestKey)),
    })),
    bind(requests.listStampingRequests, async ({ principal, query }) => {
      const { items, nextCursor } = await stampingRequests.list(principal, query);
      return { json: { items: items.map(requestJson), nextCursor } };
    }),
    bind(requests.getStampingRequest, async ({ principal, params }) => ({
      json: requestJson(await stampingRequests.get(principal, params.requestId)),
    })),
    bind(requests.getRequestedDocument, async ({ principal, params }) => {
      const bytes = await stampingRequests.document(principal, params.requestId);
      const mediaType = mediaTypeOf(bytes) ?? 'application/octet-stream';
      return {
        file: { bytes, mediaType, fileName: `${params.requestId}.${mediaType.split('/')[1]}`, isDownload: true },
      };
    }),
    bind(requests.approveStampingRequest, async ({ principal, params, json }) => {
      const seen = fromHex(json.contentSha256) ?? new Uint8Array();
      return { json: requestJson(await stampingRequests.approve(principal, params.requestId, seen)) };
    }),
    bind(requests.refuseStampingRequest, async ({ principal, params, json }) => ({
      json: requestJson(await stampingRequests.refuse(principal, params.requestId, json.reason)),
    })),
    bind(requests.withdrawStampingRequest, async ({ principal, params, json }) => ({
      json: requestJson(await stampingRequests.withdraw(principal, params.requestId, json.reason)),
    })),
    bind(requests.stampStampingRequest, async ({ principal, params }) => ({
      json: requestJson(await stampingRequests.stamp(principal, params.requestId)),
    })),
  ];
}

function policyJson({ version, rules, reason, setBy, setAt }: UsePolicyVersion) {
  const { users, purposes, documentClasses, policies, levels, hours, quota, timeZone, approvers } = rules;
  return {
    version,
    users: copied(users),
    purposes: copied(purposes),
    documentClasses: copied(documentClasses),
    policies: copied(policies),
    levels: copied(levels),
    timeZone,
    hours: hours === null ? null : hours.map((part) => ({ ...part, days: [...part.days] })),
    quota: { ...quota },
    approvers,
    reason,
    setBy,
    setAt: setAt?.toISOString() ?? null,
  };
}

function requestJson(request: StampingRequest) {
  const { owner, order, documentSha256, contentSha256, approvals, askedAt, expiresAt, decidedAt, ...rest } = request;
  const accountId = accountOfOwner(owner);
  return {
    ...rest,
    requester: {
      accountId: accountId ?? null,
      clientId: accountId === undefined ? owner.slice(owner.indexOf(':') + 1) : null,
    },
    documentSha256: toHex(documentSha256),
    contentSha256: toHex(contentSha256),
    placements: createStamping.json.shape.placements.parse(order.placements), // as it was asked for
    purpose: order.purpose,
    policy: order.policy,
    level: order.level,
    certify: order.certify ?? ('none' as const),
    lock: createStamping.json.shape.lock.parse(order.lock),
    form: order.form ?? ('seal' as const),
    documentClass: order.documentClass ?? null,
    approvals: approvals.map((approval) => ({ ...approval, approvedAt: approval.approvedAt.toISOString() })),
    askedAt: askedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}

function copied<T>(list: readonly T[] | null): T[] | null {
  return list === null ? null : [...list];
}
