// The API of the use of seals over the office of the seal room: policies of use.

import * as contract from '../contract/seal-use.ts';
import type { SealOffice } from '../seal/life/seal-office.ts';
import type { UsePolicyVersion } from '../seal/use/use-policies.ts';
import type { Binding, binder } from './api.ts';

export interface SealUseServices {
  readonly sealOffice: Pick<SealOffice, 'usePolicies'>;
}

export function sealUseHandlers(
  bind: ReturnType<typeof binder>,
  { sealOffice: { usePolicies } }: SealUseServices,
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

function copied<T>(list: readonly T[] | null): T[] | null {
  return list === null ? null : [...list];
}
