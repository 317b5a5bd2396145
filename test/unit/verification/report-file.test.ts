// The printed report: the words of the page in both languages, read back by programs of others, tagged and searchable; ISO 32000-2, 14.7 to 14.9.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import type { DocumentReport } from '../../../src/verification/document-report.ts';
import { reportFile } from '../../../src/verification/report/report-file.ts';
import { reportText } from '../../../src/verification/report/report-text.ts';
import { PastWorld, signedAt } from '../../support/past-world.ts';

const world = await PastWorld.make();
const now = addSeconds(signedAt, 86_400);
const { verdict, reports } = await world.judged(
  await world.stamped(await world.signed(), { at: addSeconds(signedAt, 3_600) }),
  now,
);
assert.equal(verdict, 'TOTAL-PASSED null');
const report: DocumentReport = {
  verificationId: 'ver_01',
  verifiedAt: now.toISOString(),
  indication: 'TOTAL-PASSED',
  subIndication: null,
  mediaType: 'application/pdf',
  sha256: 'ab'.repeat(32),
  pageCount: 1,
  signatures: reports,
  findings: [],
  receipt: { entryId: 'ent_01', auditIndex: 17 },
  signedReceipt: null,
};

function printed(language: 'zh-CN' | 'en', change: Partial<DocumentReport> = {}): Uint8Array {
  const publicUrl = 'https://yinxin.example';
  return reportFile(reportText({ report: { ...report, ...change }, language, publicUrl, madeAt: now }));
}

/** The text as pdftotext (poppler) reads it, without the spaces and line ends of the layout. */
function textOf(pdf: Uint8Array): string {
  const { status, stdout } = spawnSync('pdftotext', ['-', '-'], { input: pdf, encoding: 'utf8' });
  assert.equal(status, 0);
  return stdout.replace(/\s+/g, '');
}

describe('the printed report on a document', () => {
  it('says verdict, document, each signature, later changes, level and receipt, in both languages', () => {
    const zh = textOf(printed('zh-CN'));
    for (const words of [
      '电子签章核验报告',
      '有效',
      report.sha256,
      '由时间戳证明',
      '追加了文档时间戳',
      'B-T',
      'ent_01(17)',
    ]) {
      assert.ok(zh.includes(words.replace(/\s+/g, '')), words);
    }
    const en = textOf(printed('en'));
    for (const words of ['Report on electronic seals', 'Valid', report.sha256, 'proven by a time stamp', 'ver_01']) {
      assert.ok(en.includes(words.replace(/\s+/g, '')), words);
    }
  });

  it('names nobody when a signature does not hold', () => {
    const [first] = reports;
    assert.ok(first !== undefined);
    const bad = { ...first, indication: 'TOTAL-FAILED' as const, intact: false };
    const text = textOf(printed('zh-CN', { indication: 'TOTAL-FAILED', signatures: [bad] }));
    assert.ok(text.includes('无效') && text.includes('签署的内容被改动过'));
    assert.ok(!text.includes('市数据局'));
  });

  it('is a sound, tagged file with a language and a title, the same whenever it is made', () => {
    const file = printed('zh-CN');
    assert.deepEqual(printed('zh-CN'), file);
    const document = openPdf(file);
    const catalog = document.file.catalog();
    assert.ok(catalog.get('StructTreeRoot') !== null && catalog.get('MarkInfo') !== null);
    const { stdout } = spawnSync('pdfinfo', ['-'], { input: file, encoding: 'utf8' });
    assert.match(stdout, /Tagged:\s+yes/);
    assert.match(stdout, /Title:\s+电子签章核验报告 ver_01/);
    const structure = spawnSync('pdfinfo', ['-struct-text', '-'], { input: file, encoding: 'utf8' }).stdout;
    assert.match(structure, /H1 "电子签章核验报告"|H1[\s\S]{0,40}"电子签章核验报告"/);
  });

  it('goes on to as many pages as it takes, and lets no text change what stands beside it', () => {
    const [first] = reports;
    assert.ok(first?.certificate !== null && first !== undefined);
    const hostile = { ...first, certificate: { ...first.certificate, subject: 'CN=\u202Eevil\u0000\n𠮷\uFFFF' } };
    const file = printed('en', { signatures: Array.from({ length: 20 }, () => hostile) });
    assert.ok(openPdf(file).pages.length > 5);
    assert.ok(textOf(file).includes('CN=evil'));
  });

  it('cuts off what is longer than any name, before the layout has any work with it', () => {
    const [first] = reports;
    assert.ok(first?.certificate !== null && first !== undefined);
    for (const character of ['\u0301', '\u0301\u0327', 'x', '印']) {
      const subject = `CN=long${character.repeat(100_000)}`;
      const text = reportText({
        report: { ...report, signatures: [{ ...first, certificate: { ...first.certificate, subject } }] },
        language: 'en',
        publicUrl: 'https://yinxin.example',
        madeAt: now,
      });
      assert.ok(text.paragraphs.every((paragraph) => paragraph.text.length <= 600));
      const shown = text.paragraphs.filter((paragraph) => paragraph.text.startsWith('CN=long'));
      assert.ok(shown.length > 0 && shown.every((paragraph) => paragraph.text.includes('…')));
      assert.ok(openPdf(reportFile(text)).pages.length < 10);
    }
  });
});
