// Signing in by each factor in a browser: code by SMS without JavaScript, authenticator app, passkey of a virtual authenticator; WCAG 2.2 AA, WebAuthn Level 3.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Account } from '../../src/identity/accounts/accounts.ts';
import { epochSeconds, systemClock } from '../../src/kernel/clock.ts';
import type { Principal } from '../../src/kernel/principal.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type SmsReceiver, smsReceiver } from '../support/sms-receiver.ts';
import { addAuthenticator, chromiumOrSkip, follow, mustBeWellMade, newPage } from './chromium.ts';

const phoneInEnglish = { viewport: { width: 320, height: 640 }, locale: 'en-GB' };
const desktop = { viewport: { width: 1280, height: 800 } };
const number = '13800990001';

describe('signing in by each factor', () => {
  let browser: Browser;
  let server: TestServer;
  let sms: SmsReceiver;

  before(async function () {
    browser = await chromiumOrSkip(this);
    sms = await smsReceiver();
    server = await startServer(sms.environment);
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await sms?.close();
  });

  async function on(look: BrowserContextOptions, work: (page: Page) => Promise<void>) {
    const { page, faults } = await newPage(browser, server.url, look);
    await work(page);
    assert.deepEqual(faults, []);
    await page.context().close();
  }

  async function named(loginName: string): Promise<{ account: Account; principal: Principal }> {
    const account = await server.services.identity.accounts.findByLoginName(loginName);
    assert.ok(account);
    const { accountId, level } = account;
    return { account, principal: { kind: 'person', accountId, scopes: new Set(), roles: new Set(), level } };
  }

  const arrived = async (page: Page, loginName: string): Promise<void> => {
    await page.waitForURL((url) => url.pathname === '/wallet');
    assert.match(await page.locator('header').innerText(), new RegExp(loginName));
  };

  it('by a code by SMS, without JavaScript, on a phone in English', async () => {
    const { account, principal } = await named('citizen1');
    await server.services.identity.factors.bindPhone(account, `+86${number}`, principal);
    await on({ ...phoneInEnglish, javaScriptEnabled: false }, async (page) => {
      await page.goto('/wallet');
      assert.equal(await page.locator('form[data-passkey]').isVisible(), false, 'a passkey needs a script');
      await follow(page.getByRole('link', { name: 'Sign in with a code by SMS' }));
      await page.locator('#number').fill('12345');
      await follow(page.getByRole('button', { name: 'Send me a code' }));
      assert.match(await page.getByRole('alert').innerText(), /mobile number of the mainland/);
      await page.locator('#number').fill(number);
      await follow(page.getByRole('button', { name: 'Send me a code' }));
      await page.locator('#code[autocomplete="one-time-code"]').fill('000000x');
      await follow(page.getByRole('button', { name: 'Check' }));
      assert.match(await page.getByRole('alert').innerText(), /The code is not right/);
      const code = /\d{6}/.exec(await sms.message(`+86${number}`))?.[0] ?? '';
      await page.locator('#code').fill(code);
      await follow(page.getByRole('button', { name: 'Check' }));
      await arrived(page, 'citizen1');
    });
  });

  it('has pages of the code by SMS that are well made', async () => {
    for (const look of [desktop, phoneInEnglish]) {
      await on(look, async (page) => {
        await page.goto('/wallet');
        await follow(page.locator('a[href$="/sms"]'));
        await mustBeWellMade(page, 'number');
        await page.locator('#number').fill(look === desktop ? '13800990008' : '13800990009');
        await follow(page.locator('form.card button'));
        await page.locator('#code').waitFor();
        await mustBeWellMade(page, 'code');
        // However slow the browser is, the minute of this number is not over.
        await server.services.database.query({
          text: "UPDATE identity.sign_in_attempt SET window_ends_at = window_ends_at + interval '1 hour' WHERE subject LIKE 'sms-minute:%'",
        });
        await follow(page.locator('form[action$="/again"] button'));
        if (look === desktop) await mustBeWellMade(page, 'too soon');
        assert.equal(await page.getByRole('alert').count(), 1);
      });
    }
  });

  it('by password and authenticator app, with another way to choose', async () => {
    const { account, principal } = await named('clerk1');
    const { factors } = server.services.identity;
    const { secret, draft } = factors.totp.draftFor(account);
    const generator = new TOTP({ secret: Secret.fromBase32(secret) });
    await factors.addTotp(account, { draft, code: generator.generate(), label: '' }, principal);
    await factors.makeRecoveryCodes(account, principal);
    for (const look of [phoneInEnglish, desktop]) {
      await on(look, async (page) => {
        await page.goto('/wallet');
        await page.locator('#loginName').fill('clerk1');
        await page.locator('#password').fill('sandbox-Pass-2026');
        await follow(page.locator('main button[type=submit]').first());
        await page.locator('#code').waitFor();
        await mustBeWellMade(page, 'authenticator app');
        await follow(page.locator('a[href$="method=recoveryCode"]'));
        await mustBeWellMade(page, 'recovery code');
        await follow(page.locator('a[href$="method=totp"]'));
        if (look !== desktop) return;
        // The step that bound it is used; a clock may be one ahead.
        const timestamp = (epochSeconds(systemClock.now()) + 30) * 1000;
        await page.locator('#code').fill(generator.generate({ timestamp }));
        await follow(page.locator('form.card button'));
        await arrived(page, 'clerk1');
      });
    }
  });

  it('by a passkey alone, of an authenticator that checks its holder, and says so when there is none', async () => {
    const { account, principal } = await named('approver1');
    const { factors } = server.services.identity;
    const { page } = await newPage(browser, server.url);
    await addAuthenticator(page);
    await page.goto('/wallet');
    const button = page.getByRole('button', { name: '用通行密钥登录' });
    await button.waitFor();
    await mustBeWellMade(page, 'sign-in with passkey');
    await follow(button);
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').innerText(), /没有找到可用的通行密钥/);
    const asked = await factors.passkeys.creationOptions(account, { context: 'bind', factors: [] });
    // The browser makes it as the page of the account would: as text, because these lines are for the browser.
    const answer = await page.evaluate(`(async () => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(asked)});
      return JSON.stringify(await navigator.credentials.create({ publicKey }));
    })()`);
    await factors.addPasskey(account, { context: 'bind', answer: String(answer), label: '' }, principal);
    await follow(button);
    await arrived(page, 'approver1');
    await page.context().close();
  });

  it('by password and passkey where the account has one', async () => {
    await on(desktop, async (page) => {
      await page.goto('/wallet');
      await page.locator('#loginName').fill('approver1');
      await page.locator('#password').fill('sandbox-Pass-2026');
      await follow(page.locator('main button[type=submit]').first());
      await page.getByRole('button', { name: '使用通行密钥' }).waitFor();
      await mustBeWellMade(page, 'second factor by passkey');
    });
  });
});
