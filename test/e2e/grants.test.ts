// Grants without a redirect as people see them: the code of a device and what waits for approval, well made in both languages and on a telephone.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import * as oidc from 'openid-client';
import type { Browser } from 'playwright-core';
import { house } from '../../src/kernel/principal.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, follow, mustBeWellMade, newPage, signIn } from './chromium.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const cibaGrant = 'urn:openid:params:grant-type:ciba';
const secret = 'a secret of the counter';

describe('/device and /account/requests', () => {
  let browser: Browser;
  let server: TestServer;
  before(async function () {
    browser = await chromiumOrSkip(this);
    server = await startServer();
    const { clients } = server.services.identity;
    const base = { name: '大厅终端', nameEn: 'Hall terminal', apiScopes: [] } as const;
    await clients.register({ ...base, clientId: 'hall', kind: 'public', grantTypes: [deviceGrant] }, house);
    await clients.register(
      { ...base, clientId: 'counter', kind: 'confidential', secret, grantTypes: [cibaGrant], name: '办事窗口' },
      house,
    );
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const client = (clientId: string, given?: string) =>
    oidc.discovery(new URL(`${server.url}/oidc`), clientId, given, given === undefined ? oidc.None() : undefined, {
      execute: [oidc.allowInsecureRequests],
    });

  it('RFC 8628: a person types the code without a script, sees whose it is and lets the device in', async () => {
    const device = await oidc.initiateDeviceAuthorization(await client('hall'), { scope: 'openid profile' });
    const look = { javaScriptEnabled: false, locale: 'zh-CN', viewport: { width: 320, height: 640 } };
    const { page, faults } = await newPage(browser, server.url, look);
    await page.goto('/device');
    await page.getByLabel('设备代码').fill('bbbb bbbb');
    await follow(page.getByRole('button', { name: '下一步' }));
    assert.match((await page.getByRole('alert').textContent()) ?? '', /没有这个代码/);
    await page.getByLabel('设备代码').fill(device.user_code.toLowerCase());
    await follow(page.getByRole('button', { name: '下一步' }));
    assert.match(await page.locator('main').innerText(), new RegExp(`${device.user_code}[^]*大厅终端[^]*您的姓名`));
    await follow(page.getByRole('button', { name: '是我的设备' }));
    await page.getByLabel('用户名').fill('citizen1');
    await page.getByLabel('密码').fill('sandbox-Pass-2026');
    await follow(page.getByRole('button', { name: '登录', exact: true }));
    await follow(page.getByRole('button', { name: '同意', exact: true }));
    await page.getByRole('heading', { name: '设备可以使用了' }).waitFor();
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  for (const look of [
    { locale: 'zh-CN', viewport: { width: 390, height: 844 } },
    { locale: 'en-GB', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' as const },
  ])
    it(`is well made in ${look.locale} at ${look.viewport.width} px`, async () => {
      const { page, faults } = await newPage(browser, server.url, look);
      const device = await oidc.initiateDeviceAuthorization(await client('hall'), { scope: 'openid profile' });
      await page.goto(`/device?user_code=${device.user_code}`);
      await mustBeWellMade(page, 'device');
      await follow(page.locator('button.button'));
      await mustBeWellMade(page, 'device confirm');
      await follow(page.locator('button.button-plain'));
      await page.getByRole('heading', { name: /已拒绝|Refused/ }).waitFor();
      await mustBeWellMade(page, 'device refused');
      await signIn(page, 'citizen1', '/account/requests');
      await mustBeWellMade(page, 'no requests');
      const asked = { scope: 'openid profile', login_hint: 'citizen1', binding_message: '窗口 3 号' };
      const counter = await client('counter', secret);
      const request = await oidc.initiateBackchannelAuthentication(counter, asked);
      await follow(page.locator('main a.button'));
      assert.match(await page.locator('main').innerText(), /窗口 3 号/);
      await mustBeWellMade(page, 'requests');
      await follow(page.locator('.card button.button').first());
      await page.getByRole('status').waitFor();
      const tokens = await oidc.pollBackchannelAuthenticationGrant(counter, { ...request, interval: 1 });
      assert.ok(tokens.access_token.length > 20);
      assert.deepEqual(faults, []);
      await page.context().close();
    });
});
