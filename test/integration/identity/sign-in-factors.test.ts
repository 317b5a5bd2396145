// Signing in by each factor through the forms, with its limits and refusals; RFC 8176, RFC 6238, WebAuthn Level 3, NIST SP 800-63B 3.1.3.

import assert from 'node:assert/strict';
import type { Configuration } from 'openid-client';
import { Secret, TOTP } from 'otpauth';
import type { Account } from '../../../src/identity/accounts/accounts.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { SmsCodes } from '../../../src/identity/factors/sms-codes.ts';
import type { SmsMessage } from '../../../src/identity/factors/sms-gateway.ts';
import { SignInLimits } from '../../../src/identity/sign-in/sign-in-limits.ts';
import { frozenClock, randomBytes, systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import { Authenticator } from '../../support/authenticator.ts';
import type { Browser, Page } from './browser.ts';
import { begin, callback, password, person, redeem, type Service, type Started, startService } from './service.ts';

describe('Sign-in by each factor', () => {
  const clock = frozenClock(systemClock.now());
  let service: Service;
  let numbers = 0;

  before(async () => {
    service = await startService({ clock });
  });
  after(() => service.close());

  const as = (account: Account): Principal => ({
    kind: 'person',
    accountId: account.accountId,
    scopes: new Set(),
    roles: new Set(),
    level: account.level,
  });

  const newNumber = (): string => `+8613800${String(++numbers).padStart(6, '0')}`;

  async function withPhone(loginName: string, level: 3 | 4 = 3) {
    const account = await person(service.identity, loginName, level);
    const number = newNumber();
    await service.identity.factors.bindPhone(account, number, as(account));
    return { account, number };
  }

  interface Signing {
    readonly browser: Browser;
    readonly started: Started;
    readonly path: string;
  }

  async function start(more: Record<string, string> = {}, client?: Configuration): Promise<Signing> {
    const browser = service.browser();
    const started = await begin(client ?? (await service.client('sandbox-web')), browser, more);
    return { browser, started, path: new URL(started.page.url).pathname };
  }

  /** Agrees, and returns what the ID token says of the sign-in. */
  async function settled({ browser, started }: Signing, page: Page) {
    const back = page.text.includes('/consent"') ? await browser.submit(page, '/consent', {}) : page;
    assert.ok(back.url.startsWith(callback), back.text.slice(0, 3000));
    const claims = (await redeem(await service.client('sandbox-web'), started, back)).claims();
    return { sub: claims?.sub, acr: claims?.['acr'], amr: claims?.['amr'] };
  }

  async function lastCode(): Promise<string> {
    await service.identity.factors.smsCodes.idle();
    return /\d{6}/.exec(service.messages.at(-1)?.text ?? '')?.[0] ?? '';
  }

  async function codePage({ browser, path, started }: Signing, number: string): Promise<Page> {
    const page = await browser.open(`${started.page.url}/sms`);
    return browser.submit(page, `${path}/sms`, { number });
  }

  const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

  describe('a code by SMS', () => {
    it('signs in whoever has the telephone, typed in any spelling', async () => {
      const { account, number } = await withPhone('text1');
      const signing = await start();
      const typed = `0086 ${number.slice(3, 6)}-${number.slice(6)}`.replace('0', '０');
      const page = await codePage(signing, typed);
      assert.match(page.text, /autocomplete="one-time-code"/);
      const code = await lastCode();
      assert.equal(service.messages.at(-1)?.to, number);
      const refused = await signing.browser.submit(page, '/sms/code', { code: wrong(code) });
      assert.equal(refused.status, 401);
      assert.match(refused.text, /验证码不正确/);
      const said = await settled(signing, await signing.browser.submit(refused, '/sms/code', { code }));
      assert.deepEqual(said, { sub: account.accountId, acr: 'urn:yinxin:rn:3', amr: ['sms'] });
    });

    it('says the same of a number that nobody has, and sends nothing', async () => {
      const { number } = await withPhone('text2');
      const known = await start();
      const knownPage = await codePage(known, number);
      await service.identity.factors.smsCodes.idle();
      const sent = service.messages.length;
      const unknown = await start();
      const stranger = newNumber();
      const page = await codePage(unknown, stranger);
      const plain = (text: string, path: string, to: string): string =>
        text.replaceAll(path, '…').replaceAll(`${to.slice(3, 6)}****${to.slice(-4)}`, '…');
      assert.equal(plain(page.text, unknown.path, stranger), plain(knownPage.text, known.path, number));
      await service.identity.factors.smsCodes.idle();
      assert.equal(service.messages.length, sent);
      const refused = await unknown.browser.submit(page, '/sms/code', { code: '123456' });
      assert.equal(refused.status, 401);
    });

    it('refuses numbers abroad, of other services, and markup', async () => {
      const signing = await start();
      for (const number of ['+12025550123', '12345', '16', '+86138001380001', '138<b>', '95588']) {
        const page = await codePage(signing, number);
        assert.equal(page.status, 400);
        assert.match(page.text, /请填写 11 位中国大陆手机号码/);
      }
    });

    it('is over after five tries, after five minutes, and when it was used', async () => {
      const { number } = await withPhone('text3');
      const signing = await start();
      let page = await codePage(signing, number);
      const code = await lastCode();
      for (let i = 0; i < 5; i++) page = await signing.browser.submit(page, '/sms/code', { code: wrong(code) });
      page = await signing.browser.submit(page, '/sms/code', { code });
      assert.match(page.text, /验证码已失效/);
      clock.advance(61_000);
      const late = await start();
      page = await codePage(late, number);
      const second = await lastCode();
      clock.advance(5 * 60_000);
      assert.match((await late.browser.submit(page, '/sms/code', { code: second })).text, /验证码已失效/);
    });

    it('gives one of 50 answers at once the account', async () => {
      const { account, number } = await withPhone('text4');
      const { smsCodes } = service.identity.factors;
      const matter = { purpose: 'sign-in', context: 'one matter' } as const;
      const to = { ...matter, number, accountId: account.accountId, deliver: true, language: 'en' } as const;
      await smsCodes.send(to, {});
      const code = await lastCode();
      const tried = await Promise.all(Array.from({ length: 50 }, () => smsCodes.redeem(matter, code)));
      assert.equal(tried.filter((one) => one?.right === true).length, 1);
      assert.equal(await smsCodes.redeem({ ...matter, purpose: 'recover' }, code), undefined, 'for one purpose');
      const { rows } = await service.test.database.query<{ text: string }>({
        text: 'SELECT c::text AS text FROM identity.sms_code c',
      });
      assert.ok(rows.length > 0 && rows.every(({ text }) => !text.includes(number.slice(3))));
    });

    it('is sent once a minute and five times an hour to one number, whatever its spelling and whoever asks', async () => {
      const { number } = await withPhone('text5');
      const first = await start();
      await codePage(first, number);
      await service.identity.factors.smsCodes.idle();
      const sent = service.messages.length;
      const soon = await codePage(await start(), number.slice(3));
      assert.equal(soon.status, 429);
      assert.ok(Number(soon.headers.get('retry-after')) > 0);
      assert.match(soon.text, /短信发送过于频繁/);
      for (let i = 0; i < 5; i++) {
        clock.advance(61_000);
        await codePage(await start(), number);
      }
      await service.identity.factors.smsCodes.idle();
      assert.equal(service.messages.length, sent + 4 - 1, 'the refused one counted too');
    });

    it('leaves the owner their codes from a known network, whatever strangers elsewhere ask for', async () => {
      const { account, number } = await withPhone('text7');
      const { database } = service.test;
      const limits = new SignInLimits({ database, clock });
      await limits.succeeded('text7', '203.0.113.0/24', account.accountId);
      const ask = (origin: string, context: string) =>
        service.identity.factors.smsCodes.send(
          { purpose: 'sign-in', context, number, accountId: account.accountId, deliver: true, language: 'zh-CN' },
          { origin },
        );
      for (let i = 0; i < 5; i++) {
        await ask(`198.51.${i}.0/24`, `stranger ${i}`);
        clock.advance(61_000);
      }
      await assert.rejects(ask('198.51.99.0/24', 'stranger'), { code: 'too-many-requests' });
      clock.advance(61_000);
      await ask('203.0.113.0/24', 'owner');
    });

    it('is sent so many times a day by the whole service, of which what is not sent uses up nothing', async () => {
      const { account, number } = await withPhone('text8');
      const { database } = service.test;
      const sent: SmsMessage[] = [];
      const smsCodes = new SmsCodes({
        database,
        audit: service.audit,
        cipher: new FieldCipher({ keyEncryptionKey: randomBytes(32) }),
        gateway: { send: async (message) => void sent.push(message) },
        limits: new SignInLimits({ database, clock }),
        clock,
        log: silentLog,
        maxPerDay: 2,
      });
      await database.query({
        text: "DELETE FROM identity.sign_in_attempt WHERE subject IN ('sms-house', 'sms-unsent')",
      });
      for (let i = 0; i < 6; i++) {
        const deliver = i >= 3;
        const to = deliver ? { number, accountId: account.accountId } : { number: newNumber(), accountId: undefined };
        const request = { purpose: 'sign-in', context: `day ${i}`, ...to, deliver, language: 'en' } as const;
        await smsCodes.send(request, { origin: '192.0.2.0/24' });
        clock.advance(61_000);
      }
      await smsCodes.idle();
      assert.equal(sent.length, 2);
    });

    it('opens no account by a number that was silent for three months: it may be somebody else’s', async () => {
      const { account, number } = await withPhone('text6');
      await service.test.database.query({
        text: "UPDATE identity.factor SET created_at = created_at - interval '91 days' WHERE label = $1",
        values: [`138****${number.slice(-4)}`],
      });
      await service.identity.factors.smsCodes.idle();
      const sent = service.messages.length;
      const page = await codePage(await start(), number);
      assert.match(page.text, /如果该号码已绑定账户/);
      await service.identity.factors.smsCodes.idle();
      assert.equal(service.messages.length, sent);
      assert.equal((await service.identity.factors.methodsOf(account.accountId)).phone?.amr[0], 'sms');
    });
  });

  describe('a second factor', () => {
    let generator: TOTP;
    let carol: Account;

    before(async () => {
      ({ account: carol } = await withPhone('carol', 4));
      const { factors } = service.identity;
      const { secret, draft } = factors.totp.draftFor(carol);
      generator = new TOTP({ secret: Secret.fromBase32(secret) });
      await factors.addTotp(carol, { draft, code: code(), label: '' }, as(carol));
    });

    const code = (): string => generator.generate({ timestamp: clock.now().getTime() });
    const typed = async (signing: Signing, loginName: string): Promise<Page> =>
      signing.browser.submit(signing.started.page, signing.path, { loginName, password });

    it('is asked of whoever has one, and makes level 4', async () => {
      clock.advance(30_000);
      const signing = await start();
      const page = await typed(signing, 'carol');
      assert.match(page.text, /还需要一步验证/);
      assert.match(page.text, /验证器 App/);
      for (const method of ['GET', 'POST']) {
        const early = await signing.browser.request(page.url.replace('second-factor', 'consent'), { method });
        assert.deepEqual([early.status, early.headers.get('location')], [303, new URL(page.url).pathname]);
      }
      const refused = await signing.browser.submit(page, '/second-factor/totp', { code: wrong(code()) });
      assert.equal(refused.status, 401);
      const said = await settled(
        signing,
        await signing.browser.submit(refused, '/second-factor/totp', { code: code() }),
      );
      assert.deepEqual(said, { sub: carol.accountId, acr: 'urn:yinxin:rn:4', amr: ['otp', 'pwd', 'mfa'] });
    });

    it('can be another: a code by SMS, a recovery code', async () => {
      const texted = await start();
      await typed(texted, 'carol');
      const choice = await texted.browser.open(`${texted.started.page.url}/second-factor?method=phone`);
      const sent = await texted.browser.submit(choice, '/phone/send', {});
      const back = await texted.browser.submit(sent, '/second-factor/phone', { code: await lastCode() });
      assert.deepEqual((await settled(texted, back)).amr, ['pwd', 'sms', 'mfa']);
      const [recovery = ''] = await service.identity.factors.makeRecoveryCodes(carol, as(carol));
      const coded = await start();
      await typed(coded, 'carol');
      const page = await coded.browser.open(`${coded.started.page.url}/second-factor?method=recoveryCode`);
      const done = await coded.browser.submit(page, '/second-factor/recoveryCode', { code: recovery });
      assert.deepEqual((await settled(coded, done)).amr, ['otp', 'pwd', 'mfa']);
    });

    it('is the password for whoever began with the telephone', async () => {
      clock.advance(61_000);
      const signing = await start();
      const number = (await service.identity.factors.keptOf(carol.accountId)).find(({ kind }) => kind === 'phone');
      assert.ok(number);
      const page = await codePage(signing, service.identity.factors.numberOf(number));
      const asked = await signing.browser.submit(page, '/sms/code', { code: await lastCode() });
      assert.match(asked.text, /second-factor\/password"/);
      assert.doesNotMatch(asked.text, /second-factor\/totp/);
      const back = await signing.browser.submit(asked, '/second-factor/password', { password });
      assert.deepEqual((await settled(signing, back)).amr, ['pwd', 'sms', 'mfa']);
    });

    it('is asked where the client wants level 4, of whoever has only a telephone', async () => {
      const { account } = await withPhone('dora', 4);
      const signing = await start({ acr_values: 'urn:yinxin:rn:4' });
      const page = await typed(signing, 'dora');
      const sent = await signing.browser.submit(page, '/phone/send', {});
      const back = await signing.browser.submit(sent, '/second-factor/phone', { code: await lastCode() });
      assert.deepEqual(await settled(signing, back), {
        sub: account.accountId,
        acr: 'urn:yinxin:rn:4',
        amr: ['pwd', 'sms', 'mfa'],
      });
    });

    it('is refused before a first proof, in another browser, and from a foreign page', async () => {
      const fresh = await start();
      assert.equal((await fresh.browser.open(`${fresh.started.page.url}/second-factor`)).status, 410);
      const signing = await start();
      const page = await typed(signing, 'carol');
      assert.equal((await service.browser().open(page.url)).status, 410);
      const foreign = { origin: 'https://evil.example', accept: 'application/json' };
      const sent = await signing.browser.submit(page, '/second-factor/totp', { code: code() }, foreign);
      assert.equal(sent.status, 403);
    });

    it('comes before every other step: a password alone raises no level, with whoever’s face, and shows no organisations', async () => {
      const signing = await start({ acr_values: 'urn:yinxin:rn:4' });
      await typed(signing, 'carol');
      const { browser, started } = signing;
      for (const step of ['raise-level', 'choose-party'])
        assert.equal((await browser.open(`${started.page.url}/${step}`)).status, 410, step);
      for (const form of ['raise-level/register', 'raise-level/face', 'raise-level/face-result', 'choose-party']) {
        const body = new URLSearchParams({
          consent: 'yes',
          name: '测试壬',
          idNumber: '990000198511120035',
          mandate: '',
        });
        const answer = await browser.request(`${started.page.url}/${form}`, { method: 'POST', body });
        assert.equal(answer.status, 410, form);
      }
    });

    it('ends once: of two right answers at once one goes on', async () => {
      const [first = '', second = ''] = await service.identity.factors.makeRecoveryCodes(carol, as(carol));
      // Our own pages ask for no consent: the second factor is the last answer of this sign-in.
      const signing = await start({}, await service.client('yinxin-pages', 'a secret of our own pages'));
      const page = await typed(signing, 'carol');
      const url = `${signing.started.page.url}/second-factor/recoveryCode`;
      const answers = await Promise.all(
        [first, second].map((one) =>
          signing.browser.request(url, { method: 'POST', body: new URLSearchParams({ code: one }) }),
        ),
      );
      assert.deepEqual(
        answers.map(({ status }) => status).sort((a, b) => a - b),
        [200, 410],
        page.url,
      );
    });
  });

  describe('a passkey', () => {
    let eve: Account;
    let device: Authenticator;

    before(async () => {
      eve = await person(service.identity, 'eve', 4);
      device = new Authenticator({ rpId: new URL(service.publicUrl).hostname, origin: service.publicUrl });
      const { factors } = service.identity;
      const asked = await factors.passkeys.creationOptions(eve, { context: 'bind', factors: [] });
      await factors.addPasskey(eve, { context: 'bind', answer: device.create(asked), label: '' }, as(eve));
    });

    async function options({ browser }: Signing, url: string): Promise<{ challenge: string; allowCredentials?: [] }> {
      return JSON.parse((await browser.request(url, { method: 'POST', headers: { accept: 'application/json' } })).text);
    }

    it('is the only thing that is needed, and more than a password', async () => {
      const signing = await start();
      assert.match(signing.started.page.text, /data-passkey="get"[^>]* hidden>/);
      const asked = await options(signing, `${signing.started.page.url}/passkey/options`);
      assert.deepEqual(asked.allowCredentials, []);
      const back = await signing.browser.submit(signing.started.page, '/passkey', { answer: device.get(asked) });
      assert.deepEqual(await settled(signing, back), {
        sub: eve.accountId,
        acr: 'urn:yinxin:rn:4',
        amr: ['hwk', 'user', 'mfa'],
      });
    });

    it('is asked of its owner after the password, by its name', async () => {
      const signing = await start();
      const page = await signing.browser.submit(signing.started.page, signing.path, { loginName: 'eve', password });
      assert.match(page.text, /second-factor\/passkey"/);
      const asked = await options(signing, `${signing.started.page.url}/second-factor/passkey/options`);
      assert.equal(asked.allowCredentials?.length, 1);
      const back = await signing.browser.submit(page, '/second-factor/passkey', { answer: device.get(asked) });
      assert.deepEqual((await settled(signing, back)).amr, ['hwk', 'mfa', 'pwd', 'user']);
    });

    it('opens nothing with a challenge of another sign-in, and says so on the page', async () => {
      const one = await start();
      const other = await start();
      const asked = await options(other, `${other.started.page.url}/passkey/options`);
      const refused = await one.browser.submit(one.started.page, '/passkey', { answer: device.get(asked) });
      assert.equal(refused.status, 401);
      assert.match(refused.text, /没有找到可用的通行密钥/);
      const empty = await one.browser.submit(one.started.page, '/passkey', { answer: '' });
      assert.equal(empty.status, 401);
    });
  });
});
