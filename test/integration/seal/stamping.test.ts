// Proves stamping end to end with real keys: the product is what foreign readers call good, and shows the seal where it was asked for.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { sha256 } from '../../../src/crypto/digest.ts';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { judged } from '../../support/foreign-judges.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { requestKey, type SealHouse, sealHouse, sealOrder, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isTrustError(error, code);
}

describe('stamping of a document (用印)', () => {
  let of: SealHouse;
  let count = 0;
  const stamp = async (documentId: string, change = {}) => {
    const stamps = of.stamps();
    const record = await stamps.stamp(caller, stampRequest(of, documentId, change), requestKey(`stamp-${count++}`));
    return { record, product: await stamps.document(caller, record.stampingId) };
  };

  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  for (const level of ['B-B', 'B-T'] as const) {
    it(`at level ${level} gives a product that our verifier finds intact, valid, trusted and of this seal`, async () => {
      const source = samplePdf({ pageCount: 2 });
      const { record, product } = await stamp(await uploaded(of, caller, source), { level });
      assert.deepEqual([record.status, record.level, record.voidCode], ['done', level, null]);
      assert.ok(record.sha256 !== null && equalBytes(record.sha256, sha256(product)));
      assert.ok(equalBytes(product.subarray(0, source.length), source));
      const report = await of.verifier.verify(house, product);
      const [signature] = report.signatures;
      assert.deepEqual([report.indication, report.subIndication, report.pageCount], ['TOTAL-PASSED', null, 2]);
      assert.deepEqual(
        [signature?.intact, signature?.valid, signature?.trusted, signature?.coverage, signature?.level],
        [true, true, true, 'whole-file', level],
      );
      assert.equal(signature?.timeSource, level === 'B-T' ? 'time-stamp' : 'claimed');
      assert.equal(signature?.seal?.sealCode, of.seal.sealCode);
      assert.deepEqual(signature?.findings, []);
    });
  }

  it('leaves intent and outcome in the audit log, and the digest of the product', async () => {
    const { record, product } = await stamp(await uploaded(of, caller));
    const { items } = await of.audit.entries({ objectId: record.stampingId, limit: 10 });
    assert.deepEqual(
      items.map(({ action, outcome }) => [action, outcome]),
      [
        ['stamping', 'done'],
        ['stamping', 'intended'],
      ],
    );
    assert.equal(items[0]?.entryId, record.entryId);
    assert.ok(product.length > 0);
  });

  for (const xref of ['table', 'stream', 'packed', 'hybrid'] as const) {
    it(`makes products of ${xref} files that pdfsig, mutool and qpdf find good`, async function () {
      const { product } = await stamp(await uploaded(of, caller, samplePdf({ pageCount: 2, xref })));
      const pdfsig = judged(product, 'pdfsig', '-nocert');
      const mutool = judged(product, 'mutool', 'sign', '-v');
      const qpdf = judged(product, 'qpdf', '--check');
      if (pdfsig === undefined || mutool === undefined || qpdf === undefined) {
        console.log('      skipped: install poppler-utils, mupdf-tools and qpdf');
        this.skip();
      }
      assert.match(pdfsig.text, /Signature is Valid/);
      assert.match(pdfsig.text, /Total document signed/);
      assert.match(mutool.text, /document is unchanged since signing/);
      assert.equal(qpdf.status, 0, qpdf.text);
      assert.doesNotMatch(qpdf.text, /WARNING/);
    });
  }

  it('puts words, seams and positions under one signature that pdfsig, mutool and qpdf find good', async function () {
    const placements = [
      { kind: 'keyword', text: 'the seal', occurrence: 'all', dxMm: 0, dyMm: -40 },
      { kind: 'seam', edge: 'right' },
      { kind: 'position', page: 2, xMm: 60, yMm: 60 },
    ];
    const { product } = await stamp(await uploaded(of, caller, samplePdf({ pageCount: 2 })), { placements });
    const report = await of.verifier.verify(house, product);
    assert.deepEqual([report.indication, report.signatures.length], ['TOTAL-PASSED', 1]);
    const { file, pages } = openPdf(product);
    assert.deepEqual(
      pages.map(({ dict }) => file.array(dict, 'Annots')?.items.length),
      [2, 3],
    );
    const pdfsig = judged(product, 'pdfsig', '-nocert');
    const mutool = judged(product, 'mutool', 'sign', '-v');
    const qpdf = judged(product, 'qpdf', '--check');
    if (pdfsig === undefined || mutool === undefined || qpdf === undefined) {
      console.log('      skipped: install poppler-utils, mupdf-tools and qpdf');
      this.skip();
    }
    assert.match(pdfsig.text, /Signature is Valid/);
    assert.match(pdfsig.text, /Total document signed/);
    assert.match(mutool.text, /document is unchanged since signing/);
    assert.equal(qpdf.status, 0, qpdf.text);
    assert.doesNotMatch(qpdf.text, /WARNING/);
  });

  it('shows the seal in red at every place asked for and nowhere else', async function () {
    const placements = [
      { kind: 'position', page: 1, xMm: 140, yMm: 220 },
      { kind: 'position', page: 2, xMm: 40, yMm: 60 },
    ] as const;
    const { product } = await stamp(await uploaded(of, caller), { placements });
    const directory = mkdtempSync(join(tmpdir(), 'yinxin-page-'));
    try {
      writeFileSync(join(directory, 'product.pdf'), product);
      const drawn = spawnSync('pdftoppm', ['-r', '127', '-png', 'product.pdf', 'page'], { cwd: directory });
      if (drawn.error !== undefined) {
        console.log('      skipped: install poppler-utils');
        this.skip();
      }
      for (const { page, xMm, yMm } of placements) {
        const image = await loadImage(readFileSync(join(directory, `page-${page}.png`)));
        const canvas = createCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        // 127 dpi are 5 pixels a millimetre.
        const at = (x: number, y: number) => Array.from(context.getImageData(x * 5, y * 5, 1, 1).data.slice(0, 3));
        assert.deepEqual(at(xMm, yMm), [215, 0, 15], 'the star in the middle');
        assert.deepEqual(at(xMm, yMm - 20.4), [215, 0, 15], 'the ring above');
        assert.deepEqual(at(xMm - 20.4, yMm), [215, 0, 15], 'the ring on the left');
        const { data } = context.getImageData(0, 0, image.width, image.height);
        for (let i = 0; i < data.length; i += 4) {
          const [red = 0, green = 0, blue = 0] = data.slice(i, i + 3);
          if (red < 150 || green > 100 || blue > 100) continue;
          const x = ((i / 4) % image.width) / 5;
          const y = Math.floor(i / 4 / image.width) / 5;
          assert.ok(Math.hypot(x - xMm, y - yMm) < 21.3, `red at ${x} ${y} of page ${page}`);
        }
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('adds a second seal to a stamped document, and both signatures stay good', async () => {
    const other = await of.maker.make(house, sealOrder('99010000000077', newId('organisation', systemClock)));
    const first = await stamp(await uploaded(of, caller));
    assert.ok(first.record.productDocumentId !== null);
    const placements = [{ kind: 'position', page: 1, xMm: 60, yMm: 100 }];
    const second = await stamp(first.record.productDocumentId, { sealId: other.sealId, placements });
    const report = await of.verifier.verify(house, second.product);
    assert.equal(report.indication, 'TOTAL-PASSED');
    assert.deepEqual(
      report.signatures.map(({ coverage, seal }) => [coverage, seal?.sealCode]),
      [
        ['revision', of.seal.sealCode],
        ['whole-file', other.sealCode],
      ],
    );
    const mutool = judged(second.product, 'mutool', 'sign', '-v');
    if (mutool !== undefined) {
      assert.match(mutool.text, /The signature is valid but there have been edits since signing/);
      assert.match(mutool.text, /The document is unchanged since signing/);
    }
    assert.equal(openPdf(second.product).signatures.length, 2);
  });

  it('refuses what it cannot do before anything is stored', async () => {
    const documentId = await uploaded(of, caller);
    const rejects = async (change: object, code: ErrorCode) => {
      const request = stampRequest(of, documentId, change);
      await assert.rejects(of.stamps().stamp(caller, request, requestKey(`refused-${count++}`)), refusal(code));
    };
    const at = (page: number, xMm: number) => ({ placements: [{ kind: 'position', page, xMm, yMm: 100 }] });
    await rejects({ sealId: newId('seal', systemClock) }, 'seal-not-found');
    await rejects({ documentId: newId('document', systemClock) }, 'document-not-found');
    await rejects({ policy: 'gm' }, 'policy-not-supported');
    await rejects({ placements: [{ kind: 'seam', edge: 'right', pages: '2' }] }, 'seam-page-left-over');
    await rejects({ placements: [{ kind: 'field', name: 'Seal1' }] }, 'field-not-found');
    await rejects(at(3, 100), 'placement-outside-page');
    await rejects(at(1, 5), 'placement-outside-page');
    const reader = system('client-one', 'seal.read');
    const key = requestKey(`refused-${count++}`);
    await assert.rejects(of.stamps().stamp(reader, stampRequest(of, documentId), key), refusal('scope-missing'));
    const foreign = system('client-two');
    await assert.rejects(of.stamps().stamp(foreign, stampRequest(of, documentId), key), refusal('document-not-found'));
    const { rows } = await of.database.query<{ count: number }>({
      text: `SELECT count(*) FROM seal.stamping WHERE request_key LIKE 'refused-%'`,
    });
    assert.equal(rows[0]?.count, 0);
  });

  it('refuses a seal that is stopped, with an entry in the audit log', async () => {
    const stopped = await of.maker.make(house, sealOrder('99010000000088', newId('organisation', systemClock)));
    await of.seals.changeStatus(house, stopped.sealId, 'suspended', 'test');
    const request = stampRequest(of, await uploaded(of, caller), { sealId: stopped.sealId });
    await assert.rejects(of.stamps().stamp(caller, request, requestKey('stopped')), refusal('seal-not-active'));
    const { items } = await of.audit.entries({ objectId: stopped.sealId, limit: 1 });
    assert.deepEqual([items[0]?.action, items[0]?.outcome, items[0]?.code], ['stamping', 'failed', 'seal-not-active']);
  });

  it('tells nobody else of a stamping', async () => {
    const { record } = await stamp(await uploaded(of, caller));
    const stamps = of.stamps();
    assert.equal((await stamps.get(caller, record.stampingId)).status, 'done');
    await assert.rejects(stamps.get(system('client-two'), record.stampingId), refusal('stamping-not-found'));
    await assert.rejects(stamps.document(system('client-two'), record.stampingId), refusal('stamping-not-found'));
    await assert.rejects(stamps.get(caller, 'stp_x'), refusal('stamping-not-found'));
  });
});
