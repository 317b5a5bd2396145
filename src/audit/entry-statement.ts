// The one statement that writes entries, one or many, alone or together with a change in a caller's own tables.

import type { Query } from '../db/database.ts';
import type { Change } from '../db/riders.ts';
import type { EntryRow } from './entry-row.ts';
import { logId } from './tree-store.ts';

/** Returns a row for each entry that is written with it. */
export type NamedChange = Change & {
  /** A further statement in the same: it counts on `deed`, the rows that `text` returns, and uses the same parameters. */
  readonly after?: string;
};

interface Lot {
  readonly rows: readonly (EntryRow & { readonly leaf_hash: Uint8Array })[];
  /** Of the persons' keys that the rows were sealed with; null when there is no person in them. */
  readonly epoch: number | null;
  /** Comes first, with its parameters first; when it does not return one row for each entry, none is written. */
  readonly change?: NamedChange;
}

const columns = ['id', 'action', 'outcome', 'client_id', 'actor_tag', 'subject_tag', 'object_tag', 'leaf'] as const;
const parts = ['actor_part', 'subject_part'] as const;
const types = ['uuid', 'smallint', 'smallint', 'text', 'bytea', 'bytea', 'bytea', 'bytea', 'bytea', 'bytea', 'bytea'];

/** Fails with 40001 when the epoch is over: a key among those that were used may have been destroyed. Then nothing was written. */
export function entryStatement({ rows, epoch, change }: Lot): Query {
  const before = change?.values.length ?? 0;
  const names = [...columns, ...parts];
  const arrays = types.map((type, i) => `$${before + 1 + i}::${type}[]`).join(', ');
  const [logParameter, epochParameter] = [types.length + 1, types.length + 2].map((i) => `$${before + i}`);
  const after = change?.after === undefined ? '' : `follows AS (${change.after}),`;
  const steps = (change?.steps ?? []).map(([step, text]) => `${step} AS (${text}), `).join('');
  const deed = change === undefined ? '' : `${steps}deed AS (${change.text}), ${after}`;
  const complete = change === undefined ? '' : `AND (SELECT count(*) FROM deed) = cardinality($${before + 1}::uuid[])`;
  return {
    name: `audit-record${change === undefined ? '' : `-${change.name}`}`,
    // Presence in the queue is the only mark of "not in the tree yet": it survives dump, restore and failover, and writers share
    // no lock. A crash before the commit leaves neither row; after it, the next step takes the entry.
    text: `WITH ${deed} given AS (
        SELECT * FROM unnest(${arrays}) AS t (${names.join(', ')}, leaf_hash)
        WHERE audit.require_key_epoch(${epochParameter}) ${complete}),
      written AS (INSERT INTO audit.entry (${names.join(', ')}) SELECT ${names.join(', ')} FROM given)
      INSERT INTO audit.queue (log_id, entry_id, leaf_hash) SELECT ${logParameter}, id, leaf_hash FROM given`,
    values: [
      ...(change?.values ?? []),
      ...columns.map((column) => rows.map((row) => inArray(row[column]))),
      ...parts.map((column) => rows.map((row) => inArray(row[column]))),
      rows.map((row) => inArray(row.leaf_hash)),
      logId,
      epoch,
    ],
  };
}

/** The driver writes only Buffers as bytea inside an array. */
function inArray<T>(value: T | Uint8Array): T | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
