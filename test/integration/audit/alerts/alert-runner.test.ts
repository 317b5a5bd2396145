// The alert rules over a real log: every entry judged once and in order, whatever dies when, and by any number of nodes.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { forgetMemories } from '../../../../src/audit/alerts/alert-store.ts';
import { Database } from '../../../../src/db/database.ts';
import { idFromUuid, newUuid } from '../../../../src/kernel/ids.ts';
import { monotonicMs, systemClock } from '../../../../src/kernel/clock.ts';
import { isTrustError } from '../../../../src/kernel/errors.ts';
import { silentLog } from '../../../../src/kernel/log.ts';
import { house } from '../../../../src/kernel/principal.ts';
import { testTimeouts } from '../../../support/database.ts';
import { administrator, auditor, type AlertingHouse, alertingHouse, person, sleep } from './alerting-house.ts';

const quietRules = { url: 'http://127.0.0.1:9/hook', description: '', rules: [] };
const requestKey = () => ({ owner: 'test', key: randomUUID(), bodySha256: createHash('sha256').digest() });

describe('Alert rules over the log', () => {
  let log: AlertingHouse;
  beforeEach(async () => {
    log = await alertingHouse();
  });
  afterEach(async () => log.close());

  const alerts = async (rule?: string) => (await log.alerting.alerts.list(auditor, { rule, limit: 100 })).items;
  const deliveries = async () => {
    const { rows } = await log.test.database.query<{ alert_id: string }>({
      text: 'SELECT alert_id FROM audit.webhook_delivery WHERE alert_id IS NOT NULL',
    });
    return rows;
  };

  it('five failed sign-ins become one alert that names their leaves and nobody', async () => {
    const accountId = await log.failures(5);
    assert.ok((await log.alerting.runner.step()) >= 5);
    const [alert, ...none] = await alerts();
    assert.deepEqual(none, []);
    assert.equal(alert?.rule, 'sign-in-failures-account');
    assert.equal(alert.count, 5);
    assert.match(alert.what?.en ?? '', /failed 5 times/);
    const entries = await Promise.all(alert.indexes.map((index) => log.audit.entry(index)));
    assert.deepEqual(
      entries.map(({ action, subjectId }) => [action, subjectId]),
      Array.from({ length: 5 }, () => ['sign-in', accountId]),
    );
    const { rows } = await log.test.database.query<{ all: string }>({
      text: `SELECT concat((SELECT string_agg(a::text, '') FROM audit.alert a), (SELECT string_agg(m::text, '') FROM audit.alert_memory m)) AS all`,
    });
    const all = rows[0]?.all ?? '';
    assert.ok(all.includes('sign-in-failures-account'));
    for (const secret of [accountId, '192.0.2'])
      assert.ok(!all.includes(secret), `${secret} lies in the tables of the alerts`);
  });

  it('what happened before alerting began is not judged, and a second look finds nothing new', async () => {
    await log.failures(5);
    await log.test.database.query({
      text: 'UPDATE audit.alert_position SET next_index = (SELECT size FROM audit.log_head WHERE log_id = 1)',
    });
    assert.equal(await log.alerting.runner.step(), 0);
    await log.failures(4);
    assert.equal(await log.alerting.runner.step(), 4);
    assert.equal(await log.alerting.runner.step(), 0);
    assert.deepEqual(await alerts(), []);
  });

  for (const { point, before, after } of [
    {
      point: 'stored',
      before: { alerts: 0, deliveries: 0 },
      after: 'rolled back whole, and done again by the next step',
    },
    { point: 'committed', before: { alerts: 1, deliveries: 1 }, after: 'there already, and not done again' },
  ] as const) {
    it(`a crash when it is ${point}: alert and delivery are ${after}`, async () => {
      await log.alerting.webhooks.create(administrator, quietRules, requestKey());
      await log.runner.step();
      await log.alerting.runner.step(); // the change of alerting is itself told of
      await log.test.database.query({ text: 'DELETE FROM audit.alert' });
      await log.test.database.query({ text: 'DELETE FROM audit.webhook_delivery' });
      await log.failures(5);
      const dying = log.node({
        faults: (reached) => {
          if (reached === point) throw new Error('killed');
        },
      });
      await assert.rejects(dying.runner.step(), { message: 'killed' });
      assert.deepEqual({ alerts: (await alerts()).length, deliveries: (await deliveries()).length }, before);
      await log.alerting.runner.step();
      const [alert, ...none] = await alerts();
      assert.deepEqual(none, []);
      assert.equal(alert?.count, 5);
      assert.equal((await deliveries()).length, 1);
    });
  }

  it('two nodes whose connections are killed again and again: the count is exact in the end', async () => {
    const accountId = idFromUuid('account', newUuid(systemClock));
    const event = { action: 'sign-in', outcome: 'failed', subjectId: accountId } as const;
    await log.audit.appendMany(Array.from({ length: 3000 }, () => ({ principal: house, event })));
    await log.runner.step();
    const killer = await Database.connect({ url: log.test.url, log: silentLog, timeouts: testTimeouts });
    let killed = 0;
    const work = { goesOn: true };
    const nodes = [log.alerting, log.node()].map(async ({ runner }) => {
      while (work.goesOn) {
        await runner.step().catch(() => undefined);
        await sleep(2);
      }
    });
    for (let round = 0; round < 25; round++) {
      await sleep(10);
      const { rows } = await killer.query<{ done: boolean }>({
        text: `SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND query NOT LIKE '%pg_terminate%'`,
      });
      killed += rows.length;
    }
    work.goesOn = false;
    await Promise.all(nodes);
    await killer.close();
    while ((await log.alerting.runner.step().catch(() => 1)) > 0) await sleep(10);
    assert.ok(killed > 0);
    const [alert, ...none] = await alerts('sign-in-failures-account');
    assert.deepEqual(none, []);
    assert.equal(alert?.count, 3000);
    console.log(`      ${killed} connections were killed`);
  });

  it('four nodes at once over a thousand entries that keep coming: the count is exact, in order, and one alert', async () => {
    const nodes = [log.alerting, log.node(), log.node(), log.node()];
    const accountId = idFromUuid('account', newUuid(systemClock));
    const work = { goesOn: true };
    const followers = nodes.map(async ({ runner }) => {
      while (work.goesOn) {
        await runner.step();
        await sleep(5);
      }
    });
    for (let round = 0; round < 10; round++) await log.failures(100, accountId);
    work.goesOn = false;
    await Promise.all(followers);
    await log.alerting.runner.step();
    const [alert, ...none] = await alerts('sign-in-failures-account');
    assert.deepEqual(none, []);
    assert.equal(alert?.count, 1000);
    const [network] = await alerts('sign-in-failures-network');
    assert.equal(network?.count, 1000, 'all came from one network');
  });

  it('tells of an entry about a second after its commit', async () => {
    log.alerting.start();
    await log.runner.start();
    try {
      const accountId = idFromUuid('account', newUuid(systemClock));
      for (let i = 0; i < 5; i++)
        await log.audit.append(house, { action: 'sign-in', outcome: 'failed', subjectId: accountId });
      const committedMs = monotonicMs();
      while ((await alerts()).length === 0) await sleep(10);
      console.log(`      alert ${Math.round(monotonicMs() - committedMs)} ms after the commit`);
    } finally {
      await log.alerting.stop();
      await log.runner.stop();
    }
  });

  it('entries that cannot be read, or are no more, are passed over', async () => {
    await log.failures(5);
    const { rows } = await log.test.database.query<{ name: string }>({
      text: `SELECT tableoid::regclass::text AS name FROM audit.entry LIMIT 1`,
    });
    await log.test.database.query({ text: `ALTER TABLE audit.entry DETACH PARTITION ${rows[0]?.name ?? ''}` });
    assert.equal(await log.alerting.runner.step(), 5);
    assert.deepEqual(await alerts(), []);
  });

  it('an account that was erased can be led to by no alert', async () => {
    const accountId = await log.failures(5);
    await log.alerting.runner.step();
    await log.audit.erase(house, accountId);
    await log.failures(5, accountId); // a new key, a new tag
    await log.alerting.runner.step();
    const { rows } = await log.test.database.query<{ subject: string }>({
      text: `SELECT DISTINCT subject FROM audit.alert WHERE rule = 'sign-in-failures-account'`,
    });
    assert.equal(rows.length, 2);
  });

  it('a log that refuses to sign, and one that stands still, are told of once, without an entry', async () => {
    const forked = log.node({ logRunner: { forked: new Error('two histories') } });
    assert.equal(await forked.runner.watchLog(), true);
    assert.equal(await forked.runner.watchLog(), true);
    assert.equal(await log.alerting.runner.watchLog(), false, 'a log that is well');
    await log.audit.append(house, { action: 'crl.issued', outcome: 'done', objectId: 'ca/1' });
    const later = log.node({ clock: { now: () => new Date(systemClock.now().getTime() + 61_000) } });
    assert.equal(await later.runner.watchLog(), true);
    const told = await alerts('log-stopped');
    assert.deepEqual(
      told
        .map(({ facts, severity, count, indexes }) => ({ fault: facts['fault'], severity, count, indexes }))
        .reverse(),
      [
        { fault: 'fork', severity: 'critical', count: 1, indexes: [] },
        { fault: 'standstill', severity: 'critical', count: 1, indexes: [] },
      ],
    );
  });

  it('memories that no rule needs any more are forgotten', async () => {
    await log.failures(3);
    await log.alerting.runner.step();
    const now = systemClock.now();
    assert.equal(await forgetMemories(log.test.database, now, 100), 0);
    assert.equal(await forgetMemories(log.test.database, new Date(now.getTime() + 1_000_000), 100), 2);
  });
});

