// The main job over HTTP: a system uploads a PDF, stamps it, downloads it, and everybody can check it; contract of the API, Documents and Seals.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import * as seals from '../../../src/contract/seals.ts';
import { verifyDocument } from '../../../src/contract/verifications.ts';
import type { ApiClient } from '../../support/api-client.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';
import { appendUpdate, samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { entriesAbout, fresh, sealOf, stamp, stampedDocument, stampOrder, upload } from './deeds.ts';

describe('API, stamping: a system stamps a PDF with an organisation’s seal', () => {
  let server: TestServer;
  let api: ApiClient;
  before(async () => {
    server = await startServer();
    api = await server.api();
  });
  after(() => server.stop());

  it('takes in a document and says what it took', async () => {
    const bytes = samplePdf({ pageCount: 3 });
    const document = await upload(api, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const { documentId: _id, ...rest } = document;
    assert.deepEqual(rest, { sha256, mediaType: 'application/pdf', sizeBytes: bytes.length, pageCount: 3 });
  });

  it('lists seals page by page, each once, and tells one by its id', async () => {
    const all = await api.json(seals.listSeals);
    assert.ok(all.items.length >= 3 && all.nextCursor === null);
    const seen: string[] = [];
    for (let query: Record<string, string | number> = { limit: 1 }; ; ) {
      const page = await api.json(seals.listSeals, { query });
      seen.push(...page.items.map(({ sealId }) => sealId));
      if (page.nextCursor === null) break;
      query = { limit: 1, cursor: page.nextCursor };
    }
    assert.deepEqual(
      seen,
      all.items.map(({ sealId }) => sealId),
    );
    const [first] = all.items;
    assert.deepEqual(await api.json(seals.getSeal, { params: { sealId: first?.sealId ?? '' } }), first);
  });

  it('draws a seal as a PNG with a transparent ground', async () => {
    const { sealId, widthMm } = await sealOf(api);
    const { bytes, headers } = await api.file(seals.getSealPicture, { params: { sealId } });
    assert.equal(headers['content-type'], 'image/png');
    const { width, data } = PNG.sync.read(Buffer.from(bytes));
    assert.equal(width, Math.round((widthMm / 25.4) * 300));
    assert.equal(data[3], 0, 'the corner is transparent');
  });

  it('stamps what was stamped, at B-LTA, and renews its archive time stamp', async () => {
    const { productDocumentId: once } = await stamp(api);
    const { sealId } = await sealOf(api);
    const placements = [{ kind: 'position' as const, page: 1, xMm: 60, yMm: 60 }];
    const order = stampOrder(sealId, once ?? '', { level: 'B-LTA', placements });
    const { productDocumentId: twice } = await api.json(seals.createStamping, { json: order, headers: fresh() });
    const key = fresh();
    const params = { documentId: twice ?? '' };
    const renewed = await api.json(seals.renewArchive, { params, headers: key });
    assert.deepEqual(await api.json(seals.renewArchive, { params, headers: key }), renewed);
    assert.ok(renewed.holdsUntil > new Date().toISOString());
    const { bytes } = await api.file(seals.getDocument, { params: { documentId: renewed.documentId } });
    assert.equal(createHash('sha256').update(bytes).digest('hex'), renewed.sha256);
    const report = await server.nobody.json(verifyDocument, { bytes });
    assert.equal(report.indication, 'TOTAL-PASSED');
    assert.deepEqual(
      report.signatures.map(({ level }) => level),
      ['B-LTA', 'B-LTA', null, null],
    );
    const other = await server.api('seal.read');
    assert.equal((await other.refusal(seals.renewArchive, { params, headers: fresh() })).code, 'scope-missing');
  });

  it('stamps, and the product is intact, valid, trusted, of that seal, with a time stamp', async () => {
    const stamping = await stamp(api);
    assert.equal(stamping.status, 'done');
    assert.deepEqual(await api.json(seals.getStamping, { params: { stampingId: stamping.stampingId } }), stamping);
    const product = await stampedDocument(api, stamping.stampingId);
    assert.equal(createHash('sha256').update(product).digest('hex'), stamping.sha256);
    const report = await server.nobody.json(verifyDocument, { bytes: product });
    assert.equal(report.indication, 'TOTAL-PASSED');
    const [signature] = report.signatures;
    assert.equal(report.signatures.length, 1);
    assert.deepEqual(
      {
        intact: signature?.intact,
        valid: signature?.valid,
        trusted: signature?.trusted,
        coverage: signature?.coverage,
        timeSource: signature?.timeSource,
        level: signature?.level,
        sealId: signature?.seal?.sealId,
      },
      {
        intact: true,
        valid: true,
        trusted: true,
        coverage: 'whole-file',
        timeSource: 'time-stamp',
        level: 'B-T',
        sealId: stamping.sealId,
      },
    );
  });

  it('stamps an OFD with a seal of the SM suite, and gives it back as what it is', async () => {
    const { items } = await api.json(seals.listSeals, { query: { status: 'active' } });
    const seal = items.find(({ policies }) => policies.includes('gm'));
    const document = await upload(api, zip(ofdFiles({ pageCount: 2 })));
    assert.deepEqual([document.mediaType, document.pageCount], ['application/ofd', 2]);
    const placements = [{ kind: 'seam' as const, edge: 'right' as const }];
    const order = stampOrder(seal?.sealId ?? '', document.documentId, { policy: 'gm', placements });
    const { stampingId, policy } = await api.json(seals.createStamping, { json: order, headers: fresh() });
    const { bytes, headers } = await api.file(seals.getStampedDocument, { params: { stampingId } });
    assert.deepEqual([policy, headers['content-type']], ['gm', 'application/ofd']);
    assert.ok(headers['content-disposition']?.includes(`${stampingId}.ofd`));
    const { indication, signatures } = await server.nobody.json(verifyDocument, { bytes });
    assert.deepEqual([indication, signatures[0]?.seal?.sealId], ['TOTAL-PASSED', seal?.sealId]);
  });

  it('stamps a stamped document again, and both signatures stand', async () => {
    const once = await stampedDocument(api, (await stamp(api)).stampingId);
    const twice = await stampedDocument(api, (await stamp(api, once, { yMm: 100 })).stampingId);
    assert.deepEqual(twice.subarray(0, once.length), once, 'nothing before was touched');
    const { indication, signatures } = await server.nobody.json(verifyDocument, { bytes: twice });
    assert.equal(indication, 'TOTAL-PASSED');
    assert.deepEqual(
      signatures.map(({ coverage }) => coverage),
      ['revision', 'whole-file'],
    );
  });

  it('finds one changed byte, wherever it is', async () => {
    const product = await stampedDocument(api, (await stamp(api)).stampingId);
    const text = Buffer.from(product).toString('latin1');
    const places = [text.indexOf('Under the seal'), text.lastIndexOf('/ByteRange') + 14, text.length - 20];
    for (const place of places) {
      const changed = Uint8Array.from(product);
      changed[place] = (changed[place] ?? 0) ^ 1;
      const report = await server.nobody.json(verifyDocument, { bytes: changed });
      assert.equal(report.indication, 'TOTAL-FAILED', `byte ${place}`);
    }
  });

  it('leaves an intent and an outcome in the audit log, the outcome at the index it answered', async () => {
    const stamping = await stamp(api);
    const entries = await entriesAbout(api, stamping.stampingId);
    assert.deepEqual(
      entries.map(({ action, outcome, clientId }) => [action, outcome, clientId]),
      [
        ['stamping', 'intended', 'sandbox-system'],
        ['stamping', 'done', 'sandbox-system'],
      ],
    );
    assert.equal(entries[0]?.purpose, '合同用印');
    assert.equal(entries.at(-1)?.index, stamping.auditIndex);
    const leaves = entries.map(({ leaf }) => Buffer.from(leaf, 'base64').toString()).join('');
    assert.ok(!leaves.includes('合同用印'), 'people write names into a purpose: it is not in the public leaf');
  });

  it('answers the report of an unsigned document with a warning and no signatures, and signs the report’s receipt into the log', async () => {
    const report = await server.nobody.json(verifyDocument, { bytes: samplePdf() });
    assert.equal(report.indication, 'INDETERMINATE');
    assert.deepEqual(report.signatures, []);
    const [entry] = await entriesAbout(api, report.verificationId);
    assert.equal(entry?.action, 'document.verified');
    assert.equal(entry?.entryId, report.receipt.entryId);
  });

  it('tells the signature fields of a document, and stamps into the one that is named', async () => {
    const base = samplePdf({ catalog: '/AcroForm << /Fields [ 20 0 R ] >>', page: '/Annots [ 20 0 R ]' });
    const field = '<< /FT /Sig /T (Approval) /Type /Annot /Subtype /Widget /Rect [72 72 242 214] /F 4 >>';
    const { documentId } = await upload(api, appendUpdate(base, { 20: field }));
    const { items } = await api.json(seals.listDocumentFields, { params: { documentId } });
    assert.deepEqual(
      items.map(({ name, state, page }) => [name, state, page]),
      [['Approval', 'empty', 1]],
    );
    const { sealId } = await sealOf(api);
    const order = { ...stampOrder(sealId, documentId), placements: [{ kind: 'field' as const, name: 'Approval' }] };
    const { stampingId } = await api.json(seals.createStamping, { json: order, headers: fresh() });
    const { bytes } = await api.file(seals.getStampedDocument, { params: { stampingId } });
    const again = await upload(api, bytes);
    const after = await api.json(seals.listDocumentFields, { params: { documentId: again.documentId } });
    assert.deepEqual(
      after.items.map(({ name, state }) => [name, state]),
      [['Approval', 'signed']],
    );
    const { documentId: ofd } = await upload(api, zip(ofdFiles()));
    assert.deepEqual((await api.json(seals.listDocumentFields, { params: { documentId: ofd } })).items, []);
    const other = await server.foreigner();
    const refused = await other.refusal(seals.listDocumentFields, { params: { documentId } });
    assert.equal(refused.code, 'document-not-found');
  });

  it('hides a client’s documents and stampings from every other client', async () => {
    const other = await server.foreigner();
    const mine = await stamp(api);
    const { sealId } = await sealOf(other);
    const params = { stampingId: mine.stampingId };
    assert.equal((await other.refusal(seals.getStamping, { params })).code, 'stamping-not-found');
    assert.equal((await other.refusal(seals.getStampedDocument, { params })).code, 'stamping-not-found');
    const refusal = await other.refusal(seals.createStamping, { json: stampOrder(sealId, mine.documentId) });
    assert.deepEqual([refusal.status, refusal.code], [404, 'document-not-found']);
  });

  it('keeps its certificates where certs/README.md says', () => {
    for (const name of ['root-ca', 'seal-ca', 'service-ca']) {
      assert.match(readFileSync(`${server.config.certsDirectory}/${name}.pem`, 'utf8'), /^-----BEGIN CERTIFICATE-----/);
    }
  });
});
