// Many documents under one order over HTTP: progress, the outcome of each, cancelled and tried again, and gone with the mandate; docs/stamping.md.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as oidc from 'openid-client';
import * as mandates from '../../../src/contract/mandates.ts';
import * as seals from '../../../src/contract/seals.ts';
import * as contract from '../../../src/contract/stamping-batches.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { ApiClient } from '../../support/api-client.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';
import { entriesAbout, fresh, sealOf, stampedDocument, stampOrder, upload } from './deeds.ts';

describe('API, batch stamping (批量签章): many documents under one order', () => {
  let server: TestServer;
  let api: ApiClient;
  before(async () => {
    server = await startServer();
    api = await server.api();
  });
  after(() => server.stop());

  const orderOf = async (by: ApiClient, documentCount: number) => {
    const { sealId } = await sealOf(by);
    const documents = [];
    for (let i = 1; i <= documentCount; i++)
      documents.push({ documentId: (await upload(by)).documentId, name: `合同 ${i}.pdf` });
    const { documentId: _one, ...terms } = stampOrder(sealId, '');
    return { ...terms, documents };
  };

  /** As a client does: asks until it has ended. */
  const ended = async (by: ApiClient, batchId: string) => {
    for (;;) {
      const batch = await by.json(contract.getStampingBatch, { params: { batchId } });
      if (batch.status === 'ended') return batch;
      await sleep(50);
    }
  };

  it('is taken with 202 and done by the workers of the service; each document has its own outcome and stamping', async () => {
    const order = await orderOf(api, 3);
    const [first] = order.documents;
    // Off the page: this one fails, and the others do not.
    const off = [{ kind: 'position', page: 9, xMm: 100, yMm: 100 }];
    const json = { ...order, documents: [{ ...first, placements: off }, ...order.documents.slice(1)] };
    const headers = fresh();
    const taken = await api.json(contract.orderStampingBatch, { json, headers });
    assert.equal(taken.documentCount, 3);
    const again = await api.json(contract.orderStampingBatch, { json, headers });
    assert.equal(again.batchId, taken.batchId);
    const { batchId } = taken;
    const batch = await ended(api, batchId);
    assert.deepEqual(batch.counts, { waiting: 0, running: 0, done: 2, failed: 1, cancelled: 0 });
    const { items } = await api.json(contract.listStampingBatchItems, { params: { batchId } });
    assert.deepEqual(
      items.map(({ name, status, code }) => [name, status, code]),
      [
        ['合同 1.pdf', 'failed', 'placement-outside-page'],
        ['合同 2.pdf', 'done', null],
        ['合同 3.pdf', 'done', null],
      ],
    );
    for (const { stampingId, documentId } of items.slice(1)) {
      const stamping = await api.json(seals.getStamping, { params: { stampingId: stampingId ?? '' } });
      assert.deepEqual([stamping.status, stamping.documentId], ['done', documentId]);
      assert.ok((await stampedDocument(api, stampingId ?? '')).length > samplePdf().length);
    }
    const failed = await api.json(contract.listStampingBatchItems, {
      params: { batchId },
      query: { status: 'failed' },
    });
    assert.deepEqual(
      failed.items.map(({ number }) => number),
      [1],
    );
    const entries = await entriesAbout(api, batchId);
    assert.deepEqual(
      entries.map(({ outcome }) => outcome),
      ['done', 'done'],
    );
    const retried = await api.json(contract.retryStampingBatch, { params: { batchId } });
    assert.equal(retried.counts.failed + retried.counts.waiting + retried.counts.running, 1);
    assert.equal((await ended(api, batchId)).counts.failed, 1);
    const cancelled = await api.json(contract.cancelStampingBatch, { params: { batchId } });
    assert.deepEqual([cancelled.status, cancelled.cancelledAt], ['ended', null]);
  });

  it('takes 10,000 documents in one order, and none more', async () => {
    const { documents: _few, ...order } = await orderOf(api, 0);
    const documents = Array.from({ length: 10_000 }, (_, place) => ({
      documentId: `doc_01jd${String(place).padStart(22, '0')}`,
      name: '一份文件的名称'.repeat(4),
    }));
    const missing = await api.refusal(contract.orderStampingBatch, { json: { ...order, documents }, headers: fresh() });
    assert.deepEqual([missing.code, missing.problem['count']], ['document-not-found', 10_000]);
    const more = [...documents, { documentId: 'doc_01jd1111111111111111111111' }];
    const tooMany = await api.refusal(contract.orderStampingBatch, { json: { ...order, documents: more } });
    assert.equal(tooMany.code, 'malformed-request');
  });

  it('shows nobody another’s batch', async () => {
    const { batchId } = await api.json(contract.orderStampingBatch, { json: await orderOf(api, 1), headers: fresh() });
    const other = await server.foreigner();
    for (const operation of [
      contract.getStampingBatch,
      contract.listStampingBatchItems,
      contract.cancelStampingBatch,
      contract.retryStampingBatch,
    ])
      assert.equal((await other.refusal(operation, { params: { batchId } })).code, 'stamping-batch-not-found');
    await ended(api, batchId);
  });

  it('a person’s batch goes under their mandate as it is for each document: revoked, the rest fails and nothing is released', async () => {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const as = async (loginName: string) => {
      const browser = new Browser({ stopAt: callback });
      const scope = 'openid seal.read seal.stamp mandate.read mandate.manage';
      const started = await begin(config, browser, { scope, prompt: 'consent' });
      const page = await signInAndAgree(browser, started.page, loginName);
      return new ApiClient({ url: server.url, token: (await redeem(config, started, page)).access_token });
    };
    const boss = await as('legal1');
    const [organisation] = (await boss.json(mandates.listOrganisations)).items;
    const { mandateId } = await boss.json(mandates.appointAgent, {
      json: {
        organisationId: organisation?.organisationId ?? '',
        loginName: 'citizen1',
        scope: ['seal:use'],
        purpose: '合同用印',
      },
      headers: fresh(),
    });
    const { accounts, mandates: offices } = server.services.identity;
    const citizen = await accounts.findByLoginName('citizen1');
    await offices.answer({ ...house, kind: 'person', accountId: citizen?.accountId ?? '' }, mandateId, 'accepted');
    const agent = await as('citizen1');
    const good = await agent.json(contract.orderStampingBatch, { json: await orderOf(agent, 2), headers: fresh() });
    assert.equal((await ended(agent, good.batchId)).counts.done, 2);

    const order = await orderOf(agent, 3);
    await server.services.batchWorker.stop();
    const { batchId } = await agent.json(contract.orderStampingBatch, { json: order, headers: fresh() });
    await boss.json(mandates.revokeMandate, { params: { mandateId } });
    server.services.batchWorker.start();
    const owner: Principal = {
      ...house,
      kind: 'person',
      accountId: citizen?.accountId ?? '',
      scopes: new Set(['seal.stamp']),
    };
    const { batches } = server.services;
    while ((await batches.get(owner, batchId)).status !== 'ended') await sleep(50);
    const { items } = await batches.items(owner, batchId, { limit: 10 });
    assert.deepEqual(
      items.map(({ status, code }) => [status, code]),
      order.documents.map(() => ['failed', 'forbidden']),
    );
  });
});
