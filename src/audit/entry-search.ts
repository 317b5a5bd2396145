// Finds entries, newest first, page by page along an index; a page costs the same at the start and at the millionth.

import type { Queryable } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EntryRow } from './entry-row.ts';
import { auditOutcomes } from './event-schemas.ts';

export interface EntryFilter {
  readonly action?: number;
  readonly outcome?: number;
  readonly clientId?: string;
  readonly actorTag?: Uint8Array;
  readonly subjectTag?: Uint8Array;
  /** One of these. */
  readonly objectTags?: readonly Uint8Array[];
  /** Inclusive. Time is in the ids, so a span of time is a span of whichever index is walked. */
  readonly from?: Uuid;
  /** Exclusive. */
  readonly before?: Uuid;
  readonly limit: number;
}

const columns = 'id, action, outcome, client_id, actor_tag, subject_tag, object_tag, leaf, actor_part, subject_part';

/** At most `limit` rows. */
export async function searchEntries(database: Queryable, filter: EntryFilter): Promise<EntryRow[]> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition.replace('?', `$${values.length}`));
  };
  where('id >= ?', filter.from);
  where('id < ?', filter.before);
  where('action = ?', filter.action);
  where('outcome = ?', filter.outcome);
  where('client_id = ?', filter.clientId);
  where('actor_tag = ?', filter.actorTag);
  where('subject_tag = ?', filter.subjectTag);
  const [objectTag, ...otherTags] = filter.objectTags ?? [];
  if (otherTags.length === 0) where('object_tag = ?', objectTag);
  else
    where(
      'object_tag = ANY (?::bytea[])',
      filter.objectTags?.map((tag) => Buffer.from(tag)),
    );
  values.push(filter.limit);
  const { rows } = await database.query<EntryRow>({
    text: `SELECT ${columns} FROM audit.entry
           ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
           ORDER BY id DESC LIMIT $${values.length}`,
    values,
  });
  return rows;
}

/** Of persons, by their tags: what they did and what is about them, newest first. `limit` rows at most, intents left out: their outcome follows. */
export async function searchConcerning(
  database: Queryable,
  { tags, before, from, limit }: Pick<EntryFilter, 'before' | 'from' | 'limit'> & { tags: readonly Uint8Array[] },
): Promise<EntryRow[]> {
  if (tags.length === 0) return [];
  // One walk of an index for each tag and role, each ended by the limit: what a person did years ago costs a page nothing.
  const walks = tags.flatMap((_tag, place) =>
    ['actor_tag', 'subject_tag'].map(
      (column) => `(SELECT ${columns} FROM audit.entry WHERE ${column} = $${place + 5} AND outcome <> $1
        AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $4)`,
    ),
  );
  const { rows } = await database.query<EntryRow>({
    text: `${walks.join(' UNION ')} ORDER BY id DESC LIMIT $4`,
    values: [
      auditOutcomes.indexOf('intended'),
      from ?? '00000000-0000-0000-0000-000000000000',
      before ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff',
      limit,
      ...tags,
    ],
  });
  return rows;
}

/** Entries by id, in the order of `ids`; missing ones (a month that was dropped) are `undefined`. */
export async function entriesById(database: Queryable, ids: readonly Uuid[]): Promise<(EntryRow | undefined)[]> {
  // Naming the span lets the server leave out the other months.
  const sorted = [...ids].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { rows } = await database.query<EntryRow>({
    name: 'audit-entries-by-id',
    text: `SELECT ${columns} FROM audit.entry WHERE id = ANY ($1::uuid[]) AND id BETWEEN $2 AND $3`,
    values: [sorted, first, last],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id));
}
