// The OpenID Provider at /oidc: what the engine may do here and nothing more; OpenID Connect Core 1.0, RFC 6749, RFC 9700, RFC 9068.

import type {
  ClientMetadata,
  Configuration,
  FindAccount,
  KoaContextWithOIDC,
  Provider as OidcProvider,
} from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database } from '../../db/database.ts';
import { isTrustError } from '../../kernel/errors.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { type Clock, epochSeconds, systemClock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { engineWithAnswers } from './answer-modes.ts';
import { factsOf } from './client-facts.ts';
import { type Acting, selectParty } from '../mandates/acting.ts';
import { type Assurance, checkVerifiedClaims } from '../levels/assurance.ts';
import { scopes as apiScopes } from '../../kernel/principal.ts';
import { apiResource, isApiScope, oidcScopes } from '../tokens/api-scopes.ts';
import { ownMetadata } from '../clients/client-metadata.ts';
import { ClientSecretLimits } from '../clients/client-secret-limits.ts';
import type { Clients } from '../clients/clients.ts';
import type { Approvals } from '../grants/approvals.ts';
import { approvalLifetime, ciba, withDecoys } from '../grants/ciba.ts';
import { aroundDeviceFlow, deviceFlow } from '../grants/device-flow.ts';
import { recordsDeeds } from './engine-deeds.ts';
import { endsSessions } from './engine-sessions.ts';
import { type ProtectionOptions, protectionSettings, protections } from './engine-protections.ts';
import { errors } from './engine.ts';
import { existingGrant } from './existing-grant.ts';
import { isFapi } from './fapi.ts';
import { acrValues } from '../levels/levels.ts';
import { loginPolicy, mayStand, presentAcr } from './login-policy.ts';
import type { OidcStore } from './oidc-store.ts';
import type { MandateRegister } from '../mandates/mandate-register.ts';
import { noteChosenParty } from '../mandates/party-choice.ts';
import { partyClaim, partyOfRequest } from '../mandates/party-claim.ts';
import { findsPairwiseClients } from './pairwise-clients.ts';
import { clientNameOf, pageRequestOf, pinnedToIssuer, refined } from './provider-frame.ts';
import type { PollPace } from '../grants/poll-pace.ts';
import type { ProviderPages } from './provider-pages.ts';
import { pushedRequests } from './pushed-requests.ts';
import { EngineKey, type TokenKeys, type TokenKeySet } from '../tokens/signing-keys.ts';
import type { Subjects } from '../tokens/subjects.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { requireDigestsFor } from '../tokens/rich-authorization.ts';
import { SingleUses } from '../tokens/single-uses.ts';
import { tokenClaims } from '../tokens/token-claims.ts';
import { introspectsSigned } from '../grants/signed-introspection.ts';
import { exchangesTokens } from '../grants/token-exchange.ts';
import { tokenSubject } from '../tokens/token-subject.ts';
import { tellUiLanguage } from './ui-language.ts';
import type { UserCodes } from '../grants/user-codes.ts';

