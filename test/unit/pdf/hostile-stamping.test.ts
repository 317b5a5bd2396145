// Odd and hostile files before stamping: what can be stamped is and passes its own check, everything else is refused with a code and nothing half-signed comes out.

import assert from 'node:assert/strict';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { maxPages } from '../../../src/pdf/limits.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { pdfJudge, signedPdf } from '../../support/pdf-signing.ts';
import { appendUpdate, assemble, samplePdf } from '../../support/pdf-samples.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';
import { edit, stream, victim } from './attacks/victim.ts';

const pki = await sandboxPki();
const judge = pdfJudge(pki);

async function refused(code: ErrorCode, bytes: Uint8Array, order: Parameters<typeof signedPdf>[2] = {}): Promise<void> {
  const before = Buffer.from(bytes);
  await assert.rejects(signedPdf(pki, bytes, order), (error) => isTrustError(error, code));
  assert.ok(before.equals(bytes), 'the source was touched');
}

async function passes(bytes: Uint8Array, order: Parameters<typeof signedPdf>[2] = {}): Promise<Uint8Array> {
  const product = await signedPdf(pki, bytes, order);
  const { verdict, signatures } = await judge.judge(product);
  assert.deepEqual([verdict.indication, signatures.at(-1)?.report.coverage], ['TOTAL-PASSED', 'whole-file']);
  return product;
}

const damaged = (bytes: Uint8Array, from: RegExp, to: string): Uint8Array =>
  Uint8Array.from(Buffer.from(Buffer.from(bytes).toString('latin1').replace(from, to), 'latin1'));

describe('odd files that are stamped and pass', () => {
  it('as many pages as are read, stamped on the first and the last', async () => {
    const stamps = [1, maxPages].map((page) => ({ page, xMm: 60, yMm: 60 }));
    const product = await passes(samplePdf({ pageCount: maxPages, xref: 'packed' }), { stamps });
    assert.equal(openPdf(product).pages.length, maxPages);
  });

  it('hybrid, with object streams, with a linearisation dictionary, with fonts that have no maps', async () => {
    const fontWithoutMaps =
      '<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [70 0 R] >>';
    const descendant =
      '<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>';
    const sources = [
      samplePdf({ xref: 'hybrid' }),
      samplePdf({ xref: 'packed' }),
      appendUpdate(samplePdf(), { 90: '<< /Linearized 1 /L 1 /H [1 1] /O 10 /E 1 /N 1 /T 1 >>' }),
      victim({ 4: fontWithoutMaps, 70: descendant }),
    ];
    for (const source of sources) await passes(await passes(source), { stamps: [{ page: 1, xMm: 60, yMm: 120 }] });
  });
});

describe('files that are refused before anything is signed', () => {
  it('broken cross-references, also behind a signature that is there', async () => {
    const once = await signedPdf(pki, samplePdf());
    for (const broken of [
      damaged(once, /startxref\n\d+\n%%EOF\n$/, 'startxref\n7\n%%EOF\n'),
      damaged(once, /\d{10} 00000 n \n(?=trailer(?![^]*trailer))/, '0000000012 00000 n \n'),
      damaged(once, /\/Prev \d+/, '/Prev 3'),
      once.subarray(0, once.length - 30),
    ]) {
      await refused('malformed-pdf', broken, { stamps: [] });
      assert.equal((await judge.judge(broken)).verdict.indication, 'TOTAL-FAILED');
    }
  });

  it('an object that is not where the signed file says, though no page needs it', async () => {
    const once = await signedPdf(pki, victim());
    await refused('malformed-pdf', edit(once, [], { 38: stream('x').replace('/Length 1', '/Length 9') }));
  });

  it('encrypted files, of any handler', async () => {
    for (const filter of ['Standard', 'Adobe.PubSec', 'Unknown'])
      await refused('encrypted-pdf', samplePdf({ trailer: `/Encrypt << /Filter /${filter} /V 5 /R 6 >>` }));
  });

  it('more pages than are read, more stamps than one signature shows, XFA', async () => {
    const many = new Map<number, string>([
      [1, '<< /Type /Catalog /Pages 2 0 R >>'],
      [10, '<< /Type /Page /Parent 2 0 R >>'],
    ]);
    const kids = Array.from({ length: maxPages + 1 }, () => '10 0 R').join(' ');
    many.set(2, `<< /Type /Pages /Kids [${kids}] /Count ${maxPages + 1} /MediaBox [0 0 99 99] >>`);
    await refused('unsupported-pdf', assemble(many));
    const stamps = Array.from({ length: 1_001 }, () => ({ page: 1, xMm: 60, yMm: 60 }));
    await refused('placement-not-supported', samplePdf(), { stamps });
    await refused('unsupported-pdf', samplePdf({ catalog: '/AcroForm << /Fields [] /XFA [] >>' }));
  });

  it('a page tree that says another number of pages, or that runs in a circle', async () => {
    await refused('malformed-pdf', edit(samplePdf({ pageCount: 2 }), [[2, '/Count 2', '/Count 1']]));
    await refused('malformed-pdf', edit(samplePdf(), [[2, '[ 10 0 R ]', '[ 2 0 R ]']]));
  });
});
