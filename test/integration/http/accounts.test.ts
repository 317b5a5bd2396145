// Accounts over HTTP as administrators help and stop them, and deeds that take two of them; GB/T 22239-2019, 8.1.4; PIPL art. 44, 45.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import * as contract from '../../../src/contract/accounts.ts';
import * as activity from '../../../src/contract/activity.ts';
import * as clients from '../../../src/contract/clients.ts';
import * as proposals from '../../../src/contract/identity-proposals.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';

describe('accounts and deeds of two people over HTTP', () => {
  let server: TestServer;
  let first: ApiClient;
  let second: ApiClient;
  before(async () => {
    server = await startServer();
    [first, second] = [await as('admin1'), await as('admin2')];
  });
  after(() => server?.stop());

  async function as(
    loginName: string,
    scope = 'openid licence.read identity.read identity.manage',
  ): Promise<ApiClient> {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope });
    const page = await signInAndAgree(browser, started.page, loginName);
    return new ApiClient({ url: server.url, token: (await redeem(config, started, page)).access_token });
  }
  const idOf = async (loginName: string): Promise<string> =>
    (await server.services.identity.accounts.findByLoginName(loginName))?.accountId ?? '';
  const of = async (loginName: string) => ({ params: { accountId: await idOf(loginName) } });
  const refused = async (...call: Parameters<ApiClient['refusal']>) => {
    const { status, code } = await first.refusal(...call);
    return [status, code];
  };
  const agreed = async (deed: object) => {
    const { proposalId } = await first.json(proposals.proposeIdentityDeed, { json: { deed, reason: '会议决定' } });
    return second.json(proposals.approveIdentityProposal, { params: { proposalId } });
  };

  it('finds by exact name, identifier or number, and the person can see that somebody looked', async () => {
    const reason = '来电核实';
    const accountId = await idOf('citizen1');
    const find = async (by: string, value: string) => {
      const { items } = await first.json(contract.searchAccounts, { json: { by, value, reason } });
      return items.map((account) => account.accountId);
    };
    assert.deepEqual(await find('login-name', ' Citizen1'), [accountId]);
    assert.deepEqual(await find('account-id', accountId), [accountId]);
    assert.deepEqual(await find('id-number', '990000199003070013'), [accountId]);
    assert.deepEqual(await find('login-name', 'citizen'), []);
    assert.deepEqual(await find('phone', '13900000000'), []);
    const bad = { json: { by: 'id-number', value: '990000199003070014', reason } };
    assert.deepEqual(await refused(contract.searchAccounts, bad), [400, 'malformed-identifier']);
    const { items } = await server.services.audit.entries({ action: 'account.looked-up', limit: 10 });
    assert.deepEqual(items.map(({ facts: { by, found } }) => [by, found]).reverse(), [
      ['login-name', 1],
      ['account-id', 1],
      ['id-number', 1],
      ['login-name', 0],
      ['phone', 0],
    ]);
    const citizen = await as('citizen1', 'openid licence.read');
    const seen = await citizen.json(activity.listOwnActivity);
    const looked = seen.items.filter(({ action }) => action === 'account.looked-up');
    assert.equal(looked.length, 3);
    assert.equal(looked[0]?.text.zh, '工作人员查阅了您的账号信息');
  });

  it('shows an account with its person masked, what its level rests on and what it can do', async () => {
    const view = await first.json(contract.getAccount, await of('clerk1'));
    assert.equal(view.person?.name.includes('测试丙'), false);
    assert.match(view.person?.idNumber ?? '', /^990000\*+26$/);
    assert.deepEqual(
      view.evidence.map(({ level, method }) => [level, method]),
      [
        [4, 'face'],
        [3, 'population-register'],
      ],
    );
    assert.deepEqual([view.account.roles, view.mandates.length], [['clerk'], 1]);
    assert.doesNotMatch(JSON.stringify(view), /测试丙|990000197806150026/);
    const nobody = { params: { accountId: 'acc_01jd0000000000000000000000' } };
    assert.deepEqual(await refused(contract.getAccount, nobody), [404, 'account-not-found']);
  });

  it('lists staff page by page, and never everybody', async () => {
    const one = await first.json(contract.listAccounts, { query: { limit: 2 } });
    const rest = await first.json(contract.listAccounts, { query: { cursor: one.nextCursor ?? '' } });
    const names = [...one.items, ...rest.items].map(({ loginName }) => loginName).sort();
    assert.deepEqual(names, ['admin1', 'admin2', 'approver1', 'auditor1', 'clerk1']);
    assert.equal(rest.nextCursor, null);
  });

  it('suspends an account for a reason: its token is refused at the next use, and signing in again too', async () => {
    const approver = await as('approver1', 'openid seal.read licence.read');
    const json = { reason: '岗位调整' };
    const account = await of('approver1');
    assert.equal((await first.json(contract.suspendAccount, { ...account, json })).status, 'suspended');
    assert.equal((await approver.refusal(activity.listOwnActivity)).code, 'token-invalid');
    await assert.rejects(as('approver1'));
    const suspended = await first.json(contract.listAccounts, { query: { list: 'suspended' } });
    assert.equal(suspended.items[0]?.loginName, 'approver1');
    assert.deepEqual(await refused(contract.suspendAccount, { ...account, json }), [
      409,
      'account-transition-forbidden',
    ]);
    assert.equal((await first.json(contract.resumeAccount, { ...account, json })).status, 'active');
    await as('approver1', 'openid seal.read');
    const own = { ...(await of('admin1')), json };
    assert.deepEqual(await refused(contract.suspendAccount, own), [403, 'forbidden']);
  });

  it('forgets failed sign-ins of who may try again', async () => {
    const { signIn } = server.services.identity;
    const attempt = async () =>
      signIn.authenticate({ loginName: 'citizen2', password: 'not the password' }, { origin: 'x' });
    for (let tried = 0; tried < 6; tried++) await attempt();
    assert.equal((await attempt()).signedIn, false);
    assert.equal(await codeOf(attempt), 'account-locked');
    await first.json(contract.unlockAccount, { ...(await of('citizen2')), json: { reason: '本人来电' } });
    assert.equal(await codeOf(attempt), 'credentials-wrong');
  });

  it('withdraws evidence for a reason: the level falls at once, sessions above it end, and the person sees it', async () => {
    const { evidence, accounts } = server.services.identity;
    const { accountId } = await accounts.create(
      { loginName: 'doubtful', password: 'sandbox-Pass-2026', roles: [], evidence: [] },
      house,
    );
    const person = { name: '测试辛', idType: 'resident-id', idNumber: '990000199202140010' } as const;
    const register = { method: 'population-register', source: 'test' } as const;
    await evidence.establish(house, accountId, {
      person,
      evidence: [{ method: 'self-stated', source: 'self' }, register],
    });
    await as('doubtful', 'openid licence.read');
    assert.equal((await first.json(contract.getAccount, { params: { accountId } })).sessions.length, 1);
    const call = { params: { accountId }, json: { method: 'population-register', reason: '登记有误' } };
    assert.equal((await first.json(contract.withdrawEvidence, call)).level, 2);
    assert.deepEqual((await first.json(contract.getAccount, { params: { accountId } })).sessions, []);
    assert.deepEqual(await refused(contract.withdrawEvidence, call), [409, 'account-transition-forbidden']);
    const unknown = { ...call, json: { method: 'guess', reason: 'x' } };
    assert.deepEqual(await refused(contract.withdrawEvidence, unknown), [400, 'malformed-request']);
    const own = { params: { accountId: await idOf('admin1') }, json: call.json };
    assert.deepEqual(await refused(contract.withdrawEvidence, own), [403, 'forbidden']);
    const again = await as('doubtful', 'openid licence.read');
    const seen = (await again.json(activity.listOwnActivity)).items;
    assert.deepEqual(
      ['evidence.withdrawn', 'account.changed'].map((action) => seen.find((item) => item.action === action)?.text.zh),
      ['一项实名核验结果已失效，您的实名等级可能降低', '工作人员变更了您的账号'],
    );
    const { items } = await server.services.audit.entries({ action: 'account.changed', limit: 1 });
    assert.deepEqual([items[0]?.facts['deed'], items[0]?.purpose], ['evidence-withdrawn', '登记有误']);
  });

  it('withdraws it on the page too, where only what counts can be chosen', async () => {
    const { evidence, accounts } = server.services.identity;
    const { accountId } = await accounts.create(
      { loginName: 'phone-only', password: 'sandbox-Pass-2026', roles: [], evidence: [] },
      house,
    );
    await evidence.establish(house, accountId, { evidence: [{ method: 'phone', source: 'sms' }] });
    const browser = new Browser({ stopAt: 'http://nowhere.example' });
    const path = `/admin/accounts/${accountId}`;
    const page = await signInAndAgree(browser, await browser.open(`${server.url}/sign-in?to=${path}`), 'admin1');
    const [, form = ''] = page.text.split('/withdraw-evidence"');
    assert.deepEqual(
      [...(form.split('</select>')[0]?.matchAll(/<option value="([^"]*)"/g) ?? [])].map(([, one]) => one),
      ['phone'],
    );
    const send = (fields: Record<string, string>) => browser.submit(page, '/withdraw-evidence', fields);
    assert.equal((await send({ method: 'phone', withdrawReason: '' })).status, 400);
    assert.equal((await send({ method: 'guess', withdrawReason: '号码已换' })).status, 400);
    const after = await send({ method: 'phone', withdrawReason: '号码已换' });
    assert.deepEqual([after.status, new URL(after.url).pathname], [200, path]);
    assert.doesNotMatch(after.text, /withdraw-evidence/);
    assert.equal((await accounts.find(accountId))?.level, 0);
  });

  it('gives and takes roles, that of administrator by two people only, and ends sessions', async () => {
    const account = await of('citizen2');
    const json = { role: 'auditor', reason: '任命' };
    assert.deepEqual((await first.json(contract.giveRole, { ...account, json })).roles, ['auditor']);
    assert.deepEqual(await refused(contract.giveRole, { ...account, json }), [409, 'account-transition-forbidden']);
    assert.deepEqual((await first.json(contract.takeRole, { ...account, json })).roles, []);
    const alone = { ...account, json: { role: 'administrator', reason: '任命' } };
    assert.deepEqual(await refused(contract.giveRole, alone), [409, 'approval-required']);
    assert.deepEqual(await refused(contract.suspendAccount, { ...(await of('admin2')), json: { reason: 'x' } }), [
      409,
      'approval-required',
    ]);
    const done = await agreed({ kind: 'administrator.give', ...account.params });
    assert.deepEqual([done.state, done.proposedBy === done.decidedBy], ['done', false]);
    const third = await as('citizen2');
    assert.equal((await third.json(contract.listAccounts, { query: {} })).items.length, 6);
    await agreed({ kind: 'administrator.take', ...account.params });
    assert.equal((await third.refusal(contract.listAccounts)).code, 'scope-missing');
    await first.json(contract.endAccountSessions, { ...account, json: { reason: '电脑遗失' } });
    assert.deepEqual((await first.json(contract.getAccount, account)).sessions, []);
  });

  it('nobody approves their own, and of two who approve at once one does it', async () => {
    const deed = {
      kind: 'client.rights',
      clientId: 'sandbox-pki',
      apiScopes: ['pki.read', 'audit.read'],
      levelFloor: 0,
    };
    const proposed = await first.json(proposals.proposeIdentityDeed, { json: { deed, reason: '新增审计' } });
    const params = { proposalId: proposed.proposalId };
    assert.deepEqual(await refused(proposals.approveIdentityProposal, { params }), [403, 'proposal-self-approval']);
    const { items } = await server.services.audit.entries({ action: 'identity.two-person', limit: 1 });
    assert.deepEqual([items[0]?.outcome, items[0]?.code], ['failed', 'proposal-self-approval']);
    const calls = [1, 2, 3].map(() => second.any(proposals.approveIdentityProposal, { params }));
    const answers = (await Promise.all(calls)).map(({ status }) => status).sort((a, b) => a - b);
    assert.deepEqual(answers, [200, 409, 409]);
    const changed = await first.json(clients.getClient, { params: { clientId: 'sandbox-pki' } });
    assert.deepEqual(changed.apiScopes, ['pki.read', 'audit.read']);
    const taken = await first.json(proposals.proposeIdentityDeed, {
      json: { deed: { ...deed, apiScopes: ['pki.manage'] }, reason: '撤回' },
    });
    const back = { params: { proposalId: taken.proposalId } };
    assert.equal((await first.json(proposals.rejectIdentityProposal, back)).state, 'rejected');
    assert.equal((await second.refusal(proposals.approveIdentityProposal, back)).code, 'proposal-not-open');
    const page = await first.json(proposals.listIdentityProposals, { query: { limit: 1 } });
    assert.deepEqual([page.items[0]?.proposalId, page.items[0]?.reason], [taken.proposalId, '撤回']);
    const alone = { json: { deed: { ...deed, apiScopes: ['pki.read'] }, reason: 'x' } };
    assert.deepEqual(await refused(proposals.proposeIdentityDeed, alone), [400, 'malformed-request']);
    const none = { params: { proposalId: 'prp_01jd0000000000000000000000' } };
    assert.deepEqual(await refused(proposals.approveIdentityProposal, none), [404, 'proposal-not-found']);
  });

  it('takes an administrator back by two only, and approves nothing of who is an administrator no more', async () => {
    const account = await of('citizen2');
    await agreed({ kind: 'administrator.give', ...account.params });
    const third = await as('citizen2');
    const deed = { kind: 'administrator.give', accountId: await idOf('citizen1') };
    const propose = async () =>
      (await third.json(proposals.proposeIdentityDeed, { json: { deed, reason: 'x' } })).proposalId;
    const [one, other] = [await propose(), await propose()];
    await agreed({ kind: 'administrator.suspend', ...account.params });
    const late = { params: { proposalId: one } };
    assert.deepEqual(await refused(proposals.approveIdentityProposal, late), [409, 'proposal-not-open']);
    const alone = { ...account, json: { reason: '复职' } };
    assert.deepEqual(await refused(contract.resumeAccount, alone), [409, 'approval-required']);
    assert.equal((await agreed({ kind: 'administrator.resume', ...account.params })).state, 'done');
    assert.equal((await first.json(contract.getAccount, account)).account.status, 'active');
    await agreed({ kind: 'administrator.take', ...account.params });
    const without = { params: { proposalId: other } };
    assert.deepEqual(await refused(proposals.approveIdentityProposal, without), [409, 'proposal-not-open']);
    assert.equal((await first.json(proposals.rejectIdentityProposal, without)).state, 'rejected');
    assert.deepEqual(
      (await first.json(contract.getAccount, { params: { accountId: deed.accountId } })).account.roles,
      [],
    );
  });

  it('erases what the log holds of a person by two, and keeps nowhere who it was', async () => {
    const { audit } = server.services;
    const account = await of('citizen2');
    await as('citizen2');
    const known = async () => (await audit.entries({ subjectId: account.params.accountId, limit: 10 })).items.length;
    assert.ok((await known()) > 0);
    const deed = { kind: 'person.erase', ...account.params };
    const staff = { json: { deed: { ...deed, accountId: await idOf('admin2') }, reason: '本人申请' } };
    assert.deepEqual(await refused(proposals.proposeIdentityDeed, staff), [409, 'account-transition-forbidden']);
    const { proposalId } = await first.json(proposals.proposeIdentityDeed, { json: { deed, reason: '本人申请' } });
    const params = { proposalId };
    assert.deepEqual(await refused(proposals.approveIdentityProposal, { params }), [403, 'proposal-self-approval']);
    assert.ok((await known()) > 0);
    const done = await second.json(proposals.approveIdentityProposal, { params });
    assert.deepEqual([done.state, done.reason], ['done', '']);
    assert.doesNotMatch(JSON.stringify(done.deed), new RegExp(account.params.accountId));
    assert.equal(await known(), 0);
    const { items } = await audit.entries({ action: 'person.erased', limit: 1 });
    assert.equal(items[0]?.accountId, await idOf('admin2'));
  });

  it('a name or number is corrected by two, and the level falls until it is proven anew; a window resets the factors', async () => {
    const account = await of('clerk1');
    const deed = { kind: 'person.correct', ...account.params, name: '测试新', idNumber: '990000197806150026' };
    assert.equal((await agreed(deed)).state, 'done');
    const view = await first.json(contract.getAccount, account);
    assert.deepEqual([view.account.level <= 2, view.person?.name], [true, '测**']);
    const json = { reason: '手机遗失', reference: '窗口-2026-0007' };
    const reset = await first.json(contract.resetFactors, { ...account, json });
    assert.equal(reset.level, 5);
    const { items } = await server.services.audit.entries({ action: 'evidence.established', limit: 1 });
    assert.deepEqual([items[0]?.facts['method'], items[0]?.facts['source']], ['in-person', 'window']);
    assert.deepEqual(await refused(contract.resetFactors, { ...(await of('admin2')), json }), [
      409,
      'account-transition-forbidden',
    ]);
  });

  it('the house appoints the first two administrators, and nobody after them', async () => {
    const { accounts } = server.services.administration;
    const operator = { ...house, operator: 'Li Wei' };
    const id = await idOf('admin2');
    const told = async (principal: Principal) =>
      accounts.makeFirstAdministrator(principal, id).then(
        ({ roles }) => roles.join(' '),
        (error: unknown) => (isTrustError(error) ? error.code : error),
      );
    assert.equal(await told(operator), 'approval-required');
    const text = "UPDATE identity.account SET roles = '{}' WHERE login_name = 'admin2'";
    await server.services.database.query({ text });
    assert.equal(await told({ ...operator, kind: 'system' }), 'forbidden');
    assert.equal(await told(operator), 'administrator');
    const { items } = await server.services.audit.entries({ action: 'account.changed', limit: 1 });
    assert.deepEqual([items[0]?.facts['role'], items[0]?.operator], ['administrator', 'Li Wei']);
  });

  it('is for administrators in person: not for other roles, nor for systems, whatever they agreed to', async () => {
    const clerk = await as('auditor1');
    assert.equal((await clerk.refusal(contract.listAccounts)).code, 'scope-missing');
    const search = { json: { by: 'login-name', value: 'admin1', reason: 'x' } };
    assert.equal((await clerk.refusal(contract.searchAccounts, search)).code, 'scope-missing');
    assert.equal((await server.nobody.refusal(contract.listAccounts)).code, 'token-missing');
  });

  it('one person with two accounts is no two people', async () => {
    const { services } = server;
    const other = await services.identity.accounts.create(
      {
        loginName: 'admin1-again',
        password: 'a pass phrase of tests',
        person: { name: '测试己', idType: 'resident-id', idNumber: '990000198008080064' },
        roles: ['administrator'],
        evidence: [],
      },
      house,
    );
    const deed = { kind: 'administrator.give', accountId: await idOf('citizen1') };
    const { proposalId } = await first.json(proposals.proposeIdentityDeed, { json: { deed, reason: '任命' } });
    const { twoPerson } = services.administration;
    const principal: Principal = {
      kind: 'person',
      accountId: other.accountId,
      scopes: new Set(['identity.manage']),
      roles: new Set(['administrator']),
      level: 0,
    };
    await assert.rejects(twoPerson.approve(principal, proposalId), { code: 'proposal-self-approval' });
    const alone = services.administration.accounts.giveRole(principal, await idOf('admin1'), 'auditor', '任命');
    await assert.rejects(alone, { code: 'forbidden' });
    assert.equal((await twoPerson.get(principal, proposalId)).state, 'open');
    assert.equal((await twoPerson.reject(principal, proposalId)).state, 'rejected');
  });
});

async function codeOf(attempt: () => Promise<{ signedIn: boolean; code?: string }>): Promise<string | undefined> {
  return (await attempt()).code;
}