export interface ProviderOptions extends ProtectionOptions {
  /** Keys of the cookie signatures, the present one first. */
  readonly cookieKeys: readonly string[];
  readonly database: Database;
  readonly store: OidcStore;
  readonly clients: Clients;
  readonly accounts: Accounts;
  readonly assurance: Assurance;
  readonly sessions: Sessions;
  readonly acting: Acting;
  readonly mandateRegister: MandateRegister;
  /** Its signing keys, each algorithm's own first. */
  readonly keys: TokenKeySet;
  /** The same and those that come, for tokens that are brought back. */
  readonly tokenKeys: TokenKeys;
  readonly subjects: Subjects;
  readonly userCodes: UserCodes;
  readonly pollPace: PollPace;
  readonly approvals: Approvals;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly pages: ProviderPages;
  readonly registersClients?: boolean;
  readonly audit: AuditLog;
  readonly log: Log;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Seconds. JWT access tokens cannot be revoked, so they are short; the rest follows from what a person's day looks like. */
export const lifetimes = {
  AccessToken: 5 * minute,
  AuthorizationCode: minute,
  ClientCredentials: 5 * minute,
  DeviceCode: 10 * minute,
  Grant: 30 * day,
  IdToken: 5 * minute,
  Interaction: 15 * minute,
  RefreshToken: 30 * day,
  Session: 12 * hour,
} as const;

export function createProvider(options: ProviderOptions): OidcProvider {
  const { publicUrl, clients, log } = options;
  const issuer = `${publicUrl}/oidc`;
  const provider = new (engineWithAnswers(options))(issuer, configuration(options));
  provider.proxy = false;
  pinnedToIssuer(provider);
  findsPairwiseClients(provider);
  recordsDeeds(provider, options);
  endsSessions(provider, options);
  new SingleUses(options).decideFor(provider);
  refined(
    provider,
    options.pages,
    options.registersClients === true ? { registration_endpoint: `${issuer}/register` } : {},
  );
  aroundDeviceFlow(provider, options);
  options.pollPace.watch(provider);
  introspectsSigned(provider, options);
  exchangesTokens(provider, { ...options, ttlSeconds: lifetimes.AccessToken });
  Reflect.defineProperty(provider.OIDCContext.prototype, 'acr', {
    get(this: KoaContextWithOIDC['oidc'] & { ctx: KoaContextWithOIDC }) {
      return presentAcr(this.ctx);
    },
  });
  const secretLimits = new ClientSecretLimits(options);
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(actual: string) {
    return secretLimits.judged(this.clientId, () => clients.secretMatches(this.clientId, actual, this.clientSecret));
  };
  provider.on('server_error', (ctx, error) => {
    log.error({ err: error, route: ctx.path }, 'the OIDC engine failed');
    if (isTrustError(error, 'database-unavailable')) comeAgain(ctx);
  });
  provider.on('grant.error', (ctx, error) => {
    const clientId = ctx.oidc.client?.clientId;
    log.info({ oauthError: error.error, detail: error.error_detail, clientId }, 'token request refused');
  });
  return provider;
}

/** RFC 9110, 15.6.4: the engine knows 500 only, which tells clients not to try again. */
function comeAgain(ctx: KoaContextWithOIDC): void {
  const page = typeof ctx.body === 'string';
  ctx.status = 503;
  ctx.set('retry-after', '5');
  if (!page) ctx.body = { error: 'temporarily_unavailable', error_description: 'the service cannot answer now' };
}

function configuration(options: ProviderOptions): Configuration {
  const { publicUrl, cookieKeys, store, keys, pages } = options;
  const secure = publicUrl.startsWith('https:');
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  return {
    adapter: (model) => {
      const adapter = store.adapter(model);
      if (model === 'DeviceCode') return options.userCodes.around(adapter);
      return model === 'PushedAuthorizationRequest' ? pushedRequests(adapter) : adapter;
    },
    jwks: { keys: keys.map((key) => new EngineKey(key)) },
    acrValues: [...acrValues],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time', 'sid', 'represented_party'],
      profile: ['name', 'preferred_username'],
      verified_claims: null,
    },
    scopes: [...oidcScopes],
    responseTypes: ['code'],
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: (_ctx, accountId, client) => options.subjects.of(accountId, client),
    // A sector is a host that we registered: nobody is asked for its list of addresses.
    sectorIdentifierUriValidate: () => false,
    formats: { customizers: { jwt: tokenSubject(options) } },
    ...protectionSettings(options),
    extraClientMetadata: { properties: [...ownMetadata] },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    // Nothing that a client registers is ever fetched.
    fetch: async () => {
      throw new TypeError('the provider asks no other host for anything');
    },
    cookies: {
      keys: [...cookieKeys],
      // The interaction cookies are bound to a path, which the prefix __Host- forbids.
      names: {
        session: `${secure ? '__Host-' : ''}yinxin-session`,
        interaction: `${secure ? '__Secure-' : ''}yinxin-interaction`,
        resume: `${secure ? '__Secure-' : ''}yinxin-resume`,
      },
      long: cookie,
      short: cookie,
    },
    features: features(options),
    ttl: {
      ...lifetimes,
      // Counted from the sign-in by the engine's own clock: a session does not live on by being used.
      Session: (_ctx, { loginTs }) =>
        loginTs === undefined
          ? lifetimes.Session
          : Math.max(1, loginTs + lifetimes.Session - epochSeconds(systemClock.now())),
      BackchannelAuthenticationRequest: approvalLifetime,
      // A rotated refresh token ends when the first of its family would have ended.
      RefreshToken: (ctx) => ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? lifetimes.RefreshToken,
    },
    // FAPI 2.0 Security Profile 5.3.2.1: whoever proves a key with each use gets no new token, which could be lost on its way.
    rotateRefreshToken: ({ oidc: { client } }) => !isFapi(client),
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    interactions: {
      url: (ctx, { uid, prompt }) => {
        const path = `/sign-in/${uid}`;
        tellUiLanguage(ctx, path, { ttlSeconds: lifetimes.Interaction });
        return prompt.name === selectParty ? `${path}/choose-party` : path;
      },
      policy: loginPolicy(),
    },
    findAccount: withDecoys(findAccount(options)),
    loadExistingGrant: async (ctx) => {
      await noteChosenParty(ctx, options);
      return existingGrant(ctx, options);
    },
    extraTokenClaims: tokenClaims(options),
    renderError: (ctx, out, error) => {
      const description = 'expose' in error && error.expose ? out.error_description : undefined;
      ctx.type = 'html';
      ctx.body = pages.error(pageRequestOf(ctx), {
        code: out.error,
        ...(description === undefined ? {} : { description }),
      });
    },
  };
}

