// Wrong passwords, limits and foreign forms; ASVS 5.0 V6, GB/T 22239-2019 8.1.4.1, the login rows of the security catalogue.

import assert from 'node:assert/strict';
import { hash } from '@node-rs/argon2';
import type { Account } from '../../../src/identity/accounts/accounts.ts';
import { PasswordHasher, passwordFault } from '../../../src/identity/accounts/password-hasher.ts';
import { SignInLimits } from '../../../src/identity/sign-in/sign-in-limits.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { begin, callback, password, person, type Service, signInAndAgree, startService } from './service.ts';
import type { Browser, Page } from './browser.ts';

describe('Sign-in by password', () => {
  let service: Service;
  let alice: Account;
  let victim: Account;

  before(async () => {
    service = await startService();
    alice = await person(service.identity, 'alice', 3);
    victim = await person(service.identity, 'victim', 3);
  });
  after(() => service.close());

  async function form(): Promise<{ browser: Browser; page: Page; path: string }> {
    const browser = service.browser();
    const { page } = await begin(await service.client('sandbox-web'), browser);
    return { browser, page, path: new URL(page.url).pathname };
  }

  const plain = (text: string, path: string): string =>
    text.replaceAll(path, '/sign-in/…').replace(/value="[^"]*"/g, '');

  it('gives the same answer for a wrong password and for a name that nobody has', async () => {
    const { browser, page, path } = await form();
    const wrong = await browser.submit(page, path, { loginName: 'alice', password: 'not the password' });
    const unknown = await browser.submit(page, path, { loginName: 'nobody-here', password: 'not the password' });
    const impossible = await browser.submit(page, path, { loginName: '没有人', password: 'not the password' });
    assert.equal(wrong.status, 401);
    assert.match(wrong.text, /role="alert"/);
    assert.match(wrong.text, /name="loginName"[^>]*value="alice"/);
    assert.doesNotMatch(wrong.text, /not the password/);
    for (const other of [unknown, impossible]) {
      assert.equal(other.status, 401);
      assert.equal(plain(other.text, path), plain(wrong.text, path));
    }
    const failed = await service.entries('sign-in');
    assert.deepEqual(
      failed.map(({ outcome, code, subjectId }) => ({ outcome, code, subjectId })),
      [alice.accountId, null, null].map((subjectId) => ({ outcome: 'failed', code: 'credentials-wrong', subjectId })),
    );
    // A name that nobody has may be a password: a keyed hash stands for it.
    assert.deepEqual(failed[0]?.personal, {});
    const hash = failed[1]?.personal['nameHash'];
    assert.ok(typeof hash === 'string' && /^[\w-]{16}$/.test(hash));
    assert.ok(!JSON.stringify(failed).includes('nobody-here'));
  });

  it('does the work of one hash for a name that nobody has', async () => {
    const hasher = new PasswordHasher();
    await hasher.warmUp();
    const known = await hasher.hash(password);
    assert.match(known, /^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
    assert.equal(await hasher.matches(password, known), true);
    assert.equal(await hasher.matches(password, undefined), false);
    assert.equal(await hasher.matches(password.repeat(100), known), false);
  });

  it('makes a hash with weaker parameters anew when the password was right', async () => {
    const { test, identity } = service;
    const carol = await person(identity, 'carol', 3);
    const weak = await hash(password, { algorithm: 2, memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await identity.accounts.renewPasswordHash(carol.accountId, {
      from: (await identity.accounts.credentialsOf('carol'))?.passwordHash ?? '',
      to: weak,
    });
    for (const right of [false, true]) {
      const attempt = { loginName: 'carol', password: right ? password : 'not the password' };
      assert.equal((await identity.signIn.authenticate(attempt, {})).signedIn, right);
      const { rows } = await test.database.query<{ password_hash: string }>({
        text: "SELECT password_hash FROM identity.account WHERE login_name = 'carol'",
      });
      assert.equal(rows[0]?.password_hash === weak, !right);
    }
    assert.match((await identity.accounts.credentialsOf('carol'))?.passwordHash ?? '', /m=47104,t=1,p=1/);
  });

  it('refuses a storm of passwords instead of queueing it without end', async () => {
    const hasher = new PasswordHasher();
    const outcomes = await Promise.allSettled(Array.from({ length: 110 }, () => hasher.matches('x', 'not a hash')));
    const refused = outcomes.filter(
      (outcome) => outcome.status === 'rejected' && outcome.reason.code === 'too-many-requests',
    );
    assert.equal(refused.length, 8);
  });

  it('says plainly when a field is empty', async () => {
    const { browser, page, path } = await form();
    const answer = await browser.submit(page, path, { loginName: 'alice', password: '' });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /请填写用户名和密码/);
  });

  it('stops after five wrong passwords with a page that says how long to wait, also for the right password', async () => {
    const { browser, page, path } = await form();
    for (let i = 0; i < 5; i++)
      await browser.submit(page, path, { loginName: 'victim', password: `wrong password ${i}` });
    const locked = await browser.submit(page, path, { loginName: 'victim', password });
    assert.equal(locked.status, 429);
    assert.ok(Number(locked.headers.get('retry-after')) > 0);
    assert.match(locked.text, /请稍后再试/);
    const { items } = await service.audit.entries({ action: 'sign-in', subjectId: victim.accountId, limit: 10 });
    assert.deepEqual(
      items.map(({ code }) => code),
      ['account-locked', ...Array.from({ length: 5 }, () => 'credentials-wrong')],
    );
    const other = await form();
    const back = await signInAndAgree(other.browser, other.page, 'alice');
    assert.ok(back.url.startsWith(callback), 'another account is not touched');
  });

  it('counts tries in parallel, in any process, before passwords are looked at', async () => {
    const { database } = service.test;
    const clock = frozenClock(systemClock.now());
    const processes = [new SignInLimits({ database, clock }), new SignInLimits({ database, clock })] as const;
    const admissions = await Promise.all(
      Array.from({ length: 20 }, (_, i) => processes[i % 2 === 0 ? 0 : 1].admit('parallel', '192.0.2.0/24', undefined)),
    );
    assert.equal(admissions.filter(({ admitted }) => admitted).length, 5);
    assert.equal(admissions.filter((admission) => !admission.admitted && admission.first).length, 1);
    clock.advance(16 * 60_000);
    assert.equal((await processes[0].admit('parallel', '192.0.2.0/24', undefined)).admitted, true);
  });

  it('lets the owner in from a known network while strangers elsewhere try the account', async () => {
    const { database } = service.test;
    const limits = new SignInLimits({ database, clock: frozenClock(systemClock.now()) });
    await limits.admit('alice', '203.0.113.0/24', alice.accountId);
    await limits.succeeded('alice', '203.0.113.0/24', alice.accountId);
    for (let i = 0; i < 40; i++) await limits.admit('alice', `198.51.${i}.0/24`, alice.accountId);
    assert.equal((await limits.admit('alice', '198.51.99.0/24', alice.accountId)).admitted, false);
    assert.equal((await limits.admit('alice', '203.0.113.0/24', alice.accountId)).admitted, true);
  });

  it('refuses a form from a foreign page, and an interaction of another browser', async () => {
    const { browser, page, path } = await form();
    const fields = { loginName: 'alice', password };
    const foreign = { origin: 'https://evil.example', accept: 'application/json' };
    assert.equal((await browser.submit(page, path, fields, foreign)).status, 403);
    const crossSite = { 'sec-fetch-site': 'cross-site', accept: 'application/json' };
    assert.equal((await browser.submit(page, path, fields, crossSite)).status, 403);
    assert.equal((await service.browser().open(page.url)).status, 410);
  });

  it('sends pages that frame nothing, load nothing foreign and are kept by no cache', async () => {
    const { page } = await form();
    const csp = page.headers.get('content-security-policy') ?? '';
    assert.match(csp, /form-action 'self'/);
    assert.match(csp, /frame-ancestors 'none'/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.doesNotMatch(page.text, /<script(?! type="module" src="\/assets\/)|style=|https?:\/\/(?!127\.0\.0\.1)/);
  });

  it('speaks English when asked', async () => {
    const { browser, page } = await form();
    const english = await browser.open(`${page.url}?lang=en`);
    assert.match(english.text, /You are signing in to: <strong>Sandbox site/);
  });

  it('knows an unfit password', () => {
    assert.equal(passwordFault('short', 'alice'), 'shorter than 10 characters');
    assert.equal(passwordFault('长'.repeat(300), 'alice'), 'longer than 512 bytes');
    assert.equal(passwordFault('my name is alice', 'alice'), 'contains the login name');
    assert.equal(passwordFault('nul\u0000 is in here', 'alice'), 'contains control characters');
    assert.equal(passwordFault(password, 'citizen1'), undefined);
  });
});
