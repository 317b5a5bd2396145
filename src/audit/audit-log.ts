// The audit log (审计日志) as the rooms use it: a deed's entry is written in the deed's own transaction, found again, and proved.

import { sha256 } from '../crypto/digest.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Database, Query, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, newUuid, uuidFromId, type Uuid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Principal } from '../kernel/principal.ts';
import { leafHash } from '../tlog/merkle.ts';
import { inclusionRanges } from '../tlog/proof.ts';
import { tileWidth } from '../tlog/tile.ts';
import { type AuditEntry, entryOf } from './audit-entry.ts';
import { sealDetail } from './detail.ts';
import { type EntryFilter, entriesById, searchEntries } from './entry-search.ts';
import type { AuditEvent } from './events.ts';
import { encodeLeaf, momentOf } from './leaf.ts';
import type { LogRunner } from './log-runner.ts';
import { objectRef, personRef } from './references.ts';
import { entryIdsOfTile, indexesOf, latestCheckpoint, logId, rangeHashes, readHead } from './tree-store.ts';

export interface AuditLogOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly cipher: FieldCipher;
  readonly log: Log;
}

export interface EntryQuery {
  readonly action?: string;
  readonly outcome?: string;
  readonly clientId?: string;
  readonly objectId?: string;
  readonly subjectId?: string;
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly until?: Date;
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

export interface EntryPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

/** RFC 9162, 2.1.3: the path from the leaf to the root of the checkpoint. */
export interface InclusionProof {
  readonly index: number;
  readonly leafHash: Uint8Array;
  readonly path: readonly Uint8Array[];
  /** Signed note. */
  readonly checkpoint: string;
}

/** Who did what, as one of several entries. */
export interface Deed {
  readonly principal: Principal;
  readonly event: AuditEvent;
}

/** A data-modifying statement with RETURNING. */
export type NamedChange = Required<Query>;

/** One row of audit.entry, with what goes into the queue. */
interface EntryValues {
  readonly entryId: Uuid;
  readonly at: Date;
  readonly action: string;
  readonly outcome: string;
  readonly clientId: string | null;
  readonly objectRef: string | null;
  readonly subjectRef: Uint8Array | null;
  readonly leaf: Uint8Array;
  readonly detail: Uint8Array | null;
  readonly leafHash: Uint8Array;
}

type Runner = Pick<LogRunner, 'nudge' | 'recentIndex' | 'verifierKey'>;

const maxPageSize = 200;
const pollMs = 20;
const maxSequence = 0xfff; // the 12 bits after the version

export class AuditLog {
  readonly #options: AuditLogOptions;
  #runner: Runner | undefined;
  #sequence = 0;
  #sequenceMs = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  /** Waiting gets short when the runner of this process is known; without it another process's runner does the work. */
  follow(runner: Runner): void {
    this.#runner = runner;
  }

  /**
   * Writes the entry in the deed's own transaction: both are committed or neither. Returns the entry's UUID.
   * `request-too-large` when leaf or personal part is over 65,535 bytes.
   */
  async record(tx: Transaction, principal: Principal, event: AuditEvent): Promise<Uuid> {
    const { entryId, statement } = this.#statement(principal, event);
    await tx.query(statement);
    return entryId;
  }

  /** The same in a transaction of its own; durable when it returns. */
  async append(principal: Principal, event: AuditEvent): Promise<Uuid> {
    const { entryId, statement } = this.#statement(principal, event);
    await this.#options.database.query(statement);
    return entryId;
  }

  /** Several entries in one statement, in this order, durable when it returns: for deeds that are done together (src/db/group-commit.ts). */
  async appendMany(deeds: readonly Deed[]): Promise<void> {
    if (deeds.length > 0) await this.#options.database.query(this.#statementOfMany(deeds));
  }

  /**
   * The same, and in the same statement a change in the caller's own tables: one round trip to the database for a whole lot. `change`
   * returns one row for each deed, or changes nothing and returns none; then nothing is recorded and the answer is false.
   */
  async appendManyWith(change: NamedChange, deeds: readonly Deed[]): Promise<boolean> {
    const { rowCount } = await this.#options.database.query(this.#statementOfMany(deeds, change));
    return rowCount === deeds.length;
  }

