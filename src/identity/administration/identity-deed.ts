// What two administrators do together on identity (双人办理), as it is kept between proposal and approval.

import type { RealNameLevel, Scope } from '../../kernel/principal.ts';
import type { ClientChange } from '../clients/client-change.ts';

/** `revision`: of the registration that was proposed on, and that must still be there when it is approved. */
interface OfClient {
  readonly clientId: string;
  readonly revision?: number | undefined;
}

export type ClientDeed =
  /** All scopes and the floor that the client has afterwards. */
  | (OfClient & {
      readonly kind: 'client.rights';
      readonly apiScopes: readonly Scope[];
      readonly levelFloor: RealNameLevel;
    })
  | (OfClient & { readonly kind: 'client.change'; readonly change: ClientChange })
  /** A new secret, shown to whoever approves. */
  | (OfClient & { readonly kind: 'client.secret'; readonly overlapSeconds: number })
  | (OfClient & { readonly kind: 'client.resume' });

export const administratorDeeds = [
  'administrator.give',
  'administrator.take',
  'administrator.suspend',
  'administrator.resume',
] as const;

export type IdentityDeed =
  | ClientDeed
  | { readonly kind: (typeof administratorDeeds)[number]; readonly accountId: string }
  /** Another name or number of a person, as a document at a window showed it; what proved the former one counts no more. */
  | { readonly kind: 'person.correct'; readonly accountId: string; readonly name: string; readonly idNumber: string }
  /** What the audit log holds sealed about a person, as account and as holder of licences, for ever. */
  | { readonly kind: 'person.erase'; readonly accountId: string };

export function isClientDeed(deed: IdentityDeed): deed is ClientDeed {
  return 'clientId' in deed;
}

/** Whom it is about, for the log. */
export function subjectOf(deed: IdentityDeed): { readonly subjectId?: string; readonly client?: string } {
  return isClientDeed(deed) ? { client: deed.clientId } : { subjectId: deed.accountId };
}