describe('Alerts as people handle them', () => {
  let log: AlertingHouse;
  before(async () => {
    log = await alertingHouse();
    for (let i = 0; i < 3; i++) await log.failures(5);
    await log.alerting.runner.step();
  });
  after(async () => log.close());

  it('are listed page by page, newest first, and by rule, severity and state', async () => {
    const { alerts } = log.alerting;
    const first = await alerts.list(auditor, { limit: 2 });
    const second = await alerts.list(auditor, { limit: 2, cursor: first.nextCursor ?? '' });
    const ids = [...first.items, ...second.items].map(({ alertId }) => alertId);
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(ids, ids.toSorted().reverse());
    assert.equal(second.nextCursor, null);
    assert.equal((await alerts.list(auditor, { severity: 'critical', limit: 10 })).items.length, 0);
    assert.equal((await alerts.list(auditor, { state: 'acknowledged', limit: 10 })).items.length, 0);
    await assert.rejects(alerts.list(auditor, { limit: 2, cursor: 'ent_1' }), (error) =>
      isTrustError(error, 'cursor-invalid'),
    );
  });

  it('are acknowledged once, with a note that only readers of the log see; the deed is in the log', async () => {
    const { alerts } = log.alerting;
    const [alert] = (await alerts.list(auditor, { limit: 1 })).items;
    assert.ok(alert !== undefined);
    const done = await alerts.acknowledge(auditor, alert.alertId, '已联系本人，忘记密码');
    assert.equal(done.acknowledged?.by, auditor.accountId);
    assert.equal(done.acknowledged?.note, '已联系本人，忘记密码');
    await assert.rejects(alerts.acknowledge(administrator, alert.alertId, 'again'), (error) =>
      isTrustError(error, 'alert-acknowledged'),
    );
    assert.equal((await alerts.list(auditor, { state: 'open', limit: 10 })).items.length, 2);
    const { items } = await log.audit.entries({ action: 'alert.acknowledged', limit: 10 });
    assert.deepEqual(
      items.map(({ objectId, purpose, accountId }) => [objectId, purpose, accountId]),
      [[alert.alertId, '已联系本人，忘记密码', auditor.accountId]],
    );
  });

  it('are closed to others: no scope, no role, no system, no note, no such alert', async () => {
    const { alerts } = log.alerting;
    const [alert] = (await alerts.list(auditor, { state: 'open', limit: 1 })).items;
    const alertId = alert?.alertId ?? '';
    const refusals: [() => Promise<unknown>, string][] = [
      [() => alerts.list({ ...auditor, scopes: new Set() }, { limit: 1 }), 'scope-missing'],
      [() => alerts.acknowledge(person('clerk'), alertId, 'x'), 'forbidden'],
      [() => alerts.acknowledge({ ...auditor, kind: 'system' }, alertId, 'x'), 'forbidden'],
      [() => alerts.acknowledge(auditor, alertId, ' '), 'malformed-request'],
      [() => alerts.get(auditor, 'alt_00000000000000000000000000'), 'alert-not-found'],
      [() => alerts.setRule(auditor, 'self-approval', { enabled: false }), 'forbidden'],
      [() => alerts.setRule(administrator, 'no-such-rule', {}), 'not-found'],
      [() => alerts.setRule(administrator, 'alerting-changed', { enabled: false }), 'malformed-request'],
      [() => alerts.setRule(administrator, 'alerting-changed', { organisationId: 'org_x' }), 'malformed-request'],
      [() => alerts.setRule(administrator, 'self-approval', { numbers: { threshold: 5 } }), 'malformed-request'],
      [
        () => alerts.setRule(administrator, 'sign-in-failures-account', { numbers: { threshold: 1 } }),
        'malformed-request',
      ],
    ];
    for (const [refusal, code] of refusals)
      await assert.rejects(refusal(), (error) => {
        assert.ok(isTrustError(error));
        assert.equal(error.code, code);
        return true;
      });
  });

  it('rules change at once for all nodes, for the house or one organisation, and whoever turns one off is told of', async () => {
    const { alerts } = log.alerting;
    const organisationId = idFromUuid('organisation', newUuid(systemClock));
    await alerts.setRule(administrator, 'seal-outside-hours', {
      organisationId,
      numbers: { untilHour: 24, fromHour: 0, workdays: 7 },
    });
    const off = await alerts.setRule(administrator, 'sign-in-failures-account', { enabled: false });
    assert.equal(off.enabled, false);
    const view = (await alerts.rules(auditor)).find(({ rule }) => rule === 'seal-outside-hours');
    assert.deepEqual(view?.organisations, [
      {
        rule: 'seal-outside-hours',
        organisationId,
        enabled: true,
        numbers: { untilHour: 24, fromHour: 0, workdays: 7 },
      },
    ]);
    assert.equal(view.parameters['untilHour']?.value, 19);
    await log.failures(5);
    await log.node().runner.step();
    const raised = (await alerts.list(auditor, { limit: 10, state: 'open' })).items;
    assert.deepEqual(
      new Set(raised.filter(({ rule }) => rule === 'alerting-changed').map(({ facts }) => facts['rule'])),
      new Set(['sign-in-failures-account', 'seal-outside-hours']), // raised together, so in no order
    );
    assert.equal(raised.filter(({ rule }) => rule === 'sign-in-failures-account').length, 2);
  });
});
