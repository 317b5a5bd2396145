// What an access token rests on when it is not made from a code or refresh token of its own request: the token that was exchanged for it.

import type { AccessToken } from 'oidc-provider';
import type { RepresentedParty, Role } from '../../kernel/principal.ts';

export interface TokenBasis {
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  readonly authTime: number | undefined;
  readonly roles: readonly Role[];
  readonly actingFor: RepresentedParty | undefined;
  /** Systems that act for the person, the present one first. */
  readonly actors: readonly string[];
  /** The one system beside the client that may use the token to act. */
  readonly mayAct: string | undefined;
  /** What the person is called towards the audience. */
  readonly subject: string;
}

const bases = new WeakMap<object, TokenBasis>();

/** Noted before the token is saved: the engine asks for its claims then, and passes the same object. */
export function restsOn(token: AccessToken, basis: TokenBasis): void {
  bases.set(token, basis);
}

export function basisOf(token: object): TokenBasis | undefined {
  return bases.get(token);
}
