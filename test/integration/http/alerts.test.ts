// Alerts and webhooks over the API, from failed sign-ins in a browser to a signed delivery, by the people who may; and across kill -9.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as oidc from 'openid-client';
import * as alerts from '../../../src/contract/alerts.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type ServiceProcess, startProcess } from '../../support/service-process.ts';
import { goodSignatures, status, type WebhookReceiver, webhookReceiver } from '../../support/webhook-receiver.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';
import { fresh, sleep } from './deeds.ts';

async function discovered(url: string) {
  return oidc.discovery(new URL(`${url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
}

/** The API as a person who signed in through the sandbox's web client. */
async function as(url: string, loginName: string): Promise<ApiClient> {
  const config = await discovered(url);
  const browser = new Browser({ stopAt: callback });
  const started = await begin(config, browser, { scope: 'openid audit.read' });
  const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, loginName));
  return new ApiClient({ url, token: tokens.access_token });
}

async function failToSignIn(url: string, loginName: string, times: number): Promise<void> {
  const config = await discovered(url);
  for (let i = 0; i < times; i++) {
    const browser = new Browser({ stopAt: callback });
    const { page } = await begin(config, browser, { scope: 'openid' });
    const ending = page.url.slice(page.url.lastIndexOf('/'));
    const refused = await browser.submit(page, ending, { loginName, password: 'a wrong one' });
    assert.ok(refused.status >= 400, refused.text);
  }
}

async function until<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; waitedMs < 120_000; waitedMs += 50) {
    const found = await find();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`${what} did not come`);
}

describe('Alerts over the API', () => {
  let server: TestServer;
  let receiver: WebhookReceiver;
  let admin: ApiClient;
  let auditor: ApiClient;
  before(async () => {
    server = await startServer();
    receiver = await webhookReceiver();
    [admin, auditor] = [await as(server.url, 'admin1'), await as(server.url, 'auditor1')];
  });
  after(async () => {
    await receiver.close();
    await server.stop();
  });

  it('five wrong passwords reach the receiver as a signed message, the auditor as an alert, and are acknowledged', async () => {
    const rules = ['sign-in-failures-account'];
    const made = await admin.json(alerts.createWebhook, { json: { url: receiver.url, rules }, headers: fresh() });
    await failToSignIn(server.url, 'citizen2', 5);
    await receiver.waitFor(1, 30_000);
    const [message] = receiver.received;
    assert.ok(message !== undefined);
    assert.equal(goodSignatures(message, made.secret), 1);
    const { data } = JSON.parse(message.body) as { data: { alertId: string } };
    const params = { alertId: data.alertId };
    const alert = await auditor.json(alerts.getAlert, { params });
    assert.equal(alert.rule, 'sign-in-failures-account');
    assert.ok(alert.count >= 5);
    assert.ok(!JSON.stringify(alert).includes('acc_'), 'it names nobody');
    const done = await auditor.json(alerts.acknowledgeAlert, { params, json: { note: '已核实' } });
    assert.match(done.acknowledged?.by ?? '', /^acc_/);
    assert.equal(
      (await auditor.refusal(alerts.acknowledgeAlert, { params, json: { note: '再' } })).code,
      'alert-acknowledged',
    );
    // Erased from the log, the auditor is erased from the alert: nothing beside the log tells who wrote its entry.
    const { services } = server;
    await services.audit.erase(house, done.acknowledged?.by ?? '');
    const { acknowledged } = await auditor.json(alerts.getAlert, { params });
    assert.deepEqual([acknowledged?.at, acknowledged?.by, acknowledged?.note], [done.acknowledged?.at, null, null]);
    const open = await auditor.json(alerts.listAlerts, { query: { state: 'open', rule: 'sign-in-failures-account' } });
    assert.deepEqual(open.items, []);
    const { items } = await admin.json(alerts.listDeliveries, { query: { webhookId: made.webhookId } });
    assert.deepEqual(
      items.map(({ state, status, alertId }) => [state, status, alertId]),
      [['delivered', 204, data.alertId]],
    );
  });

  it('an administrator tests, changes, rotates and removes a webhook', async () => {
    const made = await admin.json(alerts.createWebhook, { json: { url: receiver.url }, headers: fresh() });
    const params = { webhookId: made.webhookId };
    const before = receiver.received.length;
    const { deliveryId } = await admin.json(alerts.testWebhook, { params });
    await receiver.waitFor(before + 1);
    const message = receiver.received.find(({ id }) => id === deliveryId);
    assert.match(message?.body ?? '', /"type":"webhook\.test"/);
    const paused = await admin.json(alerts.changeWebhook, { params, json: { state: 'paused' } });
    assert.equal(paused.state, 'paused');
    const rotated = await admin.json(alerts.rotateWebhookSecret, { params, json: {} });
    assert.notEqual(rotated.secret, made.secret);
    assert.ok(rotated.formerSecretUntil !== null);
    assert.equal((await admin.refusal(alerts.resendDelivery, { params: { deliveryId } })).code, 'delivery-not-dead');
    await admin.json(alerts.removeWebhook, { params });
    assert.equal((await admin.refusal(alerts.testWebhook, { params })).code, 'webhook-not-found');
    const { items } = await admin.json(alerts.listWebhooks);
    assert.ok(!items.some(({ webhookId }) => webhookId === made.webhookId));
    for (const url of ['http://10.0.0.1/', 'https://192.168.1.1/', 'gopher://x/', 'https://[fd00::1]/']) {
      const refusal = await admin.refusal(alerts.createWebhook, { json: { url }, headers: fresh() });
      assert.deepEqual([refusal.status, refusal.code], [422, 'webhook-url-refused'], url);
    }
  });

  it('an administrator who tries to approve the own proposal is refused, and told of', async () => {
    const { authority } = server.services;
    const scopes = new Set(['pki.manage', 'pki.read'] as const);
    const roles = new Set(['administrator'] as const);
    const accountId = newId('account', systemClock);
    const principal: Principal = { kind: 'person', accountId, scopes, roles, level: 4 };
    const { certificate } = await authority.certificateOf('seal-ca');
    const proposal = await authority.proposals.propose(principal, { kind: 'suspend', serial: certificate.serialHex });
    await assert.rejects(authority.proposals.approve(principal, proposal.proposalId, proposal.deedSha256), (error) =>
      isTrustError(error, 'proposal-self-approval'),
    );
    const alert = await until('the alert', async () => {
      const { items } = await auditor.json(alerts.listAlerts, { query: { rule: 'self-approval' } });
      return items[0];
    });
    assert.deepEqual([alert.severity, alert.facts], ['critical', { proposalId: proposal.proposalId }]);
    assert.equal(alert.indexes.length, 2, 'the proposal and the attempt');
  });

  it('rules are listed with their words and numbers, and changed by an administrator only', async () => {
    const { items } = await auditor.json(alerts.listAlertRules);
    assert.ok(items.every(({ name, enabled }) => name.zh !== '' && name.en !== '' && enabled));
    const params = { rule: 'licence-shown-often' };
    const changed = await admin.json(alerts.changeAlertRule, { params, json: { numbers: { threshold: 60 } } });
    assert.deepEqual(changed.parameters['threshold'], { value: 60, default: 30, least: 2, most: 1000 });
    const json = { enabled: false };
    assert.equal((await auditor.refusal(alerts.changeAlertRule, { params, json })).code, 'forbidden');
    const wrong = { numbers: { threshold: 0 } };
    assert.equal((await admin.refusal(alerts.changeAlertRule, { params, json: wrong })).code, 'malformed-request');
  });

  it('is closed to nobody, citizens and systems', async () => {
    assert.equal((await server.nobody.refusal(alerts.listAlerts)).code, 'token-missing');
    assert.equal((await (await as(server.url, 'citizen1')).refusal(alerts.listAlerts)).code, 'scope-missing');
    const system = await server.api('audit.read');
    assert.ok(Array.isArray((await system.json(alerts.listAlerts)).items), 'a system may read');
    assert.equal((await system.refusal(alerts.listWebhooks)).code, 'forbidden');
    const json = { url: receiver.url };
    assert.equal((await system.refusal(alerts.createWebhook, { json, headers: fresh() })).code, 'forbidden');
  });
});

describe('Alerts across kill -9 of the service', () => {
  let directory: string;
  let service: ServiceProcess | undefined;
  let receiver: WebhookReceiver;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-alerts-'));
    receiver = await webhookReceiver();
  });
  after(async () => {
    await service?.end('SIGTERM');
    await receiver.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it('a delivery that failed before the kill arrives after the restart, once, under its id; the alert is one', async () => {
    service = await startProcess(directory);
    const port = Number(new URL(service.url).port);
    const admin = await as(service.url, 'admin1');
    const rules = ['sign-in-failures-account'];
    const made = await admin.json(alerts.createWebhook, { json: { url: receiver.url, rules }, headers: fresh() });
    receiver.answers(status(503));
    await failToSignIn(service.url, 'citizen2', 5);
    await receiver.waitFor(1, 30_000);
    assert.equal((await service.end('SIGKILL')).signal, 'SIGKILL');

    service = await startProcess(directory, port);
    console.log(`      second start: ready in ${(service.readyMs / 1000).toFixed(1)} s`);
    await receiver.waitFor(2, 60_000); // five seconds after the failure, or thirty when the kill came before it was written down
    const [first, second] = receiver.received;
    assert.equal(second?.id, first?.id);
    assert.equal(second?.body, first?.body);
    assert.equal(goodSignatures(second ?? assert.fail(), made.secret), 1);
    const again = await as(service.url, 'admin1');
    const { items } = await again.json(alerts.listAlerts, { query: { rule: 'sign-in-failures-account' } });
    assert.equal(items.length, 1);
    const delivered = await until('the delivery', async () => {
      const page = await again.json(alerts.listDeliveries, { query: { state: 'delivered' } });
      return page.items[0];
    });
    assert.equal(delivered.deliveryId, first?.id);
    const ending = await service.end('SIGTERM');
    assert.deepEqual([ending.status, ending.signal], [0, null]);
    service = undefined;
  });
});
