// Evidence of real-name levels in the database: raised by checks, lost by expiry, withdrawal and another name, each with its audit entry; docs/levels.md.

import assert from 'node:assert/strict';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { Accounts, type Account } from '../../../src/identity/accounts/accounts.ts';
import { CheckLimits, maxChecksPerAccount } from '../../../src/identity/levels/check-limits.ts';
import { Evidence } from '../../../src/identity/levels/evidence.ts';
import { FaceChecks } from '../../../src/identity/levels/face-checks.ts';
import { IdentityChecks } from '../../../src/identity/levels/identity-checks.ts';
import type { IdentityVerifier } from '../../../src/identity/levels/identity-verifier.ts';
import { PasswordHasher } from '../../../src/identity/accounts/password-hasher.ts';
import { sandboxRegister } from '../../../src/identity/levels/sandbox-register.ts';
import { frozenClock, randomBytes } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type Principal, type RealNameLevel } from '../../../src/kernel/principal.ts';
import { testDatabase, type TestDatabase } from '../../support/database.ts';

const known = [
  { name: '测试辛', idNumber: '990000199202140010' },
  { name: '测试壬', idNumber: '990000198810030021' },
  { name: '测试癸', idNumber: '99000020000229001X' },
] as const;
const [xin, ren, gui] = known;
const daySeconds = 24 * 3600;

