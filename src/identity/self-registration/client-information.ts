// What a system that registered itself is told about its registration; RFC 7591 section 3.2.1, RFC 7592 section 3.

import { epochSeconds } from '../../kernel/clock.ts';
import type { ClientRecord } from '../clients/client-record.ts';
import { isTlsBound } from '../clients/client-registration.ts';

export interface RegisteredClient {
  readonly client: ClientRecord;
  /** Only where one was made: it is stored as a keyed hash, so nobody can repeat it. */
  readonly secret: string | undefined;
  /** The registration access token. */
  readonly ownToken: string;
}

/** The registration as it is, in the words that it was asked for in. `endpoint`: of registration, without a slash at its end. */
export function clientInformation(
  { client, secret, ownToken }: RegisteredClient,
  endpoint: string,
): Readonly<Record<string, unknown>> {
  const { offlineAccess = false, jwks, tlsSubjectDn, backchannelLogoutUri, policyUri, tosUri } = client;
  const codeFlow = client.grantTypes.includes('authorization_code');
  const oidc = client.kind === 'system' ? [] : ['openid', 'profile', ...(offlineAccess ? ['offline_access'] : [])];
  return {
    client_id: client.clientId,
    client_id_issued_at: epochSeconds(client.createdAt),
    ...(secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 }),
    registration_access_token: ownToken,
    registration_client_uri: `${endpoint}/${client.clientId}`,
    client_name: client.name,
    'client_name#en': client.nameEn,
    token_endpoint_auth_method: client.authMethod,
    grant_types: [...client.grantTypes, ...(offlineAccess ? ['refresh_token'] : [])],
    response_types: codeFlow ? ['code'] : [],
    redirect_uris: client.redirectUris ?? [],
    post_logout_redirect_uris: client.postLogoutRedirectUris ?? [],
    ...(backchannelLogoutUri !== undefined && {
      backchannel_logout_uri: backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
    scope: [...oidc, ...client.apiScopes].join(' '),
    application_type: 'web',
    subject_type: client.subjectType ?? 'public',
    id_token_signed_response_alg: client.idTokenAlg ?? 'ES256',
    dpop_bound_access_tokens: client.dpopBound ?? false,
    tls_client_certificate_bound_access_tokens: isTlsBound(client),
    ...(jwks !== undefined && { jwks }),
    ...(tlsSubjectDn !== undefined && { tls_client_auth_subject_dn: tlsSubjectDn }),
    contacts: client.contacts ?? [],
    ...(policyUri !== undefined && { policy_uri: policyUri }),
    ...(tosUri !== undefined && { tos_uri: tosUri }),
  };
}
