// Who may look at certificates, manage them, and take part in deeds of two people.

import { TrustError } from '../kernel/errors.ts';
import type { Principal, Scope } from '../kernel/principal.ts';

/** Throws `token-missing` for nobody, `scope-missing`. The house needs none. */
export function requireScope(principal: Principal, scope: Extract<Scope, `pki.${string}`>): void {
  if (principal.kind === 'house') return;
  if (principal.kind === 'anonymous') throw new TrustError('token-missing', 'this needs an access token');
  if (principal.scopes.has(scope)) return;
  throw new TrustError('scope-missing', `this needs the scope ${scope}`, { details: { missingScopes: [scope] } });
}

/** The account of an administrator in person: two systems are not two people. Throws `forbidden`. */
export function requireAdministrator(principal: Principal): string {
  const { kind, accountId, roles } = principal;
  if (kind === 'person' && accountId !== undefined && roles.has('administrator')) return accountId;
  throw new TrustError('forbidden', 'only an administrator in person may do this');
}
