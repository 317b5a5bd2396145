// Who may do what in this room, and to whom an issued licence answers.

import { TrustError } from '../kernel/errors.ts';
import type { Principal, Scope } from '../kernel/principal.ts';

/** Throws `token-missing` for nobody, `scope-missing` when none of `scopes` was granted. The house needs none. */
export function requireScope(principal: Principal, ...scopes: readonly Scope[]): void {
  if (principal.kind === 'house') return;
  if (principal.kind === 'anonymous') throw new TrustError('token-missing', 'this needs an access token');
  if (scopes.some((scope) => principal.scopes.has(scope))) return;
  throw new TrustError('scope-missing', `this needs the scope ${scopes.join(' or ')}`, { details: { scopes } });
}

/** The catalogue and the list of issuers are kept by the house itself or an administrator: `forbidden` for all others. */
export function requireKeeper(principal: Principal): void {
  if (principal.kind === 'house' || principal.roles.has('administrator')) return;
  throw new TrustError('forbidden', 'only an administrator may do this');
}

/** Who issued a licence and may go on managing it: a business system, or a person at a desk; `forbidden` for others. */
export function ownerOf(principal: Principal): string {
  if (principal.kind === 'person' && principal.accountId !== undefined) return `account:${principal.accountId}`;
  if (principal.kind === 'system' && principal.clientId !== undefined) return `client:${principal.clientId}`;
  if (principal.kind === 'house') return 'house';
  throw new TrustError('forbidden', 'this caller cannot own licences');
}
