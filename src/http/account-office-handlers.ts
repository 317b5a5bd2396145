// The API of accounts and of deeds of two people over the offices of the identity room.

import * as contract from '../contract/accounts.ts';
import * as proposals from '../contract/identity-proposals.ts';
import type { AccountView } from '../identity/accounts/account-search.ts';
import type { AccountSummary } from '../identity/administration/account-record.ts';
import type { Administration } from '../identity/administration/administration.ts';
import type { IdentityDeed } from '../identity/administration/identity-deed.ts';
import type { IdentityProposal } from '../identity/administration/two-person.ts';
import type { Json, Reply } from '../contract/operation.ts';
import type { Binding, binder } from './api.ts';
import { changeIn, changeJson } from './client-handlers.ts';

type Bind = ReturnType<typeof binder>;

export function accountOfficeHandlers(bind: Bind, { accounts, accountSearch, twoPerson }: Administration): Binding[] {
  return [
    bind(contract.listAccounts, async ({ principal, query }) => {
      const page = await accountSearch.list(principal, query);
      return { json: { items: page.items.map(accountJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.searchAccounts, async ({ principal, json }) => ({
      json: { items: (await accountSearch.search(principal, json)).map(accountJson) },
    })),
    bind(contract.getAccount, async ({ principal, params }) => ({
      json: viewJson(await accountSearch.view(principal, params.accountId)),
    })),
    bind(contract.suspendAccount, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.suspend(principal, params.accountId, json.reason)),
    })),
    bind(contract.resumeAccount, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.resume(principal, params.accountId, json.reason)),
    })),
    bind(contract.giveRole, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.giveRole(principal, params.accountId, json.role, json.reason)),
    })),
    bind(contract.takeRole, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.takeRole(principal, params.accountId, json.role, json.reason)),
    })),
    bind(contract.unlockAccount, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.unlock(principal, params.accountId, json.reason)),
    })),
    bind(contract.endAccountSessions, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.endSessions(principal, params.accountId, json.reason)),
    })),
    bind(contract.withdrawEvidence, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.withdrawEvidence(principal, params.accountId, json)),
    })),
    bind(contract.resetFactors, async ({ principal, params, json }) => ({
      json: accountJson(await accounts.resetFactors(principal, params.accountId, json)),
    })),
    bind(proposals.proposeIdentityDeed, async ({ principal, json }) => ({
      json: proposalJson(await twoPerson.propose(principal, deedOf(json.deed), json.reason)),
    })),
    bind(proposals.listIdentityProposals, async ({ principal, query }) => {
      const page = await twoPerson.list(principal, query);
      return { json: { items: page.items.map(proposalJson), nextCursor: page.nextCursor } };
    }),
    bind(proposals.approveIdentityProposal, async ({ principal, params }) => {
      const { secret, ...proposal } = await twoPerson.approve(principal, params.proposalId);
      return { json: { ...proposalJson(proposal), secret: secret ?? null } };
    }),
    bind(proposals.rejectIdentityProposal, async ({ principal, params }) => ({
      json: proposalJson(await twoPerson.reject(principal, params.proposalId)),
    })),
  ];
}

function accountJson({ roles, createdAt, ...account }: AccountSummary) {
  return { ...account, roles: [...roles], createdAt: createdAt.toISOString() };
}

function viewJson({ account, person, evidence, factors, sessions, mandates }: AccountView) {
  return {
    account: accountJson(account),
    person: person ?? null,
    evidence: evidence.map(({ level, method, source, establishedAt, expiresAt }) => ({
      level,
      method: method ?? null,
      source,
      establishedAt: establishedAt.toISOString(),
      expiresAt: expiresAt?.toISOString() ?? null,
    })),
    factors: factors.map(({ kind, createdAt }) => ({ kind, createdAt: createdAt.toISOString() })),
    sessions: sessions.map(({ sessionId, beganAt, usedAt, expiresAt, systems }) => ({
      sessionId,
      beganAt: beganAt.toISOString(),
      usedAt: usedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      systems: systems.map(({ clientId }) => clientId),
    })),
    mandates: mandates.map(({ validUntil, ...mandate }) => ({ ...mandate, validUntil: validUntil.toISOString() })),
  };
}

function deedOf(json: Json<typeof proposals.proposeIdentityDeed>['deed']): IdentityDeed {
  if (json.kind !== 'client.change') return json;
  return { ...json, change: changeIn(json.change) };
}

function deedJson(deed: IdentityDeed): Reply<typeof proposals.proposeIdentityDeed>['deed'] {
  switch (deed.kind) {
    case 'client.rights':
      return { ...deed, apiScopes: [...deed.apiScopes] };
    case 'client.change':
      return { ...deed, change: changeJson(deed.change) };
    default:
      return { ...deed };
  }
}

function proposalJson({ deed, decidedBy, decidedAt, proposedAt, expiresAt, ...proposal }: IdentityProposal) {
  return {
    ...proposal,
    deed: deedJson(deed),
    proposedAt: proposedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    decidedBy: decidedBy ?? null,
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}
