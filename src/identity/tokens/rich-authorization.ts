// Authorization details in the OIDC engine: asked for, agreed to one by one, and carried by the token that follows; RFC 9396.

import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import {
  type AuthorizationDetail,
  authorizationDetail,
  authorizationDetails,
} from '../../kernel/authorization-details.ts';
import type { Scope } from '../../kernel/principal.ts';
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
    if (ctx.oidc.params?.['authorization_details'] !== undefined)
      throw new errors.InvalidAuthorizationDetails('authorization details are asked for where a person can agree');
    const details = source !== undefined && 'rar' in source ? source.rar : undefined;
    return details === undefined ? undefined : listOf(details);
  },
  authorizationDetailsForIntrospection: (_ctx, token) => ('rar' in token ? listOf(token.rar) : undefined),
} satisfies Features['richAuthorizationRequests'];

/** The device flow and CIBA ask people elsewhere, with words that know nothing of details. */
const routesWithConsent = new Set(['authorization', 'pushed_authorization_request']);

/** The scope of which a detail allows one thing. */
export function scopeOfDetail({ type }: AuthorizationDetail): Scope {
  return type === 'seal_use' ? 'seal.stamp' : 'licence.read';
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
function validate(ctx: KoaContextWithOIDC, detail: unknown): void {
  if (!routesWithConsent.has(ctx.oidc.route))
    throw new errors.InvalidAuthorizationDetails('authorization details are for the code flow');
  if (authorizationDetail(detail) === undefined || requestedDetails(ctx.oidc.params) === undefined)
    throw new errors.InvalidAuthorizationDetails('authorization details are not as the type says');
  if ([...ctx.oidc.requestParamScopes].some(isApiScope))
    throw new errors.InvalidAuthorizationDetails('authorization details and scopes of the API exclude each other');
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