  /** The leaf index of a committed entry; null when it is not in the tree within `waitMs`. */
  async indexOf(entryId: Uuid, { waitMs }: { waitMs: number }): Promise<number | null> {
    const began = monotonicMs();
    for (;;) {
      const recent = this.#runner?.recentIndex(entryId);
      const index = recent ?? (await indexesOf(this.#options.database, [entryId])).get(entryId);
      if (index !== undefined) return index;
      const leftMs = waitMs - (monotonicMs() - began);
      if (leftMs <= 0) return null;
      this.#runner?.nudge();
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(pollMs, leftMs));
      });
    }
  }

  /** `audit-entry-not-found`: no such leaf, or its month was dropped. */
  async entry(index: number): Promise<AuditEntry> {
    const { database, cipher } = this.#options;
    const entryId = await this.#entryIdAt(index);
    const [row] = entryId === undefined ? [] : await entriesById(database, [entryId]);
    if (row === undefined) throw notFound(index);
    return entryOf(cipher, row, index);
  }

  /** A committed entry by the id that `record` gave, in the tree or not yet; `undefined` when its month was dropped. */
  async byId(entryId: Uuid): Promise<AuditEntry | undefined> {
    const { database, cipher } = this.#options;
    const [row] = await entriesById(database, [entryId]);
    return row === undefined ? undefined : entryOf(cipher, row, null);
  }

  /** Newest first. `cursor-invalid`, and `malformed-request` for a limit out of range. */
  async entries(query: EntryQuery): Promise<EntryPage> {
    const { database, cipher } = this.#options;
    const { limit } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > maxPageSize)
      throw new TrustError('malformed-request', `limit is 1 to ${maxPageSize}`);
    const rows = await searchEntries(database, this.#filter(query));
    const page = rows.slice(0, limit);
    const indexes = await indexesOf(
      database,
      page.map(({ id }) => id),
    );
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map((row) => entryOf(cipher, row, indexes.get(row.id) ?? null)),
      nextCursor: last === undefined ? null : idFromUuid('entry', last.id),
    };
  }

  /**
   * Inclusion under the newest checkpoint. `audit-entry-not-found`; `audit-entry-not-sequenced` while no checkpoint
   * covers the index (at most a second or so).
   */
  async proof(index: number): Promise<InclusionProof> {
    const { database } = this.#options;
    const checkpoint = await latestCheckpoint(database, this.#runner?.verifierKey);
    if (!Number.isSafeInteger(index) || index < 0) throw notFound(index);
    if (checkpoint === undefined || index >= checkpoint.size) {
      if ((await readHead(database)).frontier.size <= index) throw notFound(index);
      throw new TrustError('audit-entry-not-sequenced', `no checkpoint covers leaf ${index} yet`);
    }
    const head = await readHead(database);
    const leaf = { start: index, end: index + 1 };
    const path = inclusionRanges(index, checkpoint.size);
    const [hash, ...hashes] = await rangeHashes(database, head, [leaf, ...path], checkpoint.size);
    if (hash === undefined) throw notFound(index);
    return { index, leafHash: hash, path: hashes, checkpoint: checkpoint.note };
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

  #statement(principal: Principal, event: AuditEvent): { entryId: Uuid; statement: Query } {
    const row = this.#row(principal, event);
    // Presence in the queue is the only mark of "not in the tree yet": it survives dump, restore and failover, and
    // writers share no lock. A crash before the commit leaves neither row; after it, the next step takes the entry.
    const statement = {
      name: 'audit-record',
      text: `WITH written AS (
               INSERT INTO audit.entry (id, at, action, outcome, client_id, object_ref, subject_ref, leaf, detail)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id)
             INSERT INTO audit.queue (log_id, entry_id, leaf_hash) SELECT $10, id, $11 FROM written`,
      values: [
        row.entryId,
        row.at,
        row.action,
        row.outcome,
        row.clientId,
        row.objectRef,
        row.subjectRef,
        row.leaf,
        row.detail,
        logId,
        row.leafHash,
      ],
    };
    return { entryId: row.entryId, statement };
  }

  #statementOfMany(deeds: readonly Deed[], change?: NamedChange): Query {
    const rows = deeds.map(({ principal, event }) => this.#row(principal, event));
    return manyStatement(rows, change);
  }

  #row(principal: Principal, event: AuditEvent): EntryValues {
    const { cipher } = this.#options;
    const entryId = this.#nextEntryId();
    const detail = sealDetail(cipher, entryId, principal, event);
    const references = {
      actorRef: principal.accountId === undefined ? undefined : personRef(cipher, principal.accountId),
      subjectRef: event.subjectId === undefined ? undefined : personRef(cipher, event.subjectId),
      objectRef: event.objectId === undefined ? undefined : objectRef(cipher, event.objectId),
      detailCommitment: detail?.commitment,
    };
    const leaf = encodeLeaf(entryId, principal, event, references);
    return {
      entryId,
      at: momentOf(entryId),
      action: event.action,
      outcome: event.outcome,
      clientId: principal.clientId ?? null,
      objectRef: references.objectRef ?? null,
      subjectRef: references.subjectRef ?? null,
      leaf,
      detail: detail?.sealed ?? null,
      leafHash: leafHash(sha256, leaf),
    };
  }

  /**
   * Ids of this process ascend within a millisecond too (RFC 9562, 6.2, method 1), because the sequencer sorts by them:
   * an outcome must not come before its intent. Between processes the clocks decide.
   */
  #nextEntryId(): Uuid {
    const now = this.#options.clock.now();
    this.#sequence = now.getTime() === this.#sequenceMs ? Math.min(this.#sequence + 1, maxSequence) : 0;
    this.#sequenceMs = now.getTime();
    return newUuid({ now: () => now }, this.#sequence);
  }

  /** One row more than asked for tells whether there is a next page. */
  #filter(query: EntryQuery): EntryFilter {
    const { cipher } = this.#options;
    const { objectId, subjectId, cursor, limit, ...rest } = query;
    const before = cursor === undefined ? undefined : uuidFromId('entry', cursor);
    if (cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    return {
      ...rest,
      limit: limit + 1,
      ...(before === undefined ? {} : { before }),
      ...(objectId === undefined ? {} : { objectRef: objectRef(cipher, objectId) }),
      ...(subjectId === undefined ? {} : { subjectRef: personRef(cipher, subjectId) }),
    };
  }

  async #entryIdAt(index: number): Promise<Uuid | undefined> {
    if (!Number.isSafeInteger(index) || index < 0) return undefined;
    const { database } = this.#options;
    const head = await readHead(database);
    return (await entryIdsOfTile(database, head, Math.floor(index / tileWidth)))[index % tileWidth];
  }
}

