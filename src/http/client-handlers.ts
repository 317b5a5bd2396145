// The API of business systems over the client office of the identity room.

import * as contract from '../contract/clients.ts';
import type { Json } from '../contract/operation.ts';
import type { ClientChange, ClientOrder } from '../identity/clients/client-change.ts';
import type { ClientKeys } from '../identity/clients/client-keys.ts';
import type { ClientOffice } from '../identity/clients/client-office.ts';
import type { ChangedClient } from '../identity/clients/client-store.ts';
import type { ClientRecord } from '../identity/clients/client-record.ts';
import type { Binding, binder } from './api.ts';
import { present } from './audit-json.ts';

type Bind = ReturnType<typeof binder>;

export function clientHandlers(bind: Bind, clients: ClientOffice): Binding[] {
  return [...registrationHandlers(bind, clients), ...stateHandlers(bind, clients)];
}

function registrationHandlers(bind: Bind, clients: ClientOffice): Binding[] {
  return [
    bind(contract.listClients, async ({ principal, query }) => {
      const page = await clients.list(principal, query);
      return { json: { items: page.items.map(clientJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.getClient, async ({ principal, params }) => answer(await clients.get(principal, params.clientId))),
    bind(contract.registerClient, async ({ principal, json }) =>
      changed(await clients.register(principal, orderOf(json))),
    ),
    bind(contract.changeClient, async ({ principal, params, json, revision }) =>
      changed(await clients.change(principal, params.clientId, { revision, change: changeIn(json) })),
    ),
  ];
}

function stateHandlers(bind: Bind, clients: ClientOffice): Binding[] {
  return [
    bind(contract.rotateClientSecret, async ({ principal, params, json }) =>
      changed(await clients.rotateSecret(principal, params.clientId, json.overlapSeconds)),
    ),
    bind(contract.endFormerClientSecret, async ({ principal, params }) =>
      answer(await clients.endFormerSecret(principal, params.clientId)),
    ),
    bind(contract.addClientKey, async ({ principal, params, json }) =>
      answer(await clients.addKey(principal, params.clientId, present(json))),
    ),
    bind(contract.removeClientKey, async ({ principal, params, json }) =>
      answer(await clients.removeKey(principal, params.clientId, json.kid)),
    ),
    bind(contract.suspendClient, async ({ principal, params, json }) =>
      answer(await clients.suspend(principal, params.clientId, json.reason)),
    ),
    bind(contract.resumeClient, async ({ principal, params }) =>
      answer(await clients.resume(principal, params.clientId)),
    ),
  ];
}

export function orderOf({ jwks, ...order }: Json<typeof contract.registerClient>): ClientOrder {
  return { ...present(order), ...(jwks && { jwks: keySet(jwks) }) };
}

export function changeIn({ jwks, ...rest }: Json<typeof contract.changeClient>): ClientChange {
  return { ...present(rest), ...(jwks !== undefined && { jwks: jwks && keySet(jwks) }) };
}

/** Our own lists may not be changed, those of an answer may. */
export function changeJson(change: ClientChange): Json<typeof contract.changeClient> {
  return contract.clientChange.parse(structuredClone(change));
}

function keySet({ keys }: { readonly keys: readonly Json<typeof contract.addClientKey>[] }): ClientKeys {
  return { keys: keys.map((key) => present(key)) };
}

function answer(client: ClientRecord) {
  return { json: clientJson(client), revision: client.revision };
}

function changed({ client, secret }: ChangedClient) {
  return { json: { client: clientJson(client), secret: secret ?? null }, revision: client.revision };
}

export function clientJson({ revision: _header, suspended, secrets, ...client }: ClientRecord) {
  return {
    clientId: client.clientId,
    kind: client.kind,
    name: client.name,
    nameEn: client.nameEn,
    authMethod: client.authMethod,
    jwks:
      client.jwks === undefined
        ? null
        : { keys: client.jwks.keys.map(({ x5c, ...key }) => ({ ...key, ...(x5c && { x5c: [...x5c] }) })) },
    tlsSubjectDn: client.tlsSubjectDn ?? null,
    profile: client.profile,
    grantTypes: [...client.grantTypes],
    redirectUris: [...(client.redirectUris ?? [])],
    postLogoutRedirectUris: [...(client.postLogoutRedirectUris ?? [])],
    responseModes: [...client.responseModes],
    backchannelLogoutUri: client.backchannelLogoutUri ?? null,
    apiScopes: [...client.apiScopes],
    authorizationDetailsTypes: [...(client.authorizationDetailsTypes ?? [])],
    offlineAccess: client.offlineAccess ?? false,
    firstParty: client.firstParty ?? false,
    idTokenAlg: client.idTokenAlg ?? 'ES256',
    dpopBound: client.dpopBound ?? false,
    levelFloor: client.levelFloor ?? 0,
    subjectType: client.subjectType ?? 'public',
    sector: client.sector ?? null,
    ownerOrganisationId: client.ownerOrganisationId ?? null,
    contacts: [...(client.contacts ?? [])],
    exchangeTargets: [...(client.exchangeTargets ?? [])],
    introspects: client.introspects ?? false,
    policyUri: client.policyUri ?? null,
    tosUri: client.tosUri ?? null,
    registrationTokenId: client.registrationTokenId ?? null,
    createdAt: client.createdAt.toISOString(),
    suspended: suspended === undefined ? null : { at: suspended.at.toISOString(), reason: suspended.reason },
    secrets: secrets.map(({ which, createdAt, lastUsedAt, expiresAt }) => ({
      which,
      createdAt: createdAt?.toISOString() ?? null,
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
      expiresAt: expiresAt?.toISOString() ?? null,
    })),
  };
}
