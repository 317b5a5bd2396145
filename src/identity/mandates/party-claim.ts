// `represented_party`: for whom the person of a token acts, as tokens say it and as they are read; docs/mandates.md.

import type { KoaContextWithOIDC } from 'oidc-provider';
import { epochSeconds } from '../../kernel/clock.ts';
import type { RepresentedParty } from '../../kernel/principal.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Acting } from './acting.ts';

export interface PartyClaim {
  readonly organisation: string;
  readonly uscc: string;
  /** Only where the client may know names: that of a sole trader is a person's. */
  readonly name?: string;
  readonly role: string;
  readonly mandate: string;
  readonly scope: readonly string[];
  readonly seals?: readonly string[];
  /** When the mandate ends at the latest, seconds since 1970. */
  readonly exp: number;
}

export function partyClaim(party: RepresentedParty, { withName }: { withName: boolean }): PartyClaim {
  return {
    organisation: party.organisationId,
    uscc: party.uscc,
    ...(withName && { name: party.name }),
    role: party.role,
    mandate: party.mandateId,
    scope: party.scope,
    ...(party.sealIds !== undefined && { seals: party.sealIds }),
    exp: epochSeconds(party.validUntil),
  };
}

/** The mandate that a claim names. All else of it is read anew from the mandate: what a token says is never more than that. */
export function mandateIn(claim: unknown): string | undefined {
  return textAt(asObject(claim), 'mandate');
}

/** The part of a code or token that tells whose sign-in it comes from. */
interface Login {
  readonly accountId?: string | undefined;
  readonly sessionUid?: string | undefined;
  readonly clientId?: string | undefined;
}

const asked = new WeakMap<object, Promise<RepresentedParty | undefined>>();

/**
 * Whom the tokens of one request to the engine speak for: asked once, so that its ID token and access token say the same. Most people
 * have no mandate, which their account tells.
 */
export async function partyOfRequest(
  { oidc }: KoaContextWithOIDC,
  acting: Pick<Acting, 'partyOf'>,
  { account, login }: { readonly account: Pick<Account, 'mandates'> | undefined; readonly login: Login },
): Promise<RepresentedParty | undefined> {
  if (account?.mandates === 0) return undefined;
  const { accountId, sessionUid, clientId } = login;
  const party = asked.get(oidc) ?? acting.partyOf({ accountId: accountId ?? '', sessionUid, clientId });
  asked.set(oidc, party);
  return party;
}
