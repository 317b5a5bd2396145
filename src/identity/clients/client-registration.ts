// What may be registered about an OIDC client, and what is wrong with a registration; RFC 7591, RFC 8705, RFC 9126, RFC 9396, RFC 9449, FAPI 2.0 Security Profile 5.3.

import { credentialTypes } from '../../kernel/credential-details.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import type { RealNameLevel, Scope } from '../../kernel/principal.ts';
import { type ClientFault, faultyClient } from './client-faults.ts';
import { type ClientKeys, clientKeysFault } from './client-keys.ts';

/** `system`: client_credentials only; `public`: a browser or app without secret; `confidential`: a server with users. */
export type ClientKind = 'system' | 'public' | 'confidential';

export const clientAuthMethods = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;
export type ClientAuthMethod = (typeof clientAuthMethods)[number];

/** `standard`: OpenID Connect with PKCE; the others are FAPI 2.0 Security Profile, and with Message Signing on top of it. */
export const clientProfiles = ['standard', 'fapi2', 'fapi2-message-signing'] as const;
export type ClientProfile = (typeof clientProfiles)[number];

/** Without refresh_token, which follows from `offlineAccess`. */
export const clientGrantTypes = [
  'authorization_code',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:openid:params:grant-type:ciba',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const;
export type ClientGrantType = (typeof clientGrantTypes)[number];

export const clientResponseModes = ['query', 'form_post', 'jwt', 'query.jwt', 'form_post.jwt'] as const;
export type ClientResponseMode = (typeof clientResponseModes)[number];

/** RFC 9396: what a client may ask leave for beyond scopes. */
export const authorizationDetailsTypes = ['seal_use', 'licence_show', ...credentialTypes] as const;
export type AuthorizationDetailsType = (typeof authorizationDetailsTypes)[number];

export interface ClientRegistration {
  readonly clientId: string;
  readonly kind: ClientKind;
  /** What people are shown: in Chinese and in English. */
  readonly name: string;
  readonly nameEn: string;
  /** `none` for public clients, else `client_secret_basic` when nothing is said. */
  readonly authMethod?: ClientAuthMethod;
  /** At least 16 characters; of the two client_secret methods, and of no other. */
  readonly secret?: string;
  /** Public keys by value: of private_key_jwt, of signed request objects, and self-signed certificates (`x5c`). */
  readonly jwks?: ClientKeys;
  /** Subject of the certificate (RFC 4514) with which a tls_client_auth client comes. */
  readonly tlsSubjectDn?: string;
  readonly profile?: ClientProfile;
  /** `[authorization_code]`, for systems `[client_credentials]`, when nothing is said. */
  readonly grantTypes?: readonly ClientGrantType[];
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  /** `[query]` when nothing is said, and `[jwt]` under fapi2-message-signing. */
  readonly responseModes?: readonly ClientResponseMode[];
  readonly backchannelLogoutUri?: string;
  readonly apiScopes: readonly Scope[];
  readonly authorizationDetailsTypes?: readonly AuthorizationDetailsType[];
  /** May ask for refresh tokens. */
  readonly offlineAccess?: boolean;
  /** One of our own pages: people are not asked for consent. */
  readonly firstParty?: boolean;
  readonly idTokenAlg?: 'ES256' | 'RS256';
  /** Its tokens are bound to a key that it proves with each use (RFC 9449). Tokens of clients that use TLS are bound to the certificate. */
  readonly dpopBound?: boolean;
  /** The real-name level below which nobody signs in to this client, whatever it asks for. */
  readonly levelFloor?: RealNameLevel;
  readonly subjectType?: 'public' | 'pairwise';
  /** Clients of one sector know a person by the same pairwise subject; a host name. The host of the redirect URIs when nothing is said. */
  readonly sector?: string;
  /** Organisation (`org_…`) that answers for the client. */
  readonly ownerOrganisationId?: string;
  readonly contacts?: readonly string[];
  /** Clients whose API it may call for a person by token exchange (RFC 8693). */
  readonly exchangeTargets?: readonly string[];
  /** May ask what a token says that was made for it (RFC 7662). */
  readonly introspects?: boolean;
  /** Pages of the client that people are shown a link to: what becomes of their data, and its terms. */
  readonly policyUri?: string;
  readonly tosUri?: string;
}

/** A registration with everything said that was left to its default. */
export interface FullRegistration extends ClientRegistration {
  readonly authMethod: ClientAuthMethod;
  readonly profile: ClientProfile;
  readonly grantTypes: readonly ClientGrantType[];
  readonly responseModes: readonly ClientResponseMode[];
}

/** `keepsSecret`: the registration is changed, and its secret is known to nobody. Throws `malformed-request` with the first fault. */
export function fullRegistration(
  request: ClientRegistration,
  { keepsSecret = false }: { readonly keepsSecret?: boolean } = {},
): FullRegistration {
  const profile = request.profile ?? 'standard';
  const full: FullRegistration = {
    ...request,
    profile,
    authMethod: request.authMethod ?? (request.kind === 'public' ? 'none' : 'client_secret_basic'),
    grantTypes: request.grantTypes ?? [request.kind === 'system' ? 'client_credentials' : 'authorization_code'],
    responseModes: request.responseModes ?? [profile === 'fapi2-message-signing' ? 'jwt' : 'query'],
  };
  const fault =
    identityFault(full) ??
    proofFault(full, keepsSecret) ??
    flowFault(full) ??
    peopleFault(full) ??
    fapiFault(full) ??
    undefined;
  if (fault !== undefined) throw faultyClient(fault, request.clientId);
  return full;
}

const maxContacts = 10;
const maxContactLength = 254;

function identityFault(client: FullRegistration): ClientFault | undefined {
  const { clientId, ownerOrganisationId, contacts = [], policyUri, tosUri } = client;
  if (!isClientId(clientId)) return 'client-id';
  if (ownerOrganisationId !== undefined && uuidFromId('organisation', ownerOrganisationId) === undefined)
    return 'owner';
  if (contacts.length > maxContacts || contacts.some((text) => text.trim() === '' || text.length > maxContactLength))
    return 'contacts';
  const pages = [policyUri, tosUri].filter((uri) => uri !== undefined);
  return pages.every(isClientUri) ? undefined : 'page-uri';
}

const minSecretLength = 16;
const secretMethods: readonly ClientAuthMethod[] = ['client_secret_basic', 'client_secret_post'];
const keyMethods: readonly ClientAuthMethod[] = ['private_key_jwt', 'self_signed_tls_client_auth'];
const tlsMethods: readonly ClientAuthMethod[] = ['tls_client_auth', 'self_signed_tls_client_auth'];

/** Whether it proves itself by a secret. */
export function usesSecret({ kind, authMethod }: Pick<ClientRegistration, 'kind' | 'authMethod'>): boolean {
  return secretMethods.includes(authMethod ?? (kind === 'public' ? 'none' : 'client_secret_basic'));
}

/** Its tokens are bound to the certificate with which it comes (RFC 8705, 3). */
export function isTlsBound({ authMethod, dpopBound }: Pick<FullRegistration, 'authMethod' | 'dpopBound'>): boolean {
  return tlsMethods.includes(authMethod) && dpopBound !== true;
}

/** How the client proves that it is the one. */
function proofFault(client: FullRegistration, keepsSecret: boolean): ClientFault | undefined {
  const { kind, authMethod, secret, jwks, tlsSubjectDn } = client;
  if ((kind === 'public') !== (authMethod === 'none')) return 'public-proof';
  if (!keepsSecret && secretMethods.includes(authMethod) !== (secret !== undefined)) return 'secret-method';
  if (secret !== undefined && secret.length < minSecretLength) return 'secret-short';
  if (keyMethods.includes(authMethod) && jwks === undefined) return 'keys-missing';
  if ((authMethod === 'tls_client_auth') !== (tlsSubjectDn !== undefined)) return 'tls-subject-missing';
  if (tlsSubjectDn !== undefined && !/^[A-Za-z0-9.]+=[\p{L}\p{N}\p{P}\p{S} ]{1,500}$/u.test(tlsSubjectDn))
    return 'tls-subject';
  return jwks && clientKeysFault(jwks, { withCertificates: authMethod === 'self_signed_tls_client_auth' });
}

/** What the client may do, and where answers go. */
function flowFault(client: FullRegistration): ClientFault | undefined {
  const { kind, grantTypes, redirectUris, postLogoutRedirectUris = [], responseModes, backchannelLogoutUri } = client;
  const withPeople = grantTypes.some((type) => type !== 'client_credentials' && !type.endsWith(':token-exchange'));
  if (grantTypes.length === 0 || new Set(grantTypes).size !== grantTypes.length) return 'grant-types';
  if ((kind === 'system') === withPeople) return 'system-grants';
  if (kind === 'public' && client.introspects === true) return 'public-introspects';
  if (kind === 'public' && grantTypes.some((type) => !publicGrants.includes(type))) return 'public-grants';
  if (grantTypes.includes('authorization_code') !== (redirectUris !== undefined && redirectUris.length > 0))
    return 'redirect-missing';
  if (responseModes.length === 0 || new Set(responseModes).size !== responseModes.length) return 'response-modes';
  const uris = [...(redirectUris ?? []), ...postLogoutRedirectUris];
  if (!uris.every(isClientUri)) return 'redirect-uri';
  if (backchannelLogoutUri !== undefined && (!withPeople || !isClientUri(backchannelLogoutUri)))
    return 'backchannel-uri';
  const targets = client.exchangeTargets ?? [];
  if (targets.length > 0 && !grantTypes.includes('urn:ietf:params:oauth:grant-type:token-exchange'))
    return 'exchange-grant';
  return targets.every(isClientId) ? undefined : 'exchange-targets';
}

const publicGrants: readonly ClientGrantType[] = ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'];

/** How people appear to the client. */
function peopleFault({ subjectType, sector, redirectUris = [] }: FullRegistration): ClientFault | undefined {
  const pairwise = subjectType === 'pairwise';
  if (sector !== undefined && !pairwise) return 'sector-pairwise';
  if (sector !== undefined && !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(sector)) return 'sector';
  const hosts = new Set(redirectUris.map((uri) => new URL(uri).host));
  if (pairwise && sector === undefined && hosts.size !== 1) return 'sector-missing';
  return undefined;
}

/** FAPI 2.0 Security Profile 5.3.2.1: what a client must have so that the profile can be kept. */
function fapiFault(client: FullRegistration): ClientFault | undefined {
  const { profile, authMethod, dpopBound, idTokenAlg, jwks, responseModes } = client;
  if (profile === 'standard') return undefined;
  if (authMethod !== 'private_key_jwt' && !tlsMethods.includes(authMethod)) return 'fapi-proof';
  if (dpopBound !== true && !isTlsBound(client)) return 'fapi-binding';
  if (idTokenAlg === 'RS256') return 'fapi-rs256';
  if (profile === 'fapi2') return undefined;
  if (jwks === undefined) return 'fapi-keys';
  return responseModes.every((mode) => mode.endsWith('jwt')) ? undefined : 'fapi-modes';
}

function isClientId(text: string): boolean {
  return /^[a-z0-9][a-z0-9-]{2,63}$/.test(text);
}

/** RFC 9700 section 2.1 and RFC 8252 section 7.3: https, or plain http on this machine only. */
export function isClientUri(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hash !== '' || text.includes('#') || url.username !== '' || url.password !== '')
    return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
