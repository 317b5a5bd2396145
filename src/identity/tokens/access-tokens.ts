// From an Authorization header to a Principal: our own JWT access tokens for the API, and nothing else; RFC 6750, RFC 9068 section 4.

import type { KeyObject } from 'node:crypto';
import { errors as joseErrors, jwtVerify } from 'jose';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { type Clock, epochSeconds, moment } from '../../kernel/clock.ts';
import { authorizationDetails } from '../../kernel/authorization-details.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import { type Account, isOvertaken } from '../accounts/accounts.ts';
import { actorsIn } from '../grants/actor-chain.ts';
import { apiResource, isApiScope, isRole } from './api-scopes.ts';
import type { CallContext } from '../call-context.ts';
import { levelOfAcr, lowerLevel } from '../levels/levels.ts';
import type { MandateRegister } from '../mandates/mandate-register.ts';
import { mandateIn } from '../mandates/party-claim.ts';
import { scopeOfDetail } from './rich-authorization.ts';
import { scopesOf } from './role-scopes.ts';
import type { SenderProofs, SentRequest } from './sender-proofs.ts';
import { readStrictJwt } from './strict-jwt.ts';
import { accountOfSubject } from './subjects.ts';

export interface AccessTokensOptions {
  readonly publicUrl: string;
  /** The keys that may have signed, by kid; ES256 all. */
  readonly keys: { get(kid: string): Promise<KeyObject | undefined> | KeyObject | undefined };
  readonly clients: { isUsable(clientId: string): Promise<boolean> };
  readonly accounts: { find(accountId: string): Promise<Account | undefined> };
  readonly mandateRegister: Pick<MandateRegister, 'usableBy'>;
  readonly cipher: FieldCipher;
  readonly senderProofs: Pick<SenderProofs, 'require'>;
  readonly clock: Clock;
}

const expected = { alg: 'ES256', typ: 'at+jwt' } as const;
/** As long as ours live; one that lives longer is not ours, whoever signed it. */
const maxLifetimeSeconds = 300;

