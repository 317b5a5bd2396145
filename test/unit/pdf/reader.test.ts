// Opening PDFs: every spelling of ISO 32000-2, 7.5 is read alike; what needs repair is refused with a plain reason.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { appendUpdate, assemble, samplePdf } from '../../support/pdf-samples.ts';
import type { SampleOptions } from '../../support/pdf-samples.ts';
import { needSharedData } from '../../support/shared-data.ts';

function refused(bytes: Uint8Array | string, code: ErrorCode, reason: RegExp): void {
  const file = typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'latin1')) : bytes;
  assert.throws(
    () => openPdf(file),
    (error) => {
      assert.ok(isTrustError(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, reason);
      return true;
    },
  );
}

/** The sample with one piece of text replaced by another of the same length, so that offsets stay true. */
function patched(options: SampleOptions, from: string, to: string): string {
  const text = Buffer.from(samplePdf(options)).toString('latin1');
  assert.ok(text.includes(from) && from.length === to.length, `cannot patch ${from}`);
  return text.replace(from, () => to);
}

const size = (pdf: Uint8Array) =>
  openPdf(pdf).pages.map((page) => [page.widthMm, page.heightMm].map((mm) => Math.round(mm * 100) / 100));

describe('ISO 32000-2, 7.5: file structure', () => {
  for (const xref of ['table', 'stream', 'packed', 'hybrid'] as const) {
    it(`reads a file with its cross-reference as ${xref}`, () => {
      const document = openPdf(samplePdf({ xref, pageCount: 3, nesting: 2 }));
      assert.equal(document.version, '1.7');
      assert.deepEqual(
        document.pages.map((page) => page.objectRef.number),
        [10, 11, 12],
      );
      assert.deepEqual(document.signatures, []);
    });
  }

  it('takes an object from the newest update, and an earlier revision as it was', () => {
    const first = samplePdf();
    const second = appendUpdate(first, { 2: '<< /Type /Pages /Kids [10 0 R] /Count 1 /MediaBox [0 0 72 144] >>' });
    assert.deepEqual(size(second), [[25.4, 50.8]]);
    assert.deepEqual(openPdf(second).file.revision(first.length).sections.length, 1);
    assert.deepEqual(size(second.subarray(0, first.length)), size(first));
  });

  it('treats a freed object as null', () => {
    refused(appendUpdate(samplePdf(), { 10: null }), 'malformed-pdf', /object 10, which is no page/);
  });

  it('refuses bytes before the header and after the end', () => {
    refused(Buffer.concat([Buffer.from('PK'), samplePdf()]), 'malformed-pdf', /does not begin/);
    refused(Buffer.concat([samplePdf(), Buffer.from('<html>')]), 'malformed-pdf', /does not end/);
    refused(Buffer.concat([samplePdf(), Buffer.from('%%EOF\n')]), 'malformed-pdf', /does not end/);
    refused('', 'malformed-pdf', /does not begin/);
    refused('%PDF-1.9\n', 'malformed-pdf', /does not begin/);
  });

  it('refuses an encrypted file', () => {
    refused(samplePdf({ trailer: '/Encrypt << /Filter /Standard >>' }), 'encrypted-pdf', /encrypted/);
    refused(samplePdf({ xref: 'packed', trailer: '/Encrypt 4 0 R' }), 'encrypted-pdf', /encrypted/);
  });

  it('refuses offsets that are wrong', () => {
    refused(patched({}, '\n10 0 obj', '\n19 0 obj'), 'malformed-pdf', /not where the cross-reference says/);
  });

  it('refuses what two readers could read in two ways', () => {
    refused(samplePdf({ catalog: '/Lang (a) /Lang (b)' }), 'malformed-pdf', /stands twice/);
    refused(patched({ pageCount: 2 }, '/Count 2', '/Count 1'), 'malformed-pdf', /says another number/);
    refused(samplePdf({ page: '/Rotate 45' }), 'malformed-pdf', /no quarter turn/);
    refused(samplePdf({ page: '/CropBox [900 900 950 950]' }), 'malformed-pdf', /shows nothing/);
    refused(samplePdf({ mediaBox: '[0 0 0 842]' }), 'malformed-pdf', /no media box/);
    refused(samplePdf({ page: '/UserUnit -1' }), 'malformed-pdf', /user unit/);
  });
});

describe('ISO 32000-2, 7.7.3: pages as they are shown', () => {
  it('inherits, crops, rotates and scales', () => {
    assert.deepEqual(size(samplePdf({ mediaBox: '[0 0 720 360]' })), [[254, 127]]);
    assert.deepEqual(size(samplePdf({ mediaBox: '[720 360 0 0]', inherited: '/Rotate -90', nesting: 3 })), [
      [127, 254],
    ]);
    assert.deepEqual(size(samplePdf({ mediaBox: '[0 0 720 360]', page: '/CropBox [-50 0 72 72]' })), [[25.4, 25.4]]);
    assert.deepEqual(size(samplePdf({ mediaBox: '[0 0 720 360]', page: '/UserUnit 2 /Rotate 450' })), [[254, 508]]);
  });

  it('refuses page trees that run in circles or name a page twice', () => {
    const tree = (kids: string) =>
      assemble(
        new Map([
          [1, '<< /Type /Catalog /Pages 2 0 R >>'],
          [2, `<< /Type /Pages /Kids [${kids}] /Count 2 >>`],
          [10, '<< /Type /Page /MediaBox [0 0 9 9] >>'],
        ]),
      );
    refused(tree('2 0 R'), 'malformed-pdf', /twice/);
    refused(tree('10 0 R 10 0 R'), 'malformed-pdf', /twice/);
  });
});

describe('PDFs of other programs', () => {
  it('reads a linearised file signed twice', function () {
    const document = openPdf(needSharedData(this, 'seal/minimal-two-fields-signed-twice.pdf'));
    assert.deepEqual(
      document.signatures.map((s) => [
        s.fieldName,
        s.subFilter,
        s.coversWholeFile,
        s.signingTimeClaimed?.toISOString(),
        s.findings,
      ]),
      [
        ['Sig2', 'adbe.pkcs7.detached', false, '2021-01-04T19:11:25.000Z', []],
        ['Sig1', 'adbe.pkcs7.detached', true, '2021-01-04T19:11:51.000Z', []],
      ],
    );
    assert.equal(document.signatures[0]?.name, 'Lord Testerino');
  });

  it('flags a signature that does not sign to the end of its revision', function () {
    const [signature] = openPdf(needSharedData(this, 'seal/tail-uncovered.pdf')).signatures;
    assert.deepEqual(
      signature?.findings.map((finding) => finding.code),
      ['byte-range-end'],
    );
    assert.equal(signature.coversWholeFile, false);
    assert.deepEqual(
      Array.from(signature.signedBytes(), (part) => part.length),
      [690, 400],
    );
  });
});
