// The audit log (审计日志) as the rooms use it: a deed's entry is written in the deed's own transaction and found again; proofs.ts proves it.

import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Database, Query, Transaction } from '../db/database.ts';
import { isRepeatable } from '../db/failures.ts';
import { GroupCommit } from '../db/group-commit.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, uuidFromId, type Uuid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { requireKeeper } from '../kernel/permissions.ts';
import type { Principal } from '../kernel/principal.ts';
import { tileWidth } from '../tlog/tile.ts';
import type { ArchiveReader } from './archive/archive-reader.ts';
import { isArchived } from './archive/archive-store.ts';
import { monthOfEntry } from './archive/month.ts';
import { type AuditEntry, entryOf, tagsOf } from './audit-entry.ts';
import { EntryIds } from './entry-ids.ts';
import { type Draft, type EntryRow, entryRow, personsOf } from './entry-row.ts';
import { entriesById, searchConcerning, searchEntries } from './entry-search.ts';
import { type NamedChange, entryStatement } from './entry-statement.ts';
import type { ObjectKind } from './event-schemas.ts';
import { type AuditEvent, checkedEvent } from './events.ts';
import { firstIdAt } from './leaf.ts';
import { IndexWaits } from './index-waits.ts';
import type { LogRunner } from './log-runner.ts';
import { isPerson, PersonKeys } from './person-keys.ts';
import { type EntryQuery, filterOf, type ObjectOwner, ownerOf } from './query-filter.ts';
import { entryIdsOfTile, indexesOf, logId, readHead } from './tree-store.ts';

export interface AuditLogOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly cipher: FieldCipher;
  readonly log: Log;
  /**
   * A wrong event is refused (default); else it is written without what its schema does not allow, and logged: in production a deed
   * must not fail because of a fault in what we say about it.
   */
  readonly strict?: boolean;
  /** Absent: entries of archived months are not read. */
  readonly archive?: Pick<ArchiveReader, 'row'>;
}

export interface EntryPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

export type ConcerningQuery = Pick<EntryQuery, 'from' | 'until' | 'limit' | 'cursor'>;

/** Who did what, as one of several entries. */
export interface Deed {
  readonly principal: Principal;
  readonly event: AuditEvent;
}

type Runner = Pick<LogRunner, 'nudge' | 'recentIndex'>;

