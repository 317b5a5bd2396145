// A client's registration in the words of the OIDC engine; RFC 7591 section 2 and the metadata of the standards that came after.

import type { AllClientMetadata } from 'oidc-provider';
import { toBase64url } from '../../kernel/bytes.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { RealNameLevel, Scope } from '../../kernel/principal.ts';
import type { ClientKeys } from './client-keys.ts';
import {
  type AuthorizationDetailsType,
  type ClientAuthMethod,
  type ClientGrantType,
  type ClientKind,
  type ClientProfile,
  type ClientResponseMode,
  isTlsBound,
} from './client-registration.ts';

export interface ClientRow {
  client_id: string;
  kind: ClientKind;
  name: string;
  name_en: string;
  auth_method: ClientAuthMethod;
  secret_hash: Uint8Array | null;
  /** While it opens the client beside the present one. */
  former_secret_hash: Uint8Array | null;
  jwks: ClientKeys | null;
  tls_subject_dn: string | null;
  profile: ClientProfile;
  grant_types: ClientGrantType[];
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  response_modes: ClientResponseMode[];
  backchannel_logout_uri: string | null;
  api_scopes: Scope[];
  authorization_details_types: AuthorizationDetailsType[];
  offline_access: boolean;
  first_party: boolean;
  id_token_alg: 'ES256' | 'RS256';
  dpop_bound: boolean;
  level_floor: RealNameLevel;
  subject_type: 'public' | 'pairwise';
  sector: string | null;
  exchange_targets: string[];
  policy_uri: string | null;
  tos_uri: string | null;
  introspects: boolean;
  registration_token_id: Uuid | null;
}

/** Client metadata of our own, beside RFC 7591. */
export const ownMetadata = [
  'client_name_en',
  'api_scopes',
  'first_party',
  'profile',
  'level_floor',
  'sector',
  'exchange_targets',
  'registered_itself',
  'introspects',
  'pairwise',
] as const;

export type EngineClientMetadata = AllClientMetadata & { [name: string]: unknown };

export function metadataFrom(row: ClientRow): EngineClientMetadata {
  const people = row.kind !== 'system';
  const codeFlow = row.grant_types.includes('authorization_code');
  const signedMessages = row.profile === 'fapi2-message-signing';
  return {
    client_id: row.client_id,
    client_name: row.name,
    client_name_en: row.name_en,
    api_scopes: row.api_scopes,
    first_party: row.first_party,
    profile: row.profile,
    level_floor: row.level_floor,
    exchange_targets: row.exchange_targets,
    introspects: row.introspects,
    registered_itself: row.registration_token_id !== null,
    ...(row.policy_uri === null ? {} : { policy_uri: row.policy_uri }),
    ...(row.tos_uri === null ? {} : { tos_uri: row.tos_uri }),
    token_endpoint_auth_method: row.auth_method,
    // The engine wants a secret where the method needs one; it compares through `secretMatches` only, and no HMAC algorithm is enabled.
    ...(row.secret_hash === null ? {} : { client_secret: secretsOf(row.secret_hash, row.former_secret_hash) }),
    ...(row.jwks === null ? {} : { jwks: { keys: row.jwks.keys.map((key) => ({ ...key })) } }),
    ...(row.tls_subject_dn === null ? {} : { tls_client_auth_subject_dn: row.tls_subject_dn }),
    grant_types: [...row.grant_types, ...(row.offline_access ? ['refresh_token'] : [])],
    // The engine's other mode would have it call an address of the client.
    ...(row.grant_types.includes('urn:openid:params:grant-type:ciba')
      ? { backchannel_token_delivery_mode: 'poll' as const }
      : {}),
    response_types: codeFlow ? ['code'] : [],
    response_modes: row.response_modes,
    redirect_uris: row.redirect_uris,
    post_logout_redirect_uris: row.post_logout_redirect_uris,
    ...(row.backchannel_logout_uri === null
      ? {}
      : { backchannel_logout_uri: row.backchannel_logout_uri, backchannel_logout_session_required: true }),
    application_type: 'web',
    // For these grants the engine wants a sector from an address that it asks for keys; pairwise-clients.ts says the rest.
    subject_type: isPolled(row) ? 'public' : row.subject_type,
    pairwise: row.subject_type === 'pairwise',
    // The engine wants an address where hosts differ; it is a name here, and never asked.
    ...(row.sector === null ? {} : { sector: row.sector, sector_identifier_uri: `https://${row.sector}/` }),
    id_token_signed_response_alg: row.id_token_alg,
    authorization_signed_response_alg: 'ES256',
    authorization_details_types: row.authorization_details_types,
    dpop_bound_access_tokens: row.dpop_bound,
    tls_client_certificate_bound_access_tokens: isTlsBound({ authMethod: row.auth_method, dpopBound: row.dpop_bound }),
    require_pushed_authorization_requests: codeFlow && row.profile !== 'standard',
    require_signed_request_object: codeFlow && signedMessages,
    ...(people ? { scope: ['openid', 'profile', ...(row.offline_access ? ['offline_access'] : [])].join(' ') } : {}),
  };
}

/** Device flow and CIBA. */
function isPolled({ grant_types: types }: Pick<ClientRow, 'grant_types'>): boolean {
  return types.some((type) => type.endsWith(':device_code') || type.endsWith(':ciba'));
}

function secretsOf(...hashes: readonly (Uint8Array | null)[]): string {
  return hashes.flatMap((hash) => (hash === null ? [] : [toBase64url(hash)])).join('.');
}
