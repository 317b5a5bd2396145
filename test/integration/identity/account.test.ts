// A person's account over its life: registered once, consents taken back, recovered without gaining strength, closed for good; docs/accounts.md.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { termsVersion } from '../../../src/identity/accounts/terms.ts';
import { addSeconds, moment, systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { begin, password, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

const call = { origin: '192.0.2.0/24', requestId: 'r-1' };

describe('The account of a person', () => {
  let service: Service;

  before(async () => {
    service = await startService();
  });
  after(() => service.close());

  const principalOf = (accountId: string): Principal => ({ ...house, kind: 'person', accountId, level: 1 });

  /** The code in the newest message to a number. */
  async function codeTo(number: string): Promise<string> {
    await service.identity.factors.smsCodes.idle();
    const text = service.messages.findLast(({ to, text: body }) => to === number && /\d{6}/.test(body))?.text;
    return /\d{6}/.exec(text ?? '')?.[0] ?? '';
  }

  async function refreshTokenOf(loginName: string): Promise<() => Promise<unknown>> {
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid profile offline_access', prompt: 'consent' });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, loginName));
    return () => oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
  }

  it('is made once by one registration, however often its form is sent at the same moment', async () => {
    const { registration, accounts, factors } = service.identity;
    const token = await registration.begin('139 0000 1111', 'zh-CN', call);
    assert.equal(await registration.prove(token, 'wrong', termsVersion), 'wrong');
    assert.equal(await registration.proven(token), undefined);
    assert.equal(await registration.prove(token, await codeTo('+8613900001111'), termsVersion), 'proven');
    const tries = Array.from({ length: 10 }, (_, index) =>
      registration.complete(token, { loginName: `once-${index}`, password }, call),
    );
    const settled = await Promise.allSettled(tries);
    const made = settled.filter((each) => each.status === 'fulfilled');
    assert.equal(made.length, 1);
    for (const each of settled)
      if (each.status === 'rejected') assert.ok(isTrustError(each.reason, 'interaction-expired'), String(each.reason));
    const account = made[0]?.value;
    assert.equal((await factors.ownerOf('+8613900001111'))?.accountId, account?.accountId);
    const { rows } = await service.test.database.query<{ terms_version: string }>({
      text: "SELECT terms_version FROM identity.account WHERE login_name LIKE 'once-%'",
    });
    assert.deepEqual(rows, [{ terms_version: termsVersion }]);
    assert.equal((await accounts.find(account?.accountId ?? ''))?.level, 1);
  });

  it('lists what was agreed to, and what is withdrawn is dead at once, for this account only', async () => {
    const { consents } = service.identity;
    const alice = await person(service.identity, 'alice', 3);
    await person(service.identity, 'bob', 3);
    const [refresh, refreshOfBob] = [await refreshTokenOf('alice'), await refreshTokenOf('bob')];
    const [system] = await consents.listOf(alice.accountId);
    assert.equal(system?.clientId, 'sandbox-web');
    assert.deepEqual([...(system?.oidcScopes ?? [])].sort(), ['offline_access', 'openid', 'profile']);
    assert.ok(system !== undefined && system.since <= systemClock.now() && system.until > systemClock.now());
    await refreshOfBob();
    await consents.withdraw(alice.accountId, 'sandbox-web', principalOf(alice.accountId));
    await assert.rejects(refresh(), { error: 'invalid_grant' });
    assert.deepEqual(await consents.listOf(alice.accountId), []);
    await assert.rejects(consents.withdraw(alice.accountId, 'sandbox-web', principalOf(alice.accountId)), {
      code: 'not-found',
    });
    const [entry] = await service.entries('consent.withdrawn');
    assert.deepEqual([entry?.subjectId, entry?.facts], [alice.accountId, { client: 'sandbox-web' }]);
  });

  it('gets a password by recovery that lends no more than level 3 for a while, and every session ends', async () => {
    const { recovery, factors, accounts } = service.identity;
    const carol = await person(service.identity, 'carol', 4);
    await factors.bindPhone(carol, '+8613900002222', { ...principalOf(carol.accountId), level: 4 });
    const [first = '', second = ''] = await factors.makeRecoveryCodes(carol, principalOf(carol.accountId));
    const refresh = await refreshTokenOf('carol');
    const token = await recovery.begin('Carol', 'zh-CN', call);
    const proven = await recovery.provePhone(token, await codeTo('+8613900002222'));
    assert.ok('ticket' in proven);
    const told = { language: 'zh-CN', call } as const;
    const fresh = 'a horse of another colour';
    assert.equal(await recovery.complete('no-ticket', { proof: first, password: fresh }, told), 'over');
    assert.equal(await recovery.complete(proven.ticket, { proof: first, password: 'carol' }, told), 'password');
    assert.equal(await recovery.complete(proven.ticket, { proof: 'aaaaa-aaaaa', password: fresh }, told), 'proof');
    assert.equal(await recovery.complete(proven.ticket, { proof: first, password: fresh }, told), undefined);
    assert.equal(await recovery.complete(proven.ticket, { proof: first, password: fresh }, told), 'proof');
    assert.equal(await factors.recoveryCodes.left(carol.accountId), 9);
    const credentials = await accounts.credentialsOf('carol');
    assert.ok((credentials?.passwordCountsFrom ?? moment(0)) > addSeconds(systemClock.now(), 71 * 3600));
    await assert.rejects(refresh(), { error: 'invalid_grant' });
    const [entry] = await service.entries('account.recovered');
    assert.deepEqual(entry?.facts, { how: 'recovery-code', counts: false });
    await factors.smsCodes.idle();
    assert.match(service.messages.at(-1)?.text ?? '', /找回流程重设了密码/);
    assert.notEqual(second, first);
  });

  it('sends nothing for a name that nobody has, and takes no code for it', async () => {
    const { recovery, factors } = service.identity;
    const before = service.messages.length;
    const token = await recovery.begin('nobody-here', 'zh-CN', call);
    await factors.smsCodes.idle();
    assert.equal(service.messages.length, before);
    assert.equal(await recovery.isWaiting(token), true);
    assert.deepEqual(await recovery.provePhone(token, '000000'), { fault: 'wrong' });
  });

  it('is closed for good: names, factors, sessions and mandates end, the login name is nobody’s', async () => {
    const { accountClosing, accounts, factors, organisations, mandateRegister, signIn } = service.identity;
    const dave = await person(service.identity, 'dave', 4);
    const clerk = await person(service.identity, 'dave-the-clerk', 4, ['clerk']);
    await factors.bindPhone(dave, '+8613900003333', principalOf(dave.accountId));
    const organisation = await organisations.create({ uscc: '91990000XTEXT000XQ', name: '测试单位' }, house);
    const validUntil = addSeconds(systemClock.now(), 3600);
    const mandate = await organisations.grantMandate(
      {
        accountId: dave.accountId,
        organisationId: organisation.organisationId,
        scope: ['seal:read'],
        purpose: '测试',
        validUntil,
      },
      house,
    );
    const refresh = await refreshTokenOf('dave');
    await assert.rejects(accountClosing.close(clerk, principalOf(clerk.accountId)), { code: 'forbidden' });
    await accountClosing.close(dave, principalOf(dave.accountId));
    await assert.rejects(accountClosing.close(dave, principalOf(dave.accountId)), { code: 'not-found' });
    assert.equal((await accounts.find(dave.accountId))?.status, 'closed');
    assert.equal((await accounts.find(dave.accountId))?.level, 0);
    assert.equal(await accounts.personOf(dave.accountId), undefined);
    assert.deepEqual(await factors.listOf(dave.accountId), []);
    assert.equal(await mandateRegister.usableBy(dave.accountId, mandate.mandateId), undefined);
    await assert.rejects(refresh(), { error: 'invalid_grant' });
    const outcome = await signIn.authenticate({ loginName: 'dave', password }, call);
    assert.deepEqual(outcome, { signedIn: false, code: 'credentials-wrong' });
    await assert.rejects(person(service.identity, 'dave', 1), { code: 'malformed-request' });
    const [entry] = await service.entries('account.closed');
    assert.equal(entry?.subjectId, dave.accountId);
  });
});