const maxPageSize = 200;
const maxAttempts = 6; // of a statement whose keys were forgotten meanwhile: each needs another erasure within milliseconds

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #keys: PersonKeys;
  readonly #ids: EntryIds;
  readonly #appends: GroupCommit<Draft, Uuid>;
  readonly #waits: IndexWaits;
  #runner: Runner | undefined;
  readonly #owners = new Map<ObjectKind, ObjectOwner>();

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#keys = new PersonKeys(options);
    this.#ids = new EntryIds(options);
    this.#waits = new IndexWaits({ ask: (ids) => this.#indexesOf(ids), nudge: () => this.#runner?.nudge() });
    this.#appends = new GroupCommit({
      // Whoever comes while a lot is on its way to the disk goes with the next: few large lots cost both sides least.
      maxLots: 1,
      work: async (drafts) => {
        await this.#write(drafts);
        return drafts.map(({ entryId }) => entryId);
      },
    });
  }

  /** Waiting gets short when the runner of this process is known; without it another process's runner does the work. */
  follow(runner: Runner): void {
    this.#runner = runner;
  }

  /** A room tells whose its objects are, so that a search by a licence or a document finds the key under which its entries lie. */
  findOwnersBy(kind: ObjectKind, ownerOf: ObjectOwner): void {
    this.#owners.set(kind, ownerOf);
  }

  /**
   * Writes the entry in the deed's own transaction: both are committed or neither. Returns the entry's UUID.
   * `request-too-large` when leaf or sealed part is over 65,535 bytes; `internal` for an event that its schema does not allow.
   */
  async record(tx: Transaction, principal: Principal, event: AuditEvent): Promise<Uuid> {
    const draft = this.#draft(principal, event);
    await this.#record(tx, [draft]);
    return draft.entryId;
  }

  /** The same in a transaction of its own, together with what else arrives in this turn; durable when it returns. */
  async append(principal: Principal, event: AuditEvent): Promise<Uuid> {
    return this.#appends.add(this.#draft(principal, event));
  }

  /** Several entries in one statement of the deeds' own transaction, in this order. */
  async recordMany(tx: Transaction, deeds: readonly Deed[]): Promise<void> {
    if (deeds.length > 0) await this.#record(tx, this.#drafts(deeds));
  }

  /** Several entries in one statement, in this order, durable when it returns: for deeds that are done together (src/db/group-commit.ts). */
  async appendMany(deeds: readonly Deed[]): Promise<void> {
    if (deeds.length > 0) await this.#write(this.#drafts(deeds));
  }

  /**
   * The same, and in the same statement a change in the caller's own tables: one round trip to the database for a whole lot. `change`
   * returns one row for each deed, or changes nothing and returns none; then nothing is recorded and the answer is false.
   */
  async appendManyWith(change: NamedChange, deeds: readonly Deed[]): Promise<boolean> {
    return (await this.#write(this.#drafts(deeds), change)) === deeds.length;
  }

  /** The same in the deeds' own transaction. */
  async recordManyWith(tx: Transaction, change: NamedChange, deeds: readonly Deed[]): Promise<boolean> {
    return (await this.#record(tx, this.#drafts(deeds), change)) === deeds.length;
  }

  /**
   * Destroys the key of a person (`acc_…`, `holder_…`): what the log has sealed about them, and every way to tell which entries were
   * theirs, is gone for all nodes from this commit on. The entries and their proofs stay. The deed has an entry, which does not say
   * who was erased. Returns false when the log had no key of this person. `forbidden` for all but the house: administrators do it in
   * twos (`eraseWithin`).
   */
  async erase(principal: Principal, personId: string): Promise<boolean> {
    if (principal.kind !== 'house') throw new TrustError('forbidden', 'two administrators do this together');
    return this.#options.database.transaction((tx) => this.eraseWithin(tx, principal, [personId]));
  }

  /**
   * The same for all names of one person, in the transaction in which two administrators agreed to it; nothing about the person may be
   * recorded in it afterwards. `forbidden` for all but administrators and the house.
   */
  async eraseWithin(tx: Transaction, principal: Principal, personIds: readonly string[]): Promise<boolean> {
    requireKeeper(principal);
    // First the entry: it still stands under the epoch that the next statements end.
    await this.record(tx, principal, { action: 'person.erased', outcome: 'done' });
    let wasKnown = false;
    for (const personId of personIds) {
      const { rows } = await tx.query<{ erased: boolean }>(this.#keys.erasing(personId));
      wasKnown ||= rows[0]?.erased === true;
    }
    return wasKnown;
  }

  /** The leaf index of a committed entry; null when it is not in the tree within `waitMs`. */
  async indexOf(entryId: Uuid, { waitMs }: { waitMs: number }): Promise<number | null> {
    return this.#waits.indexOf(entryId, waitMs);
  }

  /** The database is asked for those only that this process has not sequenced itself. */
  async #indexesOf(entryIds: readonly Uuid[]): Promise<ReadonlyMap<Uuid, number>> {
    const known = new Map(
      entryIds.flatMap((id) => {
        const index = this.#runner?.recentIndex(id);
        return index === undefined ? [] : [[id, index] as const];
      }),
    );
    const rest = entryIds.filter((id) => !known.has(id));
    return rest.length === 0 ? known : new Map([...known, ...(await indexesOf(this.#options.database, rest))]);
  }

  /** `audit-entry-not-found`; `audit-entry-archived` when its month lies in files that this node does not have. */
  async entry(index: number): Promise<AuditEntry> {
    const entryId = await this.#entryIdAt(index);
    const [row] = entryId === undefined ? [] : await entriesById(this.#options.database, [entryId]);
    if (row !== undefined) return this.#entryOf(row, index);
    if (entryId === undefined) throw notFound(index);
    const archived = await this.#archivedEntry(index, entryId);
    if (archived !== undefined) return archived;
    const month = monthOfEntry(entryId);
    if (month === undefined || !(await isArchived(this.#options.database, month.name))) throw notFound(index);
    throw new TrustError('audit-entry-archived', `entry ${index} is in the archive of ${month.name}`, {
      details: { month: month.name, index },
    });
  }

  /** A committed entry by the id that `record` gave, in the tree or not yet; `undefined` when its month lies in files elsewhere. */
  async byId(entryId: Uuid): Promise<AuditEntry | undefined> {
    const [row] = await entriesById(this.#options.database, [entryId]);
    if (row !== undefined) return this.#entryOf(row, null);
    const index = (await indexesOf(this.#options.database, [entryId])).get(entryId);
    return index === undefined ? undefined : this.#archivedEntry(index, entryId);
  }

  async #archivedEntry(index: number, entryId: Uuid): Promise<AuditEntry | undefined> {
    const row = await this.#options.archive?.row(index, entryId);
    return row === undefined ? undefined : this.#entryOf(row, index);
  }

  /**
   * Newest first. A page may hold fewer entries than its limit, even none, and still have a next one: what a page looks at is bounded.
   * `cursor-invalid`, and `malformed-request` for a limit out of range.
   */
  async entries(query: EntryQuery): Promise<EntryPage> {
    const { limit } = query;
    const before = cursorOf(query);
    const filter = await filterOf(query, before, { keys: this.#keys, owners: this.#owners });
    if (filter === undefined) return { items: [], nextCursor: null };
    const { rows, stoppedAt } = await searchEntries(this.#options.database, { ...filter, limit: limit + 1 });
    const page = await this.#page(rows, limit);
    const more = rows.length <= limit && stoppedAt !== undefined;
    return more ? { ...page, nextCursor: idFromUuid('entry', stoppedAt) } : page;
  }

  /**
   * What a person (`acc_…`, `holder_…`: one person may have several names) or organisation did, and what was done with what is theirs,
   * newest first, without intents. `cursor-invalid`, and `malformed-request` for a limit out of range.
   */
  async concerning(ids: readonly string[], query: ConcerningQuery): Promise<EntryPage> {
    const { limit, from, until } = query;
    const before = [cursorOf(query), until && firstIdAt(until)].filter((id) => id !== undefined).sort()[0];
    const keyOf = async (id: string) => (isPerson(id) ? this.#keys.find(id) : this.#keys.service);
    const tags = await Promise.all(ids.map(async (id) => (await keyOf(id))?.tag('subject', id)));
    const rows = await searchConcerning(this.#options.database, {
      tags: tags.filter((tag) => tag !== undefined),
      ...(before === undefined ? {} : { before }),
      ...(from === undefined ? {} : { from: firstIdAt(from) }),
      limit: limit + 1,
    });
    return this.#page(rows, limit);
  }

  /** One row more than asked for tells whether there is a next page. */
  async #page(rows: readonly EntryRow[], limit: number): Promise<EntryPage> {
    const { database } = this.#options;
    const page = rows.slice(0, limit);
    const ids = page.map(({ id }) => id);
    const [indexes, keys] = await Promise.all([indexesOf(database, ids), this.#readingKeys(page)]);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map((row) => entryOf(keys, row, indexes.get(row.id) ?? null)),
      nextCursor: last === undefined ? null : idFromUuid('entry', last.id),
    };
  }

  /** The persons that the log knows among those whom a search is about: by name, or as the owner of the object. */
  async personsAsked({ actorId, subjectId, objectId }: EntryQuery): Promise<string[]> {
    const owner = objectId === undefined ? undefined : await ownerOf(objectId, this.#owners);
    const persons = [...new Set([subjectId, actorId, owner].filter(isPerson))];
    const keys = await Promise.all(persons.map((id) => this.#keys.find(id)));
    return persons.filter((_id, place) => keys[place] !== undefined);
  }

  /** Entries that are committed and not yet in the tree, counted up to 10,000; for monitoring. */
  async queueDepth(): Promise<number> {
    const { rows } = await this.#options.database.query<{ depth: number }>({
      name: 'audit-queue-depth',
      text: 'SELECT count(*)::int AS depth FROM (SELECT 1 FROM audit.queue WHERE log_id = $1 LIMIT 10000) AS waiting',
      values: [logId],
    });
    return rows[0]?.depth ?? 0;
  }

  #draft(principal: Principal, given: AuditEvent): Draft {
    const { strict = true, log } = this.#options;
    const { event, faults } = checkedEvent(given, { strict });
    if (faults.length > 0) log.error({ action: event.action, faults }, 'audit event is not as its schema says');
    return { entryId: this.#ids.next(), principal, event };
  }

  #drafts(deeds: readonly Deed[]): Draft[] {
    return deeds.map(({ principal, event }) => this.#draft(principal, event));
  }

  async #statement(drafts: readonly Draft[], change?: NamedChange): Promise<Query> {
    const persons = [...new Set(drafts.flatMap(personsOf))];
    const keys = await this.#keys.forWriting(persons);
    const rows = drafts.map((draft) => entryRow(draft, this.#keys.service, keys));
    const epoch = persons.length === 0 ? null : keys.epoch;
    return entryStatement({ rows, epoch, ...(change === undefined ? {} : { change }) });
  }

  async #record(tx: Transaction, drafts: readonly Draft[], change?: NamedChange): Promise<number> {
    try {
      return (await tx.query(await this.#statement(drafts, change))).rowCount;
    } catch (error) {
      // The transaction is run again as a whole; by then the keys must be new ones.
      if (isRepeatable(error)) this.#keys.forget();
      throw error;
    }
  }

  /** Durable when it returns; how many rows were written. A person erased meanwhile: nothing was written, and it is done again. */
  async #write(drafts: readonly Draft[], change?: NamedChange): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#options.database.query(await this.#statement(drafts, change))).rowCount;
      } catch (error) {
        if (attempt === maxAttempts || !isRepeatable(error)) throw error;
        this.#keys.forget();
      }
    }
  }

  async #readingKeys(rows: readonly EntryRow[]) {
    return { service: this.#keys.service, byTag: await this.#keys.byTag(rows.flatMap(tagsOf)) };
  }

  async #entryOf(row: EntryRow, index: number | null): Promise<AuditEntry> {
    return entryOf(await this.#readingKeys([row]), row, index);
  }

  async #entryIdAt(index: number): Promise<Uuid | undefined> {
    if (!Number.isSafeInteger(index) || index < 0) return undefined;
    const { database } = this.#options;
    const head = await readHead(database);
    return (await entryIdsOfTile(database, head, Math.floor(index / tileWidth)))[index % tileWidth];
  }
}

/** The entry before which the page begins. */
function cursorOf({ cursor, limit }: Pick<EntryQuery, 'cursor' | 'limit'>): Uuid | undefined {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPageSize)
    throw new TrustError('malformed-request', `limit is 1 to ${maxPageSize}`);
  const before = cursor === undefined ? undefined : uuidFromId('entry', cursor);
  if (cursor !== undefined && before === undefined) throw new TrustError('cursor-invalid', 'not a cursor of this list');
  return before;
}

function notFound(index: number): TrustError {
  return new TrustError('audit-entry-not-found', `the log has no entry ${index}`);
}
