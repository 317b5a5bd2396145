// Organisations, representatives and mandates over the database: who becomes it, who may appoint, and when it stops holding; docs/mandates.md.

import assert from 'node:assert/strict';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import type { Account } from '../../../src/identity/accounts/accounts.ts';
import { Accounts } from '../../../src/identity/accounts/accounts.ts';
import { type MandateOffices, mandateOffices } from '../../../src/identity/mandates/mandate-offices.ts';
import type { AppointmentOrder } from '../../../src/identity/mandates/mandates.ts';
import type { Mandate } from '../../../src/identity/mandates/mandate-store.ts';
import { sandboxOrganisationRegister } from '../../../src/identity/mandates/organisation-register.ts';
import { PasswordHasher } from '../../../src/identity/accounts/password-hasher.ts';
import {
  organisationCheckCharacter,
  residentIdCheckCharacter,
  socialCreditCheckCharacter,
} from '../../../src/kernel/chinese-identifiers.ts';
import { addSeconds, frozenClock, randomBytes } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { uuidFromId } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { anonymous, house, type Principal, type Role } from '../../../src/kernel/principal.ts';
import type { RequestKey } from '../../../src/kernel/request-key.ts';
import { testDatabase, type TestDatabase } from '../../support/database.ts';

const daySeconds = 86_400;

/** A synthetic code; two hexadecimal digits tell them apart. */
function usccOf(serial: number): string {
  const inner = `${serial.toString(16).toUpperCase().padStart(3, '0')}XTEXT`;
  const seventeen = `91990000${inner}${organisationCheckCharacter(inner)}`;
  return seventeen + socialCreditCheckCharacter(seventeen);
}

