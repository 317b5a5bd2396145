// What two people do to a client (双人办理): which change it is, and what of it needs the second of them.

import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { ClientDeed } from '../administration/identity-deed.ts';
import { type ClientChange, merged } from './client-change.ts';
import { dangersOf, isDangerous } from './client-dangers.ts';
import type { ClientRecord } from './client-record.ts';
import { fullRegistration } from './client-registration.ts';

/** The former secret may live so long beside the new one: longer, and nobody remembers that it does. */
const maxOverlapSeconds = 30 * 86_400;

/** Of a change of the registration. Throws `malformed-request` for one that cannot be registered. */
export function dangersOfChange(before: ClientRecord, change: ClientChange): string[] {
  return dangersOf(before, fullRegistration(merged(before, change), { keepsSecret: true }));
}

/** Of opening a client that may much anew: with another secret, or after a suspension. */
export function dangersOfOpening(before: ClientRecord, by: 'secret' | 'resume'): string[] {
  return isDangerous(before) ? [by] : [];
}

/** Throws as `dangersOfChange`. */
export function dangersOfDeed(before: ClientRecord, deed: ClientDeed): string[] {
  switch (deed.kind) {
    case 'client.rights':
    case 'client.change':
      return dangersOfChange(before, changeOf(deed));
    case 'client.secret':
      requireOverlap(deed.overlapSeconds);
      return dangersOfOpening(before, 'secret');
    case 'client.resume':
      return dangersOfOpening(before, 'resume');
  }
}

export function changeOf(deed: Extract<ClientDeed, { kind: 'client.rights' | 'client.change' }>): ClientChange {
  return deed.kind === 'client.change' ? deed.change : { apiScopes: deed.apiScopes, levelFloor: deed.levelFloor };
}

/** Throws `malformed-request`. */
export function requireOverlap(seconds: number): void {
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > maxOverlapSeconds)
    throw new TrustError('malformed-request', `the overlap is 0 to ${maxOverlapSeconds} seconds`);
}

/** Throws `approval-required` with what needs a second one. The house registers its own. */
export function mustNeedNobodyElse(principal: Principal, dangers: readonly string[]): void {
  if (dangers.length === 0 || principal.kind === 'house') return;
  throw new TrustError('approval-required', 'this is proposed by one administrator and approved by another', {
    details: { dangers },
  });
}
