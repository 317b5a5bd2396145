// What the seal room asks the identity room about those who ask for stampings, approve them and order batches.

import { isSamePerson } from './identity/administration/same-person.ts';
import type { Identity } from './identity/identity.ts';
import { scopesOf } from './identity/tokens/role-scopes.ts';
import { TrustError } from './kernel/errors.ts';
import { accountOfOwner } from './kernel/permissions.ts';
import type { Principal } from './kernel/principal.ts';
import type { AsOfNow } from './seal/batch/orderer.ts';
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

/** Whoever ordered a batch, at a document of it: a token ends within minutes, a batch need not. Throws `token-invalid`. */
export function ordererNow({
  accessTokens,
  clients,
}: {
  readonly accessTokens: Pick<Identity['accessTokens'], 'asOfNow'>;
  readonly clients: Pick<Identity['clients'], 'metadataOf'>;
}): AsOfNow {
  return async (principal, mandateId) => {
    const now = await accessTokens.asOfNow(principal, mandateId);
    if (now.kind === 'system' && (await systemNow(clients, now.clientId ?? '')) === undefined)
      throw new TrustError('token-invalid', 'the system is registered for stamping no more');
    return now;
  };
}

/** A system that is suspended, or registered for stamping no more, asks for nothing. */
async function systemNow(
  clients: Pick<Identity['clients'], 'metadataOf'>,
  clientId: string,
): Promise<Principal | undefined> {
  const metadata = await clients.metadataOf(clientId);
  const scopes: unknown = metadata?.['api_scopes'];
  if (!Array.isArray(scopes) || !scopes.includes('seal.stamp')) return undefined;
  return { kind: 'system', clientId, scopes: new Set(['seal.read', 'seal.stamp']), roles: new Set(), level: 0 };
}