describe('docs/mandates.md: representatives, agents and their mandates', () => {
  const clock = frozenClock('2026-11-22T00:00:00Z');
  let test: TestDatabase;
  let audit: AuditLog;
  let accounts: Accounts;
  let offices: MandateOffices;
  const entries: { uscc: string; name: string; representative: { name: string; idNumber: string } }[] = [];
  let serial = 0;

  before(async () => {
    test = await testDatabase();
    const cipher = new FieldCipher({ keyEncryptionKey: randomBytes(32) });
    const { database } = test;
    audit = new AuditLog({ database, clock, cipher, log: silentLog });
    accounts = new Accounts({ database, audit, cipher, hasher: new PasswordHasher(), clock });
    offices = officesWith();
  });
  after(() => test.close());

  /** The register knows what `entries` says at this moment. */
  function officesWith(): MandateOffices {
    const organisationRegister = {
      source: 'sandbox-register',
      representative: (...asked: Parameters<ReturnType<typeof sandboxOrganisationRegister>['representative']>) =>
        sandboxOrganisationRegister(entries).representative(...asked),
    };
    return mandateOffices({ database: test.database, audit, accounts, organisationRegister, clock });
  }

  async function person(loginName: string, level: 1 | 3 | 4 = 4, roles: Role[] = []): Promise<Account> {
    const seventeen = `99000019900101${String(++serial).padStart(3, '0')}`;
    return accounts.create(
      {
        loginName,
        password: 'sandbox-Pass-2026',
        person: {
          name: `测试${loginName}`,
          idType: 'resident-id',
          idNumber: seventeen + residentIdCheckCharacter(seventeen),
        },
        roles,
        evidence: [{ level, method: level === 4 ? 'face' : 'population-register' }],
      },
      house,
    );
  }

  function signedIn(account: Account, agoSeconds = 0): Principal {
    return {
      ...anonymous,
      kind: 'person',
      accountId: account.accountId,
      roles: new Set(account.roles),
      level: account.level,
      authenticatedAt: addSeconds(clock.now(), -agoSeconds),
    };
  }

  async function registered(account: Account, uscc = usccOf(++serial)): Promise<string> {
    const representative = await accounts.personOf(account.accountId);
    assert.ok(representative);
    entries.splice(0, entries.length, ...entries.filter((entry) => entry.uscc !== uscc));
    entries.push({ uscc, name: `沙箱市测试单位${uscc}`, representative });
    return uscc;
  }

  let orders = 0;
  const key = (): RequestKey => ({ owner: 'test', key: `order-${++orders}`, bodySha256: new Uint8Array(32) });

  function order(claim: Mandate, agent: Account, more: Partial<AppointmentOrder> = {}): AppointmentOrder {
    return {
      organisationId: claim.organisation.organisationId,
      loginName: agent.loginName,
      scope: ['seal:use'],
      purpose: '用印',
      ...more,
    };
  }

  /** A representative with an organisation of their own. */
  async function organisation(loginName: string): Promise<{ boss: Account; claim: Mandate }> {
    const boss = await person(loginName);
    return { boss, claim: await offices.representatives.claim(signedIn(boss), await registered(boss)) };
  }

  async function appointed(claim: Mandate, by: Account, agent: Account, more: Partial<AppointmentOrder> = {}) {
    const offer = await offices.mandates.appoint(signedIn(by), order(claim, agent, more), key());
    return offices.mandates.answer(signedIn(agent), offer.mandateId, 'accepted');
  }

  const usable = async (agent: Account, { mandateId }: Mandate): Promise<boolean> =>
    (await offices.mandateRegister.usableBy(agent.accountId, mandateId)) !== undefined;

  describe('法定代表人: the representative is proven', () => {
    it('makes whom the register names the representative, of an organisation by its registered name', async () => {
      const { boss, claim } = await organisation('first-boss');
      assert.equal(claim.role, 'representative');
      assert.equal(claim.state, 'active');
      assert.equal(claim.organisation.name, `沙箱市测试单位${claim.organisation.uscc}`);
      const party = await offices.mandateRegister.usableBy(boss.accountId, claim.mandateId);
      assert.ok(party?.scope.includes('organisation:manage'));
      const [entry] = (await audit.entries({ action: 'representative.changed', limit: 1 })).items;
      assert.deepEqual(entry?.facts, {
        organisation: claim.organisation.organisationId,
        how: 'proof',
        source: 'sandbox-register',
      });
    });

    it('refuses whom the register does not name, a level below 4, an old sign-in and a code that is none', async () => {
      const boss = await person('unproven-boss');
      const uscc = await registered(boss);
      const low = await person('low-boss', 3);
      const claim = (principal: Principal, code: string) => offices.representatives.claim(principal, code);
      await assert.rejects(claim(signedIn(await person('other-boss')), uscc), { code: 'representative-not-proven' });
      await assert.rejects(claim(signedIn(low), await registered(low)), {
        code: 'step-up-required',
        details: { level: 4, acrValues: 'urn:yinxin:rn:4' },
      });
      await assert.rejects(claim(signedIn(boss, 301), uscc), { code: 'step-up-required' });
      await assert.rejects(claim(signedIn(boss), `${uscc.slice(0, 17)}0`), { code: 'malformed-identifier' });
      assert.equal(await offices.organisations.findByUscc(uscc), undefined);
    });

    it('says that the register does not answer where there is none', async () => {
      const boss = await person('lonely-boss');
      const { representatives } = mandateOffices({ database: test.database, audit, accounts, clock });
      await assert.rejects(representatives.claim(signedIn(boss), usccOf(++serial)), { code: 'register-unavailable' });
    });

    it('lets another whom the register names succeed when the former one agrees, and the agents stay', async () => {
      const { boss, claim } = await organisation('former-boss');
      const agent = await person('staying-agent');
      const mandate = await appointed(claim, boss, agent);
      const next = await person('next-boss');
      await registered(next, claim.organisation.uscc);
      const waiting = await offices.representatives.claim(signedIn(next), claim.organisation.uscc);
      assert.equal(waiting.state, 'claimed');
      assert.equal(await usable(next, waiting), false);
      await assert.rejects(offices.representatives.agree(signedIn(next), waiting.mandateId), { code: 'forbidden' });
      const agreed = await offices.representatives.agree(signedIn(boss), waiting.mandateId);
      assert.equal(agreed.state, 'active');
      assert.equal(await usable(boss, claim), false);
      assert.equal(await usable(agent, mandate), true);
      await assert.rejects(offices.representatives.agree(signedIn(next), waiting.mandateId), {
        code: 'mandate-not-open',
      });
    });

    it('needs two administrators otherwise, neither of them one of the two, and the agents end', async () => {
      const { boss, claim } = await organisation('gone-boss');
      const agent = await person('ending-agent');
      const mandate = await appointed(claim, boss, agent);
      const next = await person('heir', 4, ['administrator']);
      const [first, second] = [
        await person('admin-a', 4, ['administrator']),
        await person('admin-b', 4, ['administrator']),
      ];
      await registered(next, claim.organisation.uscc);
      const { mandateId } = await offices.representatives.claim(signedIn(next), claim.organisation.uscc);
      const approve = (account: Account) => offices.representatives.approve(signedIn(account), mandateId);
      await assert.rejects(approve(agent), { code: 'forbidden' });
      await assert.rejects(approve(next), { code: 'proposal-self-approval' });
      assert.deepEqual([(await approve(first)).isHalfApproved, await usable(boss, claim)], [true, true]);
      await assert.rejects(approve(first), { code: 'proposal-self-approval' });
      assert.equal((await approve(second)).state, 'active');
      assert.deepEqual([await usable(boss, claim), await usable(agent, mandate)], [false, false]);
      assert.equal((await offices.mandateRegister.own(signedIn(agent))).items[0]?.endedAs, 'revoked');
    });

    it('takes two accounts of one person for one, and who lost the role meanwhile for none', async () => {
      const { boss, claim } = await organisation('doubted-boss');
      const next = await person('doubted-heir');
      const administrator = (name: string) => person(name, 4, ['administrator']);
      const [first, twin, second, third] = [
        await administrator('admin-d'),
        await administrator('admin-d-again'),
        await administrator('admin-e'),
        await administrator('admin-f'),
      ];
      const sameNumber = async (one: Account, other: Account) =>
        test.database.query({
          text: `UPDATE identity.account SET id_number_index = (SELECT id_number_index FROM identity.account WHERE login_name = $2)
            WHERE login_name = $1`,
          values: [one.loginName, other.loginName],
        });
      await sameNumber(twin, first);
      await registered(next, claim.organisation.uscc);
      const { mandateId } = await offices.representatives.claim(signedIn(next), claim.organisation.uscc);
      const approve = async (account: Account) => offices.representatives.approve(signedIn(account), mandateId);
      await approve(first);
      await assert.rejects(approve(twin), { code: 'proposal-self-approval' });
      await sameNumber(third, boss);
      await assert.rejects(approve(third), { code: 'proposal-self-approval' });
      const text = `UPDATE identity.account SET roles = '{}' WHERE login_name = 'admin-d'`;
      await test.database.query({ text });
      assert.deepEqual([(await approve(second)).state, await usable(boss, claim)], ['claimed', true]);
      assert.equal((await approve(twin)).state, 'active');
    });

    it('takes one administrator who approves many times at once for one', async () => {
      const { boss, claim } = await organisation('hurried-boss');
      const next = await person('hurried-heir');
      const administrator = await person('admin-hasty', 4, ['administrator']);
      await registered(next, claim.organisation.uscc);
      const { mandateId } = await offices.representatives.claim(signedIn(next), claim.organisation.uscc);
      const tries = Array.from({ length: 5 }, () =>
        offices.representatives.approve(signedIn(administrator), mandateId),
      );
      const passed = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
      assert.equal(passed.length, 1);
      assert.equal(await usable(boss, claim), true);
    });

    it('asks the register a few times a day for a person, and for an organisation whoever asks', async () => {
      let asked = 0;
      const counting = mandateOffices({
        database: test.database,
        audit,
        accounts,
        clock,
        organisationRegister: {
          source: 'counting-register',
          representative: async () => {
            asked++;
            return { result: 'mismatch' };
          },
        },
      });
      const claim = async (account: Account, uscc: string) =>
        counting.representatives.claim(signedIn(account), uscc).then(
          () => 'proven',
          (error: unknown) => (isTrustError(error) ? error.code : error),
        );
      const prober = await person('prober');
      const answers: unknown[] = [];
      for (let tries = 0; tries < 12; tries++) answers.push(await claim(prober, usccOf(++serial)));
      assert.deepEqual(
        [answers.slice(8), asked],
        [['representative-not-proven', 'representative-not-proven', 'too-many-requests', 'too-many-requests'], 10],
      );
      const uscc = usccOf(++serial);
      const [second, third] = [await person('prober-2'), await person('prober-3')];
      for (const account of [second, third]) for (let tries = 0; tries < 10; tries++) await claim(account, uscc);
      assert.deepEqual([await claim(await person('prober-4'), uscc), asked], ['too-many-requests', 30]);
    });

    it('refuses a claim that was taken back', async () => {
      const { boss, claim } = await organisation('present-boss');
      const next = await person('hesitant-boss');
      await registered(next, claim.organisation.uscc);
      const { mandateId } = await offices.representatives.claim(signedIn(next), claim.organisation.uscc);
      await offices.representatives.refuse(signedIn(next), mandateId);
      await assert.rejects(offices.representatives.agree(signedIn(boss), mandateId), { code: 'mandate-not-open' });
      assert.equal(await usable(boss, claim), true);
    });
  });

  describe('经办人: agents are appointed, accept and end', () => {
    it('looks up so many user names an hour for who appoints, alike whether they exist, and none for anybody else', async () => {
      const { boss, claim } = await organisation('curious-boss');
      const outsider = await person('curious-outsider');
      const codeOf = async (work: Promise<unknown>) =>
        work.then(
          () => 'found',
          (error: unknown) => (isTrustError(error) ? error.code : error),
        );
      const appoint = async (by: Account, loginName: string) =>
        codeOf(offices.mandates.appoint(signedIn(by), { ...order(claim, outsider), loginName }, key()));
      assert.equal(await appoint(outsider, 'curious-boss'), 'forbidden');
      assert.equal(await appoint(outsider, 'nobody-at-all'), 'forbidden');
      const { organisationId } = claim.organisation;
      const look = async (loginName: string) =>
        codeOf(offices.mandates.candidate(signedIn(boss), organisationId, loginName));
      const seen = [];
      for (let tries = 0; tries < 29; tries++) seen.push(await look(`nobody-${tries}`));
      assert.deepEqual([...new Set(seen)], ['account-not-found']);
      assert.equal(await look('curious-outsider'), 'found');
      assert.deepEqual(
        [await look('curious-outsider'), await look('nobody')],
        ['too-many-requests', 'too-many-requests'],
      );
      assert.equal(await appoint(boss, 'curious-outsider'), 'too-many-requests');
    });

    it('holds from acceptance, with the scope and seals that were given', async () => {
      const { boss, claim } = await organisation('boss-1');
      const agent = await person('agent-1', 3);
      const seal = 'seal_01jd0000000000000000000000';
      const offer = await offices.mandates.appoint(signedIn(boss), order(claim, agent, { sealIds: [seal] }), key());
      assert.equal(offer.state, 'offered');
      assert.equal(await usable(agent, offer), false);
      await offices.mandates.answer(signedIn(agent), offer.mandateId, 'accepted');
      const party = await offices.mandateRegister.usableBy(agent.accountId, offer.mandateId);
      assert.deepEqual([party?.scope, party?.sealIds, party?.role], [['seal:use'], [seal], 'agent']);
      assert.equal(await offices.mandateRegister.usableBy(boss.accountId, offer.mandateId), undefined);
    });

    it('shows who would be appointed by a masked name, to whoever appoints there and nobody else', async () => {
      const { boss, claim } = await organisation('boss-2');
      await person('candidate');
      const look = (principal: Principal, name: string) =>
        offices.mandates.candidate(principal, claim.organisation.organisationId, name);
      assert.deepEqual(await look(signedIn(boss), 'Candidate'), {
        loginName: 'candidate',
        maskedName: `测${'*'.repeat('试candidate'.length)}`,
      });
      await assert.rejects(look(signedIn(boss), 'nobody-here'), { code: 'account-not-found' });
      await assert.rejects(look(signedIn(await person('curious')), 'candidate'), { code: 'forbidden' });
    });

    it('is offered once: the same order answers with the same mandate, another one is refused', async () => {
      const { boss, claim } = await organisation('boss-3');
      const agent = await person('agent-3');
      const requestKey = key();
      const offers = await Promise.all(
        [1, 2, 3].map(() => offices.mandates.appoint(signedIn(boss), order(claim, agent), requestKey)),
      );
      assert.equal(new Set(offers.map(({ mandateId }) => mandateId)).size, 1);
      await assert.rejects(offices.mandates.appoint(signedIn(boss), order(claim, agent), key()), {
        code: 'mandate-exists',
      });
      const other = { ...requestKey, bodySha256: new Uint8Array(32).fill(1) };
      await assert.rejects(offices.mandates.appoint(signedIn(boss), order(claim, agent), other), {
        code: 'idempotency-key-reused',
      });
    });

    it('is accepted once, in thirty days, and by somebody whose name was checked', async () => {
      const { boss, claim } = await organisation('boss-4');
      const [agent, unknown, late] = [await person('agent-4'), await person('unknown', 1), await person('late')];
      const offer = async (account: Account) => offices.mandates.appoint(signedIn(boss), order(claim, account), key());
      const { mandateId } = await offer(agent);
      const answers = await Promise.allSettled(
        [1, 2, 3, 4].map(() => offices.mandates.answer(signedIn(agent), mandateId, 'accepted')),
      );
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
      const low = await offer(unknown);
      await assert.rejects(offices.mandates.answer(signedIn(unknown), low.mandateId, 'accepted'), {
        code: 'step-up-required',
      });
      assert.equal((await offices.mandates.answer(signedIn(unknown), low.mandateId, 'declined')).endedAs, 'declined');
      const old = await offer(late);
      clock.advance(30 * daySeconds * 1000);
      await assert.rejects(offices.mandates.answer(signedIn(late), old.mandateId, 'accepted'), {
        code: 'mandate-not-open',
      });
    });

    it('is nobody else’s to answer, to see or to end', async () => {
      const { boss, claim } = await organisation('boss-5');
      const [agent, stranger] = [await person('agent-5'), await person('stranger')];
      const { mandateId } = await offices.mandates.appoint(signedIn(boss), order(claim, agent), key());
      await assert.rejects(offices.mandates.answer(signedIn(boss), mandateId, 'accepted'), {
        code: 'mandate-not-found',
      });
      for (const deed of ['end', 'get'] as const) {
        const done =
          deed === 'end'
            ? offices.mandates.end(signedIn(stranger), mandateId)
            : offices.mandateRegister.get(signedIn(stranger), mandateId);
        await assert.rejects(done, { code: 'mandate-not-found' });
      }
      await assert.rejects(
        offices.mandateRegister.ofOrganisation(signedIn(stranger), claim.organisation.organisationId),
        { code: 'forbidden' },
      );
    });

    it('ends at once by either side, with all that was appointed under it', async () => {
      const { boss, claim } = await organisation('boss-6');
      const [manager, clerk, other] = [await person('manager'), await person('clerk-6'), await person('other-6')];
      const managing = await appointed(claim, boss, manager, { scope: ['seal:use', 'organisation:manage'] });
      const under = await appointed(claim, manager, clerk);
      const beside = await appointed(claim, boss, other);
      await assert.rejects(offices.mandates.end(signedIn(manager), beside.mandateId), { code: 'forbidden' });
      assert.equal((await offices.mandates.end(signedIn(other), beside.mandateId)).endedAs, 'laid-down');
      assert.equal(await usable(clerk, under), true);
      await offices.mandates.end(signedIn(boss), managing.mandateId);
      assert.deepEqual([await usable(manager, managing), await usable(clerk, under)], [false, false]);
      assert.equal((await offices.mandates.end(signedIn(boss), managing.mandateId)).endedAs, 'revoked');
    });

    it('lets an agent appoint only under organisation:manage, and that agent’s agent nobody', async () => {
      const { boss, claim } = await organisation('boss-7');
      const [manager, clerk, third] = [await person('manager-7'), await person('clerk-7'), await person('third-7')];
      await appointed(claim, boss, manager, { scope: ['seal:use', 'organisation:manage'] });
      await assert.rejects(appointed(claim, manager, clerk, { scope: ['organisation:manage'] }), { code: 'forbidden' });
      await assert.rejects(appointed(claim, manager, clerk, { scope: ['licence:apply'] }), { code: 'forbidden' });
      await appointed(claim, manager, clerk);
      await assert.rejects(appointed(claim, clerk, third), { code: 'forbidden' });
    });

    it('ends by its term, and with the account, the organisation or the representative’s proof it rests on', async () => {
      const { boss, claim } = await organisation('boss-8');
      const agent = await person('agent-8');
      const mandate = await appointed(claim, boss, agent);
      const { organisationId } = claim.organisation;
      const { database } = test;
      const uuid = (account: Account) => uuidFromId('account', account.accountId);
      const without = async (text: string, back: string, values: readonly unknown[]): Promise<boolean> => {
        await database.query({ text, values });
        const still = await usable(agent, mandate);
        await database.query({ text: back, values });
        return still;
      };
      const status = (to: string) => `UPDATE identity.account SET status = '${to}' WHERE account_id = $1`;
      assert.equal(await without(status('suspended'), status('active'), [uuid(agent)]), false);
      assert.equal(await without(status('suspended'), status('active'), [uuid(boss)]), false);
      const proof = (at: string) => `UPDATE identity.evidence SET withdrawn_at = ${at} WHERE account_id = $1`;
      assert.equal(await without(proof('now()'), proof('NULL'), [uuid(boss)]), false);
      const admin = { ...house, kind: 'person' as const, roles: new Set<Role>(['administrator']) };
      await offices.organisations.changeStatus(admin, organisationId, { to: 'suspended', reason: '停业' });
      assert.equal(await usable(agent, mandate), false);
      await offices.organisations.changeStatus(admin, organisationId, { to: 'active', reason: '复业' });
      assert.equal(await usable(agent, mandate), true);
      const shorter = addSeconds(clock.now(), daySeconds);
      await offices.mandates.changeTerm(signedIn(boss), mandate.mandateId, shorter);
      clock.advance(daySeconds * 1000);
      assert.equal(await usable(agent, mandate), false);
      assert.equal((await offices.mandateRegister.get(signedIn(agent), mandate.mandateId)).state, 'expired');
    });

    it('lists an organisation’s mandates page by page, each once', async () => {
      const { boss, claim } = await organisation('boss-9');
      for (const name of ['x-1', 'x-2', 'x-3']) {
        clock.advance(1);
        await offices.mandates.appoint(signedIn(boss), order(claim, await person(name)), key());
      }
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: 2, ...(cursor === null ? {} : { cursor }) };
        const page = await offices.mandateRegister.ofOrganisation(
          signedIn(boss),
          claim.organisation.organisationId,
          query,
        );
        seen.push(...page.items.map(({ loginName }) => loginName));
        cursor = page.nextCursor;
      } while (cursor !== null);
      assert.deepEqual(seen, ['x-3', 'x-2', 'x-1', 'boss-9']);
    });
  });

  describe('for whom a session acts', () => {
    it('is the only one there is, none of several, what was chosen, and never another for one that ended', async () => {
      const [one, two] = [await organisation('boss-a'), await organisation('boss-b')];
      const agent = await person('agent-ab');
      const { acting } = offices;
      const login = { accountId: agent.accountId, sessionUid: 's1', clientId: 'c1' };
      const party = async (more: Partial<typeof login> = {}) =>
        (await acting.partyOf({ ...login, ...more }))?.mandateId;
      const first = await appointed(one.claim, one.boss, agent);
      assert.equal(await party(), first.mandateId);
      const second = await appointed(two.claim, two.boss, agent);
      assert.equal(await party(), undefined);
      const remember = (mandateId: string | null, isSignIn: boolean, clientId = 'c1') =>
        test.database.transaction((tx) => acting.remember(tx, { ...login, clientId }, { mandateId, isSignIn }));
      await remember(second.mandateId, true);
      assert.deepEqual([await party(), await party({ clientId: 'c2' })], [second.mandateId, second.mandateId]);
      await remember(first.mandateId, false, 'c2');
      assert.deepEqual([await party(), await party({ clientId: 'c2' })], [second.mandateId, first.mandateId]);
      assert.equal(await party({ sessionUid: 's2' }), undefined);
      assert.equal(await acting.lastChoice(agent.accountId, 'c2'), first.mandateId);
      await offices.mandates.end(signedIn(two.boss), second.mandateId);
      assert.equal(await party(), undefined);
      await remember(null, false, 'c2');
      assert.equal(await party({ clientId: 'c2' }), undefined);
      assert.equal(await party({ sessionUid: 's2' }), first.mandateId);
    });
  });
});
