// A long transaction keeps dead queue rows from being cleared for as long as it lasts; a step must not walk over them, counted in pages.

import assert from 'node:assert/strict';
import { Client } from 'pg';
import { Sequencer } from '../../../src/audit/sequencer.ts';
import type { Query, Transaction } from '../../../src/db/database.ts';
import { frozenClock } from '../../../src/kernel/clock.ts';
import { house } from '../../../src/kernel/principal.ts';
import { type TestLog, testLog } from '../../support/audit.ts';

const batch = 300;
const steps = 30;
const firstUuid = '00000000-0000-0000-0000-000000000000';

describe('audit log beside a held transaction', () => {
  const clock = frozenClock('2026-03-04T05:06:07Z');
  let log: TestLog;
  let holder: Client;

  before(async () => {
    log = await testLog({ clock });
    holder = new Client({ connectionString: log.test.url });
    await holder.connect();
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await holder.query('SELECT count(*) FROM audit.queue'); // the snapshot is taken here, and kept
  });
  after(async () => {
    await holder.end();
    await log.test.close();
  });

  it('takes each batch by as many pages as the first, although all dead rows are still there', async () => {
    const { database } = log.test;
    const taken: Query[] = [];
    const watched = {
      query: database.query.bind(database),
      transaction: async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
        database.transaction((tx) =>
          work({
            inTransaction: true,
            query: async (query) => {
              if (query.name === 'audit-queue-take') {
                taken.push(query);
                pages.push(await pagesOf(tx, query));
              }
              return tx.query(query);
            },
          }),
        ),
    };
    const pages: number[] = [];
    const sequencer = new Sequencer({ database: watched, clock });
    for (let i = 0; i < steps; i++) {
      clock.advance(20_000);
      const deed = { principal: house, event: { action: 'stamping', outcome: 'done' } as const };
      await log.audit.appendMany(Array.from({ length: batch }, () => deed));
      assert.equal((await sequencer.step())?.indexes.size, batch);
    }
    const early = median(pages.slice(1, 6));
    const late = median(pages.slice(-5));
    assert.ok(late <= 1.5 * early, `${early} pages at the beginning, ${late} at the end: ${pages.join(' ')}`);
    // The same statement from the very left: what a step would cost without the mark, and that the dead rows are there.
    const { text, values = [] } = taken.at(-1) ?? { text: '' };
    const whole = await database.transaction((tx) => pagesOf(tx, { text, values: values.with(1, firstUuid) }));
    assert.ok(whole > 5 * late, `${whole} pages from the left, ${late} from the mark`);
  });
});

/** Pages that are read to find the rows which the statement takes: the SELECT inside it, by itself. */
async function pagesOf(tx: Transaction, { text, values = [] }: Query): Promise<number> {
  const inner = /ARRAY\(\s*(SELECT[^)]*)\)/.exec(text)?.[1];
  assert.ok(inner !== undefined, text);
  const explained = { text: `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${inner}`, values };
  const { rows } = await tx.query<{ 'QUERY PLAN': readonly { Plan: Readonly<Record<string, number>> }[] }>(explained);
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  return (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
