// A token of ours that a client brings to the token endpoint to get another one for it: what it says, read as strictly as at our API; RFC 8693 section 2.1.

import { jwtVerify } from 'jose';
import type { AccessToken, Provider } from 'oidc-provider';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { type Clock, epochSeconds } from '../../kernel/clock.ts';
import type { RealNameLevel, Role } from '../../kernel/principal.ts';
import { asObject, type JsonObject, numberAt, textAt } from '../../kernel/words/members.ts';
import { actorsIn } from './actor-chain.ts';
import { type Binding, bindingIn } from '../tokens/confirmation.ts';
import { isRole } from '../tokens/api-scopes.ts';
import { levelOfAcr } from '../levels/levels.ts';
import type { TokenKeys } from '../tokens/signing-keys.ts';
import { readStrictJwt } from '../tokens/strict-jwt.ts';
import { accountOfSubject } from '../tokens/subjects.ts';

export interface PresentedToken {
  /** Account of the person; `undefined`: the token of a system for itself. */
  readonly accountId: string | undefined;
  /** To whom it was given. */
  readonly clientId: string;
  /** For whom it was made; `undefined`: the userinfo endpoint. */
  readonly audience: string | undefined;
  readonly scopes: ReadonlySet<string>;
  readonly roles: readonly Role[];
  readonly level: RealNameLevel;
  readonly amr: readonly string[];
  readonly authTimeSeconds: number | undefined;
  readonly expiresAtSeconds: number;
  /** The systems that it went through, the last one first. */
  readonly actors: readonly string[];
  /** The one system beside `clientId` that may use it to act (RFC 8693, 4.4). */
  readonly mayAct: string | undefined;
  /** Mandate under which the person acts for an organisation. */
  readonly mandateId: string | undefined;
  /** A bearer of the text alone is not its holder (RFC 9449, RFC 8705). */
  readonly binding: Binding | undefined;
  /** Of opaque tokens: what falls together with them. */
  readonly grantId: string | undefined;
}

export interface SignedToken {
  readonly token: PresentedToken;
  readonly claims: JsonObject;
}

export interface PresentedTokensOptions {
  readonly issuer: string;
  readonly keys: Pick<TokenKeys, 'get'>;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

const format = { alg: 'ES256', typ: 'at+jwt' } as const;

export class PresentedTokens {
  readonly #options: PresentedTokensOptions;

  constructor(options: PresentedTokensOptions) {
    this.#options = options;
  }

  /** `undefined` for everything that is no living access token of ours. */
  async read(provider: Provider, token: string): Promise<PresentedToken | undefined> {
    return token.includes('.') ? (await this.signed(token))?.token : opaque(provider, token);
  }

  /** A signed one, with its claims; `undefined` for everything that is no living access token of ours. */
  async signed(token: string): Promise<SignedToken | undefined> {
    const claims = await this.#claims(token);
    const subject = textAt(claims, 'sub');
    const clientId = textAt(claims, 'client_id');
    const audience = textAt(claims, 'aud');
    const expiresAtSeconds = numberAt(claims, 'exp');
    if (claims === undefined || subject === undefined || clientId === undefined) return undefined;
    if (audience === undefined || expiresAtSeconds === undefined) return undefined;
    const accountId = subject === clientId ? undefined : accountOfSubject(claims, this.#options.cipher);
    const said = saying(claims);
    if (said === undefined || (subject !== clientId && accountId === undefined)) return undefined;
    const scopes = new Set(textAt(claims, 'scope')?.split(' '));
    return { claims, token: { ...said, accountId, clientId, audience, scopes, expiresAtSeconds, grantId: undefined } };
  }

  async #claims(token: string): Promise<JsonObject | undefined> {
    const { issuer, keys, clock } = this.#options;
    const jwt = readStrictJwt(token, format);
    const key = jwt && (await keys.get(jwt.kid));
    if (jwt === undefined || key === undefined) return undefined;
    try {
      await jwtVerify(token, key, { algorithms: [format.alg], typ: format.typ, issuer, currentDate: clock.now() });
    } catch {
      return undefined;
    }
    return Object.fromEntries(jwt.claims);
  }
}

async function opaque(provider: Provider, token: string): Promise<PresentedToken | undefined> {
  const found = await provider.AccessToken.find(token);
  const grant = found?.grantId === undefined ? undefined : await provider.Grant.find(found.grantId);
  // Without its grant a token is dead, whatever row of it is left.
  if (found?.clientId === undefined || found.exp === undefined || grant === undefined) return undefined;
  const said = saying({ ...found.extra, cnf: confirmationOf(found) });
  if (said === undefined) return undefined;
  return {
    ...said,
    accountId: found.accountId,
    clientId: found.clientId,
    audience: undefined,
    scopes: found.scopes,
    expiresAtSeconds: found.exp,
    grantId: found.grantId,
  };
}

function confirmationOf({ jkt, 'x5t#S256': certificate }: AccessToken): object | undefined {
  if (jkt !== undefined) return { jkt };
  return certificate === undefined ? undefined : { 'x5t#S256': certificate };
}

/** The claims that both kinds of token have; `undefined` when a chain of actors or a binding is not spelled as ours are. */
function saying(claims: Readonly<Record<string, unknown>>) {
  const actors = actorsIn(claims['act']);
  const binding = readBinding(claims['cnf']);
  if (actors === undefined || binding === 'unreadable') return undefined;
  return {
    roles: textsAt(claims, 'roles').filter(isRole),
    level: levelOfAcr(claims['acr']),
    amr: textsAt(claims, 'amr'),
    authTimeSeconds: numberAt(claims, 'auth_time'),
    actors,
    mayAct: textAt(asObject(claims['may_act']), 'sub'),
    mandateId: textAt(asObject(claims['represented_party']), 'mandate'),
    binding,
  };
}

function readBinding(confirmation: unknown): Binding | undefined | 'unreadable' {
  try {
    return bindingIn(confirmation);
  } catch {
    return 'unreadable';
  }
}

function textsAt(claims: Readonly<Record<string, unknown>>, name: string): string[] {
  const value = claims[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Whole seconds that are left of a token; 0 or less: none. */
export function secondsLeft({ expiresAtSeconds }: PresentedToken, clock: Clock): number {
  return expiresAtSeconds - epochSeconds(clock.now());
}
