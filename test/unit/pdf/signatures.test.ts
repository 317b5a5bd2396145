// Signature dictionaries by attackers (ISO 32000-2, 12.8.1): universal forgery, wrapping, data in the gap. Each is found, none throws.

import assert from 'node:assert/strict';
import { changesAfter } from '../../../src/pdf/changes.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { appendUpdate, objectText, samplePdf } from '../../support/pdf-samples.ts';
import { signed } from './signing.ts';

const good = signed(samplePdf());
const goodText = Buffer.from(good).toString('latin1');
const [, range = ''] = /\/ByteRange (\[[^\]]*\])/.exec(goodText) ?? [];
const [, contents = ''] = /\/Contents (<[0-9a-f]*>)/.exec(goodText) ?? [];

/** The codes found when a piece of the signed file is replaced by another of the same length. */
function codesWith(from: string, to: string): string[] {
  assert.ok(from !== '' && goodText.includes(from) && to.length <= from.length);
  const document = openPdf(
    Buffer.from(
      goodText.replace(from, () => to.padEnd(from.length)),
      'latin1',
    ),
  );
  const [signature] = document.signatures;
  assert.ok(signature !== undefined);
  const codes = signature.findings.map((finding) => finding.code);
  if (codes.length > 0) assert.equal(changesAfter(document, signature).verdict, 'suspicious');
  return codes;
}

describe('ISO 32000-2, 12.8.1: ByteRange', () => {
  it('is good as it was made', () => {
    assert.deepEqual(codesWith(range, range), []);
  });

  it('must be four whole numbers from 0 that stay in the file', () => {
    const [, a = 0, b = 0, c = 0] = range.slice(1, -1).split(' ').map(Number);
    for (const bad of [
      'null',
      '[]',
      '[0 0 0 0]',
      '[-1 2 3 4]',
      `[0 ${a}]`,
      `[1 ${a} ${b} ${c}]`,
      `[0 ${a} ${b}.5 ${c}]`,
      `[0 ${b} ${a} ${c}]`,
      `[0 ${a} ${b} 99999999]`,
      `[0 ${a} ${b} ${c} 1]`,
      '[(a) 1 2 3]',
      `[0 ${a} ${b} -5]`,
    ]) {
      assert.deepEqual(codesWith(range, bad), ['byte-range-invalid'], bad);
    }
  });

  it('must leave out exactly the Contents of this dictionary', () => {
    const [, a = 0, b = 0, c = 0] = range.slice(1, -1).split(' ').map(Number);
    for (const bad of [
      `[0 ${a - 1} ${b} ${c}]`,
      `[0 ${a + 1} ${b} ${c}]`,
      `[0 ${a} ${b + 1} ${c - 1}]`,
      `[0 5 ${b} ${c}]`,
    ]) {
      assert.deepEqual(codesWith(range, bad), ['byte-range-gap'], bad);
    }
  });

  it('must end where a revision ends', () => {
    const [, a = 0, b = 0, c = 0] = range.slice(1, -1).split(' ').map(Number);
    assert.deepEqual(codesWith(range, `[0 ${a} ${b} ${c - 8}]`), ['byte-range-end']);
  });
});

describe('ISO 32000-2, 12.8.1: Contents', () => {
  it('must be one DER value and zeros', () => {
    const hex = contents.slice(1, -1);
    const zeros = '0'.repeat(hex.length);
    for (const bad of [
      zeros,
      `3080${zeros.slice(4)}`,
      `308103${zeros.slice(6)}`,
      `30820200${zeros.slice(8)}`,
      `04${hex.slice(2)}`,
    ]) {
      assert.deepEqual(codesWith(contents, `<${bad}>`), ['signature-contents-invalid'], bad.slice(0, 12));
    }
    assert.deepEqual(codesWith(contents, `<${hex.slice(0, -1)}1>`), ['signature-contents-invalid']);
  });

  it('must be hexadecimal digits and nothing else', () => {
    const hex = contents.slice(1, -1);
    assert.deepEqual(codesWith(contents, `<${hex.slice(0, -2)}  >`), ['signature-contents-invalid']);
    assert.deepEqual(codesWith(contents, `<${hex.slice(0, -1)}>`), ['byte-range-gap']);
    assert.ok(codesWith(contents, `(${'a'.repeat(hex.length)})`).includes('signature-contents-invalid'));
    assert.ok(codesWith(contents, 'null').includes('signature-contents-invalid'));
  });
});

describe('signature dictionaries in the wrong place', () => {
  it('are found when two fields share one', () => {
    const { signatures, file } = openPdf(good);
    const value = signatures[0]?.objectNumber ?? 0;
    const root = objectText(good, 1);
    const form = file.catalogRef.number === 1 ? root : '';
    assert.ok(form.includes('/AcroForm'));
    const formNumber = Number(/\/AcroForm (\d+) 0 R/.exec(root)?.[1]);
    const both = appendUpdate(good, {
      50: `<< /FT /Sig /T (Copy) /V ${value} 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /F 132 >>`,
      [formNumber]: objectText(good, formNumber).replace(/\/Fields \[([^\]]*)\]/, '/Fields [$1 50 0 R]'),
    });
    const document = openPdf(both);
    assert.deepEqual(
      document.signatures.map((s) => s.findings.map((f) => f.code)),
      [['signature-dictionary-shared'], ['signature-dictionary-shared']],
    );
  });

  it('are no signatures when no field names them', () => {
    const orphan = appendUpdate(samplePdf(), { 50: '<< /Type /Sig /Contents <3003020105> /ByteRange [0 1 2 3] >>' });
    assert.deepEqual(openPdf(orphan).signatures, []);
  });
});
