// Whose hand may be on a seal, and whose eye.

import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';

/** A seal as far as it decides who may see and use it. */
export interface OwnedSeal {
  readonly sealId: string;
  readonly organisation: { readonly organisationId: string };
}

/** A business system that the seal was let to, or a person whose mandate allows the use of this seal; `forbidden` for all others. */
export function requireSealUse(principal: Principal, seal: OwnedSeal, isLetToSystem: boolean): void {
  if (principal.kind === 'system') {
    if (isLetToSystem) return;
    throw new TrustError('forbidden', 'the seal was not let to this business system', {
      details: { reason: 'seal-not-let' },
    });
  }
  if (coversSeal(principal, seal) && principal.actingFor?.scope.includes('seal:use') === true) return;
  throw new TrustError('forbidden', 'the caller acts for nobody whose mandate allows the use of this seal');
}

/** Systems, the house and those who keep the deployment see every seal; a person those that the mandate is about. */
export function maySeeSeal(principal: Principal, seal: OwnedSeal): boolean {
  return seesAllSeals(principal) || (coversSeal(principal, seal) && seesSome(principal));
}

export function seesAllSeals({ kind, roles }: Principal): boolean {
  return kind !== 'person' || roles.has('auditor') || roles.has('administrator');
}

/** Whose seals a person sees; `undefined`: nobody's. */
export function organisationSeen(principal: Principal): string | undefined {
  return seesSome(principal) ? principal.actingFor?.organisationId : undefined;
}

function seesSome({ actingFor }: Principal): boolean {
  return actingFor?.scope.some((word) => word.startsWith('seal:')) === true;
}

/** Whether the seal is one of those that the caller's mandate is about, whatever it allows. */
export function coversSeal({ kind, actingFor }: Principal, { sealId, organisation }: OwnedSeal): boolean {
  if (kind !== 'person' || actingFor === undefined) return false;
  if (actingFor.organisationId !== organisation.organisationId) return false;
  return actingFor.sealIds === undefined || actingFor.sealIds.includes(sealId);
}
