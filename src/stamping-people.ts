// What the seal room asks the identity room about those who ask for stampings and approve them.

import { isSamePerson } from './identity/administration/same-person.ts';
import type { Identity } from './identity/identity.ts';
import { scopesOf } from './identity/tokens/role-scopes.ts';
import { accountOfOwner } from './kernel/permissions.ts';
import type { Principal } from './kernel/principal.ts';
import type { RequestPeople } from './seal/use/approved-stamping.ts';

export function stampingPeople({ accounts, clients, mandateRegister }: Identity): RequestPeople {
  return {
    isSamePerson,
    isAppointedSince: (mandateId, under, since) => mandateRegister.isAppointedSince(mandateId, { under, since }),
    requester: async (owner, mandateId) => {
      const accountId = accountOfOwner(owner);
      if (accountId === undefined) return systemNow(clients, owner.slice('client:'.length));
      const account = await accounts.find(accountId);
      const actingFor = mandateId === undefined ? undefined : await mandateRegister.usableBy(accountId, mandateId);
      if (account?.status !== 'active' || actingFor === undefined) return undefined;
      const { roles, level } = account;
      const scopes = new Set(scopesOf(roles, actingFor));
      return { kind: 'person', accountId, scopes, roles: new Set(roles), level, actingFor };
    },
  };
}

/** A system that is suspended, or registered for stamping no more, asks for nothing. */
async function systemNow(clients: Identity['clients'], clientId: string): Promise<Principal | undefined> {
  const metadata = await clients.metadataOf(clientId);
  const scopes: unknown = metadata?.['api_scopes'];
  if (!Array.isArray(scopes) || !scopes.includes('seal.stamp')) return undefined;
  return { kind: 'system', clientId, scopes: new Set(['seal.read', 'seal.stamp']), roles: new Set(), level: 0 };
}
