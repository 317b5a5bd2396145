// The device flow from the device's first request to its tokens, with the person's pages between; RFC 8628.

import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { house } from '../../../src/kernel/principal.ts';
import type { Browser, Page } from './browser.ts';
import { callback, jsonOf, password, person, type Service, startService } from './service.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

describe('RFC 8628: device flow', () => {
  const clock = frozenClock(systemClock.now());
  let service: Service;
  let config: oidc.Configuration;

  before(async () => {
    service = await startService({ clock });
    const base = { name: '大厅终端', nameEn: 'Hall terminal', apiScopes: ['licence.read'] } as const;
    const { clients } = service.identity;
    await clients.register({ ...base, clientId: 'terminal', kind: 'public', grantTypes: [deviceGrant] }, house);
    await clients.register(
      { ...base, clientId: 'strict-terminal', kind: 'public', grantTypes: [deviceGrant], levelFloor: 4 },
      house,
    );
    await clients.register(
      {
        ...base,
        clientId: 'pairwise-terminal',
        kind: 'public',
        grantTypes: [deviceGrant],
        subjectType: 'pairwise',
        sector: 'hall.example',
      },
      house,
    );
    await clients.register({ ...base, clientId: 'no-device', kind: 'public', redirectUris: [callback] }, house);
    await person(service.identity, 'alice', 3);
    await person(service.identity, 'bob', 3);
    config = await service.client('terminal');
  });
  after(() => service.close());

  const start = (scope = 'openid profile', client = config) => oidc.initiateDeviceAuthorization(client, { scope });

  async function poll(deviceCode: string, clientId = 'terminal'): Promise<Record<string, unknown>> {
    return jsonOf(
      fetch(`${service.publicUrl}/oidc/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: deviceGrant, device_code: deviceCode, client_id: clientId }),
      }),
    );
  }

  const openDevice = (browser: Browser, query = '') => browser.open(`${service.publicUrl}/device${query}`);
  const typed = async (browser: Browser, userCode: string): Promise<Page> =>
    browser.submit(await openDevice(browser), '/oidc/device', { user_code: userCode });

  /** The person says that the device is theirs, signs in where that is needed and agrees. */
  async function agreed(browser: Browser, confirm: Page, loginName = 'alice'): Promise<Page> {
    let page = await browser.submit(confirm, '/oidc/device', { confirm: 'yes' });
    if (page.text.includes('name="password"'))
      page = await browser.submit(page, new URL(page.url).pathname, { loginName, password });
    return page.text.includes('/consent"') ? browser.submit(page, '/consent', {}) : page;
  }

  it('leads from a short address through code, device, sign-in and consent to the tokens, once', async () => {
    const device = await start('openid profile');
    assert.match(device.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    assert.equal(device.verification_uri, `${service.publicUrl}/device`);
    assert.equal(device.verification_uri_complete, `${service.publicUrl}/device?user_code=${device.user_code}`);
    assert.equal(device.interval, 5);
    assert.equal(device.expires_in, 600);
    assert.equal((await poll(device.device_code))['error'], 'authorization_pending');
    const browser = service.browser();
    const confirm = await typed(browser, device.user_code.toLowerCase().replace('-', ' '));
    assert.equal(confirm.status, 200);
    assert.match(confirm.text, new RegExp(`<code>${device.user_code}</code>`));
    assert.match(confirm.text, /大厅终端/);
    assert.match(confirm.text, /您的姓名和用户名/);
    assert.match(confirm.text, /127\.0\.0\.0\/24/);
    const done = await agreed(browser, confirm);
    assert.match(done.text, /设备可以使用了/);
    const tokens = await poll(device.device_code);
    assert.equal(decodeJwt(String(tokens['id_token'])).acr, 'urn:yinxin:rn:3');
    const claims = await oidc.fetchUserInfo(config, String(tokens['access_token']), oidc.skipSubjectCheck);
    assert.equal(claims.preferred_username, 'alice');
    assert.equal((await poll(device.device_code))['error'], 'invalid_grant');
    const still = await oidc.fetchUserInfo(config, String(tokens['access_token']), oidc.skipSubjectCheck);
    assert.equal(still.sub, claims.sub, 'who asks once more ends nothing');
    const [answered] = (await service.entries('device.answered')).slice(-1);
    assert.deepEqual([answered?.outcome, answered?.facts['client']], ['done', 'terminal']);
    const [issued] = (await service.entries('token.issued')).slice(-1);
    assert.deepEqual([issued?.facts['grant'], issued?.facts['level']], [deviceGrant, 3]);
  });

  it('OpenID Connect Core 8: calls the person by a pairwise subject where it is registered so', async () => {
    const client = await service.client('pairwise-terminal');
    const device = await start('openid profile', client);
    const browser = service.browser();
    await agreed(browser, await typed(browser, device.user_code));
    const tokens = await poll(device.device_code, 'pairwise-terminal');
    const { sub } = decodeJwt(String(tokens['id_token']));
    assert.match(String(sub), /^pw-[\w-]{43}$/);
    const claims = await oidc.fetchUserInfo(client, String(tokens['access_token']), String(sub));
    assert.equal(claims.preferred_username, 'alice');
  });

  it('takes a code from the address, shows it and waits for the person', async () => {
    const device = await start();
    const page = await openDevice(service.browser(), `?user_code=${device.user_code}`);
    assert.match(page.text, new RegExp(`value="${device.user_code}"`));
    assert.doesNotMatch(page.text, /大厅终端|<script/);
    assert.equal((await poll(device.device_code))['error'], 'authorization_pending');
  });

  it('lets the person refuse, and tells the device', async () => {
    const device = await start();
    const browser = service.browser();
    const confirm = await typed(browser, device.user_code);
    const body = new URLSearchParams({ abort: 'yes', user_code: device.user_code, xsrf: hidden(confirm, 'xsrf') });
    const refused = await browser.open(`${service.publicUrl}/oidc/device`, { method: 'POST', body });
    assert.match(refused.text, /您已拒绝/);
    assert.equal((await poll(device.device_code))['error'], 'access_denied');
    assert.match((await typed(service.browser(), device.user_code)).text, /没有这个代码/);
    const [answered] = (await service.entries('device.answered')).slice(-1);
    assert.deepEqual([answered?.outcome, answered?.facts['error']], ['failed', 'access_denied']);
  });

  it('gives the device to one of two people who confirm the same code at once', async () => {
    const device = await start();
    const browsers = [service.browser(), service.browser()];
    const pages = await Promise.all(browsers.map((browser) => typed(browser, device.user_code)));
    const after = await Promise.all(
      browsers.map(async (browser, i) => {
        const page = pages[i];
        assert.ok(page);
        return browser.submit(page, '/oidc/device', { confirm: 'yes' });
      }),
    );
    assert.equal(after.filter(({ text }) => text.includes('name="password"')).length, 1);
    assert.equal(after.filter(({ text }) => text.includes('role="alert"')).length, 1);
  });

  it('redeems a device code once, however many ask at the same time', async () => {
    const device = await start('openid');
    const browser = service.browser();
    await agreed(browser, await typed(browser, device.user_code));
    const answers = await Promise.all(Array.from({ length: 50 }, () => poll(device.device_code)));
    const winners = answers.filter((answer) => 'access_token' in answer);
    assert.equal(winners.length, 1);
    await oidc.fetchUserInfo(config, String(winners[0]?.['access_token']), oidc.skipSubjectCheck);
    assert.ok(answers.every((answer) => 'access_token' in answer || answer['error'] === 'invalid_grant'));
  });

  it('says which level the system needs, and gives nothing to who cannot reach it', async () => {
    const device = await oidc.initiateDeviceAuthorization(await service.client('strict-terminal'), {
      scope: 'openid',
      acr_values: 'urn:yinxin:rn:4',
    });
    const browser = service.browser();
    const confirm = await typed(browser, device.user_code);
    assert.match(confirm.text, /需要的实名等级：<strong>4/);
    const end = await agreed(browser, confirm, 'bob');
    assert.doesNotMatch(end.text, /设备可以使用了/);
    const answer = await poll(device.device_code, 'strict-terminal');
    assert.equal(answer['access_token'], undefined);
  });

  it('tells a device that asks too often to slow down, more each time', async () => {
    const device = await start();
    const ask = async (seconds: number): Promise<unknown> => {
      clock.advance(seconds * 1000);
      return (await poll(device.device_code))['error'];
    };
    assert.equal(await ask(0), 'authorization_pending');
    assert.equal(await ask(5), 'authorization_pending');
    assert.equal(await ask(1), 'slow_down');
    assert.equal(await ask(6), 'slow_down', 'ten seconds now');
    assert.equal(await ask(15), 'authorization_pending');
    const refusals = (await service.entries('token.refused')).map(({ facts }) => facts['error']);
    const pending = refusals.filter((error) => error === 'authorization_pending' || error === 'slow_down');
    assert.deepEqual(pending, [], 'asking is no deed');
  });

  it('is for clients that registered it, and keeps no code that could be read', async () => {
    await assert.rejects(start('openid', await service.client('no-device')));
    assert.equal((await poll('nothing'))['error'], 'invalid_grant');
    const device = await start();
    assert.equal((await poll(device.device_code, 'strict-terminal'))['error'], 'invalid_grant');
    const { rows } = await service.test.database.query<{ text: string }>({
      text: 'SELECT t::text AS text FROM identity.user_code t UNION ALL SELECT t::text FROM identity.oidc_model t',
    });
    assert.ok(rows.length > 1);
    const plain = device.user_code.replace('-', '');
    for (const { text } of rows) {
      assert.ok(!text.includes(device.device_code) && !text.includes(plain) && !text.includes(device.user_code));
      assert.ok(!text.includes(Buffer.from(device.device_code).toString('hex')));
    }
  });

  it('stops guessing by a limit for each network', async () => {
    const browser = service.browser();
    let page = await openDevice(browser);
    for (let tries = 0; tries < 60 && page.status !== 429; tries++)
      page = await browser.submit(page, '/oidc/device', { user_code: 'BBBB-BBBB' });
    assert.equal(page.status, 429);
    assert.match(page.text, /尝试次数过多/);
    assert.equal(page.headers.get('retry-after'), '900');
    clock.advance(16 * 60_000);
    assert.equal((await typed(browser, 'BBBB-BBBB')).status, 200);
  });
});

function hidden(page: Page, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? '';
}
