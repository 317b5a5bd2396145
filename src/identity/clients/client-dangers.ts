// Which changes of a client's registration one administrator may not make alone (双人办理).

import type { Scope } from '../../kernel/principal.ts';
import type { ClientRegistration } from './client-registration.ts';

/** What acts in the name of others, or looks into what is theirs. */
export const dangerousScopes: ReadonlySet<Scope> = new Set<Scope>([
  'seal.stamp',
  'licence.issue',
  'licence.manage',
  'audit.read',
  'pki.manage',
  'identity.read',
  'identity.manage',
  'mandate.manage',
]);

type Rights = Pick<ClientRegistration, 'apiScopes' | 'levelFloor'>;

/** What needs a second administrator, in the names of the registration; empty when nothing does. */
export function dangersOf(before: Rights, after: Rights): string[] {
  const gained = after.apiScopes.filter((scope) => dangerousScopes.has(scope) && !before.apiScopes.includes(scope));
  const isLowered = (after.levelFloor ?? 0) < (before.levelFloor ?? 0);
  return [...gained, ...(isLowered ? ['levelFloor'] : [])];
}
