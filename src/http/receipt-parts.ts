// Who may be shown which sealed parts of an audit entry: auditors all, whoever acted the own deeds, a person or organisation what is about it; PIPL art. 44, 45.

import type { AuditEntry } from '../audit/audit-entry.ts';
import type { Openings, PartName } from '../audit/receipt.ts';
import type { Principal } from '../kernel/principal.ts';

/** What the log calls a person as a holder of licences. */
export interface HolderNames {
  subjectOf(principal: Principal): Promise<string | undefined>;
}

const both: readonly PartName[] = ['actor', 'about'];

/** Empty for those whom the entry does not concern: to them it says what is public. */
export async function shownParts(
  principal: Principal,
  entry: AuditEntry,
  holders: HolderNames,
): Promise<readonly PartName[]> {
  if (principal.scopes.has('audit.read')) return both;
  if (!maySee(principal, entry)) return [];
  // Whoever acted knew all that the entry says: it was said by them.
  if (isOwnDeed(principal, entry)) return both;
  if (entry.subjectId === null) return [];
  // The organisation whose seal was used is told by whom, and why.
  if (entry.subjectId === principal.actingFor?.organisationId) return both;
  const isAboutCaller =
    principal.kind === 'person' &&
    (entry.subjectId === principal.accountId || entry.subjectId === (await holders.subjectOf(principal)));
  return isAboutCaller ? ['about'] : [];
}

/** Auditors see every entry; others those that concern them, even when nothing in it was sealed or all of it was erased. */
export async function isShown(principal: Principal, entry: AuditEntry, holders: HolderNames): Promise<boolean> {
  return (await shownParts(principal, entry, holders)).length > 0;
}

/** Of the parts that may be shown, those that can still be opened. */
export function openingsOf({ openings }: AuditEntry, parts: readonly PartName[]): Openings {
  const { actor, subject } = openings;
  return {
    ...(actor !== undefined && parts.includes('actor') ? { actor } : {}),
    ...(subject !== undefined && parts.includes('about') ? { about: subject } : {}),
  };
}

/**
 * Every index can be asked for, so an application that got a person's token only to know who they are would else learn all that they
 * did elsewhere: it must be one that may see it (as for /activity), or the one through which the deed was done.
 */
function maySee({ kind, scopes, clientId, actingFor }: Principal, entry: AuditEntry): boolean {
  if (kind !== 'person' || scopes.has('licence.read')) return true;
  if (clientId !== undefined && clientId === entry.clientId) return true;
  return actingFor !== undefined && entry.subjectId === actingFor.organisationId && scopes.has('seal.read');
}

/** A system acts under its own name; of the persons who come through one client each has their own deeds only. */
function isOwnDeed(principal: Principal, { accountId, clientId, level }: AuditEntry): boolean {
  if (principal.kind === 'person') return accountId !== null && accountId === principal.accountId;
  return (
    principal.kind === 'system' &&
    accountId === null &&
    level === null &&
    clientId !== null &&
    clientId === principal.clientId
  );
}
