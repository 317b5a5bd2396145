// Who may do which deed in the life of a seal: the organisation under its mandate, and the seal administrator in person.

import { TrustError } from '../../kernel/errors.ts';
import { type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { requireScope } from '../../kernel/permissions.ts';
import type { Principal, RepresentedParty } from '../../kernel/principal.ts';
import type { OwnedSeal } from '../seal-use.ts';

/** A business system administers no seals, whatever scopes it has. Throws `token-missing`, `scope-missing`, `forbidden`. */
export function requireOffice(principal: Principal): void {
  requireScope(principal, 'seal.manage');
  if (!isOffice(principal)) throw new TrustError('forbidden', 'only a seal administrator in person may do this');
}

export function isOffice({ kind, roles, scopes }: Principal): boolean {
  return kind === 'house' || (kind === 'person' && roles.has('administrator') && scopes.has('seal.manage'));
}

/** The organisation that the caller applies for. Throws `token-missing`, `scope-missing`, `forbidden`. */
export function requireApplicant(principal: Principal): RepresentedParty & { readonly accountId: string } {
  requireScope(principal, 'seal.apply');
  const { accountId } = principal;
  const party = applicantParty(principal);
  if (party === undefined || accountId === undefined)
    throw new TrustError('forbidden', 'the caller acts for nobody whose mandate allows applying for seals');
  return { ...party, accountId };
}

function applicantParty({ kind, actingFor }: Principal): RepresentedParty | undefined {
  return kind === 'person' && actingFor?.scope.includes('seal:apply') === true ? actingFor : undefined;
}

/** The seals that a mandate is narrowed to; null: all of its organisation. */
export function narrowedTo(party: RepresentedParty | undefined): readonly (Uuid | null)[] | null {
  return party?.sealIds?.map((sealId) => uuidFromId('seal', sealId) ?? null) ?? null;
}

/** Whether the caller speaks for the organisation of this seal, of which a narrowed mandate must name it. */
export function speaksFor(principal: Principal, { sealId, organisation }: OwnedSeal): boolean {
  const party = applicantParty(principal);
  if (party?.organisationId !== organisation.organisationId || !principal.scopes.has('seal.apply')) return false;
  return party.sealIds === undefined || party.sealIds.includes(sealId);
}

/** Before anything is looked up: whoever has neither scope learns nothing of what there is. Throws `token-missing`, `scope-missing`. */
export function requireDeedScope(principal: Principal): void {
  requireScope(principal, 'seal.apply', 'seal.manage');
}

/** Throws `token-missing`, `scope-missing`, `forbidden`. */
export function requireEither(principal: Principal, seal: OwnedSeal): void {
  requireDeedScope(principal);
  if (isOffice(principal) || speaksFor(principal, seal)) return;
  throw new TrustError('forbidden', 'only the organisation of the seal and a seal administrator may do this');
}

/** Who may act in the organisation's name is its own affair: an administrator stops a seal, and lets nobody use it. Throws `forbidden`. */
export function requireOwner(principal: Principal, seal: OwnedSeal): void {
  if (principal.kind === 'house' || speaksFor(principal, seal)) return;
  throw new TrustError('forbidden', 'only the organisation of the seal may do this');
}
