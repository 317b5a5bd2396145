// What access tokens for the API say beyond RFC 9068, and the audit entry that is durable before any token is signed.

import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import type { AuditEvent } from '../../audit/events.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Acting } from '../mandates/acting.ts';
import { actOf } from '../grants/actor-chain.ts';
import { isApiScope } from './api-scopes.ts';
import { presentCall } from '../call-context.ts';
import { acrOf, levelOfAcr, lowerLevel } from '../levels/levels.ts';
import type { OidcStore } from '../engine/oidc-store.ts';
import { partyClaim, partyOfRequest } from '../mandates/party-claim.ts';
import { signingKeyName, type TokenKeySet } from './signing-keys.ts';
import { basisOf } from './token-basis.ts';

export interface TokenClaimsOptions {
  readonly accounts: Accounts;
  readonly acting: Pick<Acting, 'partyOf'>;
  readonly store: OidcStore;
  readonly keys: TokenKeySet;
}

type ExtraClaims = { [name: string]: unknown };

/**
 * The engine asks for extra claims of every access token before it signs or stores it, and waits: the one place where a token
 * can be stopped by a log that does not answer. Its events come after the fact.
 */
export function tokenClaims(options: TokenClaimsOptions) {
  return async (ctx: KoaContextWithOIDC, token: AccessToken | ClientCredentials): Promise<ExtraClaims | undefined> => {
    const { caller, claims } =
      token.kind === 'AccessToken'
        ? await ofPerson(ctx, token, options)
        : { caller: ofSystem(token), claims: undefined };
    const grant = ctx.oidc.params?.['grant_type'];
    const event: AuditEvent = {
      action: 'token.issued',
      outcome: 'done',
      ...(caller.accountId === undefined ? {} : { subjectId: caller.accountId }),
      facts: {
        client: token.clientId ?? '',
        grant: typeof grant === 'string' ? grant : '',
        scope: token.scope ?? '',
        level: caller.level,
        ...exchangeFacts(token),
        ...actingKeys(ctx, token, options.keys),
      },
    };
    await options.store.codes.recordIssue({ principal: caller, event }, { stored: token.aud === undefined });
    return claims;
  };
}

/** To whom a token went on, and through which systems. */
function exchangeFacts(token: AccessToken | ClientCredentials): { audience?: string; actors?: string } {
  const basis = basisOf(token);
  return basis === undefined ? {} : { audience: String(token.aud), actors: basis.actors.join(' ') };
}

/** The sign-in that a request stands on: its code, refresh token, device code or approved request. */
function loginOf({ oidc: { entities } }: KoaContextWithOIDC) {
  return (
    entities.AuthorizationCode ??
    entities.RefreshToken ??
    entities.DeviceCode ??
    entities.BackchannelAuthenticationRequest
  );
}

/** This entry is the intent of the signatures that follow: it names their keys. An opaque token is not signed. */
function actingKeys(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  keys: TokenKeySet,
): { keyName?: string; idTokenKeyName?: string } {
  const keyName = token.aud === undefined ? undefined : signingKeyName(keys, 'ES256');
  const login = loginOf(ctx);
  const withIdToken = token.kind === 'AccessToken' && login?.scopes.has('openid') === true;
  const idTokenKeyName = withIdToken
    ? signingKeyName(keys, ctx.oidc.client?.idTokenSignedResponseAlg ?? 'RS256')
    : undefined;
  return {
    ...(keyName === undefined ? {} : { keyName }),
    ...(idTokenKeyName === undefined ? {} : { idTokenKeyName }),
  };
}

async function ofPerson(
  ctx: KoaContextWithOIDC,
  token: AccessToken,
  { accounts, acting }: TokenClaimsOptions,
): Promise<{ caller: Principal; claims: ExtraClaims }> {
  const basis = basisOf(token);
  const login = basis ?? loginOf(ctx);
  const account = await accounts.find(token.accountId);
  const level = lowerLevel(levelOfAcr(login?.acr), account?.level ?? 0);
  const actingFor =
    basis === undefined ? await partyOfRequest(ctx, acting, { account, login: token }) : basis.actingFor;
  const roles = account?.roles.filter((role) => basis?.roles.includes(role) ?? true) ?? [];
  const amr = login?.amr ?? [];
  const caller: Principal = {
    kind: 'person',
    accountId: token.accountId,
    ...(token.clientId === undefined ? {} : { clientId: token.clientId }),
    scopes: new Set(token.scope?.split(' ').filter(isApiScope)),
    roles: new Set(roles),
    level,
    amr,
    ...(actingFor === undefined ? {} : { actingFor }),
    ...presentCall(),
  };
  // RFC 9470, 6.2: introspection tells the sign-in too, so opaque tokens, which are for userinfo, carry that much.
  const signIn = { acr: acrOf(level), amr, auth_time: login?.authTime };
  if (token.aud === undefined) return { caller, claims: signIn };
  const claims = {
    ...signIn,
    roles,
    ...(basis !== undefined && basis.actors.length > 0 && { act: actOf(basis.actors) }),
    ...(basis?.mayAct !== undefined && { may_act: { sub: basis.mayAct } }),
    ...(actingFor !== undefined && { represented_party: partyClaim(actingFor, { withName: false }) }),
  };
  return { caller, claims };
}

function ofSystem(token: ClientCredentials): Principal {
  return {
    kind: 'system',
    ...(token.clientId === undefined ? {} : { clientId: token.clientId }),
    scopes: new Set(token.scope?.split(' ').filter(isApiScope)),
    roles: new Set(),
    level: 0,
    ...presentCall(),
  };
}
