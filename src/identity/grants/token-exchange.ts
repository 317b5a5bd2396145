// Token exchange: a system that acts for a person gets a narrower token for the next system or for our API; RFC 8693.

import type { AccessToken, Client, Provider, TokenEndpointGrantContext } from 'oidc-provider';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { RealNameLevel, RepresentedParty } from '../../kernel/principal.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { actorsWith } from './actor-chain.ts';
import { apiResource, isApiScope } from '../tokens/api-scopes.ts';
import { errors } from '../engine/engine.ts';
import { acrOf, exchangedLevel, floorOfClient } from '../levels/levels.ts';
import type { Acting } from '../mandates/acting.ts';
import type { MandateRegister } from '../mandates/mandate-register.ts';
import { type ProvenKey, provenKey, type ProvenKeyOptions, requireBinding } from './proven-key.ts';
import { type PresentedToken, PresentedTokens, secondsLeft } from './presented-token.ts';
import type { TokenKeys } from '../tokens/signing-keys.ts';
import type { Subjects } from '../tokens/subjects.ts';
import { restsOn } from '../tokens/token-basis.ts';

export interface TokenExchangeOptions extends ProvenKeyOptions {
  readonly tokenKeys: Pick<TokenKeys, 'get'>;
  readonly cipher: FieldCipher;
  readonly accounts: Pick<Accounts, 'find'>;
  readonly acting: Pick<Acting, 'isChosenAt'>;
  readonly mandateRegister: Pick<MandateRegister, 'usableBy'>;
  readonly subjects: Subjects;
  /** Longest life of what is issued. */
  readonly ttlSeconds: number;
}

export const tokenExchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';

/** `mandate` is ours: the mandate (`man_…`) under which the person acts for an organisation, by their own choice. */
interface Parameters {
  readonly subject_token?: string;
  readonly subject_token_type?: string;
  readonly actor_token?: string;
  readonly actor_token_type?: string;
  readonly requested_token_type?: string;
  readonly audience?: string;
  readonly resource?: string;
  readonly scope?: string;
  readonly mandate?: string;
}

const parameterNames: readonly (keyof Parameters)[] = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
  'mandate',
];

type Context = TokenEndpointGrantContext<Parameters>;

/** For whom a token is made: our API, or the system of another client. */
interface Target {
  readonly audience: string;
  readonly client: Client | undefined;
}

/**
 * Every member of the answer is the smallest of what was brought, what is registered and what is so at this moment: scopes, level,
 * roles and time never grow, and the chain of systems never loses one.
 */
