// Idempotency-Key: the same key with the same body is one deed and one answer, however often and at once it is sent; contract of the API.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import * as licences from '../../../src/contract/licences.ts';
import * as seals from '../../../src/contract/seals.ts';
import { ApiClient, type CallOptions } from '../../support/api-client.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';
import { entriesAbout, everything, fresh, licenceOrder, sealOf, sleep, stampOrder, upload } from './deeds.ts';

const timesAtOnce = 20;

describe('Idempotency-Key: one key, one deed', () => {
  let server: TestServer;
  let api: ApiClient;
  before(async () => {
    server = await startServer();
    api = await server.api();
  });
  after(() => server.stop());

  const atOnce = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: timesAtOnce }, work));
  const difference = (before: Record<string, number>, after: Record<string, number>) =>
    Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));

  it(`${timesAtOnce} stampings at once: one stamping, the same answer to all who ask again while it is being worked on`, async () => {
    const { documentId } = await upload(api);
    const { sealId } = await sealOf(api);
    const headers = fresh();
    const before = await everything(server);
    const json = stampOrder(sealId, documentId);
    const answers = await atOnce(() => stampPatiently(api, { json, headers }));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    const { documents, stampings } = difference(before, await everything(server));
    assert.deepEqual({ documents, stampings }, { documents: 1, stampings: 1 });
    const entries = await entriesAbout(api, answers[0]?.stampingId ?? '');
    assert.deepEqual(
      entries.map(({ outcome }) => outcome),
      ['intended', 'done'],
    );
    assert.deepEqual(await api.json(seals.createStamping, { json, headers }), answers[0], 'and later still');
  });

  it(`${timesAtOnce} uploads and ${timesAtOnce} issues at once: one of each`, async () => {
    const [forUpload, forIssue] = [fresh(), fresh()];
    const bytes = samplePdf({ pageCount: 2 });
    const before = await everything(server);
    const documents = await atOnce(() => api.json(seals.uploadDocument, { bytes, headers: forUpload }));
    const issued = await atOnce(() => api.json(licences.issueLicence, { json: licenceOrder(), headers: forIssue }));
    assert.equal(new Set(documents.map(({ documentId }) => documentId)).size, 1);
    assert.equal(new Set(issued.map(({ identifier }) => identifier)).size, 1);
    for (const answer of issued) assert.deepEqual(answer, issued[0]);
    // An upload is one entry, an issue two: intended and done.
    assert.deepEqual(difference(before, await everything(server)), {
      documents: 1,
      stampings: 0,
      licences: 1,
      identifiers: 1,
      deeds: 3,
    });
  });

  it('the same key with another body: 422, and nothing done', async () => {
    const { documentId } = await upload(api);
    const { sealId } = await sealOf(api);
    const headers = fresh();
    const json = stampOrder(sealId, documentId);
    await api.json(seals.createStamping, { json, headers });
    await api.json(licences.issueLicence, { json: licenceOrder(), headers });
    await api.json(seals.uploadDocument, { bytes: samplePdf(), headers });
    const before = await everything(server);
    const refusals = await Promise.all([
      api.refusal(seals.createStamping, { json: { ...json, purpose: '别的事由' }, headers }),
      api.refusal(licences.issueLicence, { json: licenceOrder({ validUntil: null }), headers }),
      api.refusal(seals.uploadDocument, { bytes: samplePdf({ pageCount: 3 }), headers }),
    ]);
    for (const { status, code } of refusals) assert.deepEqual([status, code], [422, 'idempotency-key-reused']);
    assert.deepEqual(await everything(server), before);
  });

  it('the same key of another client: a deed of its own', async () => {
    const other = await server.foreigner();
    const headers = fresh();
    const mine = await api.json(seals.uploadDocument, { bytes: samplePdf(), headers });
    const theirs = await other.json(seals.uploadDocument, { bytes: samplePdf(), headers });
    assert.notEqual(mine.documentId, theirs.documentId);
  });

  it('the same key of another person at the same client: a deed of its own, and nobody sees what the other made', async () => {
    const as = async (loginName: string) => {
      const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
        execute: [oidc.allowInsecureRequests],
      });
      const browser = new Browser({ stopAt: callback });
      const started = await begin(config, browser, { scope: 'openid seal.read seal.stamp' });
      const page = await signInAndAgree(browser, started.page, loginName);
      return new ApiClient({ url: server.url, token: (await redeem(config, started, page)).access_token });
    };
    const headers = fresh();
    const [one, other] = [await as('clerk1'), await as('legal1')];
    const mine = await one.json(seals.uploadDocument, { bytes: samplePdf(), headers });
    const theirs = await other.json(seals.uploadDocument, { bytes: samplePdf(), headers });
    assert.notEqual(mine.documentId, theirs.documentId);
    assert.deepEqual(await one.json(seals.uploadDocument, { bytes: samplePdf(), headers }), mine);
  });

  it('no key: a deed each time', async () => {
    const bytes = samplePdf();
    const first = await api.json(seals.uploadDocument, { bytes });
    const second = await api.json(seals.uploadDocument, { bytes });
    assert.notEqual(first.documentId, second.documentId);
  });
});

/** As a client does: 409 stamping-not-ready means that the first of the same requests is still being worked on. */
async function stampPatiently(api: ApiClient, options: CallOptions) {
  for (;;) {
    const { status, bytes } = await api.any(seals.createStamping, options);
    const answer: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (status === 201) return seals.createStamping.success.json.parse(answer);
    assert.equal(status, 409, JSON.stringify(answer));
    await sleep(50);
  }
}
