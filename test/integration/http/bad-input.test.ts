// Bad input gets a clear problem with a code, and nothing is half done; RFC 9457, and the table "Bad input gets" of the API.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as licences from '../../../src/contract/licences.ts';
import type { OperationShape } from '../../../src/contract/operation.ts';
import * as seals from '../../../src/contract/seals.ts';
import { verifyDocument, verifyLicence } from '../../../src/contract/verifications.ts';
import { fromBase64url, toBase64url, utf8 } from '../../../src/kernel/bytes.ts';
import { house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { ApiClient, type CallOptions, type Problem } from '../../support/api-client.ts';
import { appendUpdate, objectText, samplePdf } from '../../support/pdf-samples.ts';
import { maxDocumentBytes, startServer, type TestServer } from '../../support/server.ts';
import { everything, fresh, issue, licenceOrder, sealOf, stamp, stampedDocument, stampOrder, upload } from './deeds.ts';

describe('Bad input gets a code, and nothing half done', () => {
  let server: TestServer;
  let api: ApiClient;
  let sealId: string;
  before(async () => {
    server = await startServer();
    api = await server.api();
    ({ sealId } = await sealOf(api));
  });
  after(() => server.stop());

  /** Refused with this status and code, and no table the larger for it. */
  async function refused(
    operation: OperationShape,
    options: CallOptions,
    expected: string,
    client = api,
  ): Promise<Problem> {
    const before = await everything(server);
    const refusal = await client.refusal(operation, { ...options, headers: { ...fresh(), ...options.headers } });
    assert.equal(`${refusal.status} ${refusal.code}`, expected);
    assert.deepEqual(await everything(server), before, 'something was half done');
    return refusal;
  }
  const uploading = (bytes: Uint8Array, expected: string, type?: string) =>
    refused(seals.uploadDocument, type === undefined ? { bytes } : { bytes, type }, expected);

  describe('documents', () => {
    it('over the limit: 413', async () => {
      const large = new Uint8Array(maxDocumentBytes + 1);
      large.set(samplePdf());
      await uploading(large, '413 request-too-large');
      await refused(verifyDocument, { bytes: large }, '413 request-too-large', server.nobody);
    });

    it('over the limit and sent without a length: 413', async () => {
      const chunk = new Uint8Array(64 * 1024);
      let left = maxDocumentBytes / chunk.length + 2;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
      });
      const headers = { 'content-type': 'application/pdf' };
      const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' };
      const { status } = await fetch(`${server.url}/api/v1/verifications`, init);
      assert.equal(status, 413);
    });

    it('of exactly the limit: taken', async () => {
      const bare = samplePdf().length;
      const bytes = samplePdf({ content: ' '.repeat(maxDocumentBytes - bare) });
      const exact = samplePdf({ content: ' '.repeat(2 * maxDocumentBytes - bare - bytes.length) });
      assert.equal(exact.length, maxDocumentBytes);
      assert.equal((await upload(api, exact)).sizeBytes, maxDocumentBytes);
    });

    it('neither a PDF nor an OFD, by content or by declaration: 415; a ZIP that is no OFD: 422', async () => {
      await uploading(utf8('this is no PDF'), '415 unsupported-media-type');
      await uploading(utf8('PK\u0003\u0004 this is no OFD'), '422 malformed-ofd');
      await uploading(samplePdf(), '415 unsupported-media-type', 'image/png');
      await refused(verifyDocument, { bytes: utf8('plain text') }, '415 unsupported-media-type', server.nobody);
    });

    it('packed: 415, since what it unpacks to is not known before', async () => {
      const headers = { 'content-encoding': 'gzip' };
      await refused(seals.uploadDocument, { bytes: samplePdf(), headers }, '415 unsupported-media-type');
    });

    it('empty: 400', async () => {
      await uploading(new Uint8Array(), '400 malformed-request');
    });

    it('damaged: 422 and what is wrong', async () => {
      const whole = samplePdf();
      const text = Buffer.from(whole).toString('latin1');
      const damaged = {
        'cut in the middle': whole.subarray(0, whole.length / 2),
        'no trailer': Buffer.from(text.replace('startxref', 'startxfer'), 'latin1'),
        'cross-references that lie': Buffer.from(text.replace(/startxref\n\d+/, 'startxref\n7'), 'latin1'),
        'no pages': Buffer.from(text.replace('/Pages 2 0 R', '/Pages 9 0 R'), 'latin1'),
        'a head and nothing else': utf8('%PDF-1.7\n'),
      };
      for (const [what, bytes] of Object.entries(damaged)) {
        const { problem } = await uploading(bytes, '422 malformed-pdf');
        assert.ok(String(problem['detail']).length > 10, `${what}: ${String(problem['detail'])}`);
        await refused(verifyDocument, { bytes }, '422 malformed-pdf', server.nobody);
      }
    });

    it('encrypted: 422', async function () {
      await uploading(samplePdf({ trailer: '/Encrypt << /Filter /Standard >>' }), '422 encrypted-pdf');
      const directory = mkdtempSync(join(tmpdir(), 'yinxin-encrypted-'));
      try {
        const [plain, secret] = [join(directory, 'plain.pdf'), join(directory, 'secret.pdf')];
        writeFileSync(plain, samplePdf());
        const { error } = spawnSync('qpdf', ['--encrypt', '', 'owner', '256', '--', plain, secret]);
        if (error !== undefined) {
          console.log('      skipped: a file that qpdf encrypted (Debian: apt-get install qpdf)');
          this.skip();
        }
        const bytes = readFileSync(secret);
        await uploading(bytes, '422 encrypted-pdf');
        await refused(verifyDocument, { bytes }, '422 encrypted-pdf', server.nobody);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });

    it('locked by a certifying signature (DocMDP P 1): 422 when it is to be stamped', async () => {
      const once = await stampedDocument(api, (await stamp(api)).stampingId);
      const number = openPdf(once).signatures[0]?.objectNumber ?? 0;
      const lock = '/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P 1 /V /1.2 >> >>]';
      const locked = appendUpdate(once, {
        [number]: objectText(once, number).replace('/Type /Sig', `/Type /Sig ${lock}`),
      });
      const { documentId } = await upload(api, locked);
      await refused(seals.createStamping, { json: stampOrder(sealId, documentId) }, '422 locked-pdf');
    });
  });

  describe('stampings', () => {
    let documentId: string;
    before(async () => {
      ({ documentId } = await upload(api));
    });
    const stamping = (changes: Parameters<typeof stampOrder>[2], expected: string) =>
      refused(seals.createStamping, { json: stampOrder(sealId, documentId, changes) }, expected);

    it('with a seal that is not there: 404', async () => {
      await stamping({ sealId: 'seal_01jd0000000000000000000000' }, '404 seal-not-found');
      const params = { sealId: 'seal_01jd0000000000000000000000' };
      await refused(seals.getSeal, { params }, '404 seal-not-found');
      await refused(seals.getSealPicture, { params }, '404 seal-not-found');
    });

    it('with a seal that is suspended: 409, and the refused use stands in the log', async () => {
      const suspended = await sealOf(api, 'contract');
      await server.services.seals.changeStatus(house, suspended.sealId, 'suspended', '测试');
      try {
        const json = stampOrder(suspended.sealId, documentId);
        const { problem } = await refused(seals.createStamping, { json }, '409 seal-not-active');
        // `status` of a problem document is the HTTP status (RFC 9457, 3.1.2): the seal's must not take its place.
        assert.equal(problem['status'], 409);
        const entries = await server.services.audit.entries({ action: 'stamping', outcome: 'failed', limit: 1 });
        assert.equal(entries.items[0]?.code, 'seal-not-active');
      } finally {
        await server.services.seals.changeStatus(house, suspended.sealId, 'active', '测试');
      }
    });

    it('of a document that is not there: 404', async () => {
      await stamping({ documentId: 'doc_01jd0000000000000000000000' }, '404 document-not-found');
    });

    it('at a place outside the page: 422', async () => {
      await stamping({ placements: [{ kind: 'position', page: 1, xMm: 140, yMm: 900 }] }, '422 placement-outside-page');
      await stamping({ placements: [{ kind: 'position', page: 2, xMm: 50, yMm: 50 }] }, '422 placement-outside-page');
    });

    it('at words that are not there, across the edge of one page, in a field that there is none, under a policy that the seal has not: 422', async () => {
      await stamping({ placements: [{ kind: 'keyword', text: '盖章' }] }, '422 keyword-not-found');
      await stamping({ placements: [{ kind: 'seam', edge: 'right' }] }, '422 seam-page-left-over');
      await stamping({ placements: [{ kind: 'field', name: '甲方' }] }, '422 field-not-found');
      for (const policy of ['gm', 'dual'] as const) await stamping({ policy }, '422 policy-not-supported');
    });

    it('with members that the contract does not know, or values out of range: 400 with the pointer to each', async () => {
      const order = stampOrder(sealId, documentId);
      const faultsOf = async (json: unknown) => {
        const { problem } = await refused(seals.createStamping, { json }, '400 malformed-request');
        return pointersOf(problem);
      };
      assert.deepEqual(await faultsOf({ ...order, urgent: true }), ['']);
      assert.deepEqual(await faultsOf({ ...order, purpose: '', level: 'B-X' }), ['/level', '/purpose']);
      const [placement] = order.placements;
      assert.deepEqual(await faultsOf({ ...order, placements: [{ ...placement, page: 0 }] }), ['/placements/0/page']);
      await refused(seals.createStamping, { json: { ...order, placements: [] } }, '400 malformed-request');
      assert.deepEqual(await faultsOf([order]), ['']);
    });
  });

  describe('tokens', () => {
    const refusedToken = async (token: string | undefined, expected: string, challenge: RegExp) => {
      const client = new ApiClient(token === undefined ? { url: server.url } : { url: server.url, token });
      const { headers } = await refused(seals.uploadDocument, { bytes: samplePdf() }, expected, client);
      assert.match(headers['www-authenticate'] ?? '', challenge);
    };

    it('missing, or not ours: 401', async () => {
      await refusedToken(undefined, '401 token-missing', /^Bearer realm="yinxin"$/);
      await refusedToken('nonsense', '401 token-invalid', /error="invalid_token"/);
      const token = await server.systemToken();
      await refusedToken(`${token.slice(0, -2)}AA`, '401 token-invalid', /error="invalid_token"/);
    });

    it('expired: 401', async () => {
      await refusedToken(await expiredToken(server), '401 token-expired', /error="invalid_token"/);
    });

    it('without the scope: 403, and the scope that is missing', async () => {
      const reader = await server.api('seal.read', 'licence.read');
      const bytes = samplePdf();
      const { problem } = await refused(seals.uploadDocument, { bytes }, '403 scope-missing', reader);
      assert.deepEqual(problem['missingScopes'], ['seal.stamp']);
      await refused(licences.issueLicence, { json: licenceOrder() }, '403 scope-missing', reader);
      const { licenceId } = await issue(api);
      const revocation = { params: { licenceId }, json: { reason: '测试' } };
      await refused(licences.revokeLicence, revocation, '403 scope-missing', reader);
    });

    it('bad on an operation that is open to all: 401 rather than silently nobody', async () => {
      const client = new ApiClient({ url: server.url, token: 'nonsense' });
      await refused(verifyLicence, { json: { text: 'EL1:' } }, '401 token-invalid', client);
    });
  });

  describe('licences', () => {
    const issuing = (changes: Parameters<typeof licenceOrder>[0], expected: string) =>
      refused(licences.issueLicence, { json: licenceOrder(changes) }, expected);

    it('whose claims do not fit the type: 400 with the pointer to each', async () => {
      const claims = { vehicleClass: 'Z9', sex: '无', birthdate: '1990-02-30', 'a/b': 'x' };
      const { problem } = await issuing({ claims }, '400 licence-claims-invalid');
      assert.deepEqual(pointersOf(problem), [
        '/claims/a~1b',
        '/claims/birthdate',
        '/claims/firstIssuedOn',
        '/claims/sex',
        '/claims/vehicleClass',
      ]);
      const { problem: dates } = await issuing({ validUntil: '2025-05-31' }, '400 licence-claims-invalid');
      assert.deepEqual(pointersOf(dates), ['/validUntil']);
    });

    it('of a type that is not there: 404', async () => {
      await issuing({ typeCode: '11990000XTEXT20130999' }, '404 licence-type-not-found');
    });

    it('for a holder whose number is none: 400', async () => {
      const { holder } = licenceOrder();
      const wrong = { ...holder, idNumber: '990102199003071230' };
      await issuing({ holder: wrong }, '400 holder-identifier-invalid');
    });

    it('with members that the contract does not know, or days that are none: 400 with the pointer', async () => {
      const json = { ...licenceOrder(), validFrom: '2025-02-30', holder: { ...licenceOrder().holder, age: 7 } };
      const { problem } = await refused(licences.issueLicence, { json }, '400 malformed-request');
      assert.deepEqual(pointersOf(problem), ['/holder', '/validFrom']);
    });

    it('asked for as something they are not: 406; changed without a reason: 400', async () => {
      const { licenceId } = await issue(api);
      const params = { licenceId };
      const headers = { accept: 'text/csv' };
      await refused(licences.getLicenceQr, { params, headers }, '406 not-acceptable');
      await refused(licences.revokeLicence, { params, json: { reason: '' } }, '400 malformed-request');
    });

    it('whose QR is no code at all: 422', async () => {
      await refused(verifyLicence, { json: { text: 'https://example.com/' } }, '422 malformed-qr', server.nobody);
    });
  });
});

function pointersOf(problem: Readonly<Record<string, unknown>>): string[] {
  const faults: unknown = problem['faults'];
  assert.ok(Array.isArray(faults), JSON.stringify(problem));
  return faults.map((fault: { pointer: string }) => fault.pointer).sort();
}

/** A token of ours in everything, signed by our key, but its time is over. */
async function expiredToken(server: TestServer): Promise<string> {
  const [header = '', payload = ''] = (await server.systemToken()).split('.');
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(fromBase64url(payload) ?? []).toString());
  const issuedAt = Number(claims['iat']) - 600;
  const over = toBase64url(utf8(JSON.stringify({ ...claims, iat: issuedAt, exp: issuedAt + 300 })));
  const signer = await server.services.keys.signer('oidc-es256', 'oidc');
  return `${header}.${over}.${toBase64url(await signer.sign(utf8(`${header}.${over}`), 'raw'))}`;
}