/** Everything that is on is here; what is not named and on by default is switched off. */
function features(options: ProviderOptions): Configuration['features'] {
  const { publicUrl, pages } = options;
  const api = apiResource(publicUrl);
  return {
    ...protections(options),
    devInteractions: { enabled: false },
    deviceFlow: deviceFlow(options),
    ciba: ciba(options),
    registration: { enabled: false },
    claimsParameter: { enabled: true, assertClaimsParameter: checkVerifiedClaims },
    clientCredentials: { enabled: true },
    userinfo: { enabled: true },
    externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    // A client learns about and ends its own tokens only.
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => client.clientAuthMethod !== 'none' && token.clientId === client.clientId,
    },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    // Relying parties are told by logout-courier.ts, until they have heard it.
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = pages.signOut(pageRequestOf(ctx), { form, ...clientNameOf(ctx) });
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = pages.signedOut(pageRequestOf(ctx), clientNameOf(ctx));
      },
    },
    resourceIndicators: {
      enabled: true,
      // API scopes and authorization details lead to a token for the API, all others to one for userinfo.
      defaultResource: (ctx) => {
        const system = ctx.oidc.params?.['grant_type'] === 'client_credentials';
        const details = ctx.oidc.params?.['authorization_details'] !== undefined;
        return system || details || [...ctx.oidc.requestParamScopes].some(isApiScope) ? api : undefined;
      },
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource, client) => {
        if (resource !== api) throw new errors.InvalidTarget();
        requireDigestsFor(ctx);
        const allowed = allowedScopes(factsOf(client));
        const foreign = [...ctx.oidc.requestParamScopes].find((scope) => isApiScope(scope) && !allowed.includes(scope));
        if (foreign !== undefined) throw new errors.InvalidScope('requested scope is not allowed', foreign);
        return {
          scope: allowed.join(' '),
          audience: api,
          accessTokenFormat: 'jwt',
          accessTokenTTL: lifetimes.AccessToken,
          jwt: { sign: { alg: 'ES256' } },
        };
      },
    },
  };
}

/** OpenID Connect Core 5.5: a claim can be asked for by name, without its scope. */
function asksName(claims: object): boolean {
  return 'name' in claims || 'preferred_username' in claims;
}

function allowedScopes(metadata: Readonly<ClientMetadata>): string[] {
  const { api_scopes: given } = metadata;
  return apiScopes.filter((scope) => Array.isArray(given) && given.includes(scope));
}

/** Suspended and closed accounts do not exist here, nor does a login that claims too much, or too little for the client. */
function findAccount({ accounts, acting, assurance }: ProviderOptions): FindAccount {
  return async (ctx, sub, token) => {
    const account = await accounts.find(sub);
    if (account?.status !== 'active') return undefined;
    if (token !== undefined && 'acr' in token && !mayStand(token.acr, account, ctx)) return undefined;
    return {
      accountId: account.accountId,
      level: account.level,
      claims: async (use, scope, asked) => {
        // Userinfo tells a profile, and the engine leaves it out of the ID token then (OpenID Connect Core 5.4): nobody opens it for that.
        const elsewhere = use === 'id_token' && ctx.oidc.entities.AccessToken?.aud === undefined;
        const isNamed = scope.split(' ').includes('profile');
        const party = token && (await partyOfRequest(ctx, acting, { account, login: token }));
        return {
          sub: account.accountId,
          ...(await assurance.answer(ctx, account.accountId, asked)),
          ...(((isNamed && !elsewhere) || asksName(asked)) && {
            name: (await accounts.personOf(account.accountId))?.name,
            preferred_username: account.loginName,
          }),
          ...(party !== undefined && { represented_party: partyClaim(party, { withName: isNamed }) }),
        };
      },
    };
  };
}