export function exchangesTokens(provider: Provider, options: TokenExchangeOptions): void {
  const tokens = new PresentedTokens({ ...options, issuer: provider.issuer, keys: options.tokenKeys });
  provider.registerGrantType<Parameters>(
    tokenExchangeGrant,
    async (ctx) => {
      const { client, params } = ctx.oidc;
      checkTypes(params);
      const target = await targetOf(ctx, options);
      const key = await provenKey(ctx, options);
      const subject = await subjectOf(ctx, tokens, key);
      await checkActor(ctx, tokens, key);
      const actors = actorsWith(client.clientId, subject.actors);
      if (actors === undefined) throw new errors.InvalidRequest('the token went through too many systems');
      const scopes = scopesFor(params.scope, subject, { client, target });
      const level = await levelOf(subject, [client, target.client], options);
      const token = new provider.AccessToken({
        accountId: subject.accountId,
        client,
        gty: 'token_exchange',
        grantId: subject.grantId ?? '', // it is signed and not stored: nothing looks it up by its grant
        resourceServer: new provider.ResourceServer(target.audience, {
          scope: scopes.join(' '),
          audience: target.audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
        scope: scopes.join(' '),
        expiresIn: Math.min(options.ttlSeconds, secondsLeft(subject, options.clock)),
      });
      if (key?.kind === 'key') token.setThumbprint('jkt', key.thumbprint);
      else if (key !== undefined) token.setThumbprint('x5t', key.certificate);
      restsOn(token, {
        acr: acrOf(level),
        amr: subject.amr,
        authTime: subject.authTimeSeconds,
        roles: subject.roles,
        actingFor: await representedParty(params.mandate, { client, subject }, options),
        actors,
        mayAct: target.client?.clientId,
        subject: options.subjects.of(subject.accountId, target.client ?? client),
      });
      ctx.oidc.entity('AccessToken', token);
      ctx.body = await answered(token);
    },
    parameterNames,
  );
}

/** RFC 8693, 2.2.1. */
async function answered(token: AccessToken) {
  return {
    access_token: await token.save(),
    issued_token_type: accessTokenType,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}

function checkTypes(params: Parameters): void {
  const { subject_token_type: subject, actor_token_type: actor, requested_token_type: requested } = params;
  if (params.subject_token === undefined || subject === undefined)
    throw new errors.InvalidRequest('subject_token and subject_token_type are needed');
  if ((params.actor_token === undefined) !== (actor === undefined))
    throw new errors.InvalidRequest('actor_token and actor_token_type come together');
  for (const type of [subject, actor ?? accessTokenType, requested ?? accessTokenType])
    if (type !== accessTokenType && type !== jwtType)
      throw new errors.InvalidRequest('only access tokens are exchanged, and only for access tokens');
}

async function targetOf(
  { oidc: { client, params, provider } }: Context,
  options: TokenExchangeOptions,
): Promise<Target> {
  const { audience, resource } = params;
  const named = audience ?? resource;
  if (named === undefined || (audience !== undefined && resource !== undefined))
    throw new errors.InvalidTarget('one audience or resource is needed');
  if (named === apiResource(options.publicUrl)) return { audience: named, client: undefined };
  const { exchange_targets: targets } = client.metadata();
  const registered = audience !== undefined && Array.isArray(targets) && targets.includes(audience);
  const found = registered ? await provider.Client.find(named) : undefined;
  // Whether a client exists is told to nobody who is not registered for it.
  if (found === undefined) throw new errors.InvalidTarget();
  return { audience: named, client: found };
}

type PersonsToken = PresentedToken & { readonly accountId: string };

/** The token of a person, brought by the client that it was given to or by the one that it was made for. */
async function subjectOf(
  { oidc: { client, params, provider } }: Context,
  tokens: PresentedTokens,
  key: ProvenKey | undefined,
): Promise<PersonsToken> {
  const subject = await tokens.read(provider, params.subject_token ?? '');
  // RFC 8693, 2.2.2: one error for whatever is wrong with a token.
  if (subject?.accountId === undefined) throw new errors.InvalidRequest('the subject token is not valid');
  const mayUse = [subject.clientId, subject.mayAct].includes(client.clientId);
  if (!mayUse) throw new errors.InvalidRequest('the subject token is not for this client to use');
  requireBinding(subject, client, key);
  // A suspended system acts for nobody, nor does anybody in its place.
  if (subject.clientId !== client.clientId && (await provider.Client.find(subject.clientId)) === undefined)
    throw new errors.InvalidRequest('the subject token is not valid');
  return { ...subject, accountId: subject.accountId };
}

/** The actor is the client itself, which has proven that; an actor token can only say the same. */
async function checkActor(
  { oidc: { client, params, provider } }: Context,
  tokens: PresentedTokens,
  key: ProvenKey | undefined,
): Promise<void> {
  if (params.actor_token === undefined) return;
  const actor = await tokens.read(provider, params.actor_token);
  if (actor === undefined || actor.accountId !== undefined || actor.clientId !== client.clientId)
    throw new errors.InvalidRequest('the actor token is not one of this client for itself');
  requireBinding(actor, client, key);
}

/** RFC 8693, 2.1: what is asked for and nothing that the subject token lacks; all of it that fits when nothing is asked for. */
function scopesFor(
  asked: string | undefined,
  subject: PresentedToken,
  { client, target }: { readonly client: Client; readonly target: Target },
): string[] {
  const { api_scopes: registered } = client.metadata();
  const fits = (scope: string): boolean =>
    target.client === undefined
      ? isApiScope(scope) && Array.isArray(registered) && registered.includes(scope)
      : scope !== 'offline_access';
  if (asked === undefined) {
    const scopes = [...subject.scopes].filter(fits);
    if (scopes.length === 0) throw new errors.InvalidScope('the subject token has no scope for this audience', '');
    return scopes;
  }
  const scopes = [...new Set(asked.split(' '))];
  const foreign = scopes.find((scope) => !subject.scopes.has(scope) || !fits(scope));
  if (foreign !== undefined) throw new errors.InvalidScope('requested scope is not allowed', foreign);
  return scopes;
}

/** Never above the sign-in nor above what the account has now, and never below what a client on the way is registered to need. */
async function levelOf(
  subject: PersonsToken,
  clients: readonly (Client | undefined)[],
  { accounts }: TokenExchangeOptions,
): Promise<RealNameLevel> {
  const account = await accounts.find(subject.accountId);
  if (account?.status !== 'active') throw new errors.InvalidRequest('the subject token is not valid');
  const floors = clients.map((client) => floorOfClient(client?.metadata()));
  const level = exchangedLevel(subject.level, account.level, floors);
  if (level === undefined) throw new errors.UnmetAuthenticationRequirements('a higher real-name level is needed');
  return level;
}

/**
 * Whom the person chose, and nobody whom a system chooses for them: the party of the subject token; or, of the system that this token was
 * given to, the one that the person chose there since (prompt `select_party`). It holds at this moment: a mandate that ended does not make
 * a person act for themselves unawares.
 */
async function representedParty(
  asked: string | undefined,
  { client, subject }: { readonly client: Client; readonly subject: PersonsToken },
  { acting, mandateRegister }: TokenExchangeOptions,
): Promise<RepresentedParty | undefined> {
  const { accountId } = subject;
  const mandateId = asked ?? subject.mandateId;
  if (mandateId === undefined) return undefined;
  const isTheirs =
    mandateId === subject.mandateId ||
    (subject.clientId === client.clientId && (await acting.isChosenAt(client.clientId, { accountId, mandateId })));
  const party = isTheirs ? await mandateRegister.usableBy(accountId, mandateId) : undefined;
  // One answer: whether the person has another mandate is not told to a system that they did not choose it for.
  if (party === undefined) throw new errors.InvalidRequest('the person does not act under this mandate here');
  return party;
}
