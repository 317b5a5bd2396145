// What auditors ask and what they are answered, between the contract and the audit room.

import type { AuditEntry } from '../audit/audit-entry.ts';
import type { EntryQuery } from '../audit/query-filter.ts';
import { toBase64, toHex } from '../kernel/bytes.ts';
import type { Span } from '../audit/counts/tally.ts';
import { addSeconds, type Clock, moment } from '../kernel/clock.ts';

interface Given {
  readonly action?: string | undefined;
  readonly outcome?: string | undefined;
  readonly code?: string | undefined;
  readonly clientId?: string | undefined;
  readonly actorId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly objectId?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly cursor?: string | undefined;
}

/** Without `limit`, which is not everywhere. */
export function askedIn(query: Given): Omit<EntryQuery, 'limit'> {
  const { action, outcome, code, clientId, actorId, subjectId, objectId, from, until, cursor } = query;
  const at = (text: string | undefined) => (text === undefined ? undefined : moment(text));
  return present({
    action,
    outcome,
    code,
    clientId,
    actorId,
    subjectId,
    objectId,
    cursor,
    from: at(from),
    until: at(until),
  });
}

/** The time that counts are asked for; without a beginning what fits on a screen. */
export function spanOf(
  clock: Clock,
  by: Span,
  from: string | undefined,
  until: string | undefined,
): { from: Date; until: Date } {
  const end = until === undefined ? clock.now() : moment(until);
  const days = by === 'day' ? 30 : 2;
  return { from: from === undefined ? addSeconds(end, -days * 86_400) : moment(from), until: end };
}

/** Without the members that are undefined. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

export function entryJson({ openings: _openings, leaf, leafHash, at, facts, personal, faults, ...entry }: AuditEntry) {
  return {
    ...entry,
    at: at.toISOString(),
    facts: plain(facts),
    personal: plain(personal),
    faults: [...faults],
    leaf: toBase64(leaf),
    leafHash: toHex(leafHash),
  };
}

/** What is nested is none of ours: schemas of events have plain members only. */
function plain(members: AuditEntry['facts']): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(members))
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') kept[name] = value;
  return kept;
}
