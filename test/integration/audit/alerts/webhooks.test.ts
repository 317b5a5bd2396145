// Webhooks against receivers that fail, hang, redirect and go away: Standard Webhooks, "Operational considerations"; OWASP API7:2023.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { WebhookWithSecret } from '../../../../src/audit/alerts/webhooks.ts';
import { takeDue } from '../../../../src/audit/alerts/webhook-store.ts';
import { addSeconds, frozenClock, systemClock } from '../../../../src/kernel/clock.ts';
import { isTrustError } from '../../../../src/kernel/errors.ts';
import { needOpenssl } from '../../../support/openssl.ts';
import {
  cut,
  goodSignatures,
  hang,
  status,
  webhookReceiver,
  type WebhookReceiver,
} from '../../../support/webhook-receiver.ts';
import { administrator, type AlertingHouse, alertingHouse, auditor, sleep } from './alerting-house.ts';

const requestKey = (key: string = randomUUID(), body = '') => ({
  owner: 'test',
  key,
  bodySha256: createHash('sha256').update(body).digest(),
});

describe('Webhooks', () => {
  let house: AlertingHouse;
  let receiver: WebhookReceiver;
  let webhook: WebhookWithSecret;
  before(async () => {
    house = await alertingHouse({ retrySeconds: [0.05, 0.05, 0.05] });
  });
  beforeEach(async () => {
    receiver = await webhookReceiver();
    webhook = await make();
  });
  afterEach(async () => {
    await house.alerting.webhooks.remove(administrator, webhook.webhookId);
    await receiver.close();
  });
  after(async () => house.close());

  const make = (url = receiver.url) =>
    house.alerting.webhooks.create(
      administrator,
      { url, description: '', rules: ['sign-in-failures-account'] },
      requestKey(),
    );
  /** All that is due, and what becomes due soon. */
  const deliver = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      await house.alerting.courier.step();
      await sleep(20);
    }
  };
  /** The next attempt, as soon as it is due. */
  const attempt = async ({ courier } = house.alerting) => {
    while ((await courier.step()) === 0) await sleep(20);
  };
  /** A node that soon has enough of a receiver that hangs; all others wait as long as a busy machine takes. */
  const impatient = () => house.node({ outgoing: { loopback: true, internalHosts: [], timeoutMs: 2_000 } });
  const [raise, test] = [
    async () => {
      await house.failures(5);
      await house.alerting.runner.step();
    },
    () => house.alerting.webhooks.test(administrator, webhook.webhookId),
  ];
  const latest = async () => {
    const { webhookId } = webhook;
    const { items } = await house.alerting.outbox.list(administrator, { webhookId, limit: 10 });
    assert.ok(items[0] !== undefined, 'there is no delivery');
    return items[0];
  };

  it('an alert arrives once, signed over its exact bytes, thin, and naming nobody', async () => {
    await raise();
    await deliver(3);
    assert.equal(receiver.received.length, 1);
    const [message] = receiver.received;
    assert.ok(message !== undefined);
    assert.equal(goodSignatures(message, webhook.secret), 1);
    assert.equal(goodSignatures({ ...message, body: `${message.body} ` }, webhook.secret), 0);
    assert.ok(Math.abs(message.timestamp - systemClock.now().getTime() / 1000) < 60);
    assert.equal(message.type, 'application/json');
    const { items } = await house.alerting.alerts.list(auditor, { limit: 10 });
    const alert = items.find(({ rule }) => rule === 'sign-in-failures-account');
    const { data, ...envelope } = JSON.parse(message.body) as Record<string, unknown>;
    assert.deepEqual(envelope, { type: 'alert.raised', timestamp: alert?.firstAt.toISOString() });
    assert.deepEqual(data, {
      alertId: alert?.alertId,
      rule: 'sign-in-failures-account',
      severity: 'warning',
      name: { zh: '同一账号多次登录失败', en: 'Many sign-in failures of one account' },
      count: 5,
      url: `https://trust.example.cn/api/v1/audit/alerts/${alert?.alertId}`,
    });
    const delivery = await latest();
    assert.deepEqual(
      [delivery.state, delivery.attempts, delivery.status, delivery.alertId],
      ['delivered', 1, 204, alert?.alertId],
    );
  });

  it('only alerts of its rules arrive, and none while it is paused', async () => {
    const { webhooks } = house.alerting;
    await webhooks.change(administrator, webhook.webhookId, { rules: ['self-approval'] });
    await raise();
    await webhooks.change(administrator, webhook.webhookId, { rules: [], state: 'paused' });
    await raise();
    await deliver(3);
    assert.equal(receiver.received.length, 0);
  });

  it('a receiver that fails, breaks off, hangs and redirects is tried again with the same id and a new time, the redirect not followed', async () => {
    receiver.answers(status(500), cut, hang);
    const id = await test();
    for (const node of [house.alerting, house.alerting, impatient(), house.alerting]) await attempt(node);
    assert.equal(receiver.received.length, 4);
    assert.deepEqual([...new Set(receiver.received.map((one) => one.id))], [id]);
    for (const one of receiver.received) assert.equal(goodSignatures(one, webhook.secret), 1);
    assert.deepEqual([(await latest()).state, (await latest()).attempts], ['delivered', 4]);

    receiver.answers(status(302, { location: '/elsewhere' }), status(307, { location: 'http://169.254.169.254/' }));
    await test();
    for (let tries = 0; tries < 3; tries++) await attempt();
    assert.deepEqual([...new Set(receiver.received.map(({ path }) => path))], ['/hook']);
    assert.equal((await latest()).state, 'delivered');
  });

  it('is dead after the last try, with the reason to be seen; resending begins anew under the old id', async () => {
    receiver.answers(status(500), status(503), hang, status(418));
    const id = await test();
    for (const node of [house.alerting, house.alerting, impatient(), house.alerting]) await attempt(node);
    const dead = await latest();
    assert.deepEqual([dead.deliveryId, dead.state, dead.attempts, dead.status], [id, 'dead', 4, 418]);
    await deliver(5);
    assert.equal(receiver.received.length, 4, 'nothing more is sent');
    await house.alerting.outbox.resend(administrator, id);
    await deliver(3);
    assert.deepEqual([(await latest()).state, receiver.received.at(-1)?.id], ['delivered', id]);
    await assert.rejects(house.alerting.outbox.resend(administrator, id), (error) =>
      isTrustError(error, 'delivery-not-dead'),
    );
  });

  it('faults are told apart: nobody listens, no answer in time, an address that is not allowed', async function () {
    await house.alerting.webhooks.remove(administrator, webhook.webhookId);
    const faultOf = async (url: string, node = house.alerting) => {
      webhook = await make(url);
      await test();
      await node.courier.step();
      const { fault } = await latest();
      await house.alerting.webhooks.remove(administrator, webhook.webhookId);
      return fault;
    };
    const gone = await webhookReceiver();
    await gone.close();
    assert.equal(await faultOf(gone.url), 'unreachable');
    receiver.answers(hang);
    assert.equal(await faultOf(receiver.url, impatient()), 'timeout');
    // A name that resolves to this machine, and one that resolves to a public and a private address.
    const resolving = (...addresses: string[]): LookupFunction => {
      return (_name, _options, callback) =>
        callback(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
    };
    const node = (lookup: LookupFunction, internalHosts: string[] = []) =>
      house.node({ outgoing: { loopback: false, internalHosts, timeoutMs: 60_000, lookup } });
    for (const addresses of [
      ['127.0.0.1'],
      ['223.5.5.5', '10.0.0.1'],
      ['::1'],
      ['::ffff:169.254.169.254'],
      ['fd00::1'],
    ])
      assert.equal(await faultOf('https://hooks.example.cn/', node(resolving(...addresses))), 'address-refused');
    const allowed = node(resolving('127.0.0.1'), ['hooks.example.cn:8443']);
    assert.equal(
      await faultOf('https://hooks.example.cn:8443/', allowed),
      'unreachable',
      'allowed, and nobody listens',
    );
    // A webhook of the sandbox is sent to no more once the rules are those of production.
    assert.equal(await faultOf(receiver.url, node(resolving('127.0.0.1'))), 'address-refused');
    webhook = await make();
  });

  it('a certificate that nobody vouches for gets nothing', async function () {
    const bench = needOpenssl(this);
    const [key, cert] = [bench.path('key.pem'), bench.path('cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const made = bench.run('req', '-x509', ...algorithm, ...subject, '-keyout', key, '-out', cert);
    assert.ok(made.good, made.output);
    const secure = await webhookReceiver({ tls: { key: bench.read('key.pem'), cert: bench.read('cert.pem') } });
    try {
      await house.alerting.webhooks.change(administrator, webhook.webhookId, { url: secure.url });
      await test();
      await house.alerting.courier.step();
      assert.equal((await latest()).fault, 'tls');
      assert.equal(secure.received.length, 0);
    } finally {
      await secure.close();
      bench.remove();
    }
  });

  it('an answer that never ends is cut, and counts by its status', async () => {
    receiver.answers((response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(16 * 1024);
      const pour = (): void => {
        if (response.destroyed) return;
        response.write(chunk);
        setTimeout(pour, 1);
      };
      pour();
    });
    await test();
    await house.alerting.courier.step();
    assert.deepEqual([(await latest()).state, (await latest()).status], ['delivered', 200]);
  });

  it('410 ends it at once and silences the webhook until an administrator says otherwise; Retry-After is heeded', async () => {
    receiver.answers(status(410));
    await test();
    await deliver(2);
    assert.deepEqual([(await latest()).state, (await latest()).status], ['dead', 410]);
    const stateOf = async () =>
      (await house.alerting.webhooks.list(administrator)).find(({ webhookId }) => webhookId === webhook.webhookId)
        ?.state;
    assert.equal(await stateOf(), 'gone');
    await raise();
    await deliver(2);
    assert.equal(receiver.received.length, 1);
    await house.alerting.webhooks.change(administrator, webhook.webhookId, { state: 'active' });
    receiver.answers(status(429, { 'retry-after': '600' }));
    await test();
    await deliver(3);
    const { state, dueAt } = await latest();
    assert.equal(state, 'waiting');
    assert.ok(dueAt.getTime() > addSeconds(systemClock.now(), 500).getTime());
  });

  it('a process that dies with a delivery in hand only delays it: another takes it when the lease ends', async () => {
    const id = await test();
    const clock = frozenClock(systemClock.now());
    const now = clock.now();
    const taken = await takeDue(house.test.database, { now, leaseEndsAt: addSeconds(now, 60), limit: 10 });
    assert.equal(taken.length, 1);
    const { courier } = house.node({ clock });
    await courier.step();
    assert.equal(receiver.received.length, 0, 'held by the dead one');
    clock.advance(60_000);
    await courier.step();
    assert.deepEqual(
      receiver.received.map((one) => one.id),
      [id],
    );
    assert.deepEqual([(await latest()).state, (await latest()).attempts], ['delivered', 2]);
  });

  it('four nodes at once deliver a hundred, each once', async () => {
    for (let i = 0; i < 100; i++) await test();
    const patient = { outgoing: { loopback: true, internalHosts: [], timeoutMs: 20_000 } };
    const nodes = [1, 2, 3, 4].map(() => house.node(patient));
    await Promise.all(
      nodes.map(async ({ courier }) => {
        while ((await courier.step()) > 0);
      }),
    );
    assert.equal(receiver.received.length, 100);
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 100);
  });

  it('stops within its patience though a receiver hangs, and what was cut is due at once', async () => {
    // Without its patience the stop would wait for longer than a test may take.
    const node = house.node({ outgoing: { loopback: true, internalHosts: [], timeoutMs: 3_600_000 } });
    receiver.answers(hang);
    await test();
    node.courier.start();
    await receiver.waitFor(1);
    await node.courier.stop();
    assert.deepEqual([(await latest()).state, (await latest()).fault], ['waiting', 'stopped']);
    await deliver(2);
    assert.equal((await latest()).state, 'delivered');
  });

  it('during a rotation both secrets sign, afterwards the new one alone', async () => {
    const clock = frozenClock(systemClock.now());
    const node = house.node({ clock });
    const rotated = await node.webhooks.rotateSecret(administrator, webhook.webhookId, 60);
    assert.notEqual(rotated.secret, webhook.secret);
    const signaturesOf = async () => {
      await node.webhooks.test(administrator, webhook.webhookId);
      await node.courier.step();
      const message = receiver.received.at(-1);
      assert.ok(message !== undefined);
      return [
        message.signatures.length,
        goodSignatures(message, webhook.secret),
        goodSignatures(message, rotated.secret),
      ];
    };
    assert.deepEqual(await signaturesOf(), [2, 1, 1]);
    clock.advance(61_000);
    assert.deepEqual(await signaturesOf(), [1, 0, 1]);
  });

  it('the secret lies sealed, is shown to whoever made it, and again only to the same request for ten minutes', async () => {
    const clock = frozenClock(systemClock.now());
    const { webhooks } = house.node({ clock });
    const order = { url: receiver.url, description: 'SIEM', rules: [] };
    const key = requestKey('repeat', 'a');
    const made = await webhooks.create(administrator, order, key);
    assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal((await webhooks.create(administrator, order, key)).secret, made.secret);
    await assert.rejects(webhooks.create(administrator, order, requestKey('repeat', 'b')), (error) =>
      isTrustError(error, 'idempotency-key-reused'),
    );
    clock.advance(601_000);
    await assert.rejects(webhooks.create(administrator, order, key), (error) =>
      isTrustError(error, 'idempotency-key-reused'),
    );
    const { rows } = await house.test.database.query<{ secret: Uint8Array }>({
      text: 'SELECT secret FROM audit.webhook',
    });
    const raw = Buffer.from(made.secret.slice('whsec_'.length), 'base64');
    assert.ok(rows.length > 0 && rows.every(({ secret }) => !Buffer.from(secret).includes(raw)));
    assert.ok(!JSON.stringify(await webhooks.list(administrator)).includes('whsec_'));
    await webhooks.remove(administrator, made.webhookId);
  });

  it('only administrators keep webhooks, and every deed is in the log without the address', async () => {
    const { webhooks } = house.alerting;
    const { webhookId } = webhook;
    for (const deed of [
      () => webhooks.list(auditor),
      () => webhooks.create(auditor, { url: receiver.url, description: '', rules: [] }, requestKey()),
      () => webhooks.change(auditor, webhookId, { state: 'paused' }),
      () => webhooks.remove(auditor, webhookId),
      () => webhooks.rotateSecret(auditor, webhookId, 0),
      () => webhooks.test(auditor, webhookId),
      () => house.alerting.outbox.list(auditor, { limit: 1 }),
    ])
      await assert.rejects(deed(), (error) => isTrustError(error, 'forbidden'));
    await assert.rejects(webhooks.test(administrator, 'whk_00000000000000000000000000'), (error) =>
      isTrustError(error, 'webhook-not-found'),
    );
    await webhooks.rotateSecret(administrator, webhookId, 0);
    await webhooks.change(administrator, webhookId, { state: 'paused' });
    const { items } = await house.audit.entries({ action: 'configuration.changed', objectId: webhookId, limit: 10 });
    assert.deepEqual(items.map(({ facts }) => facts['kind']).reverse(), ['made', 'secret-rotated', 'changed']);
    assert.ok(!JSON.stringify(items.map(({ leaf }) => Buffer.from(leaf).toString())).includes('127.0.0.1'));
  });
});
