// A person's own account on the pages: registering, who they are, where they are signed in, who may use what is theirs, and the end of it.

import assert from 'node:assert/strict';
import { after, before } from 'mocha';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { house } from '../../src/kernel/principal.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type SmsReceiver, smsReceiver } from '../support/sms-receiver.ts';
import { addAuthenticator, chromiumOrSkip, follow, mustBeWellMade, newPage, signIn } from './chromium.ts';

const phone = { viewport: { width: 320, height: 640 } };
const withoutScript = { javaScriptEnabled: false };
const english = { locale: 'en-GB' };

describe('a person’s own account', () => {
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

  async function as(userName: string, path: string, work: (page: Page) => Promise<void>, look: BrowserContextOptions) {
    await on(look, async (page) => {
      await signIn(page, userName, path);
      await work(page);
    });
  }

  it('shows name and number masked, the level in words and what would raise it, on the page that the header leads to', async () => {
    await as(
      'citizen1',
      '/wallet',
      async (page) => {
        await follow(page.locator('header .who'));
        const shown = await page.locator('main').innerText();
        assert.match(shown, /测\*\*/);
        assert.match(shown, /9900\*+0013/);
        assert.match(shown, /四级：已核验是本人/);
        assert.match(shown, /到窗口当面核验/);
        assert.match(shown, /可办理的等级：3，低于账户等级/);
        await mustBeWellMade(page, 'account');
        await follow(page.getByRole('link', { name: 'English' }));
        assert.match(await page.locator('main').innerText(), /4: you are the person that you say/);
        await mustBeWellMade(page, 'account in English');
        await follow(page.locator('a.door[href="/account/activity"]'));
        await follow(page.getByRole('link', { name: 'Back to my account' }));
        assert.equal(new URL(page.url()).pathname, '/account');
      },
      phone,
    );
  });

  it('lists the browsers where somebody is signed in, ends one and ends all others', async () => {
    await as(
      'citizen1',
      '/account/sessions',
      async (page) => {
        assert.match(await page.locator('section.card').first().innerText(), /本次登录/);
        await mustBeWellMade(page, 'sessions');
        await on({}, async (other) => {
          await signIn(other, 'citizen1', '/account');
          await page.reload();
          const count = await page.locator('section.card').count();
          assert.ok(count >= 2);
          await follow(page.getByRole('button', { name: /^退出 / }).first());
          assert.match(await page.locator('[role=status]').innerText(), /已退出该登录/);
          assert.equal(await page.locator('section.card').count(), count - 1);
          await other.goto('/account');
          assert.match(other.url(), /\/sign-in\//);
        });
        await on(withoutScript, async (other) => {
          await signIn(other, 'citizen1', '/account');
          await page.reload();
          await follow(page.getByRole('button', { name: '退出其他所有登录' }));
          assert.equal(await page.locator('section.card').count(), 1);
          await other.goto('/account');
          assert.match(other.url(), /\/sign-in\//);
        });
      },
      phone,
    );
  });

  const number = '13800138001';
  const loginName = 'new-comer';
  const password = 'correct horse battery';

  /** Returns what the page says once a code was asked for, and the code's message. */
  async function askForCode(page: Page, typed: string) {
    await page.goto('/register');
    await page.locator('#phone').fill(typed);
    await page.locator('[name=terms]').check();
    await follow(page.locator('main button[type=submit]'));
    return { message: await sms.message(`+86${typed}`) };
  }

  async function typeCode(page: Page, message: string) {
    await page.locator('#code').fill(/\d{6}/.exec(message)?.[0] ?? '');
    await follow(page.locator('main button[type=submit]').first());
  }

  it('registers by telephone without a script: level 1, a telephone and no name', async () => {
    await on({ ...phone, ...withoutScript }, async (page) => {
      const { message } = await askForCode(page, number);
      assert.doesNotMatch(message, /已有/);
      await page.locator('#code').fill('not a code');
      await follow(page.locator('main button[type=submit]').first());
      assert.match(await page.locator('#fault').innerText(), /验证码不正确/);
      await typeCode(page, message);
      await page.locator('#loginName').fill('citizen1');
      await fillPassword(page, password);
      assert.match(await page.locator('#fault').innerText(), /用户名已被使用/);
      await page.locator('#loginName').fill(loginName);
      await fillPassword(page, password);
      assert.match(await page.locator('main').innerText(), /一级/);
      await page.goto('/register/account');
      assert.equal(new URL(page.url()).pathname, '/register'); // one registration makes one account
    });
    const { accounts, factors } = server.services.identity;
    const account = await accounts.findByLoginName(loginName);
    assert.equal(account?.level, 1);
    const held = await factors.listOf(account?.accountId ?? '');
    assert.deepEqual(
      held.map(({ kind, label }) => [kind, label]),
      [['phone', '138****8001']],
    );
    assert.equal(await accounts.personOf(account?.accountId ?? ''), undefined);
  });

  it('says only in the message, and once the number is proven, that it has an account', async () => {
    const { accounts, factors } = server.services.identity;
    const holder = await accounts.findByLoginName('citizen2');
    assert.ok(holder !== undefined);
    await factors.bindPhone(holder, '+8613800138003', house);
    await on(phone, async (page) => {
      const known = await askForCode(page, '13800138003');
      const knownMarkup = await page.content();
      const unknown = await askForCode(page, '13800138004');
      assert.equal(knownMarkup.replace('8003', '8004'), await page.content());
      assert.match(known.message, /已有印信账户/);
      assert.doesNotMatch(unknown.message, /已有/);
      await typeCode(page, unknown.message);
      assert.equal(await page.locator('.notice-warn').count(), 0);
    });
  });

  it('has registering pages that are well made in both languages', async () => {
    await on({ ...phone, ...english }, async (page) => {
      for (const path of ['/register', '/terms']) {
        await page.goto(path);
        await mustBeWellMade(page, path);
      }
      await page.goto('/register');
      await page.locator('#phone').fill('12345');
      await page.locator('[name=terms]').check();
      await follow(page.locator('main button[type=submit]'));
      assert.match(await page.locator('#fault').innerText(), /no mobile number/);
      await mustBeWellMade(page, 'register with a fault');
      const { message } = await askForCode(page, '13800138002');
      await mustBeWellMade(page, 'code');
      await typeCode(page, message);
      await mustBeWellMade(page, 'name and password');
    });
  });

  let recoveryCodes: string[] = [];

  it('adds an authenticator app, recovery codes and a passkey, each told by SMS; renames and removes them', async () => {
    await on(phone, async (page) => {
      await addAuthenticator(page);
      await signIn(page, loginName, '/account/factors', password);
      await mustBeWellMade(page, 'ways to sign in');
      await follow(page.getByRole('link', { name: '添加验证器' }));
      await mustBeWellMade(page, 'adding an app');
      const key = (await page.locator('.code-text').innerText()).replaceAll(' ', '');
      await page.locator('#code').fill('abcdef');
      await follow(page.locator('main button[type=submit]').first());
      assert.match(await page.locator('#fault').innerText(), /验证码不正确/);
      assert.equal((await page.locator('.code-text').innerText()).replaceAll(' ', ''), key);
      await page.locator('#code').fill(new TOTP({ secret: Secret.fromBase32(key) }).generate());
      await page.locator('#label').fill('我的手机');
      await follow(page.locator('main button[type=submit]').first());
      assert.match(await page.locator('[role=status]').innerText(), /已添加/);
      assert.match(await sms.message(`+86${number}`, 2), /新增了一种登录验证方式/);

      await follow(page.getByRole('link', { name: '生成新的恢复码' }));
      await follow(page.getByRole('button', { name: '生成恢复码' }));
      recoveryCodes = await page.locator('.recovery-codes code').allInnerTexts();
      assert.equal(new Set(recoveryCodes).size, 10);
      await mustBeWellMade(page, 'recovery codes shown');

      await page.goto('/account/factors/passkey');
      await mustBeWellMade(page, 'adding a passkey');
      await follow(page.getByRole('button', { name: '添加' }), '/account/factors');
      assert.match(await page.locator('main').innerText(), /剩余可用：10/);
      await follow(page.getByRole('link', { name: '改名或移除 通行密钥' }));
      await mustBeWellMade(page, 'one way to sign in');
      await page.locator('#label').fill('办公室电脑');
      await follow(page.getByRole('button', { name: '保存名称' }));
      assert.match(await page.locator('main').innerText(), /办公室电脑/);
      for (const label of ['办公室电脑', '我的手机']) {
        await follow(page.getByRole('link', { name: `改名或移除 ${label}` }));
        await follow(page.getByRole('button', { name: '移除' }));
      }
      assert.doesNotMatch(await page.locator('main').innerText(), /办公室电脑|我的手机/);
    });
    const { items } = await server.services.audit.entries({ action: 'factor.changed', limit: 20 });
    const deeds = items.map(({ facts }) => [facts['kind'], facts['deed']]).reverse();
    assert.deepEqual(deeds.slice(-6), [
      ['totp', 'added'],
      ['recovery-codes', 'replaced'],
      ['passkey', 'added'],
      ['passkey', 'renamed'],
      ['passkey', 'removed'],
      ['totp', 'removed'],
    ]);
  });

  it('OpenID Connect Core 3.1.2.1, max_age: asks for a recent sign-in before a deed, and comes back to it', async () => {
    await as(
      'citizen2',
      '/account',
      async (page) => {
        const asked: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        await page.goto('/account/factors/password');
        assert.ok(!asked.some((url) => url.includes('/oidc/auth')));
        const { database } = server.services;
        // The tests before have changed this person's factors: that a sign-in must be newer than such a change is not asked here.
        await database.query({ text: 'UPDATE identity.account SET factors_changed_at = NULL' });
        await database.query({
          text: `UPDATE http.session SET sess = jsonb_set(sess::jsonb, '{passport,user,authTimeSeconds}', '1000000000')::json
            WHERE sess::jsonb #> '{passport,user}' IS NOT NULL`,
        });
        await page.goto('/account/factors/password');
        await page.waitForURL((url) => url.pathname === '/account/factors/password');
        const authorization = asked.find((url) => url.includes('/oidc/auth?'));
        assert.equal(new URL(authorization ?? '').searchParams.get('max_age'), '240');
        await mustBeWellMade(page, 'password');
        await fillPassword(page, 'short');
        assert.match(await page.locator('#fault').innerText(), /密码太短/);
      },
      phone,
    );
  });

  it('gets back in by telephone and recovery code; a name that nobody has looks the same', async () => {
    await on({ ...phone, ...english }, async (page) => {
      const ask = async (name: string) => {
        await page.goto('/recover');
        await page.locator('#loginName').fill(name);
        await follow(page.locator('main button[type=submit]'));
        return page.content();
      };
      await page.goto('/recover');
      const unknown = await ask('nobody-at-all');
      await page.locator('#code').fill('123456');
      await follow(page.locator('main button[type=submit]'));
      assert.match(await page.locator('#fault').innerText(), /not right/);
      await mustBeWellMade(page, 'recover with a fault');
      // Newer than all notices so far, and the first of this number within the minute's limit.
      await server.services.database.query({ text: "DELETE FROM identity.sign_in_attempt WHERE subject LIKE 'sms-%'" });
      assert.equal(await ask(loginName), unknown);
      await page.locator('#code').fill(/\d{6}/.exec(await sms.code(`+86${number}`, 2))?.[0] ?? '');
      await follow(page.locator('main button[type=submit]'));
      await page.locator('#proof').fill('aaaaa-aaaaa');
      await fillPassword(page, 'new words for a horse');
      assert.match(await page.locator('#fault').innerText(), /not right/);
      await mustBeWellMade(page, 'second proof');
      await page.locator('#proof').fill(recoveryCodes[0] ?? '');
      await fillPassword(page, 'new words for a horse');
      assert.match(await page.locator('h1').innerText(), /was reset/);
    });
    const { items } = await server.services.audit.entries({ action: 'account.recovered', limit: 2 });
    assert.deepEqual(
      items.map(({ facts }) => facts),
      [{ how: 'recovery-code', counts: true }],
    );
  });

  it('closes an account after two steps and the typed name, and the name leads nowhere from then on', async () => {
    await on({ ...phone, ...english }, async (page) => {
      await signIn(page, loginName, '/account', 'new words for a horse');
      assert.match(await page.locator('main').innerText(), /Not given yet/);
      await follow(page.locator('a.door[href="/account/systems"]'));
      assert.match(await page.locator('main').innerText(), /no system yet/);
      await mustBeWellMade(page, 'no systems');
      await page.goto('/account/close');
      await mustBeWellMade(page, 'closing');
      await follow(page.getByRole('link', { name: 'Go on' }));
      await page.locator('#loginName').fill('somebody-else');
      await follow(page.getByRole('button', { name: 'Close my account' }));
      assert.match(await page.locator('#fault').innerText(), /not closed/);
      await page.locator('#loginName').fill(loginName);
      await follow(page.getByRole('button', { name: 'Close my account' }));
      assert.match(await page.locator('h1').innerText(), /The account is closed/);
      await page.goto('/account');
      assert.match(page.url(), /\/sign-in\//);
    });
    const { identity } = server.services;
    const account = await identity.accounts.findByLoginName(loginName);
    assert.equal(account?.status, 'closed');
    assert.deepEqual(await identity.factors.listOf(account?.accountId ?? ''), []);
  });
});

async function fillPassword(page: Page, password: string): Promise<void> {
  await page.locator('#password').fill(password);
  await page.locator('#passwordAgain').fill(password);
  await follow(page.locator('main button[type=submit]').first());
}
