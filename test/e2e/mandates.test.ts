// Acting for an organisation on the pages: a representative appoints, the agent accepts, signs in choosing for whom, uses a seal, and is stopped.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, follow, giveNameAndPassword, mustBeWellMade, newPage, reveal, signIn } from './chromium.ts';

describe('docs/mandates.md: acting for an organisation on the pages', () => {
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

  const phone = { viewport: { width: 320, height: 640 }, locale: 'en-GB' };

  async function as(name: string, path: string, work: (page: Page) => Promise<void>, options?: BrowserContextOptions) {
    const { page, faults } = await newPage(browser, server.url, options);
    await signIn(page, name, path);
    await work(page);
    assert.deepEqual(faults, []);
    await page.context().close();
  }

  const send = async (page: Page, label: string) => {
    await follow(page.getByRole('button', { name: label }).first());
  };

  it('lets the representative appoint an agent after a look at who it is', async () => {
    await as('legal1', '/account/mandates', async (page) => {
      await mustBeWellMade(page, 'mandates of a representative');
      await follow(page.getByRole('link', { name: '管理经办人' }));
      await mustBeWellMade(page, 'organisation');
      await follow(page.getByRole('link', { name: '指定经办人' }));
      await mustBeWellMade(page, 'appoint');
      await page.getByLabel('对方的用户名').fill('nobody-here');
      await page.getByLabel('用印', { exact: true }).check();
      await page.getByLabel('有效期至').fill(await lastDay(page));
      await page.getByLabel('授权事由').fill('合同用印');
      await send(page, '下一步：核对');
      assert.match(await page.locator('#fault').innerText(), /没有/);
      await page.getByLabel('对方的用户名').fill('citizen1');
      await send(page, '下一步：核对');
      assert.match(await page.locator('main').innerText(), /测\*\*/);
      await mustBeWellMade(page, 'confirm');
      await send(page, '确认指定');
      assert.match(await page.locator('[role=status]').innerText(), /等对方接受/);
    });
  });

  it('shows the agent the offer, and lets them act once they accepted', async () => {
    await as(
      'citizen1',
      '/account/mandates',
      async (page) => {
        await mustBeWellMade(page, 'an offer');
        await send(page, 'Accept');
        assert.match(await page.locator('[role=status]').innerText(), /You can act/);
        // Signed in for themselves, so for themselves until they say otherwise.
        await page.goto('/account/acting');
        await mustBeWellMade(page, 'for whom');
        await page.getByLabel(/沙箱市测试科技有限公司/).check();
        await send(page, 'Continue');
        await page.goto('/desk');
        assert.match(await page.locator('header').innerText(), /You act for 沙箱市测试科技有限公司/);
        await mustBeWellMade(page, 'desk of an agent');
        await send(page, 'Act for myself');
        assert.doesNotMatch(await page.locator('header').innerText(), /You act for/);
      },
      phone,
    );
  });

  it('asks whoever has several mandates for whom they act, and not whoever has one', async () => {
    const { page, faults } = await newPage(browser, server.url);
    await page.goto('/desk');
    await giveNameAndPassword(page, { userName: 'agent1' });
    assert.match(page.url(), /\/choose-party$/);
    await mustBeWellMade(page, 'choose-party');
    await page.getByLabel(/沙箱市测试科技有限公司/).check();
    await send(page, '继续');
    await page.waitForURL(`${server.url}/desk`);
    assert.match(await page.locator('header').innerText(), /您正在代表 沙箱市测试科技有限公司/);
    assert.deepEqual(faults, []);
    await page.context().close();
    await as('clerk1', '/desk', async (clerk) => {
      assert.match(await clerk.locator('header').innerText(), /您正在代表 沙箱市测试科技有限公司/);
    });
  });

  it('stops the agent at the next page when the representative takes the mandate back', async () => {
    const { page } = await newPage(browser, server.url);
    await signIn(page, 'citizen1', '/desk');
    assert.match(await page.locator('header').innerText(), /您正在代表/);
    await as('legal1', '/account/mandates', async (boss) => {
      await follow(boss.getByRole('link', { name: '管理经办人' }));
      const card = boss.locator('.mandate').filter({ hasText: 'citizen1' });
      const takeBack = card.locator('.twice').getByRole('button', { name: '收回' });
      await reveal(card.locator('summary'), takeBack);
      await follow(takeBack);
      assert.match(await boss.locator('[role=status]').innerText(), /立即生效/);
    });
    const answer = await page.goto('/desk');
    assert.equal(answer?.status(), 403);
    await page.context().close();
  });

  it('shows administrators an organisation with its mandates and history', async () => {
    await as('admin1', '/admin/organisations', async (page) => {
      await mustBeWellMade(page, 'organisations');
      await follow(page.getByRole('link', { name: '沙箱市测试科技有限公司' }));
      assert.match(await page.locator('.mandate').filter({ hasText: 'citizen1' }).innerText(), /已终止 · 被收回/);
      await mustBeWellMade(page, 'organisation of an administrator');
    });
  });
});

/** A day within the year, as the date field takes it. */
async function lastDay(page: Page): Promise<string> {
  const text = await page.evaluate('new Date(Date.now() + 30 * 86400000).toISOString().slice(0, 10)');
  return String(text);
}
