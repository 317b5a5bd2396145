// Fills what the alert rules see from the rows of the log, in leaf order. The only file here that knows how an entry is kept.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Transaction } from '../../db/database.ts';
import { toHex } from '../../kernel/bytes.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { entryOf, tagsOf } from '../audit-entry.ts';
import { actionNumber, type EntryRow } from '../entry-row.ts';
import type { Leaf } from '../leaf.ts';
import { readLeaves } from '../log-leaves.ts';
import { PersonKeys } from '../person-keys.ts';
import type { AlertEvent } from './alert-event.ts';
import type { Batch } from './alert-runner.ts';

const signIn = actionNumber('sign-in');

/**
 * At most `limit` leaves from an index on, of one tile, none beyond the head. Entries that retention dropped, or that cannot be read, are
 * passed over: they must not stop the rules.
 */
export async function readLog(
  tx: Transaction,
  cipher: FieldCipher,
  { fromIndex, limit }: { fromIndex: number; limit: number },
): Promise<Batch> {
  const { leaves, nextIndex } = await readLeaves(tx, { fromIndex, limit });
  const signIns = leaves.map(({ row }) => row).filter(({ action }) => action === signIn);
  const networks = await networksOf(tx, cipher, signIns);
  const events = leaves.map(({ index, row, leaf }) => eventOf(row, leaf, { index, network: networks.get(row.id) }));
  return { events, nextIndex };
}

/** Where sign-ins came from: the one thing for which a sealed part is opened, and of which a keyed reference is all that goes on. */
async function networksOf(tx: Transaction, cipher: FieldCipher, rows: readonly EntryRow[]): Promise<Map<Uuid, string>> {
  if (rows.length === 0) return new Map();
  // Nobody waits for a second connection while holding the position.
  const query: Transaction['query'] = (statement) => tx.query(statement);
  const database = { query, queryApart: query };
  const keys = new PersonKeys({ database, cipher });
  const reading = { service: keys.service, byTag: await keys.byTag(rows.flatMap(tagsOf)) };
  return new Map(
    rows.flatMap((row) => {
      const { origin } = entryOf(reading, row, null);
      return origin === null ? [] : [[row.id, toHex(cipher.blindIndex(origin, 'audit.alert.network'))] as const];
    }),
  );
}

function eventOf(
  row: EntryRow,
  leaf: Leaf,
  { index, network }: { index: number; network: string | undefined },
): AlertEvent {
  const organisation = leaf.subject ?? leaf.organisationId;
  return {
    index,
    at: leaf.at,
    action: leaf.action,
    outcome: leaf.outcome,
    clientId: leaf.clientId,
    // Tags are equal for equal persons as long as their key lives, and lead to nobody afterwards.
    actor: hexOf(row.actor_tag),
    subject: hexOf(row.subject_tag),
    network,
    organisationId: organisation?.startsWith('org_') === true ? organisation : undefined,
    object: hexOf(row.object_tag),
    objectId: leaf.object,
    code: leaf.code,
    facts: plainFacts(leaf),
  };
}

function plainFacts({ facts }: Leaf): AlertEvent['facts'] {
  const plain: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(facts))
    if (value !== undefined && typeof value !== 'object') plain[name] = value;
  return plain;
}

function hexOf(tag: Uint8Array | null): string | undefined {
  return tag === null ? undefined : toHex(tag);
}