describe('docs/levels.md: evidence and the level that rests on it', () => {
  const clock = frozenClock('2026-11-22T08:00:00Z');
  const cipher = new FieldCipher({ keyEncryptionKey: randomBytes(32) });
  const lost: { accountId: string; level: RealNameLevel }[] = [];
  let test: TestDatabase;
  let accounts: Accounts;
  let evidence: Evidence;
  let audit: AuditLog;
  let serial = 0;

  before(async () => {
    test = await testDatabase();
    const { database } = test;
    audit = new AuditLog({ database, clock, cipher, log: silentLog });
    accounts = new Accounts({ database, audit, cipher, hasher: new PasswordHasher(), clock });
    evidence = new Evidence({
      database,
      audit,
      cipher,
      clock,
      levelLost: async (_tx, fallen) => {
        lost.push(fallen);
      },
    });
  });
  after(() => test.close());
  beforeEach(() => {
    lost.length = 0;
  });

  const checksOf = (verifier: IdentityVerifier = sandboxRegister(known)) =>
    new IdentityChecks({
      accounts,
      evidence,
      limits: new CheckLimits({ database: test.database, cipher, clock }),
      faceChecks: new FaceChecks({ database: test.database, cipher, clock }),
      verifier,
      audit,
      clock,
    });
  /** An account whose name and number nobody has confirmed. */
  async function newcomer(): Promise<{ account: Account; self: Principal }> {
    const account = await accounts.create(
      {
        loginName: `newcomer${++serial}`,
        password: 'sandbox-Pass-2026',
        person: { name: '测试甲', idType: 'resident-id', idNumber: '990000199003070013' },
        roles: [],
        evidence: [{ level: 1, method: 'phone' }],
      },
      house,
    );
    const self = { ...house, kind: 'person', accountId: account.accountId, level: 1 } as const;
    return { account, self };
  }
  const levelOf = async ({ accountId }: Account) => (await accounts.find(accountId))?.level;
  /** Actions and public facts about one account, oldest first. */
  async function entriesOf({ accountId }: Account) {
    const { items } = await audit.entries({ subjectId: accountId, limit: 100 });
    return [...items].reverse().map(({ action, outcome, facts }) => ({ action, outcome, facts }));
  }
  async function raisedToFace(person: { name: string; idNumber: string }) {
    const made = await newcomer();
    const { account, self } = made;
    const checks = checksOf();
    assert.deepEqual(await checks.matchRegister(self, account.accountId, person), { raised: true, level: 3 });
    const started = await checks.startFace(self, account.accountId, () => 'https://trust.example/back');
    assert.ok('started' in started);
    const { checkId } = started;
    const finished = await checks.finishFace(self, account.accountId, { checkId, standIn: 'match' });
    assert.deepEqual(finished, { raised: true, level: 4 });
    return { ...made, checks, checkId };
  }

  it('the person’s own word gives level 2 when its check characters are right, and asks nobody', async () => {
    const { account, self } = await newcomer();
    const checks = checksOf({ ...sandboxRegister([]), matchRegister: () => assert.fail('nobody is asked') });
    const state = (name: string, idNumber: string) => checks.state(self, account.accountId, { name, idNumber });
    assert.deepEqual(await state('测试辛', '990000199202140011'), { raised: false, code: 'number-unfit' });
    assert.deepEqual(await state('测', xin.idNumber), { raised: false, code: 'name-unfit' });
    assert.equal(await levelOf(account), 1);
    assert.deepEqual(await state(' 测试辛 ', gui.idNumber.toLowerCase()), { raised: true, level: 2 });
    assert.deepEqual(await accounts.personOf(account.accountId), {
      idType: 'resident-id',
      name: '测试辛',
      idNumber: gui.idNumber,
    });
    const [found] = await accounts.findByIdNumber('resident-id', gui.idNumber);
    assert.equal(found?.accountId, account.accountId);
  });

  it('a match in the register gives level 3, a face 4 for twelve months; each entry is in the log without a name', async () => {
    const { account } = await raisedToFace(xin);
    assert.equal(await levelOf(account), 4);
    const held = await evidence.of(account.accountId);
    assert.deepEqual(
      held.map(({ level, method, source }) => [level, method, source]),
      [
        [4, 'face', 'sandbox-register'],
        [3, 'population-register', 'sandbox-register'],
        [2, 'self-stated', 'self'],
        [1, 'phone', 'enrolment'],
      ],
    );
    assert.match(held[0]?.reference ?? '', /^sandbox-[0-9a-f]{16}$/);
    assert.equal(held[0]?.expiresAt?.getTime(), clock.now().getTime() + 365 * daySeconds * 1000);
    const entries = await entriesOf(account);
    assert.deepEqual(
      entries.map(({ action, facts }) => [action, facts?.['to'] ?? facts?.['result']]),
      [
        ['account.created', undefined],
        ['identity.checked', 'match'],
        ['person.changed', 1],
        ['evidence.established', 2],
        ['evidence.established', 3],
        ['identity.checked', 'match'],
        ['evidence.established', 4],
      ],
    );
    assert.doesNotMatch(JSON.stringify(entries), /测试|99000019/);
  });

  it('stores names, numbers and references sealed', async () => {
    const { rows } = await test.database.query({
      text: `SELECT string_agg(t::text, '') AS all FROM (SELECT a::text AS t FROM identity.account a
        UNION ALL SELECT e::text FROM identity.evidence e UNION ALL SELECT f::text FROM identity.face_check f
        UNION ALL SELECT s::text FROM identity.sign_in_attempt s) x`,
    });
    const everything = JSON.stringify(rows);
    assert.ok(everything.length > 1000);
    for (const secret of ['测试', Buffer.from('测试辛').toString('hex'), xin.idNumber, 'sandbox-']) {
      assert.ok(!everything.replaceAll('sandbox-register', '').includes(secret), secret);
    }
  });

  it('evidence that expires lowers the level at that moment; the sweep records it once and ends what rested on it', async () => {
    const { account } = await raisedToFace(ren);
    clock.advance(365 * daySeconds * 1000 - 1);
    assert.equal(await levelOf(account), 4);
    clock.advance(1);
    assert.equal(await levelOf(account), 3, 'before any sweep');
    assert.deepEqual(lost, []);
    let recorded = 0;
    for (const count of await Promise.all([evidence.expire(10), evidence.expire(10)])) recorded += count;
    assert.equal(recorded, 2, 'of this account and the one before, each by one of the two sweeps');
    assert.equal(await evidence.expire(10), 0);
    assert.deepEqual(
      lost.filter(({ accountId }) => accountId === account.accountId),
      [{ accountId: account.accountId, level: 3 }],
    );
    assert.deepEqual((await entriesOf(account)).at(-1), {
      action: 'evidence.expired',
      outcome: 'done',
      facts: { level: 4, method: 'face', source: 'sandbox-register', to: 3 },
    });
  });

  it('withdrawn evidence lowers the level at once and ends what rested on it', async () => {
    const { account } = await raisedToFace(gui);
    assert.equal(await evidence.withdraw(house, account.accountId, 'face'), 3);
    assert.equal(await evidence.withdraw(house, account.accountId, 'face'), 3, 'it is gone');
    assert.equal(await levelOf(account), 3);
    assert.deepEqual(lost, [{ accountId: account.accountId, level: 3 }]);
  });

  it('another name or number drops to level 2 until it is verified anew', async () => {
    const { account, self, checks } = await raisedToFace(xin);
    const changed = { name: '测试辛辛', idNumber: xin.idNumber };
    // A proven name is not changed by a check, and the answer is that of any mismatch.
    assert.deepEqual(await checks.matchRegister(self, account.accountId, ren), { raised: false, code: 'not-matched' });
    assert.equal(await levelOf(account), 4);
    assert.deepEqual(await checks.state(self, account.accountId, changed), { raised: true, level: 2 });
    assert.equal(await levelOf(account), 2);
    assert.deepEqual(lost, [{ accountId: account.accountId, level: 2 }]);
    assert.deepEqual(await checks.matchRegister(self, account.accountId, changed), {
      raised: false,
      code: 'not-matched',
    });
    assert.deepEqual(await checks.matchRegister(self, account.accountId, xin), { raised: true, level: 3 });
  });

  it('a face counts for whom it was compared with: not for another account, another name, or a second time', async () => {
    const { account, self, checks, checkId } = await raisedToFace(ren);
    const again = { checkId, standIn: 'match' } as const;
    assert.deepEqual(await checks.finishFace(self, account.accountId, again), { raised: false, code: 'check-over' });
    const one = await newcomer();
    await checks.matchRegister(one.self, one.account.accountId, gui);
    const started = await checks.startFace(one.self, one.account.accountId, () => '');
    assert.ok('started' in started);
    const foreign = { checkId: started.checkId, standIn: 'match' } as const;
    assert.deepEqual(await checks.finishFace(self, account.accountId, foreign), { raised: false, code: 'check-over' });
    await checks.state(one.self, one.account.accountId, { ...gui, name: '测试癸癸' });
    assert.deepEqual(await checks.finishFace(one.self, one.account.accountId, foreign), {
      raised: false,
      code: 'check-over',
    });
    assert.equal(await levelOf(one.account), 2);
  });

  it('two answers to one face check at once establish one piece of evidence', async () => {
    const { account, self } = await newcomer();
    const checks = checksOf();
    await checks.matchRegister(self, account.accountId, xin);
    const started = await checks.startFace(self, account.accountId, () => '');
    assert.ok('started' in started);
    const answer = { checkId: started.checkId, standIn: 'match' } as const;
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => checks.finishFace(self, account.accountId, answer)),
    );
    assert.equal(outcomes.filter(({ raised }) => raised).length, 1);
  });

  it('a face that does not match, and a face before the register, raise nothing', async () => {
    const { account, self } = await newcomer();
    const checks = checksOf();
    assert.deepEqual(await checks.startFace(self, account.accountId, () => ''), { raised: false, code: 'unavailable' });
    await checks.matchRegister(self, account.accountId, xin);
    const started = await checks.startFace(self, account.accountId, () => '');
    assert.ok('started' in started);
    const { checkId } = started;
    const unanswered = await checks.finishFace(self, account.accountId, { checkId, standIn: undefined });
    assert.deepEqual(unanswered, { raised: false, code: 'pending' });
    const refused = await checks.finishFace(self, account.accountId, { checkId, standIn: 'mismatch' });
    assert.deepEqual(refused, { raised: false, code: 'not-matched' });
    assert.equal(await levelOf(account), 3);
  });

  it(`checks end after ${maxChecksPerAccount} a day for an account, also at once, and begin again the day after`, async () => {
    const { account, self } = await newcomer();
    let asked = 0;
    const checks = checksOf({
      ...sandboxRegister([]),
      matchRegister: async () => {
        asked++;
        return { result: 'mismatch' };
      },
    });
    const wrong = { name: '测试辛', idNumber: '990000199003070013' };
    const outcomes = await Promise.all(
      Array.from({ length: 9 }, () => checks.matchRegister(self, account.accountId, wrong)),
    );
    assert.equal(asked, maxChecksPerAccount);
    assert.equal(outcomes.filter((outcome) => !outcome.raised && outcome.code === 'too-many').length, 4);
    assert.equal((await checks.view(account)).triesLeft, 0);
    clock.advance(daySeconds * 1000);
    assert.equal((await checks.view(account)).triesLeft, maxChecksPerAccount);
    await checks.matchRegister(self, account.accountId, wrong);
    assert.equal(asked, maxChecksPerAccount + 1);
  });

  it('one number cannot be tried from many accounts', async () => {
    let asked = 0;
    const checks = checksOf({
      ...sandboxRegister([]),
      matchRegister: async () => {
        asked++;
        return { result: 'mismatch' };
      },
    });
    const wrong = { name: '测试辛', idNumber: '990000198511120035' };
    for (let i = 0; i < 4; i++) {
      const { account, self } = await newcomer();
      for (let j = 0; j < 4; j++) await checks.matchRegister(self, account.accountId, wrong);
    }
    assert.equal(asked, 10);
  });

  it('a register that does not answer raises nothing and says so', async () => {
    const { account, self } = await newcomer();
    const checks = checksOf({ ...sandboxRegister([]), matchRegister: async () => ({ result: 'unavailable' }) });
    assert.deepEqual(await checks.matchRegister(self, account.accountId, xin), { raised: false, code: 'unavailable' });
    assert.equal((await entriesOf(account)).at(-1)?.facts?.['result'], 'unavailable');
  });

  it('staff record whom they saw at a window, with a reference, and never themselves', async () => {
    const { account, self } = await newcomer();
    const checks = checksOf();
    const seen = { person: ren, reference: 'W-2026-0001' };
    const clerk: Principal = { ...self, accountId: 'acc_01jd00000000000000000000c1', roles: new Set(['clerk']) };
    await assert.rejects(checks.recordInPerson(self, account.accountId, seen), { code: 'forbidden' });
    const own = { ...clerk, accountId: account.accountId };
    await assert.rejects(checks.recordInPerson(own, account.accountId, seen), { code: 'forbidden' });
    await assert.rejects(checks.recordInPerson(clerk, account.accountId, { ...seen, reference: ' ' }), {
      code: 'malformed-request',
    });
    assert.equal(await checks.recordInPerson(clerk, account.accountId, seen), 5);
    assert.equal((await evidence.of(account.accountId))[0]?.reference, 'W-2026-0001');
  });

  it('one clerk alone gives a proven account no other name, which takes two administrators', async () => {
    const { account, self } = await newcomer();
    const checks = checksOf();
    const clerk: Principal = { ...self, accountId: 'acc_01jd00000000000000000000c1', roles: new Set(['clerk']) };
    const reference = 'W-2026-0002';
    await checks.recordInPerson(clerk, account.accountId, { person: ren, reference });
    await assert.rejects(checks.recordInPerson(clerk, account.accountId, { person: xin, reference }), {
      code: 'approval-required',
    });
    assert.equal((await accounts.personOf(account.accountId))?.name, ren.name);
    assert.equal(await checks.recordInPerson(clerk, account.accountId, { person: ren, reference }), 5);
  });
});
