// Whether a log in a database is whole: every entry one leaf, every checkpoint the root of its leaves; for tests that break it.

import assert from 'node:assert/strict';
import { sha256 } from '../../src/crypto/digest.ts';
import type { Database } from '../../src/db/database.ts';
import { equalBytes, toHex } from '../../src/kernel/bytes.ts';
import type { Uuid } from '../../src/kernel/ids.ts';
import { Frontier } from '../../src/tlog/frontier.ts';
import { leafHash } from '../../src/tlog/merkle.ts';

/**
 * Every acknowledged entry is exactly one leaf, there are no others, the tree hashed anew from the entries has the roots
 * of all checkpoints, and nothing is left in the queue.
 */
export async function assertWhole(database: Database, acknowledged: readonly Uuid[]): Promise<void> {
  const tiles = await database.query<{ entry_ids: Uuid[] }>({
    text: 'SELECT entry_ids FROM audit.log_tile WHERE level = 0 ORDER BY idx',
  });
  const tail = await database.query<{ size: number; tail_ids: Uuid[] }>({
    text: 'SELECT size, tail_ids FROM audit.log_head',
  });
  const order = [...tiles.rows.flatMap((row) => row.entry_ids), ...(tail.rows[0]?.tail_ids ?? [])];
  assert.equal(order.length, tail.rows[0]?.size);
  assert.equal(new Set(order).size, order.length, 'no entry twice');
  const entries = await database.query<{ id: Uuid; leaf: Uint8Array }>({ text: 'SELECT id, leaf FROM audit.entry' });
  assert.equal(entries.rows.length, order.length, 'as many leaves as entries');
  const present = new Set(order);
  assert.deepEqual(
    acknowledged.filter((id) => !present.has(id)),
    [],
    'no acknowledged entry is missing',
  );
  const queue = await database.query<{ n: number }>({ text: 'SELECT count(*)::int AS n FROM audit.queue' });
  assert.deepEqual(queue.rows, [{ n: 0 }]);
  const leaves = new Map(entries.rows.map(({ id, leaf }) => [id, leaf]));
  const published = await database.query<{ size: number; root: Uint8Array }>({
    text: 'SELECT size, root FROM audit.log_checkpoint ORDER BY size',
  });
  assert.ok(published.rows.length > 0);
  const frontier = Frontier.empty(sha256);
  for (const { size, root } of published.rows) {
    for (const id of order.slice(frontier.size, size))
      frontier.push(leafHash(sha256, leaves.get(id) ?? new Uint8Array()));
    assert.equal(frontier.size, size);
    assert.ok(equalBytes(root, frontier.root()), `checkpoint ${size}: ${toHex(root)}`);
  }
  assert.equal(published.rows.at(-1)?.size, order.length);
}

export async function checkpoints(database: Database): Promise<number> {
  const { rows } = await database.query<{ n: number }>({ text: 'SELECT count(*)::int AS n FROM audit.log_checkpoint' });
  return rows[0]?.n ?? 0;
}
