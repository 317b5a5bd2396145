// What people and organisations see of the audit log: every use of what is theirs, at once, in words, and nobody else's; PIPL art. 44 and 45.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import * as activity from '../../../src/contract/activity.ts';
import { getReceipt, listObjectProofs } from '../../../src/contract/audit.ts';
import * as licences from '../../../src/contract/licences.ts';
import * as seals from '../../../src/contract/seals.ts';
import { idFromUuid } from '../../../src/kernel/ids.ts';
import { verifyLicence } from '../../../src/contract/verifications.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';
import { fresh, licenceOrder, sealOf, stampOrder, upload } from './deeds.ts';

const citizenNumber = '990000199003070013'; // citizen1 of the sandbox

describe('API, activity: those whom an entry concerns', () => {
  let server: TestServer;
  let api: ApiClient;
  let citizen: ApiClient;
  let clerk: ApiClient;
  before(async () => {
    server = await startServer();
    api = await server.api();
    citizen = await as('citizen1');
    clerk = await as('clerk1');
  });
  after(() => server.stop());

  const as = async (loginName: string, scope = 'openid seal.read seal.stamp licence.read') => {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, loginName));
    return new ApiClient({ url: server.url, token: tokens.access_token });
  };

  it('a citizen sees the issue, the showing and the check of the own licence, each by whom, as soon as it is answered', async () => {
    const order = licenceOrder({
      holder: { kind: 'person', name: '测试甲', idType: 'resident-id', idNumber: citizenNumber },
    });
    const { licenceId } = await api.json(licences.issueLicence, { json: order, headers: fresh() });
    const { text } = await citizen.json(licences.getLicenceQr, { params: { licenceId } });
    await server.nobody.json(verifyLicence, { json: { text } });
    await api.json(licences.suspendLicence, { params: { licenceId }, json: { reason: '核查' } });
    const { items } = await citizen.json(activity.listOwnActivity, { query: { limit: 4 } });
    assert.deepEqual(
      items.map(({ action, outcome, by, text: said }) => [action, outcome, by, said.zh, said.en]),
      [
        [
          'licence.status-changed',
          'done',
          'system',
          '“沙箱业务系统”变更了您的证照状态',
          '“Sandbox business system” changed the status of your licence',
        ],
        [
          'licence.verified',
          'done',
          'stranger',
          '未登录的访问者核验了您的证照',
          'A visitor who was not signed in checked your licence',
        ],
        ['licence.shown', 'done', 'you', '您出示了您的证照', 'You showed your licence'],
        [
          'licence.issued',
          'done',
          'system',
          '“沙箱业务系统”为您签发了证照',
          '“Sandbox business system” issued a licence to you',
        ],
      ],
    );
    assert.equal(items[3]?.objectId, licenceId);
  });

  it('a citizen sees sign-ins, also those that failed', async () => {
    const { signIn } = server.services.identity;
    await signIn.authenticate({ loginName: 'citizen1', password: 'wrong' }, {});
    const { items } = await citizen.json(activity.listOwnActivity, { query: { limit: 100 } });
    const actions = items.filter(({ by }) => by === 'you').map(({ action }) => action);
    for (const action of ['sign-in', 'consent'] as const) assert.ok(actions.includes(action), action);
    assert.ok(items.every(({ outcome }) => outcome !== 'intended'));
    const failed = items.find(({ outcome }) => outcome === 'failed');
    assert.deepEqual(
      [failed?.action, failed?.by, failed?.text.zh],
      ['sign-in', 'stranger', '有人尝试登录您的账号，未成功'],
    );
  });

  it('nobody sees another person’s uses, and a system has none', async () => {
    const other = await as('citizen2');
    const { items } = await other.json(activity.listOwnActivity, { query: { limit: 100 } });
    assert.ok(items.every(({ action }) => !action.startsWith('licence.')));
    const refusal = await api.refusal(activity.listOwnActivity);
    assert.deepEqual([refusal.status, refusal.code], [403, 'forbidden']);
    const narrow = await (await as('citizen2', 'openid seal.read')).refusal(activity.listOwnActivity);
    assert.deepEqual([narrow.status, narrow.code], [403, 'scope-missing'], 'an application that was shown less');
    const stranger = await server.nobody.refusal(activity.listOwnActivity);
    assert.deepEqual([stranger.status, stranger.code], [401, 'token-missing']);
  });

  it('an application that only asked who somebody is cannot try out all entries with their token', async () => {
    const { items } = await citizen.json(activity.listOwnActivity, { query: { limit: 100 } });
    const issued = items.find(({ action }) => action === 'licence.issued');
    assert.ok(issued?.objectId);
    const narrow = await as('citizen1', 'openid verify');
    const receiptFor = async (caller: ApiClient) =>
      new TextDecoder().decode((await caller.any(getReceipt, { params: { entry: issued.entryId } })).bytes);
    assert.equal(openedIn(await receiptFor(citizen)), true);
    assert.equal(openedIn(await receiptFor(narrow)), false);
    const params = { objectId: issued.objectId };
    const actionsFor = async (caller: ApiClient) =>
      new Set((await caller.json(listObjectProofs, { params })).items.map(({ action }) => action));
    assert.ok((await actionsFor(citizen)).has('licence.issued'));
    assert.deepEqual(await actionsFor(narrow), new Set(['licence.shown']), 'what was done through it, it knows');
  });

  it('an organisation sees every stamping with its seals, by whom and why, also refused ones', async () => {
    const { documentId } = await upload(clerk);
    const { sealId, organisation } = await sealOf(clerk, 'contract');
    const done = await clerk.json(seals.createStamping, { json: stampOrder(sealId, documentId), headers: fresh() });
    const params = { organisationId: await organisationOf(organisation.uscc) };
    const { items } = await clerk.json(activity.listOrganisationActivity, { params, query: { limit: 3 } });
    const [last] = items;
    assert.deepEqual(
      [last?.action, last?.outcome, last?.by, last?.objectId, last?.purpose, last?.text.zh],
      ['stamping', 'done', 'you', done.stampingId, '合同用印', '您使用了印章'],
    );
    const auditor = await api.json(activity.listOrganisationActivity, { params, query: { limit: 3 } });
    assert.equal(auditor.items[0]?.by, 'officer');
    const all = await api.json(seals.listSeals);
    const other = all.items.find((seal) => seal.organisation.uscc !== organisation.uscc);
    assert.ok(other !== undefined);
    await clerk.refusal(seals.createStamping, { json: stampOrder(other.sealId, documentId), headers: fresh() });
    const refused = await api.json(activity.listOrganisationActivity, {
      params: { organisationId: await organisationOf(other.organisation.uscc) },
      query: { limit: 1 },
    });
    assert.deepEqual(
      refused.items.map(({ outcome, by, code, text }) => [outcome, by, code, text.zh]),
      [['failed', 'officer', 'forbidden', '工作人员用印未成功']],
    );
    const refusal = await citizen.refusal(activity.listOrganisationActivity, { params });
    assert.deepEqual([refusal.status, refusal.code], [403, 'forbidden']);
  });

  it('pages do not overlap and lose nothing', async () => {
    const all = await citizen.json(activity.listOwnActivity, { query: { limit: 100 } });
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await citizen.json(activity.listOwnActivity, {
        query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
      });
      seen.push(...page.items.map(({ entryId }) => entryId));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    assert.deepEqual(
      seen.slice(-all.items.length),
      all.items.map(({ entryId }) => entryId),
    );
    assert.equal(new Set(seen).size, seen.length);
  });

  const organisationOf = async (uscc: string) => {
    const { rows } = await server.services.database.query<{ id: string }>({
      text: 'SELECT organisation_id AS id FROM identity.organisation WHERE uscc = $1',
      values: [uscc],
    });
    return idFromUuid('organisation', rows[0]?.id ?? '');
  };
});

function openedIn(receipt: string): boolean {
  const extra = /^extra (.*)$/m.exec(receipt)?.[1] ?? '';
  return Buffer.from(extra, 'base64').toString().includes('"opened"');
}
