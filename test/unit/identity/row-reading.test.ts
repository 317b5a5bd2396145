// Tokens that are asked about at once: one statement, and nobody is answered with the row of another.

import assert from 'node:assert/strict';
import type { Query, Queryable, Rows } from '../../../src/db/database.ts';
import { RowReading } from '../../../src/identity/engine/row-reading.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';

const id = (byte: number) => new Uint8Array(32).fill(byte);
const row = (byte: number, part: string) => ({ part, asked: Buffer.from(id(byte)), model: 'AccessToken' });

/** Answers with rows in an order of its own, as a database may. */
function answering(rows: readonly object[]): { readonly database: Queryable; readonly sent: Query[] } {
  const sent: Query[] = [];
  return {
    sent,
    database: {
      query: async <R extends object>(query: Query): Promise<Rows<R>> => {
        sent.push(query);
        return { rows: rows as R[], rowCount: rows.length };
      },
    },
  };
}

describe('RFC 7662: tokens that are asked about at once', () => {
  it('are read by one statement, and each question gets its own rows and no other', async () => {
    const { database, sent } = answering([row(2, 'found'), row(1, 'grant'), row(2, 'session'), row(1, 'found')]);
    const reading = new RowReading({ database, clock: frozenClock('2026-11-22T00:00:00Z') });
    const [first, second, none, again] = await Promise.all([1, 2, 3, 1].map((byte) => reading.ofToken(id(byte))));
    assert.deepEqual(first, [row(1, 'grant'), row(1, 'found')]);
    assert.deepEqual(second, [row(2, 'found'), row(2, 'session')]);
    assert.deepEqual(none, []);
    assert.deepEqual(again, first);
    assert.equal(sent.length, 1);
    assert.deepEqual(
      sent[0]?.values?.[2],
      [1, 2, 3].map((byte) => Buffer.from(id(byte))),
    );
  });

  it('are read anew for whoever asks later', async () => {
    const { database, sent } = answering([row(1, 'found')]);
    const reading = new RowReading({ database, clock: frozenClock('2026-11-22T00:00:00Z') });
    await reading.ofToken(id(1));
    await reading.ofToken(id(1));
    assert.equal(sent.length, 2);
  });
});
