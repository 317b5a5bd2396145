// A search of the log costs a page the same everywhere: every combination of conditions walks an index and looks at a bounded number of entries.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import { searchEntries, type EntryFilter } from '../../../src/audit/entry-search.ts';
import type { Queryable } from '../../../src/db/database.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';

const total = 200_000;
/** Twice what a page may look at: where few rows fulfil a condition, reading them all and sorting may be cheaper than their walk. */
const most = 10_000;
const tag = (n: number): Buffer => Buffer.alloc(16, n);

/** One in 50 failed, 1 in 10,000 voided; a client that stopped long ago; a person with five entries at the beginning. */
const fill = `INSERT INTO audit.entry (id, action, outcome, client_id, actor_tag, subject_tag, object_tag, leaf)
  SELECT (lpad(to_hex(1795000000000 + i * 1000), 12, '0') || '70008' || lpad(to_hex(i), 15, '0'))::uuid,
    (i % 30)::smallint,
    (CASE WHEN i % 10000 = 7 THEN 3 WHEN i % 50 = 3 THEN 2 ELSE i % 2 END)::smallint,
    CASE WHEN i < 100000 THEN 'former' ELSE 'client-' || i % 7 END,
    decode(lpad(to_hex(CASE WHEN i < 5 THEN 1 ELSE 2 + i % 250 END), 2, '0'), 'hex') || decode(repeat('00', 15), 'hex'),
    CASE WHEN i % 3 = 0 THEN decode(lpad(to_hex(i % 200), 2, '0'), 'hex') || decode(repeat('01', 15), 'hex') END,
    decode(lpad(to_hex(i), 8, '0'), 'hex') || decode(repeat('02', 12), 'hex'),
    convert_to('{"action":"x","client":"a\\"code\\":\\"forged\\""' || CASE WHEN i % 50 = 3 THEN ',"code":"code-' || i % 4 || '"' ELSE '' END || '}', 'UTF8')
  FROM generate_series(0, ${total - 1}) AS i`;

describe('audit search, index walks', () => {
  let test: TestDatabase;
  before(async () => {
    test = await testDatabase();
    await test.database.query({ text: fill });
    await test.database.query({ text: 'ANALYZE audit.entry' });
  });
  after(() => test.close());

  const person = Buffer.concat([Buffer.from([1]), Buffer.alloc(15)]);
  const busy = Buffer.concat([Buffer.from([9]), Buffer.alloc(15)]);
  const subject = Buffer.concat([Buffer.from([6]), Buffer.alloc(15, 1)]);
  const object = Buffer.concat([Buffer.from('00000064', 'hex'), Buffer.alloc(12, 2)]);
  const middle = '01a1f44c-3f00-7000-8000-000000000000';
  const conditions: Readonly<Record<string, Partial<EntryFilter>>> = {
    action: { action: 4 },
    done: { outcome: 1 },
    failed: { outcome: 2 },
    voided: { outcome: 3 },
    code: { code: 'code-3' },
    client: { clientId: 'client-3' },
    'former client': { clientId: 'former' },
    actor: { actorTag: person },
    subject: { subjectTag: subject },
    object: { objectTags: [object] },
    objects: { objectTags: [object, tag(3)] },
    time: { from: middle },
  };
  const names = Object.keys(conditions);
  const pairs = names.flatMap((one, place) => names.slice(place).map((other) => [one, other] as const));

  it('each condition and each pair of them walks an index, and sorts no more than it may look at', async () => {
    for (const [one, other] of pairs) {
      for (const cursor of [{}, { before: middle }]) {
        const filter = { ...conditions[one], ...conditions[other], ...cursor, limit: 21 };
        for (const plan of await plansOf(test.database, filter)) {
          const name = `${one} and ${other}`;
          // Months without entries are read as they are: there is nothing to walk.
          assert.ok(
            nodes(plan, 'Seq Scan').every(({ rows, removed }) => rows + removed === 0),
            name,
          );
          for (const { rows } of nodes(plan, 'Sort')) assert.ok(rows <= most, `${name}: sorted ${rows}`);
          for (const { rows, removed } of [...nodes(plan, 'Index Scan'), ...nodes(plan, 'Bitmap Heap Scan')])
            assert.ok(rows + removed <= most, `${name}: looked at ${rows + removed}`);
        }
      }
    }
  });

  const blocksOf = async (filter: EntryFilter) =>
    (await plansOf(test.database, filter)).reduce(
      (sum, plan) => sum + plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
      0,
    );

  it('a page in the middle costs what the first one does', async () => {
    for (const name of names) {
      const first = await blocksOf({ ...conditions[name], limit: 21 });
      const later = await blocksOf({ ...conditions[name], before: middle, limit: 21 });
      assert.ok(later <= 2 * first + 50, `${name}: ${first} blocks, ${later} blocks`);
    }
  });

  it('two conditions that rarely meet give pages that are short and go on, and together find all', async () => {
    const filter = { clientId: 'former', actorTag: busy, action: 7 };
    const { rows: wanted } = await test.database.query<{ id: string }>({
      text: 'SELECT id FROM audit.entry WHERE client_id = $1 AND actor_tag = $2 AND action = $3 ORDER BY id DESC',
      values: [filter.clientId, filter.actorTag, filter.action],
    });
    const found: string[] = [];
    let pages = 0;
    for (let before: string | undefined; ; pages++) {
      const page = await searchEntries(
        test.database,
        { ...filter, limit: 20, ...(before === undefined ? {} : { before }) },
        { lookedAt: 50 },
      );
      found.push(...page.rows.map(({ id }) => id));
      before = page.stoppedAt ?? (page.rows.length === 20 ? page.rows.at(-1)?.id : undefined);
      if (before === undefined) break;
    }
    assert.ok(wanted.length > 5);
    assert.deepEqual(
      found,
      wanted.map(({ id }) => id),
    );
    assert.ok(pages > 5);
  });

  it('a text in a leaf that spells a code is no code', async () => {
    assert.deepEqual((await searchEntries(test.database, { code: 'forged', limit: 5 })).rows, []);
    const { rows } = await searchEntries(test.database, { code: 'code-3', limit: 5 });
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      [2, 2, 2, 2, 2],
    );
  });
});

interface Plan {
  /** Of this node and all below it. */
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** What the server did for each statement of a search. */
async function plansOf(database: Queryable, filter: EntryFilter): Promise<Plan[]> {
  const plans: Plan[] = [];
  const explaining: Queryable = {
    query: async (query) => {
      const { rows } = await database.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>({
        ...query,
        text: `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF) ${query.text}`,
      });
      plans.push(...rows.map((row) => row['QUERY PLAN'][0].Plan));
      return database.query(query);
    },
  };
  await searchEntries(explaining, filter);
  return plans;
}

function nodes(plan: Plan, type: string): { rows: number; removed: number }[] {
  const own = plan['Node Type'] === type ? [plan] : [];
  return [
    ...own.map((node) => ({
      rows: node['Actual Rows'],
      removed: node['Rows Removed by Filter'] ?? 0,
    })),
    ...(plan.Plans ?? []).flatMap((inner) => nodes(inner, type)),
  ];
}
