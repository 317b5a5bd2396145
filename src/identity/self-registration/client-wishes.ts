// What a system asks to be registered as, read strictly and within the limits of its token; RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0 section 2.

import type { Scope } from '../../kernel/principal.ts';
import type { JsonObject } from '../../kernel/words/members.ts';
import type { ClientChange } from '../clients/client-change.ts';
import { dangerousScopes } from '../clients/client-dangers.ts';
import type { ClientRecord } from '../clients/client-record.ts';
import {
  type ClientAuthMethod,
  clientAuthMethods,
  type ClientGrantType,
  type ClientKind,
  isClientUri,
  isTlsBound,
} from '../clients/client-registration.ts';
import { assertionAlgorithms } from '../engine/client-assertion.ts';
import { isApiScope, oidcScopes } from '../tokens/api-scopes.ts';
import type { RegistrationLimits } from './registration-tokens.ts';
import { refuseForeignMembers } from './wishes-refused.ts';
import { oneOf, refused, textIn, textsIn, wishedKeys, wishedName } from './wished-members.ts';

/** The whole of what a system may say about itself; everything else is settled by the house or by administrators. */
export interface Wishes {
  readonly kind: ClientKind;
  readonly change: Required<
    Pick<
      ClientChange,
      | 'name'
      | 'nameEn'
      | 'authMethod'
      | 'jwks'
      | 'tlsSubjectDn'
      | 'grantTypes'
      | 'redirectUris'
      | 'postLogoutRedirectUris'
      | 'backchannelLogoutUri'
      | 'apiScopes'
      | 'offlineAccess'
      | 'idTokenAlg'
      | 'dpopBound'
      | 'subjectType'
      | 'contacts'
      | 'policyUri'
      | 'tosUri'
    >
  >;
}

export interface WishesContext {
  readonly clientId: string;
  readonly limits: RegistrationLimits;
  /** Absent: it is being registered. What administrators gave it since, it may keep. */
  readonly before?: ClientRecord;
  /** Whether certificates of clients are known here (RFC 8705). */
  readonly withCertificates: boolean;
}

/** Token exchange and CIBA reach other systems and other people's telephones: those are given by administrators. */
const ownGrants: readonly ClientGrantType[] = [
  'authorization_code',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
];

/** Throws `malformed-request` with the error of RFC 7591 section 3.2.2 in its details. */
export function wishesIn(metadata: JsonObject, context: WishesContext): Wishes {
  refuseForeignMembers(metadata);
  const authMethod = authMethodIn(metadata, context);
  const { grantTypes, offlineAccess } = grantsIn(metadata, context);
  const addresses = addressesIn(metadata, context);
  const host = addresses.redirectUris.map((uri) => new URL(uri).host)[0] ?? context.clientId;
  const name = wishedName(metadata, ['client_name#zh-CN', 'client_name#zh', 'client_name', 'client_name#en']) ?? host;
  return {
    kind: kindOf(authMethod, grantTypes),
    change: {
      name,
      nameEn: wishedName(metadata, ['client_name#en', 'client_name']) ?? name,
      authMethod,
      jwks: wishedKeys(metadata) ?? null,
      tlsSubjectDn: textIn(metadata, 'tls_client_auth_subject_dn') ?? null,
      grantTypes,
      offlineAccess,
      ...addresses,
      apiScopes: apiScopesIn(metadata, { ...context, offlineAccess }),
      idTokenAlg: oneOf(metadata, 'id_token_signed_response_alg', ['RS256', 'ES256']),
      dpopBound: bindingIn(metadata, authMethod),
      subjectType: oneOf(metadata, 'subject_type', ['public', 'pairwise']),
      contacts: textsIn(metadata, 'contacts') ?? [],
    },
  };
}

function authMethodIn(metadata: JsonObject, { withCertificates }: WishesContext): ClientAuthMethod {
  const methods = withCertificates ? clientAuthMethods : clientAuthMethods.filter((method) => !method.includes('tls'));
  oneOf(metadata, 'token_endpoint_auth_signing_alg', assertionAlgorithms);
  return oneOf(metadata, 'token_endpoint_auth_method', methods);
}

function kindOf(authMethod: ClientAuthMethod, grantTypes: readonly ClientGrantType[]): ClientKind {
  if (authMethod === 'none') return 'public';
  return grantTypes.every((type) => type === 'client_credentials') ? 'system' : 'confidential';
}

