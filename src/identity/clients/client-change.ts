// What an administrator orders and changes of a client's registration, and the registration that comes of it.

import type { ClientRecord } from './client-record.ts';
import type { ClientRegistration } from './client-registration.ts';

/** Secrets are made by us, and whose pages need no consent is settled by the house. */
export type ClientOrder = Omit<ClientRegistration, 'secret' | 'firstParty'>;

type Removable =
  | 'jwks'
  | 'tlsSubjectDn'
  | 'backchannelLogoutUri'
  | 'sector'
  | 'ownerOrganisationId'
  | 'policyUri'
  | 'tosUri';

/** What is left out stays; `null` takes away. */
export type ClientChange = Partial<Omit<ClientOrder, 'clientId' | 'kind' | Removable>> & {
  readonly [K in Removable]?: ClientOrder[K] | null;
};

export function merged(before: ClientRecord, change: ClientChange): ClientRegistration {
  const { jwks, tlsSubjectDn, backchannelLogoutUri, sector, ownerOrganisationId, policyUri, tosUri, ...said } = change;
  const {
    jwks: keys,
    tlsSubjectDn: dn,
    backchannelLogoutUri: uri,
    sector: group,
    ownerOrganisationId: owner,
    policyUri: policy,
    tosUri: terms,
    ...kept
  } = before;
  const removable = {
    jwks: afterwards(keys, jwks),
    tlsSubjectDn: afterwards(dn, tlsSubjectDn),
    backchannelLogoutUri: afterwards(uri, backchannelLogoutUri),
    sector: afterwards(group, sector),
    ownerOrganisationId: afterwards(owner, ownerOrganisationId),
    policyUri: afterwards(policy, policyUri),
    tosUri: afterwards(terms, tosUri),
  };
  return {
    ...kept,
    ...said,
    ...(removable.jwks && { jwks: removable.jwks }),
    ...(removable.tlsSubjectDn && { tlsSubjectDn: removable.tlsSubjectDn }),
    ...(removable.backchannelLogoutUri && { backchannelLogoutUri: removable.backchannelLogoutUri }),
    ...(removable.sector && { sector: removable.sector }),
    ...(removable.ownerOrganisationId && { ownerOrganisationId: removable.ownerOrganisationId }),
    ...(removable.policyUri && { policyUri: removable.policyUri }),
    ...(removable.tosUri && { tosUri: removable.tosUri }),
  };
}

function afterwards<T>(before: T | undefined, said: T | null | undefined): T | undefined {
  return said === undefined ? before : (said ?? undefined);
}
