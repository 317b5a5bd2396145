// Finds entries, newest first, page by page along an index; a page costs the same at the start and at the millionth.

import type { Queryable } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';
import { momentOf } from './leaf.ts';

export interface EntryFilter {
  readonly action?: string;
  readonly outcome?: string;
  readonly clientId?: string;
  readonly objectRef?: string;
  readonly subjectRef?: Uint8Array;
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly until?: Date;
  /** Entries before this one, in time. */
  readonly before?: Uuid;
  readonly limit: number;
}

export interface EntryRow {
  readonly id: Uuid;
  readonly leaf: Uint8Array;
  readonly detail: Uint8Array | null;
}

/** At most `limit` rows. */
export async function searchEntries(database: Queryable, filter: EntryFilter): Promise<EntryRow[]> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace('?', `$${values.length}`));
  };
  where('id < ?', filter.before);
  where('action = ?', filter.action);
  where('outcome = ?', filter.outcome);
  where('client_id = ?', filter.clientId);
  where('object_ref = ?', filter.objectRef);
  where('subject_ref = ?', filter.subjectRef);
  where('at >= ?', filter.from);
  where('at < ?', filter.until);
  values.push(filter.limit);
  const { rows } = await database.query<EntryRow>({
    text: `SELECT id, leaf, detail FROM audit.entry
           ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
           ORDER BY id DESC LIMIT $${values.length}`,
    values,
  });
  return rows;
}

/** Entries by id, in the order of `ids`; missing ones (a month that was dropped) are `undefined`. */
export async function entriesById(database: Queryable, ids: readonly Uuid[]): Promise<(EntryRow | undefined)[]> {
  // Text order of version 7 UUIDs is time order; naming the span of times lets the server leave out the other months.
  const sorted = [...ids].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { rows } = await database.query<EntryRow>({
    name: 'audit-entries-by-id',
    text: 'SELECT id, leaf, detail FROM audit.entry WHERE id = ANY ($1::uuid[]) AND at BETWEEN $2 AND $3',
    values: [sorted, momentOf(first), momentOf(last)],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id));
}