function grantsIn(metadata: JsonObject, { before }: WishesContext) {
  const asked = textsIn(metadata, 'grant_types') ?? ['authorization_code'];
  const allowed = new Set<ClientGrantType>([...ownGrants, ...(before?.grantTypes ?? [])]);
  const grantTypes = [...allowed].filter((type) => asked.includes(type));
  const foreign = asked.find((type) => type !== 'refresh_token' && !grantTypes.some((known) => known === type));
  if (foreign !== undefined || new Set(asked).size !== asked.length)
    throw refused('invalid_client_metadata', 'grant_types are ones that a system may register itself with, once each');
  const responseTypes =
    textsIn(metadata, 'response_types') ?? (grantTypes.includes('authorization_code') ? ['code'] : []);
  // RFC 7591, 2.1: the two must not contradict each other.
  if (responseTypes.join() !== (grantTypes.includes('authorization_code') ? 'code' : ''))
    throw refused('invalid_client_metadata', 'response_types is ["code"] with the code flow, and empty without it');
  return { grantTypes, offlineAccess: asked.includes('refresh_token') };
}

/** On hosts that the token names, or that administrators have registered for it since. */
function addressesIn(metadata: JsonObject, { limits, before }: WishesContext) {
  const known = [...(before?.redirectUris ?? []), ...(before?.postLogoutRedirectUris ?? [])];
  const hosts = new Set([...limits.hosts, ...known.map((uri) => new URL(uri).hostname)]);
  const isAllowed = (uri: string) => isClientUri(uri) && hosts.has(new URL(uri).hostname);
  const redirectUris = textsIn(metadata, 'redirect_uris', 'invalid_redirect_uri') ?? [];
  const wrong = redirectUris.find((uri) => !isAllowed(uri));
  if (wrong !== undefined || new Set(redirectUris).size !== redirectUris.length)
    throw refused(
      'invalid_redirect_uri',
      'redirect URIs are https, or http on a loopback name, without fragment or credentials, on a host of the token, once each',
    );
  const others = {
    post_logout_redirect_uris: textsIn(metadata, 'post_logout_redirect_uris') ?? [],
    backchannel_logout_uri: textIn(metadata, 'backchannel_logout_uri') ?? null,
    policy_uri: textIn(metadata, 'policy_uri') ?? null,
    tos_uri: textIn(metadata, 'tos_uri') ?? null,
  };
  for (const [member, value] of Object.entries(others)) {
    if (![value].flat().every((uri) => uri === null || isAllowed(uri)))
      throw refused('invalid_client_metadata', `${member}: https, on a host of the token`);
  }
  return {
    redirectUris,
    postLogoutRedirectUris: others.post_logout_redirect_uris,
    backchannelLogoutUri: others.backchannel_logout_uri,
    policyUri: others.policy_uri,
    tosUri: others.tos_uri,
  };
}

function apiScopesIn(
  metadata: JsonObject,
  { limits, before, offlineAccess }: WishesContext & { readonly offlineAccess: boolean },
): Scope[] {
  const asked = textIn(metadata, 'scope')?.split(' ') ?? [];
  const granted = limits.apiScopes.filter((scope) => !dangerousScopes.has(scope));
  const allowed = new Set<string>([...granted, ...(before?.apiScopes ?? [])]);
  const own = oidcScopes.filter((scope) => scope !== 'offline_access' || offlineAccess);
  const foreign = asked.find((scope) => !allowed.has(scope) && !own.some((known) => known === scope));
  if (foreign !== undefined) throw refused('invalid_client_metadata', 'scope: more than the token allows');
  return [...new Set(asked)].filter(isApiScope);
}

/** RFC 9449, 5.2 and RFC 8705, 3.4: whoever comes with a certificate has tokens that are bound to it or to a DPoP key, and says no other. */
function bindingIn(metadata: JsonObject, authMethod: ClientAuthMethod): boolean {
  const dpopBound = metadata['dpop_bound_access_tokens'] === true;
  const tlsBound = metadata['tls_client_certificate_bound_access_tokens'];
  if (typeof tlsBound === 'boolean' && tlsBound !== isTlsBound({ authMethod, dpopBound }))
    throw refused('invalid_client_metadata', 'tls_client_certificate_bound_access_tokens follows from the method');
  return dpopBound;
}
