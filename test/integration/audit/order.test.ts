// What arrives together is one statement, in the order of asking; a clock that jumps changes no order and loses nothing.

import assert from 'node:assert/strict';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { newId, type Uuid } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { anonymous, house, type Principal } from '../../../src/kernel/principal.ts';
import { type TestLog, testCipher, testLog } from '../../support/audit.ts';

const system: Principal = { ...anonymous, kind: 'system', clientId: 'hall' };
const event = (attempt: number) => ({ action: 'stamping', outcome: 'done', facts: { attempt } }) as const;

describe('audit entries that arrive together', () => {
  let log: TestLog;
  let names: (string | undefined)[];

  beforeEach(async () => {
    log = await testLog();
    const { database } = log.test;
    names = [];
    for (const method of ['query', 'queryApart'] as const) {
      const original = database[method].bind(database);
      database[method] = (query) => {
        names.push(query.name);
        return original(query);
      };
    }
  });
  afterEach(async () => {
    await log.runner.stop();
    await log.test.close();
  });

  const append = (count: number): Promise<Uuid[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => log.audit.append(system, event(i))));

  it('are one statement, up to 256, and keep the order of asking', async () => {
    const ids = await append(64);
    assert.deepEqual(names, ['audit-record']);
    assert.deepEqual([...ids].sort(), ids);
    await append(300);
    assert.deepEqual(names, ['audit-record', 'audit-record', 'audit-record']);
    await log.runner.step();
    for (const index of [0, 1, 63]) assert.equal((await log.audit.entry(index)).facts['attempt'], index);
  });

  it('cost one statement more when a person is seen for the first time by this process, three when by any', async () => {
    const accountId = newId('account', systemClock);
    const person: Principal = { ...anonymous, kind: 'person', accountId, level: 4 };
    const signIn = { action: 'sign-in', outcome: 'done', subjectId: accountId } as const;
    await log.audit.append(person, signIn);
    assert.deepEqual(names.splice(0), [
      'audit-person-keys',
      'audit-person-key-make',
      'audit-person-keys',
      'audit-record',
    ]);
    await Promise.all([1, 2, 3].map(() => log.audit.append(person, signIn)));
    assert.deepEqual(names.splice(0), ['audit-record']);
    const { database } = log.test;
    await new AuditLog({ database, clock: systemClock, cipher: testCipher, log: silentLog }).append(person, signIn);
    assert.deepEqual(names, ['audit-person-keys', 'audit-record']);
  });

  it('fail alone: one that is too large harms no other', async () => {
    const large = { action: 'stamping', outcome: 'done', purpose: 'x'.repeat(70_000) } as const;
    const results = await Promise.allSettled([
      log.audit.append(system, event(0)),
      log.audit.append(system, large),
      log.audit.append(system, event(1)),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal((await log.audit.entries({ limit: 10 })).items.length, 2);
  });

  it('with a change in a room of its own are one statement: a whole use', async () => {
    const { database } = log.test;
    await database.query({ text: 'CREATE TABLE public.licence_status (id int PRIMARY KEY, status text)' });
    await database.query({
      text: `INSERT INTO public.licence_status SELECT i, 'active' FROM generate_series(1, 8) AS i`,
    });
    names.splice(0);
    const check = {
      name: 'check-status',
      text: `UPDATE public.licence_status SET status = status WHERE id = ANY ($1::int[]) AND status = 'active' RETURNING 1`,
    };
    const deeds = Array.from({ length: 8 }, (_, i) => ({ principal: system, event: event(i) }));
    assert.equal(await log.audit.appendManyWith({ ...check, values: [[1, 2, 3, 4, 5, 6, 7, 8]] }, deeds), true);
    assert.equal(await log.audit.appendManyWith({ ...check, values: [[1, 2, 3, 4, 5, 6, 7, 9]] }, deeds), false);
    assert.deepEqual(names, ['audit-record-check-status', 'audit-record-check-status']);
    assert.equal((await log.audit.entries({ limit: 20 })).items.length, 8);
  });

  it('keep a Chinese name out of the log, and the deed in it, where a fault of ours must not stop a deed', async () => {
    const { database } = log.test;
    const lenient = new AuditLog({ database, clock: systemClock, cipher: testCipher, log: silentLog, strict: false });
    const wrong = { action: 'stamping', outcome: 'done', facts: { policy: '张三', level: 'B-T' } } as const;
    await assert.rejects(log.audit.append(system, wrong), { code: 'internal' });
    await lenient.append(system, wrong);
    const { items } = await lenient.entries({ limit: 10 });
    assert.deepEqual(
      items.map(({ facts }) => facts),
      [{ level: 'B-T' }],
    );
  });
});

describe('audit log under a clock that jumps', () => {
  it('keeps an intent before its outcome, and every entry, when the clock goes back an hour or on a day', async () => {
    const clock = frozenClock(systemClock.now());
    const log = await testLog({ clock });
    const { audit, runner } = log;
    try {
      const ids: Uuid[] = [];
      for (const [jump, attempt] of [0, -3_600_000, 0, 86_400_000, -86_400_000, 0].entries()) {
        clock.advance(attempt);
        ids.push(await audit.append(house, { action: 'stamping', outcome: 'intended', facts: { attempt: jump } }));
        await runner.step();
        ids.push(await audit.append(house, { action: 'stamping', outcome: 'done', facts: { attempt: jump } }));
        await runner.step();
      }
      assert.equal(await audit.queueDepth(), 0, 'nothing waits for a full scan');
      for (const [place, id] of ids.entries()) assert.equal(await audit.indexOf(id, { waitMs: 0 }), place);
    } finally {
      await log.test.close();
    }
  });

  it('takes what a process whose clock is behind has written, below the low-water mark, within the ten seconds of a full scan', async () => {
    const log = await testLog();
    try {
      const { audit, runner, test } = log;
      await audit.append(house, event(1));
      await runner.step();
      const behind = frozenClock(systemClock.now());
      behind.advance(-3_600_000);
      const late = new AuditLog({ database: test.database, clock: behind, cipher: testCipher, log: silentLog });
      const id = await late.append(house, event(2));
      await runner.step();
      assert.equal(await audit.queueDepth(), 1, 'below the mark of this step');
      await runner.start();
      assert.equal(await audit.indexOf(id, { waitMs: 11_000 }), 1);
      assert.equal(await audit.queueDepth(), 0);
    } finally {
      await log.runner.stop();
      await log.test.close();
    }
  });
});
