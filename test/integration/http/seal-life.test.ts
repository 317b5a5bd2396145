// The life of a seal over the API and on the pages, by people who sign in: applied for, made, used, stopped, revoked by two; docs/seals.md.

import assert from 'node:assert/strict';
import { createCanvas } from '@napi-rs/canvas';
import * as oidc from 'openid-client';
import * as contract from '../../../src/contract/seal-life.ts';
import * as statuses from '../../../src/contract/seal-status.ts';
import * as seals from '../../../src/contract/seals.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';
import { fresh, stampOrder, upload } from './deeds.ts';

const scope = 'openid seal.read seal.stamp seal.apply seal.manage';

describe('docs/seals.md: the life of a seal over HTTP', function () {
  let server: TestServer;
  let clerk: ApiClient;
  let first: ApiClient;
  let second: ApiClient;
  before(async () => {
    server = await startServer();
    [clerk, first, second] = [await as('clerk1'), await as('admin1'), await as('admin2')];
  });
  after(() => server?.stop());

  async function as(loginName: string): Promise<ApiClient> {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope });
    const page = await signInAndAgree(browser, started.page, loginName);
    const { access_token: token } = await redeem(config, started, page);
    return new ApiClient({ url: server.url, token });
  }

  const reason = '业务需要';
  const applied = () =>
    clerk.json(contract.applyForSeal, { json: { type: 'finance', validDays: 365, reason }, headers: fresh() });
  const on = (sealId: string, more: object = {}) => ({ params: { sealId }, json: { reason, ...more } });

  it('goes from an application to a stamp, a stop, and the end by two', async () => {
    const { sealId, status, sealCode } = await applied();
    assert.deepEqual([status, sealCode], ['applied', null]);
    const early = await clerk.refusal(contract.approveSealApplication, on(sealId));
    assert.deepEqual([early.status, early.code], [403, 'scope-missing']);
    const approved = await first.json(contract.approveSealApplication, on(sealId));
    assert.match(approved.sealCode ?? '', /^990000[0-9]{8}$/);
    assert.equal((await first.json(contract.makeSeal, on(sealId))).status, 'made');
    const skipped = await first.refusal(contract.publishSeal, on(sealId));
    assert.deepEqual([skipped.status, skipped.code], [409, 'seal-transition-forbidden']);
    await first.json(contract.fileSeal, on(sealId, { reference: 'BA-2026-1' }));
    assert.equal((await first.json(contract.publishSeal, on(sealId))).status, 'active');

    const { documentId } = await upload(clerk);
    const stamped = await clerk.json(seals.createStamping, { json: stampOrder(sealId, documentId), headers: fresh() });
    assert.equal(stamped.status, 'done');
    assert.equal((await clerk.json(contract.stopSeal, on(sealId))).status, 'suspended');
    const order = { json: stampOrder(sealId, documentId), headers: fresh() };
    const refused = await clerk.refusal(seals.createStamping, order);
    assert.deepEqual([refused.status, refused.code], [409, 'seal-not-active']);

    const open = await clerk.json(contract.revokeSeal, on(sealId, { kind: 'revoked' }));
    const params = { proposalId: open.proposalId };
    assert.equal((await clerk.refusal(contract.approveSealProposal, { params })).code, 'scope-missing');
    assert.equal((await second.json(contract.approveSealProposal, { params })).state, 'done');
    const listed = await clerk.json(contract.listSealProposals, { query: { sealId } });
    assert.deepEqual(
      listed.items.map(({ state }) => state),
      ['done'],
    );
    const shown = await clerk.json(seals.getSeal, { params: { sealId } });
    assert.deepEqual([shown.status, shown.certificateStatus], ['revoked', 'revoked']);
    const { items } = await clerk.json(contract.getSealHistory, { params: { sealId } });
    assert.deepEqual(
      items.map(({ deed, invalidType }) => [deed, invalidType]),
      [
        ['apply', null],
        ['approve', null],
        ['make', null],
        ['file', null],
        ['publish', null],
        ['stop', null],
        ['revoke', 1],
      ],
    );
  });

  it('is the business of people: a system with every scope of its own has no part in it', async () => {
    const { sealId } = await applied();
    const system = await server.api();
    for (const [operation, call] of [
      [contract.applyForSeal, { json: { type: 'unit', validDays: 1, reason }, headers: fresh() }],
      [contract.approveSealApplication, on(sealId)],
      [contract.stopSeal, on(sealId)],
      [contract.getSealApplication, { params: { sealId } }],
    ] as const)
      assert.equal((await system.refusal(operation, call)).code, 'scope-missing', operation.id);
    assert.equal((await server.nobody.refusal(contract.stopSeal, on(sealId))).code, 'token-missing');
    await clerk.json(contract.withdrawSealApplication, on(sealId));
  });

  it('is made in the suite that was applied for: SM2 for OFD, both for everything', async () => {
    for (const [suite, policies] of [
      ['gm', ['gm']],
      ['both', ['gm', 'intl', 'dual']],
    ] as const) {
      const wanted = { type: 'unit', validDays: 365, suite, reason };
      const { sealId } = await clerk.json(contract.applyForSeal, { json: wanted, headers: fresh() });
      await first.json(contract.approveSealApplication, on(sealId));
      assert.deepEqual((await first.json(contract.makeSeal, on(sealId))).policies, policies);
      assert.deepEqual((await first.json(contract.fileSeal, on(sealId, { reference: 'BA-9' }))).policies, policies);
    }
  });

  it('takes a picture with an application, shows it, and is approved by its digest', async () => {
    const { sealId } = await applied();
    const params = { sealId };
    const canvas = createCanvas(400, 400);
    canvas.getContext('2d').fillRect(50, 50, 300, 300);
    const bytes = canvas.toBuffer('image/png');
    const other = await clerk.refusal(contract.bringSealPicture, { params, bytes: utf8('<svg/>') });
    assert.deepEqual([other.status, other.code], [422, 'malformed-image']);
    const { pictureSha256 } = await clerk.json(contract.bringSealPicture, { params, bytes });
    assert.match(pictureSha256 ?? '', /^[0-9a-f]{64}$/);
    const { bytes: shown } = await first.file(contract.getSealApplicationPicture, { params });
    assert.deepEqual([...shown.subarray(1, 4)], [...utf8('PNG')]);
    assert.equal((await first.refusal(contract.approveSealApplication, on(sealId))).code, 'seal-picture-changed');
    assert.equal((await clerk.json(contract.takeSealPictureAway, { params })).pictureSha256, null);
    await clerk.json(contract.bringSealPicture, { params, bytes });
    const approved = await first.json(contract.approveSealApplication, on(sealId, { pictureSha256 }));
    assert.equal(approved.status, 'approved');
  });

  it('is let to a business system by its organisation, and taken back, over the API and on its page', async () => {
    const system = await server.api();
    const [held] = (await clerk.json(seals.listSeals, { query: { status: 'active' } })).items;
    const sealId = held?.sealId ?? '';
    const clientId = 'sandbox-system';
    const stamp = async () => {
      const { documentId } = await upload(system);
      return { json: stampOrder(sealId, documentId), headers: fresh() };
    };
    const before = await clerk.json(contract.getSealSystems, { params: { sealId } });
    assert.deepEqual([before.use, before.systems.map((grant) => grant.clientId)], ['granted', [clientId]]);
    await clerk.json(contract.withdrawSealFromSystem, { params: { sealId }, json: { clientId } });
    assert.equal((await system.refusal(seals.createStamping, await stamp())).code, 'forbidden');
    const purpose = '业务系统用印';
    await clerk.json(contract.letSealToSystem, { params: { sealId }, json: { clientId, purpose } });
    assert.equal((await system.json(seals.createStamping, await stamp())).status, 'done');
    assert.equal((await system.refusal(contract.getSealSystems, { params: { sealId } })).code, 'scope-missing');
  });

  it('is told to the superior register and, by the code, to everybody', async () => {
    const register = new ApiClient({
      url: server.url,
      token: await server.systemToken(['seal.feed'], 'sandbox-register'),
    });
    const { items, nextCursor } = await register.json(statuses.listSealEvents, { query: { limit: 2 } });
    assert.deepEqual(
      items.map(({ deed, sealCode }) => [deed, sealCode]),
      [
        ['enter', '99000000000001'],
        ['enter', '99000000000002'],
      ],
    );
    assert.ok(Number(nextCursor) >= 2);
    assert.equal((await (await server.api()).refusal(statuses.listSealEvents)).code, 'scope-missing');
    const params = { sealCode: '99000000000001' };
    assert.equal((await server.nobody.json(statuses.getSealStatus, { params })).status, 'active');
    const unknown = { params: { sealCode: '99000099999999' } };
    assert.equal((await server.nobody.refusal(statuses.getSealStatus, unknown)).code, 'seal-not-found');
    const page = await fetch(`${server.url}/seal-status?code=99000000000001&lang=en`);
    assert.match(await page.text(), /In use[^]*99000000000001/);
    const none = await fetch(`${server.url}/seal-status?code=1%3Cscript%3E`, { headers: { accept: 'text/html' } });
    assert.equal(none.status, 400);
    assert.doesNotMatch(await none.text(), /1<script>/);
  });

  it('is done on the pages without a script: the face is looked at before the application is sent', async () => {
    const visit = async (loginName: string, path: string) => {
      const browser = new Browser({ stopAt: 'http://nowhere.example' });
      const start = await browser.open(`${server.url}/sign-in?to=${encodeURIComponent(path)}`);
      return { browser, page: await signInAndAgree(browser, start, loginName) };
    };
    const own = { origin: server.url };
    const { browser, page } = await visit('clerk1', '/desk/seals/apply');
    const fields = { type: 'special', title: '报关专用章', bearer: '', form: '', sizeMm: '', validDays: '30', reason };
    const preview = await browser.submit(page, '/desk/seals/apply', { ...fields, step: 'preview' }, own);
    assert.match(preview.text, /<img src="data:image\/png;base64,[A-Za-z0-9+/=]+"[^>]* width="151" height="151">/);
    const wrong = { ...fields, title: '报\u{E000}章', step: 'send' };
    const fault = await browser.submit(page, '/desk/seals/apply', wrong, own);
    assert.equal(fault.status, 422);
    assert.match(fault.text, /role="alert"/);
    const sent = await browser.submit(preview, '/desk/seals/apply', { ...fields, step: 'send' }, own);
    const sealId = /\/desk\/seals\/(seal_[0-9a-z]+)/.exec(sent.url)?.[1] ?? '';
    assert.match(sent.text, /报关专用章[^]*已申请/);
    const again = await browser.submit(preview, '/desk/seals/apply', { ...fields, step: 'send' }, own);
    assert.equal(new URL(again.url).pathname, `/desk/seals/${sealId}`);

    const office = await visit('admin1', `/admin/seals/${sealId}`);
    const deed = (of: Browser, door: string, body: Record<string, string>) =>
      of.open(`${server.url}/${door}/seals/${sealId}/deeds`, {
        method: 'POST',
        body: new URLSearchParams({ reason, ...body }),
        headers: own,
      });
    const foreign = await office.browser.open(`${server.url}/admin/seals/${sealId}/deeds`, {
      method: 'POST',
      body: new URLSearchParams({ reason, deed: 'approve' }),
      headers: { origin: 'https://evil.example' },
    });
    assert.equal(foreign.status, 403);
    for (const body of [
      { deed: 'approve' },
      { deed: 'make' },
      { deed: 'file', reference: 'BA-2' },
      { deed: 'publish' },
    ]) {
      const done = await deed(office.browser, 'admin', body);
      assert.deepEqual([done.status, new URL(done.url).search], [200, '?done=yes'], done.text.slice(0, 2000));
    }
    const used = await browser.open(`${server.url}/desk/seals/${sealId}`);
    assert.match(used.text, /使用中/);
    const lost = await deed(browser, 'desk', { deed: 'report-lost', description: '公文包被盗' });
    assert.match(lost.text, /已挂失[^]*公文包被盗/);
    const given = await browser.submit(used, '/systems/let', { clientId: 'tax-office', purpose: '税务' }, own);
    assert.match(given.text, /<code>tax-office<\/code> 税务/);
    const back = await browser.submit(given, '/systems/withdraw', {}, own);
    assert.doesNotMatch(back.text, /<code>tax-office<\/code>/);
    const twice = await deed(browser, 'desk', { deed: 'stop' });
    assert.equal(twice.status, 409);
    const asked = await deed(browser, 'desk', { deed: 'cancel' });
    const proposalId = /proposals\/(prp_[0-9a-z]+)\/reject/.exec(asked.text)?.[1];
    const waiting = await office.browser.open(`${server.url}/admin/seals/${sealId}`);
    const approved = await office.browser.submit(waiting, `/proposals/${proposalId}/approve`, {}, own);
    assert.match(approved.text, /已缴销/);
    const list = await browser.open(`${server.url}/desk/seals?lang=en`);
    assert.match(list.text, /报关专用章[^]*Cancelled/);
    assert.equal((await browser.open(`${server.url}/admin/seals`)).status, 403);
  });
});
