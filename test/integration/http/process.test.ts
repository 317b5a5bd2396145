// The process itself, with the embedded database of `npm start`: kill -9 loses nothing acknowledged, SIGTERM stops cleanly, a second start is quick.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { urlSource } from '../../../src/cli/audit-log-source.ts';
import { verifyLog } from '../../../src/cli/audit-verify.ts';
import * as licences from '../../../src/contract/licences.ts';
import * as seals from '../../../src/contract/seals.ts';
import { verifyDocument } from '../../../src/contract/verifications.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { ApiClient } from '../../support/api-client.ts';
import { clientToken } from '../../support/client-token.ts';
import { startProcess, type ServiceProcess } from '../../support/service-process.ts';
import { entriesAbout, fresh, issue, licenceOrder, sealOf, stampedDocument, stampOrder, upload } from './deeds.ts';

describe('npm start: one process, killed and stopped', () => {
  let directory: string;
  let service: ServiceProcess | undefined;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'yinxin-process-'));
  });
  after(async () => {
    await service?.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it('kill -9 right after an answer: the stamping, the licence and their audit entries are there', async () => {
    service = await startProcess(directory);
    const port = Number(new URL(service.url).port);
    console.log(`      first start: ready in ${(service.readyMs / 1000).toFixed(1)} s`);
    const api = await apiOf(service);
    const licence = await issue(api);
    const { sealId } = await sealOf(api);
    const { documentId } = await upload(api);
    const order = { json: stampOrder(sealId, documentId), headers: fresh() };
    const stamping = await api.json(seals.createStamping, order);
    // Nothing in between: no checkpoint need have been published, no housekeeping done.
    assert.equal((await service.end('SIGKILL')).signal, 'SIGKILL');

    service = await startProcess(directory, port);
    console.log(`      start after kill -9: ready in ${(service.readyMs / 1000).toFixed(1)} s`);
    const again = await apiOf(service);
    const params = { stampingId: stamping.stampingId };
    const { auditIndex: _before, ...kept } = await again.json(seals.getStamping, { params });
    const { auditIndex: _then, ...acknowledged } = stamping;
    assert.deepEqual(kept, acknowledged);
    assert.deepEqual(
      (await again.json(seals.createStamping, order)).stampingId,
      stamping.stampingId,
      'not stamped twice',
    );
    const product = await stampedDocument(again, stamping.stampingId);
    assert.equal((await again.json(verifyDocument, { bytes: product })).indication, 'TOTAL-PASSED');
    for (const [objectId, action] of [
      [stamping.stampingId, 'stamping'],
      [licence.licenceId, 'licence.issued'],
    ] as const) {
      const entries = await entriesAbout(again, objectId);
      assert.deepEqual(
        entries.map(({ action, outcome }) => `${action} ${outcome}`),
        [`${action} intended`, `${action} done`],
      );
    }
    const verdict = await verifyLog({ source: urlSource(service.url) });
    assert.equal(verdict.exitStatus, 0, JSON.stringify(verdict.findings));
  });

  it('kill -9 amid twenty requests: each that was acknowledged is there, and none is left in between', async () => {
    assert.ok(service !== undefined);
    const port = Number(new URL(service.url).port);
    const api = await apiOf(service);
    const acknowledged: string[] = [];
    const requests = Array.from({ length: 20 }, async () => {
      const { licenceId } = await api.json(licences.issueLicence, { json: licenceOrder(), headers: fresh() });
      acknowledged.push(licenceId);
      // From the first answer on, the rest is cut off wherever it is.
      if (acknowledged.length === 1) await service?.end('SIGKILL');
    });
    await Promise.allSettled(requests);
    assert.ok(acknowledged.length >= 1, 'none was acknowledged before the kill');
    service = await startProcess(directory, port);
    const again = await apiOf(service);
    for (const licenceId of acknowledged) {
      assert.equal((await again.json(licences.getLicence, { params: { licenceId } })).status, 'active');
    }
    const verdict = await verifyLog({ source: urlSource(service.url) });
    assert.equal(verdict.exitStatus, 0, JSON.stringify(verdict.findings));
  });

  it('SIGTERM: requests under way are answered, the process ends with 0 within seconds, and so does its database', async () => {
    assert.ok(service !== undefined);
    const { url } = service;
    const api = await apiOf(service);
    const underWay = Array.from({ length: 5 }, () => upload(api, samplePdf({ content: ' '.repeat(2_000_000) })));
    await supertest(url).get('/healthz'); // by now the uploads have been begun
    const { status, signal, tookMs } = await service.end('SIGTERM');
    console.log(`      SIGTERM: ended in ${(tookMs / 1000).toFixed(1)} s`);
    assert.deepEqual([status, signal], [0, null], service.output());
    assert.ok(tookMs < 60_000);
    for (const { sizeBytes } of await Promise.all(underWay)) assert.ok(sizeBytes > 2_000_000);
    assert.equal(existsSync(join(directory, 'data', 'postmaster.pid')), false, 'the database was stopped too');
    service = undefined;
  });

  it('starts again with the same data, and SIGINT stops it as well', async () => {
    service = await startProcess(directory);
    console.log(`      second start: ready in ${(service.readyMs / 1000).toFixed(1)} s`);
    const api = await apiOf(service);
    const { items } = await api.json(seals.listSeals);
    assert.equal(items.length, 5, 'nothing was seeded twice');
    const { status } = await service.end('SIGINT', 'twice');
    assert.equal(status, 0);
    assert.equal(existsSync(join(directory, 'data', 'postmaster.pid')), false, 'the database was stopped too');
    service = undefined;
  });
});

async function apiOf({ url }: ServiceProcess): Promise<ApiClient> {
  return new ApiClient({ url, token: await clientToken(url) });
}
