// The columns of a client's registration and their values, in one order.

import { uuidFromId } from '../../kernel/ids.ts';
import type { FullRegistration } from './client-registration.ts';

/** In the order of `clientValues`. */
export const clientColumns = [
  'kind',
  'name',
  'name_en',
  'auth_method',
  'secret_hash',
  'jwks',
  'tls_subject_dn',
  'profile',
  'grant_types',
  'redirect_uris',
  'post_logout_redirect_uris',
  'response_modes',
  'backchannel_logout_uri',
  'api_scopes',
  'authorization_details_types',
  'offline_access',
  'first_party',
  'id_token_alg',
  'dpop_bound',
  'level_floor',
  'subject_type',
  'sector',
  'owner_organisation_id',
  'contacts',
  'exchange_targets',
  'policy_uri',
  'tos_uri',
  'introspects',
] as const;

export function clientValues(client: FullRegistration, secretHash: Uint8Array | null): unknown[] {
  const { jwks, ownerOrganisationId } = client;
  return [
    client.kind,
    client.name,
    client.nameEn,
    client.authMethod,
    secretHash,
    jwks === undefined ? null : JSON.stringify(jwks),
    client.tlsSubjectDn ?? null,
    client.profile,
    client.grantTypes,
    client.redirectUris ?? [],
    client.postLogoutRedirectUris ?? [],
    client.responseModes,
    client.backchannelLogoutUri ?? null,
    client.apiScopes,
    client.authorizationDetailsTypes ?? [],
    client.offlineAccess ?? false,
    client.firstParty ?? false,
    client.idTokenAlg ?? 'ES256',
    client.dpopBound ?? false,
    client.levelFloor ?? 0,
    client.subjectType ?? 'public',
    client.sector ?? null,
    ownerOrganisationId === undefined ? null : (uuidFromId('organisation', ownerOrganisationId) ?? null),
    client.contacts ?? [],
    client.exchangeTargets ?? [],
    client.policyUri ?? null,
    client.tosUri ?? null,
    client.introspects ?? false,
  ];
}
