// Counts of the audit log are what a recount of its leaves says, whatever was done, whoever counts, and wherever a process dies.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CountRunner } from '../../../src/audit/counts/count-runner.ts';
import { EntryCounts, usesPerLicence } from '../../../src/audit/counts/entry-counts.ts';
import { startOf } from '../../../src/audit/counts/tally.ts';
import type { AuditEvent } from '../../../src/audit/events.ts';
import { readLeaves } from '../../../src/audit/log-leaves.ts';
import { readHead } from '../../../src/audit/tree-store.ts';
import { addSeconds, frozenClock, moment } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { type TestLog, testLog } from '../../support/audit.ts';

const system: Principal = { kind: 'system', clientId: 'bureau', scopes: new Set(), roles: new Set(), level: 0 };
const deeds: readonly AuditEvent[] = [
  { action: 'licence.issued', outcome: 'intended', facts: { typeCode: 'A' } },
  { action: 'licence.issued', outcome: 'done', facts: { typeCode: 'A' } },
  { action: 'licence.issued', outcome: 'done', facts: { typeCode: 'B' } },
  { action: 'licence.shown', outcome: 'done', facts: { form: 'EL1', typeCode: 'A' } },
  { action: 'licence.verified', outcome: 'done', facts: { form: 'EL1', typeCode: 'A' } },
  { action: 'licence.verified', outcome: 'done', facts: { form: 'EL1' } },
  { action: 'sign-in', outcome: 'failed' },
];
const start = moment('2026-11-21T15:10:00Z'); // 23:10 in China

describe('audit counts', () => {
  let log: TestLog;
  let clock: ReturnType<typeof frozenClock>;
  beforeEach(async () => {
    clock = frozenClock(start);
    log = await testLog({ clock });
  });
  afterEach(() => log.test.close());

  const runnerThat = (faults?: (point: 'counted' | 'committed') => void) =>
    new CountRunner({ database: log.test.database, log: silentLog, ...(faults && { faults }) });

  /** Straight from the leaves. */
  async function recounted(by: 'hour' | 'day'): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    const { frontier } = await readHead(log.test.database);
    for (let index = 0; index < frontier.size; ) {
      const { leaves, nextIndex } = await readLeaves(log.test.database, { fromIndex: index, limit: 256 });
      for (const { leaf } of leaves) {
        const key = `${startOf(by, leaf.at).toISOString()} ${leaf.action} ${leaf.outcome} ${leaf.clientId ?? ''}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      index = nextIndex;
    }
    return counts;
  }

  async function counted(by: 'hour' | 'day'): Promise<Map<string, number>> {
    const { rows } = await log.test.database.query<{ key: string; starts_at: Date; entries: number }>({
      text: `SELECT starts_at, action || ' ' || outcome || ' ' || client_id AS key, sum(entries)::bigint AS entries
        FROM audit.entry_count WHERE span = $1 GROUP BY 1, 2`,
      values: [by],
    });
    return new Map(rows.map(({ key, starts_at, entries }) => [`${starts_at.toISOString()} ${key}`, entries]));
  }

  async function mustAgree(): Promise<void> {
    for (const by of ['hour', 'day'] as const) assert.deepEqual(await counted(by), await recounted(by), by);
  }

  it('equal a recount of the log after random deeds, with two nodes counting and dying at random points', async () => {
    const step = fc.record({
      deeds: fc.array(fc.tuple(fc.nat(deeds.length - 1), fc.boolean()), { minLength: 1, maxLength: 40 }),
      seconds: fc.nat(7200),
      death: fc.constantFrom('counted', 'committed', undefined),
    });
    let died = 0;
    for (const { deeds: done, seconds, death } of fc.sample(step, 25)) {
      await log.audit.appendMany(
        done.map(([place, bySystem]) => ({
          principal: bySystem ? system : house,
          event: deeds[place] ?? { action: 'consent', outcome: 'done' },
        })),
      );
      clock.advance(seconds * 1000);
      await log.runner.step();
      const dying = runnerThat((point) => {
        if (point === death) {
          died++;
          throw new Error('killed');
        }
      });
      await Promise.allSettled([dying.step(), runnerThat().step()]);
    }
    await runnerThat().step();
    assert.ok(died > 3, `died ${died} times`);
    await mustAgree();
    const { countedUpTo, treeSize } = await new EntryCounts(log.test.database).over({
      by: 'day',
      from: start,
      until: clock.now(),
    });
    assert.equal(countedUpTo, treeSize);
  });

  it('say what was done by hour and by day of China, by what is asked, and how much licences are used', async () => {
    const did = async (...places: number[]) =>
      log.audit.appendMany(
        places.map((place) => ({ principal: system, event: deeds[place] ?? { action: 'consent', outcome: 'done' } })),
      );
    await did(0, 1, 1, 2, 3);
    clock.advance(3600_000); // the next day in China
    await did(3, 3, 4, 5, 6);
    await log.runner.step();
    await runnerThat().step();
    const counts = new EntryCounts(log.test.database);
    const span = { from: start, until: addSeconds(start, 7200) };
    const days = await counts.over({ by: 'day', ...span });
    assert.deepEqual(
      days.items.map(({ startsAt, entries, failed }) => [startsAt.toISOString(), entries, failed]),
      [
        ['2026-11-20T16:00:00.000Z', 5, 0],
        ['2026-11-21T16:00:00.000Z', 5, 1],
      ],
    );
    const shown = await counts.over({
      by: 'hour',
      ...span,
      action: 'licence.shown',
      typeCode: 'A',
      clientId: 'bureau',
    });
    assert.deepEqual(
      shown.items.map(({ startsAt, entries }) => [startsAt.toISOString(), entries]),
      [
        ['2026-11-21T15:00:00.000Z', 1],
        ['2026-11-21T16:00:00.000Z', 2],
      ],
    );
    assert.deepEqual((await counts.over({ by: 'day', ...span, outcome: 'voided' })).items, []);
    const uses = await counts.licenceUse({ from: addSeconds(start, 3600), until: addSeconds(start, 7200) });
    assert.deepEqual(uses, [
      { typeCode: 'A', issued: 2, shown: 2, verified: 1 },
      { typeCode: 'B', issued: 1, shown: 0, verified: 0 },
    ]);
    assert.deepEqual(uses.map(usesPerLicence), [1.5, 0]);
  });

  it('refuse a time that is none, or of more than 1,100 hours or days', async () => {
    const counts = new EntryCounts(log.test.database);
    for (const until of [addSeconds(start, -86_400), addSeconds(start, 1101 * 3600)])
      await assert.rejects(counts.over({ by: 'hour', from: start, until }), { code: 'malformed-request' });
  });
});
