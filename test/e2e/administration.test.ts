// Administrators on the pages: business systems registered, given secrets and suspended, on a phone. The pages have no script at all.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser, Page } from 'playwright-core';
import { startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, follow, mustBeWellMade, newPage, signIn } from './chromium.ts';

describe('administration of identity', () => {
  let browser: Browser;
  let server: TestServer;
  before(async function () {
    browser = await chromiumOrSkip(this);
    server = await startServer();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function as(userName: string, path: string, work: (page: Page) => Promise<void>) {
    const look = { viewport: { width: 320, height: 640 } };
    const { page, faults } = await newPage(browser, server.url, look);
    await signIn(page, userName, path);
    await work(page);
    assert.deepEqual(faults, []);
    await page.context().close();
  }
  const submit = (page: Page, name: string) => follow(page.getByRole('button', { name, exact: true }));

  it('registers a business system, tells what is wrong, shows the secret once, rotates, suspends and resumes it', async () => {
    await as('admin1', '/admin/clients', async (page) => {
      await mustBeWellMade(page, 'clients');
      await follow(page.getByRole('link', { name: '登记业务系统' }));
      await mustBeWellMade(page, 'new client');
      await page.locator('#clientId').fill('tax-office');
      await page.locator('#name').fill('税务业务系统');
      await page.locator('#nameEn').fill('Tax office');
      await page.locator('#redirectUris').fill('http://tax.example/callback');
      await submit(page, '保存');
      assert.match(await page.locator('.error-summary').innerText(), /回调地址和退出后的返回地址须以 https 开头/);
      assert.equal(await page.locator('#redirectUris').getAttribute('aria-invalid'), 'true');
      await mustBeWellMade(page, 'new client with a fault');
      assert.equal(await page.locator('#name').inputValue(), '税务业务系统');
      await page.locator('#redirectUris').fill('https://tax.example/callback');
      await submit(page, '保存');
      assert.equal((await page.locator('#secret').inputValue()).length, 43);
      assert.match(await page.locator('main').innerText(), /tax-office[^]*openid-configuration/);
      await mustBeWellMade(page, 'client with its secret');
      await page.goto('/admin/clients/tax-office');
      assert.equal(await page.locator('#secret').count(), 0);
      await submit(page, '更换密钥');
      assert.equal((await page.locator('#secret').inputValue()).length, 43);
      await submit(page, '立即结束旧密钥');
      assert.equal(await page.getByRole('button', { name: '立即结束旧密钥' }).count(), 0);
      await follow(page.getByRole('link', { name: '修改登记' }));
      await page.locator('#name').fill('税务办事系统');
      await submit(page, '保存');
      assert.equal(await page.locator('h1').innerText(), '税务办事系统');
      await page.locator('#reason').fill('密钥泄露');
      await page.locator('input[name=sure]').check();
      await submit(page, '停用');
      assert.match(await page.locator('dl').first().innerText(), /已停用[^]*密钥泄露/);
      await submit(page, '恢复使用');
      assert.match(await page.locator('dl').first().innerText(), /使用中/);
      await page.goto('/admin/clients?search=TAX&lang=en');
      assert.match(await page.locator('main').innerText(), /tax-office\s+Tax office/);
    });
  });

  it('makes a token with which a system registers itself, and ends it', async () => {
    await as('admin1', '/admin/registration-tokens', async (page) => {
      assert.match(await page.locator('main').innerText(), /DYNAMIC_REGISTRATION=closed/);
      await page.locator('#name').fill('住房局');
      await page.locator('#hosts').fill('housing.example');
      await submit(page, '制作令牌');
      assert.equal((await page.locator('#secret').inputValue()).length, 43);
      await mustBeWellMade(page, 'registration tokens');
      await submit(page, '结束');
      assert.equal(await page.locator('#secret').count(), 0);
      assert.match(await page.locator('tbody').innerText(), /住房局[^]*已结束/);
      await mustBeWellMade(page, 'an ended token');
    });
  });

  it('finds an account, masked, stops it, and proposes what another administrator approves', async () => {
    await as('admin1', '/admin/accounts', async (page) => {
      await mustBeWellMade(page, 'accounts');
      await page.locator('#by').selectOption('id-number');
      await page.locator('#value').fill('990000198511120035');
      await page.locator('#reason').fill('来电核实');
      await submit(page, '查找');
      assert.doesNotMatch(page.url(), /99000019/);
      await follow(page.getByRole('link', { name: 'citizen2' }));
      assert.match(await page.locator('main').innerText(), /测\*\*[^]*990000\*+35/);
      await mustBeWellMade(page, 'account');
      await page.locator('#deed').selectOption('suspend');
      await page.locator('#reason').fill('冒用');
      await submit(page, '办理');
      assert.match(await page.locator('dl').first().innerText(), /已停用/);
      await submitDeed(page, 'suspend');
      assert.match(await page.locator('.error-summary').innerText(), /不允许这样变更/);
      await submitDeed(page, 'resume');
      await submitDeed(page, 'administrator.give');
      await page.waitForURL('/admin/proposals');
      assert.equal(await page.getByRole('button', { name: '批准并办理' }).count(), 0);
      await mustBeWellMade(page, 'proposals');
      await page.goto('/admin/clients/sandbox-pki/rights');
      await mustBeWellMade(page, 'rights');
      await page.locator('input[value="seal.stamp"]').check();
      await page.locator('#reason').fill('新业务');
      await submit(page, '提交双人办理');
    });
    await as('admin2', '/admin/proposals', async (page) => {
      assert.match(await page.locator('.card').first().innerText(), /sandbox-pki[^]*seal\.stamp/);
      await follow(page.getByRole('button', { name: '批准并办理' }).first());
      await follow(page.getByRole('button', { name: '批准并办理' }).first());
      assert.equal(await page.getByText('已办理').count(), 2);
      await page.goto('/admin/accounts?lang=en');
      assert.match(await page.locator('main').innerText(), /citizen2\s+In use\s+Administrator/);
    });
  });

  async function submitDeed(page: Page, deed: string): Promise<void> {
    await page.locator('#deed').selectOption(deed);
    await page.locator('#reason').fill('测试');
    await submit(page, '办理');
  }
});
