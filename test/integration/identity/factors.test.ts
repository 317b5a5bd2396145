// Factors of a person against a real database: what proves, what is refused, and that each thing of one use has one; RFC 6238, WebAuthn Level 3, NIST SP 800-63B.

import assert from 'node:assert/strict';
import { Secret, TOTP } from 'otpauth';
import type { Account } from '../../../src/identity/accounts/accounts.ts';
import { strengthOf } from '../../../src/identity/levels/levels.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { house, type Principal, type RealNameLevel } from '../../../src/kernel/principal.ts';
import { Authenticator } from '../../support/authenticator.ts';
import { person, type Service, startService } from './service.ts';

const home = { origin: '203.0.113.0/24' };

describe('Factors of an account', () => {
  const clock = frozenClock(systemClock.now());
  let service: Service;
  let alice: Account;
  let bob: Account;

  before(async () => {
    service = await startService({ clock, publicUrl: 'http://localhost:4711' });
    alice = await person(service.identity, 'alice', 3);
    bob = await person(service.identity, 'bob', 4);
  });
  after(() => service.close());

  const as = (account: Account, level: RealNameLevel = account.level): Principal => ({
    kind: 'person',
    accountId: account.accountId,
    scopes: new Set(),
    roles: new Set(),
    level,
    ...home,
  });

  /** Later by more than a window of limits, less than a day. */
  const later = () => clock.advance(16 * 60_000);

  describe('RFC 6238: codes of an app', () => {
    let generator: TOTP;
    const code = (steps = 0): string => generator.generate({ timestamp: clock.now().getTime() + steps * 30_000 });
    const verify = async (account: Account, text: string) =>
      service.identity.factors.totp.verify(
        { account },
        { factors: await service.identity.factors.keptOf(account.accountId), code: text },
        home,
      );

    it('is bound when a code shows that the app has the secret, and not to another account', async () => {
      const { factors } = service.identity;
      const { secret, uri, draft } = factors.totp.draftFor(alice);
      assert.match(uri, /^otpauth:\/\/totp\/Yinxin:alice\?/);
      generator = new TOTP({ secret: Secret.fromBase32(secret) });
      const wrong = String((Number(code()) + 1) % 1_000_000).padStart(6, '0');
      await assert.rejects(factors.addTotp(alice, { draft, code: wrong, label: '' }, as(alice)), {
        code: 'credentials-wrong',
      });
      await assert.rejects(factors.addTotp(bob, { draft, code: code(), label: '' }, as(bob)), {
        code: 'interaction-expired',
      });
      const added = await factors.addTotp(alice, { draft, code: code(), label: ' 我的\u0000手机 ' }, as(alice));
      assert.equal(added.label, '我的手机');
      assert.equal(added.countsFrom, undefined);
      assert.equal((await service.identity.accounts.find(alice.accountId))?.secondFactor, true);
    });

    it('takes each time step once: not the one that bound it, and of 50 answers at once one', async () => {
      assert.equal((await verify(alice, code())).ok, false);
      later();
      const { factors } = service.identity;
      const kept = await factors.keptOf(alice.accountId);
      const shown = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          factors.totp.verify({ account: alice }, { factors: kept, code: code() }, { origin: `198.51.${i}.0/24` }),
        ),
      );
      const winners = shown.filter((outcome) => outcome.ok);
      assert.deepEqual(winners, [{ ok: true, proven: { amr: ['otp'], counting: ['otp'] } }]);
    });

    it('takes a code of the step before and after, and none two steps away', async () => {
      later();
      assert.equal((await verify(alice, code(-2))).ok, false);
      assert.equal((await verify(alice, code(2))).ok, false);
      assert.equal((await verify(alice, code(-1))).ok, true);
      assert.equal((await verify(alice, code(1))).ok, true);
      assert.equal((await verify(alice, code(0))).ok, false, 'an earlier step is over');
    });

    it('counts tries before looking: the sixth waits, right or wrong, and leaves one entry', async () => {
      later();
      const locked = async () => (await service.entries('sign-in')).filter(({ code: why }) => why === 'account-locked');
      const earlier = (await locked()).length;
      for (let i = 0; i < 5; i++) assert.equal((await verify(alice, 'abcdef')).ok, false);
      const sixth = await verify(alice, code());
      assert.deepEqual(sixth, { ok: false, code: 'account-locked', retryAfterSeconds: 900 });
      await verify(alice, code());
      assert.deepEqual(
        (await locked()).slice(earlier).map(({ subjectId, facts }) => [subjectId, facts['amr']]),
        [[alice.accountId, 'totp']],
      );
      later();
      assert.equal((await verify(alice, code())).ok, true);
    });

    it('keeps the secret sealed', async () => {
      const { rows } = await service.test.database.query<{ secret: Uint8Array }>({
        text: "SELECT secret FROM identity.factor WHERE kind = 'totp'",
      });
      assert.equal(rows.length, 1);
      assert.equal(Buffer.from(rows[0]?.secret ?? []).includes(Buffer.from(generator.secret.buffer)), false);
    });
  });

  describe('WebAuthn Level 3: passkeys', () => {
    const options = { rpId: 'localhost', origin: 'http://localhost:4711' };
    const device = new Authenticator({ ...options });
    const phone = new Authenticator({ ...options, synced: true });

    async function bind(account: Account, authenticator: Authenticator, level = account.level) {
      const { factors } = service.identity;
      const kept = await factors.keptOf(account.accountId);
      const asked = await factors.passkeys.creationOptions(account, { context: 'bind', factors: kept });
      return factors.addPasskey(
        account,
        { context: 'bind', answer: authenticator.create(asked), label: '' },
        as(account, level),
      );
    }

    async function answer(authenticator: Authenticator, bent: Parameters<Authenticator['get']>[1] = {}) {
      return authenticator.get(await service.identity.factors.passkeys.requestOptions({ context: 'here' }), bent);
    }

    async function show(text: string, account: Account = bob, context = 'here') {
      const { passkeys } = service.identity.factors;
      const factor = await passkeys.named(text);
      assert.ok(factor);
      return passkeys.verify({ account }, { context, factor, answer: text }, home);
    }

    it('asks for a discoverable credential that checks its holder, without attestation, by the host of PUBLIC_URL', async () => {
      const asked = await service.identity.factors.passkeys.creationOptions(bob, { context: 'x', factors: [] });
      assert.equal(asked.rp.id, 'localhost');
      assert.equal(asked.attestation, 'none');
      assert.equal(asked.authenticatorSelection?.residentKey, 'required');
      assert.equal(asked.authenticatorSelection?.userVerification, 'required');
      assert.doesNotMatch(JSON.stringify(asked.user.id), /bob|测试/);
    });

    it('is bound once, and proves two factors that resist phishing', async () => {
      const bound = await bind(bob, device);
      assert.equal(bound.countsFrom, undefined);
      await assert.rejects(bind(alice, device), { code: 'factor-in-use' });
      const shown = await show(await answer(device));
      assert.deepEqual(shown, {
        ok: true,
        proven: { amr: ['hwk', 'user', 'mfa'], counting: ['hwk', 'user', 'mfa'] },
      });
      assert.equal(strengthOf(['hwk', 'user', 'mfa']), 5);
      await bind(bob, phone);
      const synced = await show(await answer(phone));
      assert.deepEqual(synced.ok && synced.proven.amr, ['swk', 'user', 'mfa']);
    });

    it('refuses another origin, another site, an unchecked holder, another account’s handle', async () => {
      for (const bent of [
        { origin: 'https://localhost.evil.example' },
        { rpId: 'evil.example' },
        { userVerified: false },
        { userHandle: Buffer.alloc(16).toString('base64url') },
      ]) {
        later();
        assert.deepEqual(await show(await answer(device, bent)), { ok: false, code: 'credentials-wrong' });
      }
      assert.equal((await show(await answer(device), alice)).ok, false);
    });

    it('refuses a challenge of another context, an old one, and a second answer to one', async () => {
      later();
      assert.equal((await show(await answer(device), bob, 'elsewhere')).ok, false);
      const old = await answer(device);
      clock.advance(5 * 60_000 + 1);
      assert.equal((await show(old)).ok, false);
      const text = await answer(device);
      const { passkeys } = service.identity.factors;
      const factor = await passkeys.named(text);
      assert.ok(factor);
      const shown = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          passkeys.verify({ account: bob }, { context: 'here', factor, answer: text }, { origin: `192.0.${i}.0/24` }),
        ),
      );
      assert.equal(shown.filter(({ ok }) => ok).length, 1);
    });

    it('keeps the last few challenges of one sign-in or account, and takes no answer to an older one', async () => {
      const { passkeys } = service.identity.factors;
      const asked = async (context: string) => {
        clock.advance(1000);
        return passkeys.requestOptions({ context });
      };
      const first = await asked('busy');
      const elsewhere = await asked('quiet');
      const later = [];
      for (let times = 0; times < 6; times++) later.push(await asked('busy'));
      const digest = sha256(utf8('busy'));
      const { rowCount } = await service.test.database.query({
        text: 'SELECT 1 FROM identity.passkey_challenge WHERE context_digest = $1',
        values: [digest],
      });
      assert.equal(rowCount, 5);
      const [last] = later.slice(-1);
      assert.ok(last);
      assert.equal((await show(phone.get(first), bob, 'busy')).ok, false);
      assert.equal((await show(phone.get(last), bob, 'busy')).ok, true);
      assert.equal((await show(phone.get(elsewhere), bob, 'quiet')).ok, true);
    });

    it('refuses a counter that does not rise: a copy of the key is about', async () => {
      later();
      assert.equal((await show(await answer(device, { counter: 1 }))).ok, false);
      assert.equal((await show(await answer(device, { counter: 1000 }))).ok, true);
      assert.equal((await show(await answer(device, { counter: 1000 }))).ok, false);
    });

    it('takes nothing for an answer that is none', async () => {
      const { passkeys } = service.identity.factors;
      for (const text of [
        '',
        '{',
        '[]',
        '{"id":7}',
        'x'.repeat(20_000),
        JSON.stringify({ id: 'AAAA', response: {} }),
      ]) {
        assert.equal(await passkeys.named(text), undefined);
        assert.equal(await passkeys.register('bind', text), undefined);
      }
    });

    it('counts for a high level at once when the login was as high as the account, else after three days or a look at the face', async () => {
      const young = await bind(bob, new Authenticator({ ...options }), 3);
      assert.equal(young.countsFrom?.getTime(), clock.now().getTime() + 72 * 3_600_000);
      await service.identity.evidence.establish(house, bob.accountId, {
        evidence: [{ method: 'face', source: 'test' }],
      });
      const settled = (await service.identity.factors.listOf(bob.accountId)).find(
        ({ factorId }) => factorId === young.factorId,
      );
      assert.ok(settled);
      assert.equal(settled.countsFrom, undefined);
    });
  });

  describe('NIST SP 800-63B 3.1.2: recovery codes', () => {
    it('are ten, each opens once whoever comes at the same moment, and new ones end the old', async () => {
      const { factors } = service.identity;
      const codes = await factors.makeRecoveryCodes(alice, as(alice));
      assert.equal(new Set(codes).size, 10);
      const [first = '', second = '', third = ''] = codes;
      const typed = first.toUpperCase().replace('-', ' ');
      const shown = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          factors.recoveryCodes.verify({ account: alice }, typed, { origin: `203.0.${i}.0/24` }),
        ),
      );
      assert.deepEqual(
        shown.filter(({ ok }) => ok),
        [{ ok: true, proven: { amr: ['otp'], counting: ['otp'] } }],
      );
      assert.equal(await factors.recoveryCodes.left(alice.accountId), 9);
      assert.equal((await factors.recoveryCodes.verify({ account: bob }, second, home)).ok, false);
      await factors.makeRecoveryCodes(alice, as(alice));
      later();
      assert.equal((await factors.recoveryCodes.verify({ account: alice }, third, home)).ok, false);
      const { rows } = await service.test.database.query({ text: 'SELECT code_hash FROM identity.recovery_code' });
      assert.equal(rows.length, 10);
    });
  });

  describe('removal', () => {
    it('removes a factor of the account itself, and leaves an entry with its kind', async () => {
      const { factors } = service.identity;
      const [first] = await factors.listOf(bob.accountId);
      assert.ok(first);
      await assert.rejects(factors.remove(alice, first.factorId, as(alice)), { code: 'factor-not-found' });
      await factors.remove(bob, first.factorId, as(bob));
      assert.equal(
        (await factors.listOf(bob.accountId)).some(({ factorId }) => factorId === first.factorId),
        false,
      );
      const entry = (await service.entries('factor.changed')).at(-1);
      assert.deepEqual(entry?.facts, { kind: 'passkey', deed: 'removed', counts: true });
    });

    it('keeps one way in of an account without a password, however many are removed at once', async () => {
      const { factors } = service.identity;
      const carol = await person(service.identity, 'carol', 1);
      await factors.bindPhone(carol, '+8613900007777', as(carol));
      const context = 'bind';
      const asked = await factors.passkeys.creationOptions(carol, { context, factors: [] });
      const device = new Authenticator({ rpId: 'localhost', origin: 'http://localhost:4711' });
      await factors.addPasskey(carol, { context, answer: device.create(asked), label: '' }, as(carol));
      const text = "UPDATE identity.account SET password_hash = NULL WHERE login_name = 'carol'";
      await service.test.database.query({ text });
      const kept = await factors.listOf(carol.accountId);
      const removals = await Promise.allSettled(kept.map(({ factorId }) => factors.remove(carol, factorId, as(carol))));
      assert.deepEqual([kept.length, (await factors.listOf(carol.accountId)).length], [2, 1]);
      const refused = removals.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      assert.deepEqual(
        refused.map(({ code }) => code),
        ['factor-last'],
      );
    });

    it('holds one telephone, however many are bound at once', async () => {
      const { factors } = service.identity;
      const dora = await person(service.identity, 'dora', 1);
      const numbers = ['+8613900008881', '+8613900008882', '+8613900008883'];
      await Promise.all(numbers.map((number) => factors.bindPhone(dora, number, as(dora))));
      assert.equal((await factors.listOf(dora.accountId)).length, 1);
    });

    it('keeps the last way in of an account without a password', async () => {
      const { factors } = service.identity;
      await service.test.database.query({
        text: "UPDATE identity.account SET password_hash = NULL WHERE login_name = 'bob'",
      });
      const [first, ...others] = await factors.listOf(bob.accountId);
      assert.ok(first);
      for (const other of others) await factors.remove(bob, other.factorId, as(bob));
      await assert.rejects(factors.remove(bob, first.factorId, as(bob)), { code: 'factor-last' });
    });
  });
});
