// What a system is told of a signed token that was made for it, as of this moment; RFC 7662, RFC 9068. The engine introspects opaque tokens only.

import type { Client, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Clock } from '../../kernel/clock.ts';
import { asObject, type JsonObject, textAt } from '../../kernel/words/members.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Clients } from '../clients/clients.ts';
import { isEngineContext } from '../engine/engine-deeds.ts';
import { floorOfClient, stillStands } from '../levels/levels.ts';
import type { MandateRegister } from '../mandates/mandate-register.ts';
import { partyClaim } from '../mandates/party-claim.ts';
import type { TokenKeys } from '../tokens/signing-keys.ts';
import { PresentedTokens, type SignedToken } from './presented-token.ts';

export interface SignedIntrospectionOptions {
  readonly tokenKeys: Pick<TokenKeys, 'get'>;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly accounts: Pick<Accounts, 'find'>;
  readonly clients: Pick<Clients, 'isUsable'>;
  readonly mandateRegister: Pick<MandateRegister, 'usableBy'>;
}

/** Of the token itself; what may have changed since is read anew. Roles are between the person and our API. */
const told = [
  'iss',
  'sub',
  'aud',
  'client_id',
  'iat',
  'exp',
  'jti',
  'scope',
  'acr',
  'amr',
  'auth_time',
  'act',
  'may_act',
  'cnf',
];

/**
 * The engine refuses JWTs once the client has proven who it is, and only then: that refusal is where this answer stands instead, for
 * systems that are registered for it. All others are refused as before.
 */
export function introspectsSigned(provider: Provider, options: SignedIntrospectionOptions): void {
  const tokens = new PresentedTokens({ ...options, issuer: provider.issuer, keys: options.tokenKeys });
  provider.use(async (ctx, next) => {
    await next();
    if (!isEngineContext(ctx) || ctx.oidc.route !== 'introspection' || !isRefusedAsStructured(ctx)) return;
    const { client, params } = ctx.oidc;
    if (client?.metadata()['introspects'] !== true) return;
    const signed = await tokens.signed(String(params?.['token']));
    ctx.status = 200;
    ctx.body = (signed && (await answer(signed, client, options))) ?? { active: false };
  });
}

function isRefusedAsStructured({ status, body }: KoaContextWithOIDC): boolean {
  return status === 400 && asObject(body)?.['error'] === 'unsupported_token_type';
}

/**
 * RFC 7662, 2.2: of a token for somebody else nothing is said. `undefined` also for what was good when it was signed: its client is
 * suspended, the account gone or lowered, the mandate ended. It is told as inactive and never as less than it says.
 */
async function answer(
  { token, claims }: SignedToken,
  client: Client,
  { accounts, clients, mandateRegister }: SignedIntrospectionOptions,
): Promise<JsonObject | undefined> {
  const { accountId, audience, clientId, level, mandateId } = token;
  if (audience !== client.clientId || accountId === undefined || !(await clients.isUsable(clientId))) return undefined;
  const account = await accounts.find(accountId);
  if (account?.status !== 'active') return undefined;
  if (!stillStands(level, account.level, floorOfClient(client.metadata()))) return undefined;
  const party = mandateId === undefined ? undefined : await mandateRegister.usableBy(accountId, mandateId);
  if (mandateId !== undefined && party === undefined) return undefined;
  return {
    active: true,
    ...Object.fromEntries(told.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]]]))),
    token_type: textAt(asObject(claims['cnf']), 'jkt') === undefined ? 'Bearer' : 'DPoP',
    ...(party !== undefined && { represented_party: partyClaim(party, { withName: false }) }),
  };
}
