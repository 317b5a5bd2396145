// What other people's programs say of our signed PDFs: structure, place of the stamp, digest and coverage.

import assert from 'node:assert/strict';
import { changesAfter } from '../../../src/pdf/changes.ts';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import type { SampleOptions } from '../../support/pdf-samples.ts';
import { request, signed } from '../../unit/pdf/signing.ts';
import { Scratch, needTools, readPpm, redCentre, run } from './tools.ts';

const samples: readonly SampleOptions[] = [
  { xref: 'table' },
  { xref: 'stream', annots: 'direct', form: 'direct' },
  { xref: 'packed', annots: 'indirect', form: 'indirect', pageCount: 2 },
  { xref: 'hybrid', annots: 'shared', form: 'indirect-fields', pageCount: 2 },
  { page: '/Rotate 90', nesting: 2 },
  { page: '/Rotate 180 /CropBox [50 60 500 700]' },
  { inherited: '/Rotate -90 /CropBox [-10 -10 400 500]', mediaBox: '[-100 -100 600 700]' },
  { page: '/UserUnit 1.5' },
  { page: '/Rotate 270 /UserUnit 2', mediaBox: '[10 20 310 420]' },
];

/** Ink of the test picture lies in its upper left quarter: its centre shows both the place and which way is up. */
const inkOffsetMm = -10;
const toleranceMm = 0.5;
const dpi = 72;

const htmlPage = `<!doctype html><meta charset="utf-8"><title>关于同意的批复</title><style>@page{size:A4}p{break-after:page}</style>
<h1>关于同意设立的批复</h1><a href="https://example.invalid/">link</a><p>第一页</p><p>第二页</p>`;

