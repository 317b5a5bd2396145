// Every public page in both languages, wide and narrow, light and dark: WCAG 2.2 AA by axe, no side scroll, nothing foreign.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser } from 'playwright-core';
import { startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, follow, mustBeWellMade, newPage } from './chromium.ts';

const paths = ['/', '/verify', '/v', '/v/nothing', '/nowhere', '/wallet', '/sign-in/unknown'];
const looks = [
  { locale: 'zh-CN', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { locale: 'en-GB', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  { locale: 'zh-CN', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
] as const;

describe('WCAG 2.2 AA and a strict CSP on every public page', () => {
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

  for (const look of looks) {
    it(`holds at ${look.viewport.width} px, ${look.locale}, ${look.colorScheme}`, async () => {
      const { page, faults } = await newPage(browser, server.url, look);
      for (const path of paths) {
        await page.goto(path);
        await mustBeWellMade(page, path);
      }
      assert.deepEqual(faults, []);
      await page.context().close();
    });
  }

  it('speaks the language of the switch from then on', async () => {
    const { page } = await newPage(browser, server.url);
    await page.goto('/');
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
    await follow(page.getByRole('link', { name: 'English' }));
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await page.goto('/verify');
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Verify');
    await page.context().close();
  });

  it('leads from the front page through four doors', async () => {
    const { page } = await newPage(browser, server.url);
    await page.goto('/');
    const doors = await page.locator('a.door').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.deepEqual(doors, ['/wallet', '/desk', '/verify', '/admin']);
    await page.context().close();
  });

  it('is reached by keyboard: the skip link comes first and leads to the main part', async () => {
    const { page } = await newPage(browser, server.url);
    await page.goto('/verify');
    await page.keyboard.press('Tab');
    assert.equal(await page.locator(':focus').textContent(), '跳到正文');
    await page.keyboard.press('Enter');
    await page.locator('#main:focus').waitFor();
    await page.context().close();
  });
});