const requiredClaims = ['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'jti'];
const moreClaims = [
  'scope',
  'acr',
  'amr',
  'auth_time',
  'roles',
  'represented_party',
  'act',
  'account',
  'cnf',
  'authorization_details',
];
const knownClaims = new Set([...requiredClaims, ...moreClaims]);

export class AccessTokens {
  readonly #options: AccessTokensOptions;

  constructor(options: AccessTokensOptions) {
    this.#options = options;
  }

  /**
   * `sent`: the call that brings the token; without it bound tokens are refused. Throws `token-missing`, `token-expired` (good but
   * for its time), `token-invalid` (everything else).
   */
  async principalOf(authorization: string | undefined, call: CallContext, sent?: SentRequest): Promise<Principal> {
    if (authorization === undefined) throw new TrustError('token-missing', 'an access token is needed');
    const [, scheme, token] = /^(Bearer|DPoP) +([A-Za-z0-9._-]+)$/i.exec(authorization.slice(0, 8192)) ?? [];
    if (scheme === undefined || token === undefined) throw invalid('neither a bearer nor a DPoP token');
    const jwt = readStrictJwt(token, expected);
    const key = jwt && (await this.#options.keys.get(jwt.kid));
    if (jwt === undefined || key === undefined) throw invalid('not an access token of this service');
    await this.#verify(token, key);
    await this.#options.senderProofs.require({ text: token, scheme, confirmation: jwt.claims.get('cnf') }, sent);
    const principal = principalFrom(jwt.claims, call, this.#options.cipher);
    return this.asOfNow(principal, mandateIn(jwt.claims.get('represented_party')));
  }

  /** The same caller later, for work that was ordered and is done now, with what is left of their rights. Throws `token-invalid`. */
  async asOfNow(principal: Principal, mandateId: string | undefined): Promise<Principal> {
    if (!(await this.#options.clients.isUsable(principal.clientId ?? ''))) throw invalid('its client is suspended');
    return principal.kind === 'person' ? this.#asOfNow(principal, mandateId) : principal;
  }

  /**
   * A JWT cannot be taken back: what the person is now counts, and the token only takes away from it. Scopes shrink to those of the
   * roles and the mandate, since any client can ask anybody for any scope it is registered with. A mandate that ended ends nothing else.
   */
  async #asOfNow(principal: Principal, mandateId: string | undefined): Promise<Principal> {
    const { accounts, mandateRegister } = this.#options;
    const accountId = principal.accountId ?? '';
    const account = await accounts.find(accountId);
    if (account?.status !== 'active') throw invalid('the account can no longer be used');
    const roles = account.roles.filter((role) => principal.roles.has(role));
    const actingFor = mandateId === undefined ? undefined : await mandateRegister.usableBy(accountId, mandateId);
    const permitted = new Set(scopesOf(roles, actingFor));
    return {
      ...principal,
      roles: new Set(roles),
      scopes: new Set([...principal.scopes].filter((scope) => permitted.has(scope))),
      level: lowerLevel(principal.level, account.level),
      ...(isOvertaken(account, { authTimeSeconds: authTimeOf(principal) }) && { mustProveAgain: true }),
      ...(actingFor !== undefined && { actingFor }),
    };
  }

  async #verify(token: string, key: KeyObject): Promise<void> {
    const { publicUrl, clock } = this.#options;
    try {
      await jwtVerify(token, key, {
        algorithms: [expected.alg],
        typ: expected.typ,
        issuer: `${publicUrl}/oidc`,
        audience: apiResource(publicUrl),
        currentDate: clock.now(),
        requiredClaims,
      });
    } catch (error) {
      if (error instanceof joseErrors.JWTExpired) throw new TrustError('token-expired', 'the access token has expired');
      throw invalid('the access token does not verify', error);
    }
  }
}

/** Claims of a token that verified: still read strictly, because what we sign today is not all that we ever signed. */
function principalFrom(claims: ReadonlyMap<string, unknown>, call: CallContext, cipher: FieldCipher): Principal {
  const subject = claims.get('sub');
  const clientId = claims.get('client_id');
  const issuedAt = claims.get('iat');
  const expiresAt = claims.get('exp');
  const unknown = [...claims.keys()].find((name) => !knownClaims.has(name));
  if (unknown !== undefined || typeof claims.get('aud') !== 'string') throw invalid('unknown claims');
  if (typeof subject !== 'string' || typeof clientId !== 'string') throw invalid('no subject or client');
  if (typeof issuedAt !== 'number' || typeof expiresAt !== 'number') throw invalid('no times');
  if (expiresAt - issuedAt > maxLifetimeSeconds) throw invalid('lives too long');
  const scopes = new Set(words(claims.get('scope')).filter(isApiScope));
  if (subject === clientId) return { kind: 'system', clientId, scopes, roles: new Set(), level: 0, ...call };
  const accountId = accountOfSubject(Object.fromEntries(claims), cipher);
  if (accountId === undefined) throw invalid('no such kind of subject');
  const actors = actorsIn(claims.get('act'));
  if (actors === undefined) throw invalid('unreadable actors');
  const given = claims.get('authorization_details');
  const details = given === undefined ? undefined : authorizationDetails(given);
  if (given !== undefined && details === undefined) throw invalid('unreadable authorization details');
  const tokenId = claims.get('jti');
  if (typeof tokenId !== 'string') throw invalid('no name of its own');
  const authTime = claims.get('auth_time');
  return {
    kind: 'person',
    accountId,
    clientId,
    // One thing of a scope is allowed: who else reads the scope reads the details too (src/http/allowed-details.ts).
    scopes: details === undefined ? scopes : new Set(details.map(scopeOfDetail)),
    ...(details === undefined ? {} : { authorizationDetails: details, tokenId }),
    roles: new Set(texts(claims.get('roles')).filter(isRole)),
    level: levelOfAcr(claims.get('acr')),
    amr: texts(claims.get('amr')),
    ...(typeof authTime === 'number' ? { authenticatedAt: moment(authTime * 1000) } : {}),
    ...(actors.length === 0 ? {} : { actors }),
    ...call,
  };
}

function authTimeOf({ authenticatedAt }: Principal): number {
  return authenticatedAt === undefined ? 0 : epochSeconds(authenticatedAt);
}

function words(value: unknown): string[] {
  return typeof value === 'string' ? value.split(' ') : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function invalid(reason: string, cause?: unknown): TrustError {
  return new TrustError('token-invalid', `the access token is not valid: ${reason}`, { cause });
}
