// Authorization details in the OIDC engine: asked for, agreed to one by one, and carried by the token that follows; RFC 9396.

import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import {
  type AuthorizationDetail,
  authorizationDetail,
  authorizationDetails,
} from '../../kernel/authorization-details.ts';
import { isCredentialType } from '../../kernel/credential-details.ts';
import type { Scope } from '../../kernel/principal.ts';
import { asObject } from '../../kernel/words/members.ts';
import { isApiScope } from './api-scopes.ts';
import { authorizationDetailsTypes } from '../clients/client-registration.ts';
import { errors } from '../engine/engine.ts';

type Features = NonNullable<Configuration['features']>;

export const richAuthorization = {
  enabled: true,
  types: Object.fromEntries(authorizationDetailsTypes.map((type) => [type, { validate }])),
  // The person was asked about these and no others: an earlier agreement to a detail says nothing about this request.
  authorizationDetailsForGrantSource: (ctx) => requestedDetails(ctx.oidc.params),
  authorizationDetailsForAccessToken: (ctx, _token, source) => {
    const rar = source !== undefined && 'rar' in source ? source.rar : undefined;
    const details = rar === undefined ? undefined : listOf(rar);
    // RFC 9396, section 6: saying once more what was agreed to is allowed, and nothing else.
    const again =
      ctx.oidc.params?.['authorization_details'] === undefined ? details : requestedDetails(ctx.oidc.params);
    if (JSON.stringify(again) !== JSON.stringify(details))
      throw new errors.InvalidAuthorizationDetails('authorization details are asked for where a person can agree');
    return details;
  },
  authorizationDetailsForIntrospection: (_ctx, token) => ('rar' in token ? listOf(token.rar) : undefined),
} satisfies Features['richAuthorizationRequests'];

/** The device flow and CIBA ask people elsewhere, with words that know nothing of details. */
const routesWithConsent = new Set(['authorization', 'pushed_authorization_request']);

/** The scope of which a detail allows one thing. */
export function scopeOfDetail({ type }: AuthorizationDetail): Scope {
  if (isCredentialType(type)) return 'credential';
  return type === 'seal_use' ? 'seal.stamp' : 'licence.read';
}

/** Remote signing binds what a person allows to digests: the scope alone would be leave to sign anything. A system has it of its own. */
export function requireDigestsFor({ oidc }: KoaContextWithOIDC): void {
  if (!oidc.requestParamScopes.has('credential') || oidc.params?.['grant_type'] !== undefined) return;
  if (oidc.params?.['authorization_details'] === undefined)
    throw new errors.InvalidScope('this scope needs authorization_details that name the digests', 'credential');
}

/** What a request asks for; `undefined` when it names none, or none that we take. */
export function requestedDetails(params: { readonly authorization_details?: unknown } | undefined) {
  const text = params?.authorization_details;
  return typeof text === 'string' ? listOf(parsed(text)) : undefined;
}

/**
 * A token with details is good for them and nothing else of the API, so they never come together with scopes of the API: what the
 * person agreed to would otherwise be less than what the token can do.
 */
function validate(ctx: KoaContextWithOIDC, given: unknown): void {
  const isRepeated = ctx.oidc.route === 'token' && ctx.oidc.params?.['grant_type'] === 'authorization_code';
  if (!routesWithConsent.has(ctx.oidc.route) && !isRepeated)
    throw new errors.InvalidAuthorizationDetails('authorization details are for the code flow');
  const detail = authorizationDetail(given);
  if (detail === undefined || requestedDetails(ctx.oidc.params) === undefined)
    throw new errors.InvalidAuthorizationDetails('authorization details are not as the type says');
  const isRemote = isCredentialType(detail.type);
  if (isRemote && !areOurs(given, ctx.oidc.issuer))
    throw new errors.InvalidAuthorizationDetails('authorization details are for another place');
  const scopes = [...ctx.oidc.requestParamScopes];
  // A refreshed token would have a count of its own.
  if (isRemote && scopes.includes('offline_access'))
    throw new errors.InvalidAuthorizationDetails('digests are signed once: no refresh token goes with them');
  if (scopes.some((scope) => isApiScope(scope) && !(isRemote && scope === 'credential')))
    throw new errors.InvalidAuthorizationDetails('authorization details and scopes of the API exclude each other');
}

/** RFC 9396, 2.2: the places where the details are to be good. */
function areOurs(given: unknown, issuer: string): boolean {
  const locations = asObject(given)?.['locations'] ?? [];
  const { origin } = new URL(issuer);
  return Array.isArray(locations) && locations.length <= 3 && locations.every((place) => isBelow(place, origin));
}

function isBelow(place: unknown, origin: string): boolean {
  return place === origin || (typeof place === 'string' && place.startsWith(`${origin}/`));
}

/** As the engine wants it: objects of its own. */
function listOf(value: unknown) {
  return authorizationDetails(value)?.map((detail) => ({ ...detail }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
