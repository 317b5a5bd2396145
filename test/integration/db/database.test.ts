// The database class against a real server: exact values, whole transactions, clear refusals.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { Database } from '../../../src/db/database.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { type TestDatabase, testDatabase, testTimeouts } from '../../support/database.ts';

describe('Database', () => {
  let test: TestDatabase;

  before(async () => {
    test = await testDatabase();
    await test.database.query({ text: 'CREATE TABLE public.account (id int PRIMARY KEY, amount int NOT NULL)' });
    await test.database.query({ text: 'INSERT INTO public.account VALUES (1, 0), (2, 0)' });
  });
  after(async () => {
    await test.close();
  });

  it('returns int8 as a number, bytea as bytes, timestamptz as Date, date and uuid as text', async () => {
    const { rows } = await test.database.query({
      text: `SELECT 9007199254740991::int8 AS n, ARRAY[1,2]::int8[] AS ns, $1::bytea AS b, '2026-01-02T03:04:05.678Z'::timestamptz AS t,
             '2026-01-02'::date AS d, '019B0000-0000-7000-8000-000000000000'::uuid AS u`,
      values: [Uint8Array.of(0, 255)],
    });
    const [row] = rows;
    assert.equal(row?.['n'], 9_007_199_254_740_991);
    assert.deepEqual(row?.['ns'], [1, 2]);
    assert.ok(row?.['b'] instanceof Uint8Array);
    assert.deepEqual([...row['b']], [0, 255]);
    assert.ok(row['t'] instanceof Date);
    assert.equal(row['t'].toISOString(), '2026-01-02T03:04:05.678Z');
    assert.equal(row['d'], '2026-01-02');
    assert.equal(row['u'], '019b0000-0000-7000-8000-000000000000');
  });

  it('refuses an int8 beyond 2^53 instead of rounding it', async () => {
    await assert.rejects(test.database.query({ text: 'SELECT 9007199254740993::int8 AS n' }), RangeError);
  });

  it('rolls everything back when the work throws', async () => {
    const boom = new Error('boom');
    await assert.rejects(
      test.database.transaction(async (tx) => {
        await tx.query({ text: 'UPDATE public.account SET amount = 99 WHERE id = 1' });
        throw boom;
      }),
      boom,
    );
    const { rows } = await test.database.query({ text: 'SELECT amount FROM public.account WHERE id = 1' });
    assert.deepEqual(rows, [{ amount: 0 }]);
  });

  it('repeats a transaction that the server gave up because of a deadlock (40P01)', async () => {
    let runs = 0;
    let held = 0;
    let meet = (): void => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const both = (first: number, second: number): Promise<void> =>
      test.database.transaction(async (tx) => {
        runs++;
        const text = 'UPDATE public.account SET amount = amount + 1 WHERE id = $1';
        await tx.query({ text, values: [first] });
        if (++held === 2) meet();
        await met; // each holds what the other wants
        await tx.query({ text, values: [second] });
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    const { rows } = await test.database.query({ text: 'SELECT amount FROM public.account ORDER BY id' });
    assert.deepEqual(rows, [{ amount: 2 }, { amount: 2 }]);
    assert.ok(runs > 2, 'one of the two ran again');
  });

  it('says database-unavailable when the connection is cut, does not end the process, and works again at once', async () => {
    const other = await Database.connect({ url: test.url, log: silentLog, timeouts: testTimeouts });
    try {
      await assert.rejects(
        other.transaction(async (tx) => {
          const { rows } = await tx.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
          await test.database.query({ text: 'SELECT pg_terminate_backend($1)', values: [rows[0]?.pid] });
          await tx.query({ text: 'SELECT 1' });
        }),
        (error) => isTrustError(error, 'database-unavailable'),
      );
      assert.equal((await other.query({ text: 'SELECT 1 AS one' })).rowCount, 1);
      const { rows } = await other.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
      await test.database.query({ text: 'SELECT pg_terminate_backend($1)', values: [rows[0]?.pid] });
      // A dead connection that nobody uses is known as such once the word of it came.
      while (other.pool.totalCount > 0)
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
      assert.equal((await other.query({ text: 'SELECT 1 AS one' })).rowCount, 1);
    } finally {
      await other.close();
    }
  });

  it('says database-unavailable when nobody listens', async () => {
    await assert.rejects(
      Database.connect({ url: 'postgres://nobody@/nothing?host=%2Fnonexistent', log: silentLog }),
      (error) => isTrustError(error, 'database-unavailable'),
    );
  });

  it('says database-unavailable when a statement takes longer than its limit', async () => {
    const impatient = { ...testTimeouts, statementMs: 1_000 };
    const other = await Database.connect({ url: test.url, log: silentLog, timeouts: impatient });
    try {
      await assert.rejects(other.query({ text: 'SELECT pg_sleep(60)' }), (error) =>
        isTrustError(error, 'database-unavailable'),
      );
    } finally {
      await other.close();
    }
  });
});
