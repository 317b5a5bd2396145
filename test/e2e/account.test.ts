// A person's own account on the pages: who they are, where they are signed in, who may use what is theirs.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, mustBeWellMade, newPage, signIn } from './chromium.ts';

const phone = { viewport: { width: 320, height: 640 } };

describe('a person’s own account', () => {
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

  async function as(userName: string, path: string, work: (page: Page) => Promise<void>, look: BrowserContextOptions) {
    const { page, faults } = await newPage(browser, server.url, look);
    await signIn(page, userName, path);
    await work(page);
    assert.deepEqual(faults, []);
    await page.context().close();
  }

  it('shows name and number masked, the level in words and what would raise it, on the page that the header leads to', async () => {
    await as(
      'citizen1',
      '/wallet',
      async (page) => {
        await page.locator('header .who').click();
        const shown = await page.locator('main').innerText();
        assert.match(shown, /测\*\*/);
        assert.match(shown, /9900\*+0013/);
        assert.match(shown, /四级：已核验是本人/);
        assert.match(shown, /到窗口当面核验/);
        assert.match(shown, /可办理的等级：3低于账户等级/);
        await mustBeWellMade(page, 'account');
        await page.getByRole('link', { name: 'English' }).click();
        assert.match(await page.locator('main').innerText(), /4: you are the person that you say/);
        await mustBeWellMade(page, 'account in English');
        await page.locator('a.door').first().click();
        await page.getByRole('link', { name: 'Back to my account' }).click();
        assert.equal(new URL(page.url()).pathname, '/account');
      },
      phone,
    );
  });
});
