// Finds entries, newest first, page by page along an index; a page costs the same at the start and at the millionth.

import type { Queryable } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EntryRow } from './entry-row.ts';
import { auditOutcomes } from './event-schemas.ts';

export interface EntryFilter {
  readonly action?: number;
  readonly outcome?: number;
  readonly code?: string;
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

export interface Found {
  readonly rows: EntryRow[];
  /** There are fewer rows than asked for because enough was looked at: older ones than this entry may match. */
  readonly stoppedAt?: Uuid;
}

const columns = 'id, action, outcome, client_id, actor_tag, subject_tag, object_tag, leaf, actor_part, subject_part';
const firstId = '00000000-0000-0000-0000-000000000000';
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What one page may look at: 20 ms or so. Two conditions that rarely meet cost several pages, never a statement's time-out. */
const lookedAtMost = 5000;

/** The code as it stands in the leaf; the index entry_code (sql/0020) is over exactly this. Quotes inside of texts are escaped there. */
const codeInLeaf = `substring(encode(leaf, 'escape') from '"code":"([a-z0-9-]+)"')`;

interface Condition {
  readonly column: string;
  readonly value: unknown;
  readonly type: string;
}

/** Outcomes that are rare, and have indexes of their own: `failed` and `voided`. */
const isRare = (outcome: number): boolean => outcome >= auditOutcomes.indexOf('failed');

/** Newest first, at most `limit` rows. `lookedAt`: for tests. */
export async function searchEntries(
  database: Queryable,
  filter: EntryFilter,
  { lookedAt = lookedAtMost }: { lookedAt?: number } = {},
): Promise<Found> {
  const { objectTags = [], limit } = filter;
  const { walk, rest } = planOf(filter);
  if (objectTags.length > 1) {
    // One walk for each tag, each ended by the limit: a condition on "one of these" would be answered without the order of the index.
    const walks = objectTags.map((tag) => walkOf(filter, [bytesIn('object_tag', tag)], walk.concat(rest), limit));
    const { text, values } = union(walks);
    const { rows } = await database.query<EntryRow>({ text: `${text} ORDER BY id DESC LIMIT ${limit}`, values });
    return { rows };
  }
  const inner = walkOf(filter, walk, [], rest.length === 0 ? limit : lookedAt);
  if (rest.length === 0) return { rows: (await database.query<EntryRow>(inner)).rows };
  const values = [...inner.values];
  const conditions = rest.map((condition) => `${condition.column} = ${placed(values, condition)}`);
  const { rows } = await database.query<EntryRow>({
    text: `SELECT ${columns} FROM (${inner.text}) AS walked WHERE ${conditions.join(' AND ')} ORDER BY ${orderOf(walk)} LIMIT ${limit}`,
    values,
  });
  if (rows.length === limit) return { rows };
  const { rows: ends } = await database.query<{ id: Uuid }>({
    text: `SELECT id FROM (${inner.text}) AS walked ORDER BY ${orderOf(walk)} OFFSET ${lookedAt - 1}`,
    values: inner.values,
  });
  const [end] = ends;
  return { rows, ...(end === undefined ? {} : { stoppedAt: end.id }) };
}

/** Which index is walked, the most telling one, and what is asked of the rows on the way. */
function planOf(filter: EntryFilter): { walk: readonly Condition[]; rest: readonly Condition[] } {
  const { action, outcome, code, clientId, actorTag, subjectTag, objectTags = [] } = filter;
  const [objectTag] = objectTags;
  const all = {
    object: objectTag === undefined || objectTags.length > 1 ? undefined : bytesIn('object_tag', objectTag),
    actor: actorTag && bytesIn('actor_tag', actorTag),
    subject: subjectTag && bytesIn('subject_tag', subjectTag),
    code: code === undefined ? undefined : { column: codeInLeaf, value: code, type: 'text' },
    action: action === undefined ? undefined : { column: 'action', value: action, type: 'smallint' },
    outcome: outcome === undefined ? undefined : { column: 'outcome', value: outcome, type: 'smallint' },
    client: clientId === undefined ? undefined : { column: 'client_id', value: clientId, type: 'text' },
  };
  const given = (conditions: readonly (Condition | undefined)[]) => conditions.filter((one) => one !== undefined);
  const rareOnes = outcome !== undefined && isRare(outcome) ? given([all.action, all.outcome]) : [];
  const single = all.object ?? all.actor ?? all.subject ?? all.code;
  const walk = single !== undefined ? [single] : rareOnes.length > 0 ? rareOnes : given([all.client ?? all.action]);
  return { walk, rest: given(Object.values(all)).filter((one) => !walk.includes(one)) };
}

interface Walk {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Along one index, from its newest end. With "column = value" the server may walk the primary key instead and filter, which for someone
 * who was busy once and is silent now reads everything since; one of an array of one, ordered by the column first, leaves it the index.
 */
function walkOf(filter: EntryFilter, walk: readonly Condition[], rest: readonly Condition[], limit: number): Walk {
  const values: unknown[] = [filter.from ?? firstId, filter.before ?? lastId];
  const conditions = ['id >= $1::uuid', 'id < $2::uuid'];
  for (const condition of walk) conditions.push(`${condition.column} = ANY (ARRAY[${placed(values, condition)}])`);
  // The index of codes is over failures alone.
  if (walk.some(({ column }) => column === codeInLeaf)) conditions.push('outcome >= 2');
  for (const condition of rest) conditions.push(`${condition.column} = ${placed(values, condition)}`);
  return {
    text: `SELECT ${columns} FROM audit.entry WHERE ${conditions.join(' AND ')} ORDER BY ${orderOf(walk)} LIMIT ${limit}`,
    values,
  };
}

function orderOf(walk: readonly Condition[]): string {
  return [...walk.map(({ column }) => `${column} DESC`), 'id DESC'].join(', ');
}

function bytesIn(column: string, value: Uint8Array): Condition {
  return { column, value, type: 'bytea' };
}

function placed(values: unknown[], { value, type }: Condition): string {
  values.push(value);
  return `$${values.length}::${type}`;
}

/** The parameters of each walk follow those of the one before. */
function union(walks: readonly Walk[]): Walk {
  const values: unknown[] = [];
  const texts = walks.map((walk) => {
    const shifted = walk.text.replace(/\$(\d+)/g, (_all, place: string) => `$${Number(place) + values.length}`);
    values.push(...walk.values);
    return `(${shifted})`;
  });
  return { text: texts.join(' UNION ALL '), values };
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
    values: [auditOutcomes.indexOf('intended'), from ?? firstId, before ?? lastId, limit, ...tags],
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
