// What two administrators do together on identity (双人办理), as it is kept between proposal and approval.

import type { RealNameLevel, Scope } from '../../kernel/principal.ts';

export type IdentityDeed =
  /** All scopes and the floor that the client has afterwards. */
  | {
      readonly kind: 'client.rights';
      readonly clientId: string;
      readonly apiScopes: readonly Scope[];
      readonly levelFloor: RealNameLevel;
    }
  | { readonly kind: 'administrator.give' | 'administrator.take' | 'administrator.suspend'; readonly accountId: string }
  /** Another name or number of a person, as a document at a window showed it; what proved the former one counts no more. */
  | { readonly kind: 'person.correct'; readonly accountId: string; readonly name: string; readonly idNumber: string };

/** Whom it is about, for the log. */
export function subjectOf(deed: IdentityDeed): { readonly subjectId?: string; readonly client?: string } {
  return deed.kind === 'client.rights' ? { client: deed.clientId } : { subjectId: deed.accountId };
}