/** The columns of several entries, one array a column; before them the change that they belong to, whose parameters come first. */
function manyStatement(rows: readonly EntryValues[], change?: NamedChange): Query {
  const before = change?.values.length ?? 0;
  const $ = (number: number): string => `$${before + number}`;
  const deed = change === undefined ? '' : `deed AS (${change.text}),`;
  const complete = change === undefined ? '' : `WHERE (SELECT count(*) FROM deed) = cardinality(${$(1)}::uuid[])`;
  return {
    name: `audit-record-many${change === undefined ? '' : `-${change.name}`}`,
    text: `WITH ${deed} given AS (
        SELECT * FROM unnest(${$(1)}::uuid[], ${$(2)}::timestamptz[], ${$(3)}::text[], ${$(4)}::text[], ${$(5)}::text[],
          ${$(6)}::text[], ${$(7)}::bytea[], ${$(8)}::bytea[], ${$(9)}::bytea[], ${$(10)}::bytea[])
          AS t (id, at, action, outcome, client_id, object_ref, subject_ref, leaf, detail, leaf_hash) ${complete}),
      written AS (
        INSERT INTO audit.entry (id, at, action, outcome, client_id, object_ref, subject_ref, leaf, detail)
        SELECT id, at, action, outcome, client_id, object_ref, subject_ref, leaf, detail FROM given RETURNING id)
      INSERT INTO audit.queue (log_id, entry_id, leaf_hash)
      SELECT ${$(11)}, given.id, given.leaf_hash FROM given JOIN written ON written.id = given.id`,
    values: [
      ...(change?.values ?? []),
      rows.map(({ entryId }) => entryId),
      rows.map(({ at }) => at),
      rows.map(({ action }) => action),
      rows.map(({ outcome }) => outcome),
      rows.map(({ clientId }) => clientId),
      rows.map(({ objectRef }) => objectRef),
      ...(['subjectRef', 'leaf', 'detail', 'leafHash'] as const).map((column) =>
        rows.map((row) => inArray(row[column])),
      ),
      logId,
    ],
  };
}

/** The driver writes only Buffers as bytea inside an array. */
function inArray(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function notFound(index: number): TrustError {
  return new TrustError('audit-entry-not-found', `the log has no entry ${index}`);
}