describe('foreign judges of signed PDFs', () => {
  const scratch = new Scratch();
  after(() => scratch.remove());

  const checkedByQpdf = (name: string, bytes: Uint8Array): void => {
    const { status, text } = run('qpdf', ['--check', scratch.write(name, bytes)]);
    assert.equal(status, 0, text);
    assert.doesNotMatch(text, /WARNING/);
  };

  it('qpdf finds no fault in any product, signed once or three times', function () {
    needTools(this, 'qpdf');
    for (const [i, options] of samples.entries()) {
      checkedByQpdf(`source-${i}.pdf`, samplePdf(options));
      const once = signed(samplePdf(options));
      const twice = signed(once, { stamps: [{ page: 1, xMm: 60, yMm: 101 }] });
      checkedByQpdf(`once-${i}.pdf`, once);
      checkedByQpdf(`thrice-${i}.pdf`, signed(twice, { stamps: [] }));
    }
  });

  for (const [tool, render] of [
    [
      'pdftoppm',
      (file: string, out: string) => run('pdftoppm', ['-r', String(dpi), '-cropbox', '-singlefile', file, out]),
    ],
    [
      'mutool',
      (file: string, out: string) => run('mutool', ['draw', '-q', '-r', String(dpi), '-o', `${out}.ppm`, file, '1']),
    ],
  ] as const) {
    it(`${tool} shows the stamp where it was asked for, upright`, function () {
      needTools(this, tool);
      for (const [i, options] of samples.entries()) {
        const document = openPdf(samplePdf(options));
        const [page] = document.pages;
        assert.ok(page !== undefined);
        const placement = { page: 1, xMm: 63.5, yMm: 47.25 };
        const file = scratch.write(`place-${i}.pdf`, signed(samplePdf(options), { stamps: [placement] }));
        render(file, scratch.path(`${tool}-${i}`));
        const bitmap = readPpm(scratch.read(`${tool}-${i}.ppm`));
        const centre = redCentre(bitmap);
        const [x, y] = [centre.x * page.widthMm, centre.y * page.heightMm];
        const detail = `${tool} ${JSON.stringify(options)}: ${x}, ${y}`;
        assert.ok(Math.abs(x - placement.xMm - inkOffsetMm) < toleranceMm, detail);
        assert.ok(Math.abs(y - placement.yMm - inkOffsetMm) < toleranceMm, detail);
        const areaMm2 = (centre.count * page.widthMm * page.heightMm) / (bitmap.width * bitmap.height);
        assert.ok(Math.abs(areaMm2 - 400) < 20, `${detail}: ${areaMm2} mm2`);
      }
    });
  }

  it('text under the stamp stays black', function () {
    needTools(this, 'pdftoppm', 'mutool');
    const content = '0 g 100 700 60 60 re f';
    const file = scratch.write(
      'under.pdf',
      signed(samplePdf({ content }), { stamps: [{ page: 1, xMm: 60, yMm: 45 }] }),
    );
    run('pdftoppm', ['-r', String(dpi), '-singlefile', file, scratch.path('under-p')]);
    run('mutool', ['draw', '-q', '-r', String(dpi), '-o', scratch.path('under-m.ppm'), file, '1']);
    for (const name of ['under-p.ppm', 'under-m.ppm']) {
      const { width, rgb } = readPpm(scratch.read(name));
      const at = 3 * ((842 - 730) * width + 130);
      assert.deepEqual([...rgb.subarray(at, at + 3)], [0, 0, 0], name);
      assert.ok((rgb[3 * ((842 - 730) * width + 165)] ?? 0) > 200, `${name}: the stamp is not beside the text`);
    }
  });

  const certificate = (): { key: string; pem: string } => {
    const [key, pem] = [scratch.path('key.pem'), scratch.path('cert.pem')];
    const made = run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      pem,
      '-subj',
      '/CN=Throw-away',
      '-days',
      '30',
    ]);
    assert.equal(made.status, 0, made.text);
    return { key, pem };
  };

  /** Signed by openssl, so that nothing of ours stands on the other side. */
  const reallySigned = (bytes: Uint8Array, { key, pem }: { key: string; pem: string }, y: number): Uint8Array => {
    const prepared = prepareSignature(
      request(bytes, { stamps: [{ page: 1, xMm: 60, yMm: y }], contentsSizeBytes: 4_000, reason: '同意' }),
    );
    const data = scratch.write('tbs.bin', Buffer.concat([...prepared.signedParts]));
    const made = run('openssl', [
      'cms',
      '-sign',
      '-binary',
      '-cades',
      '-md',
      'sha256',
      '-signer',
      pem,
      '-inkey',
      key,
      '-outform',
      'DER',
      '-in',
      data,
      '-out',
      scratch.path('cms.der'),
    ]);
    assert.equal(made.status, 0, made.text);
    return prepared.embed(scratch.read('cms.der'));
  };

  it('pdfsig and mutool call a signed product valid, the first signature too after a second one', function () {
    needTools(this, 'pdfsig', 'mutool', 'openssl', 'qpdf');
    const pair = certificate();
    for (const [i, options] of samples.slice(0, 4).entries()) {
      const once = reallySigned(samplePdf(options), pair, 60);
      const first = run('pdfsig', ['-nocert', scratch.write(`real-${i}.pdf`, once)]).text;
      assert.match(first, /Signature is Valid/);
      assert.match(first, /Total document signed/);
      assert.match(first, /ETSI\.CAdES\.detached/);
      const twice = scratch.write(`real-twice-${i}.pdf`, reallySigned(once, pair, 101));
      const both = run('pdfsig', ['-nocert', twice]).text;
      assert.equal([...both.matchAll(/Signature is Valid/g)].length, 2, both);
      const seen = run('mutool', ['sign', '-v', twice]).text;
      // mutool calls every countersigned file edited, Acrobat's too; what counts is that both digests are right.
      assert.equal(
        [...seen.matchAll(/unchanged since signing|signature is valid but there have been edits/g)].length,
        2,
        seen,
      );
      assert.match(run('mutool', ['sign', '-v', scratch.path(`real-${i}.pdf`)]).text, /unchanged since signing/);
      checkedByQpdf(`real-checked-${i}.pdf`, scratch.read(`real-twice-${i}.pdf`));
    }
  });

  it('pdfsig notices one changed byte', function () {
    needTools(this, 'pdfsig', 'openssl');
    const product = Buffer.from(reallySigned(samplePdf(), certificate(), 60));
    product[product.indexOf('Under') + 1] = 'm'.charCodeAt(0);
    assert.match(run('pdfsig', ['-nocert', scratch.write('changed.pdf', product)]).text, /Digest Mismatch/);
  });

  it('PDFs as a browser prints them are stamped on every page', function () {
    needTools(this, 'chromium', 'qpdf', 'mutool');
    const html = scratch.write('letter.html', htmlPage);
    const pdf = scratch.path('letter.pdf');
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-pdf-header-footer',
      `--user-data-dir=${scratch.path('chromium')}`,
    ];
    const printed = run('chromium', [...flags, `--print-to-pdf=${pdf}`, `file://${html}`]);
    assert.match(printed.text, /written to file/);
    const document = openPdf(scratch.read('letter.pdf'));
    assert.ok(document.pages.length >= 2);
    const stamps = document.pages.map((page) => ({ page: page.number, xMm: 150, yMm: 200 }));
    const product = signed(scratch.read('letter.pdf'), { stamps, fieldName: '公章' });
    checkedByQpdf('letter-signed.pdf', product);
    const again = signed(product, { stamps: [{ page: 2, xMm: 60, yMm: 200 }] });
    checkedByQpdf('letter-twice.pdf', again);
    const reopened = openPdf(again);
    const [first] = reopened.signatures;
    assert.ok(first !== undefined);
    assert.equal(first.fieldName, '公章');
    assert.equal(changesAfter(reopened, first).verdict, 'permitted');
    run('mutool', [
      'draw',
      '-q',
      '-r',
      String(dpi),
      '-o',
      scratch.path('letter-2.ppm'),
      scratch.path('letter-signed.pdf'),
      '2',
    ]);
    const centre = redCentre(readPpm(scratch.read('letter-2.ppm')));
    assert.ok(Math.abs(centre.x * 210 - 140) < toleranceMm + 0.1 && Math.abs(centre.y * 297 - 190) < toleranceMm + 0.1);
  });
});
