// What a verification gives to take away: a signed receipt judged by jose and by the openssl command line, and the report as a PDF; RFC 7515, RFC 9110, 12.5.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, importSPKI } from 'jose';
import * as audit from '../../../src/contract/audit.ts';
import * as contract from '../../../src/contract/verifications.ts';
import { integer, sequence } from '../../../src/codec/der-write.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { textOf } from '../../../src/pdf/text.ts';
import { needOpenssl } from '../../support/openssl.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { stamp, stampedDocument } from './deeds.ts';

describe('what a verification gives to take away', () => {
  let server: TestServer;
  let product: Uint8Array;
  before(async () => {
    server = await startServer();
    const api = await server.api();
    const { stampingId } = await stamp(api);
    product = await stampedDocument(api, stampingId);
  });
  after(() => server?.stop());

  const keyOf = async (kid: unknown): Promise<string> => {
    const { items } = await server.nobody.json(contract.listVerificationReceiptKeys);
    return items.find((key) => key.kid === kid)?.pem ?? assert.fail(`no key ${String(kid)}`);
  };

  it('RFC 7515: a receipt says which document, what was found, when, and where that stands in the log', async () => {
    const report = await server.nobody.json(contract.verifyDocument, { bytes: product });
    const { signedReceipt } = report;
    assert.ok(signedReceipt !== null);
    const { alg, kid, typ } = decodeProtectedHeader(signedReceipt);
    assert.deepEqual([alg, typ], ['ES256', 'yinxin-verification-receipt+jwt']);
    const { payload } = await compactVerify(signedReceipt, await importSPKI(await keyOf(kid), 'ES256'));
    const said: Record<string, unknown> = JSON.parse(new TextDecoder().decode(payload));
    const sha256 = createHash('sha256').update(product).digest('hex');
    assert.deepEqual(said['document'], { sha256, media_type: 'application/pdf' });
    assert.deepEqual([said['iss'], said['indication'], said['sub_indication']], [server.url, 'TOTAL-PASSED', null]);
    assert.deepEqual([said['jti'], said['audit_entry']], [report.verificationId, report.receipt.entryId]);
    assert.equal(said['iat'], Math.floor(Date.parse(report.verifiedAt) / 1000));
    assert.ok(!new TextDecoder().decode(payload).includes(report.signatures[0]?.seal?.name ?? 'a seal'));
    const { status } = await server.nobody.any(audit.getReceipt, { params: { entry: report.receipt.entryId } });
    assert.ok(status === 200 || status === 409);
  });

  it('openssl verifies it too, and not when a character was changed', async function () {
    const openssl = needOpenssl(this);
    try {
      const { signedReceipt } = await server.nobody.json(contract.verifyDocument, { bytes: samplePdf() });
      const [header = '', payload = '', value = ''] = (signedReceipt ?? '').split('.');
      const raw = Buffer.from(value, 'base64url');
      const numbers = [raw.subarray(0, 32), raw.subarray(32)].map((half) => BigInt(`0x${half.toString('hex')}`));
      const key = openssl.write('key.pem', await keyOf(decodeProtectedHeader(signedReceipt ?? '').kid));
      const signature = openssl.write('sig.der', sequence(...numbers.map((number) => integer(number))));
      const judged = (text: string) =>
        openssl.run('dgst', '-sha256', '-verify', key, '-signature', signature, openssl.write('signed', text)).good;
      assert.equal(judged(`${header}.${payload}`), true);
      assert.equal(judged(`${header}.${payload.replace(/^./, 'f')}`), false);
    } finally {
      openssl.remove();
    }
  });

  it('RFC 9110, 12.5: the report is JSON unless a PDF is preferred, and in the language asked for', async () => {
    const ask = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/v1/verifications`, {
        method: 'POST',
        headers: { 'content-type': 'application/pdf', ...headers },
        body: Buffer.from(product),
      });
    assert.match((await ask({ accept: '*/*' })).headers.get('content-type') ?? '', /^application\/json/);
    for (const language of ['zh-CN', 'en']) {
      const response = await ask({ accept: 'application/pdf', 'accept-language': language });
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/pdf']);
      const { file } = openPdf(new Uint8Array(await response.arrayBuffer()));
      assert.equal(textOf(file.catalog().get('Lang')), language);
    }
    assert.equal((await ask({ accept: 'image/png' })).status, 406);
  });
});
