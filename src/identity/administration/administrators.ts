// Who may look at and change what the identity room administers: administrators in person, and the house.

import { TrustError } from '../../kernel/errors.ts';
import { requireScope } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';

/** Throws `token-missing`, `scope-missing`. */
export function requireReader(principal: Principal): void {
  requireScope(principal, 'identity.read', 'identity.manage');
}

/** A business system changes nobody's rights, whatever scopes it has. Throws `token-missing`, `scope-missing`, `forbidden`. */
export function requireManager(principal: Principal): void {
  requireScope(principal, 'identity.manage');
  if (principal.kind === 'house') return;
  if (principal.kind === 'person' && principal.roles.has('administrator')) return;
  throw new TrustError('forbidden', 'only an administrator in person may do this');
}

/** The account of an administrator in person: the house is nobody's second. Throws as `requireManager` does. */
export function administratorIn(principal: Principal): string {
  requireManager(principal);
  if (principal.accountId === undefined) throw new TrustError('forbidden', 'this needs two administrators in person');
  return principal.accountId;
}

/** Why, in the administrator's words. Throws `malformed-request`. */
export function reasonIn(text: string): string {
  const reason = text.normalize('NFC').trim();
  if (reason === '' || reason.length > 500)
    throw new TrustError('malformed-request', 'a reason has 1 to 500 characters');
  return reason;
}
