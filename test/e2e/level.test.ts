// Raising one's real-name level on the pages: from a page that needs it, through the register and the face, in both languages, on a phone.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import type { Browser } from 'playwright-core';
import { people, registeredPeople, sandboxPassword } from '../../src/sandbox/city.ts';
import { house } from '../../src/kernel/principal.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { chromiumOrSkip, follow, giveNameAndPassword, mustBeWellMade, newPage, reveal, signIn } from './chromium.ts';

const [, ren] = registeredPeople.slice(people.length);

describe('raising one’s real-name level', () => {
  let browser: Browser;
  let server: TestServer;
  before(async function () {
    browser = await chromiumOrSkip(this);
    server = await startServer();
    await server.services.identity.accounts.create(
      { loginName: 'newcomer', password: sandboxPassword, roles: [], evidence: [{ level: 1, method: 'phone' }] },
      house,
    );
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('leads from the page that needs a level through the sign-in that raises it, and back', async () => {
    const phone = { viewport: { width: 320, height: 640 } };
    const { page, faults } = await newPage(browser, server.url, phone);
    await signIn(page, 'newcomer', '/wallet');
    await follow(page.getByRole('link', { name: '提升等级后继续' }));
    assert.match(page.url(), /\/sign-in\//);
    if ((await page.locator('input[type=password]').count()) > 0)
      await giveNameAndPassword(page, { userName: 'newcomer', password: sandboxPassword });
    await page.waitForURL(/raise-level$/);
    await mustBeWellMade(page, 'raise level: register');
    await page.locator('#register-name').fill('测试癸');
    await page.locator('#register-number').fill(ren?.idNumber ?? '');
    await page.locator('#register-consent').check();
    await follow(page.getByRole('button', { name: '开始核对' }));
    assert.match(await page.locator('[role=alert]').innerText(), /核验结果不一致/);
    await mustBeWellMade(page, 'raise level: not matched');
    await page.locator('#register-name').fill(ren?.name ?? '');
    await page.locator('#register-number').fill(ren?.idNumber ?? '');
    await page.locator('#register-consent').check();
    await follow(page.getByRole('button', { name: '开始核对' }));
    await page.waitForURL((url) => url.pathname === '/wallet');
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('raises it from the account by the face, says that the sandbox looks at nobody, and lets a changed name drop it', async () => {
    const { page, faults } = await newPage(browser, server.url, { locale: 'en-GB' });
    await signIn(page, 'newcomer', '/account/level');
    await mustBeWellMade(page, 'level: face');
    await page.locator('#face-consent').check();
    await follow(page.getByRole('button', { name: 'Begin' }));
    assert.match(await page.locator('main').innerText(), /nobody looks at a face here/);
    await mustBeWellMade(page, 'level: stand-in');
    await follow(page.getByRole('button', { name: 'Outcome: it is the person' }));
    assert.match(await page.locator('main').innerText(), /Your real-name level now: 4/);
    await mustBeWellMade(page, 'level: reached');
    await reveal(page.locator('summary'), page.locator('#change-name'));
    await mustBeWellMade(page, 'level: change of name');
    await page.locator('#change-name').fill('测试壬壬');
    await page.locator('#change-number').fill(ren?.idNumber ?? '');
    await follow(page.getByRole('button', { name: 'Change name or number' }));
    await page.locator('input[type=password]').waitFor(); // the session rested on the level that is gone
    const account = await server.services.identity.accounts.findByLoginName('newcomer');
    assert.equal(account?.level, 2);
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('lets staff who have just signed in record whom they saw at a window, and nobody else', async () => {
    const { page, faults } = await newPage(browser, server.url, { viewport: { width: 390, height: 844 } });
    await signIn(page, 'clerk1', '/admin/in-person');
    await mustBeWellMade(page, 'in person');
    const record = async (loginName: string, idNumber: string) => {
      await page.locator('#loginName').fill(loginName);
      await page.locator('#name').fill(ren?.name ?? '');
      await page.locator('#idNumber').fill(idNumber);
      await page.locator('#reference').fill('W-2026-0001');
      await follow(page.getByRole('button', { name: '登记' }));
    };
    await record('nobody-of-this-name', ren?.idNumber ?? '');
    assert.match(await page.locator('[role=alert]').innerText(), /没有这个用户名/);
    await record('newcomer', '990000198810030022');
    await mustBeWellMade(page, 'in person: not recorded');
    await record('newcomer', ren?.idNumber ?? '');
    assert.match(await page.locator('[role=status]').innerText(), /newcomer.*5/);
    assert.equal((await server.services.identity.accounts.findByLoginName('newcomer'))?.level, 5);
    assert.deepEqual(faults, []);
    await page.context().close();
    const other = await newPage(browser, server.url);
    await signIn(other.page, 'citizen1', '/admin/in-person');
    assert.match(await other.page.locator('main').innerText(), /没有权限/);
    await other.page.context().close();
  });
});
