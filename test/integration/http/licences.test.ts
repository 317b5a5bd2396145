// Licences over HTTP: issued, shown as text and picture, checked by everybody, stopped; contract of the API, Licences.

import assert from 'node:assert/strict';
import * as licences from '../../../src/contract/licences.ts';
import { verifyLicence } from '../../../src/contract/verifications.ts';
import type { ApiClient } from '../../support/api-client.ts';
import { readQrPng } from '../../support/qr-reader.ts';
import { residentNumber } from '../../support/licence-office.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { entriesAbout, issue } from './deeds.ts';

describe('API, licences: a system issues a licence, its QR is checked, it is stopped', () => {
  let server: TestServer;
  let api: ApiClient;
  before(async () => {
    server = await startServer();
    api = await server.api();
  });
  after(() => server.stop());

  const check = (text: string) => server.nobody.json(verifyLicence, { json: { text } });
  const change = (operation: typeof licences.revokeLicence, licenceId: string) =>
    api.json(operation, { params: { licenceId }, json: { reason: '测试' } });

  it('lists at least three types of both kinds of holder, page by page', async () => {
    const { items } = await api.json(licences.listLicenceTypes);
    assert.ok(items.length >= 3);
    assert.deepEqual([...new Set(items.map(({ holderKind }) => holderKind))].sort(), ['organisation', 'person']);
    const page = await api.json(licences.listLicenceTypes, { query: { limit: 2 } });
    const rest = await api.json(licences.listLicenceTypes, { query: { limit: 2, cursor: page.nextCursor ?? '' } });
    assert.deepEqual([...page.items, ...rest.items], items);
  });

  it('issues a licence with an identifier, tells it again, and masks the holder’s number', async () => {
    const licence = await issue(api);
    assert.equal(licence.status, 'active');
    assert.match(licence.identifier, /^1\.2\.156\.3005\.2\./);
    assert.ok(!JSON.stringify(licence).includes(residentNumber(123)));
    assert.deepEqual(await api.json(licences.getLicence, { params: { licenceId: licence.licenceId } }), licence);
  });

  it('gives its QR as text in both spellings and as a picture that a foreign reader reads', async () => {
    const { licenceId, identifier } = await issue(api);
    const params = { licenceId };
    const qr = await api.json(licences.getLicenceQr, { params });
    assert.equal(qr.form, 'EL1');
    assert.ok(qr.text.startsWith(`${server.url}/v#EL1`), 'the payload sits in the fragment, which no server sees');
    assert.ok(qr.bare.startsWith('EL1:'));
    const picture = await api.file(licences.getLicenceQr, { params, headers: { accept: 'image/png' } });
    assert.equal(picture.headers['content-type'], 'image/png');
    assert.equal(readQrPng(picture.bytes).text, qr.text);
    for (const text of [qr.text, qr.bare]) {
      const report = await check(text);
      assert.deepEqual(
        [report.indication, report.form, report.status.value, report.licence?.identifier],
        ['TOTAL-PASSED', 'EL1', 'active', identifier],
      );
    }
  });

  it('answers suspended, active again, and revoked for ever', async () => {
    const { licenceId } = await issue(api);
    const { text } = await api.json(licences.getLicenceQr, { params: { licenceId } });
    const steps = [
      [licences.suspendLicence, 'suspended'],
      [licences.resumeLicence, 'active'],
      [licences.revokeLicence, 'revoked'],
    ] as const;
    for (const [operation, status] of steps) {
      assert.equal((await change(operation, licenceId)).status, status);
      const report = await check(text);
      assert.equal(report.status.value, status);
      assert.equal(report.indication === 'TOTAL-PASSED', status === 'active', `${status}: ${report.indication}`);
    }
    const refusal = await api.refusal(licences.resumeLicence, { params: { licenceId }, json: { reason: '测试' } });
    assert.deepEqual([refusal.status, refusal.code], [409, 'licence-transition-forbidden']);
    assert.equal(refusal.problem['status'], 409, 'details never overwrite the status of the problem');
  });

  it('answers bad, and shows nobody’s data, for one changed character of either spelling', async () => {
    const { licenceId } = await issue(api);
    const qr = await api.json(licences.getLicenceQr, { params: { licenceId } });
    let judged = 0;
    for (const text of [qr.text, qr.bare]) {
      const start = text.indexOf('EL1') + 4;
      for (let at = start; at < text.length; at += Math.ceil((text.length - start) / 12)) {
        const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
        const answer = await server.nobody.any(verifyLicence, { json: { text: changed } });
        if (answer.status === 422) continue; // no longer a code at all
        const report = verifyLicence.success.json.parse(JSON.parse(new TextDecoder().decode(answer.bytes)));
        assert.equal(report.indication, 'TOTAL-FAILED', `character ${at}`);
        assert.equal(report.licence, null);
        judged++;
      }
    }
    assert.ok(judged > 12, `only ${judged} of the changed codes could be judged`);
  });

  it('leaves issue, showing, change and check in the audit log, without the holder', async () => {
    const { licenceId, auditIndex } = await issue(api);
    await api.json(licences.getLicenceQr, { params: { licenceId } });
    await change(licences.revokeLicence, licenceId);
    const entries = await entriesAbout(api, licenceId);
    assert.deepEqual(
      entries.map(({ action, outcome }) => `${action} ${outcome}`),
      ['licence.issued intended', 'licence.issued done', 'licence.shown done', 'licence.status-changed done'],
    );
    assert.equal(entries[1]?.index, auditIndex);
    const leaves = entries.map(({ leaf }) => Buffer.from(leaf, 'base64').toString()).join('');
    assert.ok(!leaves.includes('张三丰') && !leaves.includes(residentNumber(123)));
  });

  it('hides a licence from clients that neither issued it nor hold it', async () => {
    const other = await server.foreigner();
    const { licenceId } = await issue(api);
    const params = { licenceId };
    assert.equal((await other.refusal(licences.getLicence, { params })).code, 'licence-not-found');
    assert.equal((await other.refusal(licences.getLicenceQr, { params })).code, 'licence-not-found');
    const refusal = await other.refusal(licences.revokeLicence, { params, json: { reason: '测试' } });
    assert.deepEqual([refusal.status, refusal.code], [404, 'licence-not-found']);
  });
});
