// Whose hand may be on a seal.

import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';

/**
 * A business system with its scope, or a clerk of the organisation the seal belongs to; `forbidden` for
 * all others. `organisationId` is the seal's.
 */
export function requireSealUse(principal: Principal, organisationId: string): void {
  if (principal.kind === 'system') return;
  const clerk = principal.kind === 'person' && principal.roles.has('clerk');
  if (clerk && principal.actingFor?.organisationId === organisationId) return;
  throw new TrustError('forbidden', 'the seal belongs to an organisation that the caller does not act for');
}
