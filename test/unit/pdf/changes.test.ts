// Changes after signing (ISO 32000-2, 12.8.2.2): further signing and long-term data pass, everything else is suspicious.

import assert from 'node:assert/strict';
import { changesAfter } from '../../../src/pdf/changes.ts';
import type { ChangeReport } from '../../../src/pdf/changes.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { appendUpdate, objectText, samplePdf } from '../../support/pdf-samples.ts';
import { needSharedData } from '../../support/shared-data.ts';
import { signed } from './signing.ts';

const original = samplePdf({ pageCount: 2, annots: 'direct' });
const once = signed(original);

function after(bytes: Uint8Array, index = 0): ChangeReport {
  const document = openPdf(bytes);
  const signature = document.signatures[index];
  assert.ok(signature !== undefined);
  return changesAfter(document, signature);
}

function summary(bytes: Uint8Array, index = 0): string[] {
  const { changes, verdict } = after(bytes, index);
  return [verdict, ...changes.map((change) => `${change.permitted ? '+' : '-'}${change.kind}`)];
}

/** An update that changes a piece of an object of the signed file. */
function edited(
  number: number,
  from: string | RegExp,
  to: string,
  more: Record<number, string | null> = {},
  base = once,
): Uint8Array {
  const text = objectText(base, number);
  assert.notEqual(text.replace(from, to), text, `object ${number} has no ${String(from)}`);
  return appendUpdate(base, { [number]: text.replace(from, to), ...more });
}

const xobject = '<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream';

describe('changes that are permitted', () => {
  it('are none in a file that ends with its signature', () => {
    assert.deepEqual(summary(once), ['none']);
    assert.deepEqual(summary(Buffer.concat([once, Buffer.from('\n')])), ['none']);
  });

  it('a second signature with a widget and further stamps', () => {
    const stamps = [
      { page: 1, xMm: 60, yMm: 120 },
      { page: 2, xMm: 60, yMm: 60 },
    ];
    assert.deepEqual(summary(signed(once, { stamps })), ['permitted', '+signature', '+stamp']);
    assert.deepEqual(summary(signed(once, { stamps }), 1), ['none']);
    assert.equal(after(signed(once, { stamps })).changes[1]?.page, 2);
  });

  it('in every spelling of the file', () => {
    for (const xref of ['table', 'stream', 'packed', 'hybrid'] as const) {
      for (const form of ['none', 'direct', 'indirect', 'indirect-fields'] as const) {
        for (const annots of ['none', 'direct', 'indirect', 'shared'] as const) {
          const first = signed(samplePdf({ xref, form, annots, pageCount: 2 }));
          const second = signed(first, { stamps: [{ page: 2, xMm: 100, yMm: 100 }] });
          const third = signed(second, { stamps: [] });
          assert.deepEqual(summary(third), ['permitted', '+signature', '+signature'], `${xref} ${form} ${annots}`);
        }
      }
    }
  });

  it('validation data and a changed information dictionary', () => {
    const dss = edited(1, '/Type /Catalog', '/Type /Catalog /DSS 60 0 R', {
      60: '<< /Type /DSS /Certs [61 0 R] /VRI << /AB << /Cert [61 0 R] >> >> >>',
      61: '<< /Length 3 >>\nstream\nabc\nendstream',
    });
    assert.deepEqual(summary(dss), ['permitted', '+validation-data']);
    const more = appendUpdate(dss, {
      60: '<< /Type /DSS /Certs [61 0 R 62 0 R] >>',
      62: '<< /Length 1 >>\nstream\na\nendstream',
    });
    assert.deepEqual(summary(more), ['permitted', '+validation-data']);
    assert.deepEqual(summary(appendUpdate(once, { 3: '<< /Title (New) >>' })), ['permitted', '+metadata']);
  });

  it('what other programs did to a file signed twice', function () {
    const bytes = needSharedData(this, 'seal/minimal-two-fields-signed-twice.pdf');
    assert.deepEqual(summary(bytes), ['permitted', '+metadata', '+signature', '+metadata']);
    assert.deepEqual(summary(bytes, 1), ['none']);
  });
});

describe('changes that are suspicious', () => {
  it('page content, fonts, resources, and objects deleted', () => {
    assert.deepEqual(summary(edited(5, 'Under the seal', 'Over the seal!')), ['suspicious', '-content']);
    assert.deepEqual(summary(edited(4, 'Helvetica', 'Courier')), ['suspicious', '-font']);
    assert.deepEqual(summary(edited(10, '/Contents 5 0 R', '/Contents 70 0 R', { 70: xobject })), [
      'suspicious',
      '-content',
      '+unused-object',
    ]);
    assert.deepEqual(summary(edited(10, '/Resources', '/Rotate 180 /Resources')), ['suspicious', '-page']);
    assert.deepEqual(summary(appendUpdate(once, { 4: null })), ['suspicious', '-font']);
    assert.deepEqual(summary(appendUpdate(once, { 8: null })), ['suspicious', '-annotation']);
  });

  it('pages added, exchanged, removed, or their tree rewritten', () => {
    const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>';
    assert.deepEqual(
      summary(edited(2, /\/Kids \[.*?\] \/Count 2/, '/Kids [10 0 R 11 0 R 70 0 R] /Count 3', { 70: page })).slice(0, 2),
      ['suspicious', '-page-tree'],
    );
    assert.deepEqual(summary(edited(2, /\/Kids \[.*?\]/, '/Kids [10 0 R 70 0 R]', { 70: page })).slice(0, 2), [
      'suspicious',
      '-page-tree',
    ]);
    assert.deepEqual(summary(edited(2, /\/Kids \[.*?\]/, '/Kids [11 0 R 10 0 R]')).slice(0, 2), [
      'suspicious',
      '-page-tree',
    ]);
    assert.deepEqual(summary(edited(2, '842', '421')), ['suspicious', '-page-tree']);
  });

  it('the catalog: actions, another page tree, another catalog', () => {
    assert.deepEqual(summary(edited(1, '/Type', '/OpenAction << /S /JavaScript /JS (x) >> /Type')), [
      'suspicious',
      '-action',
    ]);
    assert.deepEqual(summary(edited(1, '/Type', '/AA << >> /Type')), ['suspicious', '-action']);
    assert.deepEqual(summary(edited(1, '/Pages 2 0 R', '/Pages 70 0 R', { 70: objectText(once, 2) })).slice(0, 2), [
      'suspicious',
      '-page-tree',
    ]);
    const copy = appendUpdate(
      once,
      { 70: objectText(once, 1) },
      `/Size 71 /Root 70 0 R /Prev ${/startxref\n(\d+)\n%%EOF\n$/.exec(Buffer.from(once).toString('latin1'))?.[1]}`,
    );
    assert.deepEqual(summary(copy).slice(0, 2), ['suspicious', '-catalog']);
  });

  it('an annotation that belongs to no signature, and an annotation taken away', () => {
    const add = (dict: string) => edited(10, /\/Annots \[([^\]]*)\]/, '/Annots [$1 70 0 R]', { 70: dict });
    assert.deepEqual(
      summary(add('<< /Type /Annot /Subtype /FreeText /Rect [10 10 99 99] /Contents (x) >>')).slice(0, 2),
      ['suspicious', '-annotation'],
    );
    assert.deepEqual(summary(add('<< /Type /Annot /Subtype /Stamp /Rect [10 10 99 99] >>')).slice(0, 2), [
      'suspicious',
      '-annotation',
    ]);
    assert.deepEqual(summary(edited(10, /\/Annots \[8 0 R ([^\]]*)\]/, '/Annots [$1]')).slice(0, 2), [
      'suspicious',
      '-annotation',
    ]);
  });

  it('a field without a signature, with actions, or changed', () => {
    const formNumber = Number(/\/AcroForm (\d+) 0 R/.exec(objectText(once, 1))?.[1]);
    const add = (dict: string) => edited(formNumber, /\/Fields \[([^\]]*)\]/, '/Fields [$1 70 0 R]', { 70: dict });
    assert.deepEqual(summary(add('<< /FT /Tx /T (New) /V (x) >>')).slice(0, 2), ['suspicious', '-field']);
    assert.deepEqual(summary(add('<< /FT /Sig /T (New) >>')).slice(0, 2), ['suspicious', '-field']);
    assert.deepEqual(summary(edited(formNumber, '/SigFlags 3', '/SigFlags 1')), ['suspicious', '-form']);
    assert.deepEqual(summary(edited(formNumber, '/SigFlags 3', '/SigFlags 3 /NeedAppearances true')), [
      'suspicious',
      '-form',
    ]);
  });

  it('the signature itself: its dictionary, its field, its picture', () => {
    const { signatures, fields } = openPdf(once);
    const field = fields[0]?.ref.number ?? 0;
    const value = signatures[0]?.objectNumber ?? 0;
    assert.equal(after(edited(field, '/Rect', '/Border [0 0 9] /Rect')).verdict, 'suspicious');
    assert.deepEqual(after(edited(field, /\/Rect \[[^\]]*\]/, '/Rect [0 0 1 1]')).verdict, 'suspicious');
    assert.equal(after(edited(value, '/M (D:2026', '/M (D:2020')).verdict, 'suspicious');
  });

  it('text fields filled in after signing', () => {
    const withField = samplePdf({ catalog: '/AcroForm << /Fields [8 0 R] >>', annots: 'direct' });
    const base = appendUpdate(withField, {
      8: '<< /Type /Annot /Subtype /Widget /FT /Tx /T (Sum) /V (100) /Rect [10 10 50 20] >>',
    });
    assert.deepEqual(summary(edited(8, '(100)', '(900)', {}, signed(base))), ['suspicious', '-field']);
  });

  it('a later seal laid over an earlier one', () => {
    const stamps = [{ page: 1, xMm: 60.37, yMm: 120.37 }];
    const second = signed(once, { stamps });
    const box = /\/Rect (\[[^\]]*\])/g;
    const [, , theirs = ''] = [...Buffer.from(second).toString('latin1').matchAll(box)].map((match) => match[1]);
    const [, ours = ''] = [...Buffer.from(once).toString('latin1').matchAll(box)].map((match) =>
      match[1]?.replace(/\d\]$/, ']'),
    );
    const text = Buffer.from(second).toString('latin1');
    const at = text.lastIndexOf(theirs);
    assert.ok(theirs.length >= ours.length && at > once.length);
    const forged = Buffer.from(
      text.slice(0, at) + ours.padEnd(theirs.length) + text.slice(at + theirs.length),
      'latin1',
    );
    assert.deepEqual(summary(forged), ['suspicious', '+signature', '-overlap']);
  });
});

describe('shadow attacks: the update only brings out what was prepared before signing', () => {
  it('a reference into the void that is filled later', () => {
    const prepared = signed(samplePdf({ page: '/StructParents 0 /Group 77 0 R' }));
    assert.deepEqual(summary(appendUpdate(prepared, { 77: '<< /S /Transparency >>' })), ['suspicious', '-page']);
  });

  it('a cross-reference that points an old number at other signed bytes', () => {
    const inside = samplePdf({ content: '(5 0 obj << /Length 0 >> stream endstream endobj)' });
    const base = signed(inside);
    const at = Buffer.from(base).indexOf('5 0 obj << /Length 0');
    const text = Buffer.from(base).toString('latin1');
    const previous = /startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1];
    const tail = `xref\n4 1\n${String(at).padStart(10, '0')} 00000 n \ntrailer\n<< /Size 40 /Root 1 0 R /Prev ${previous} >>\nstartxref\n${base.length}\n%%EOF\n`;
    assert.equal(after(Buffer.concat([base, Buffer.from(tail)])).verdict, 'suspicious');
  });

  it('page content declared to be a list of annotations or validation data', () => {
    const listed = signed(samplePdf({ page: '/PieceInfo 77 0 R' }));
    const base = appendUpdate(samplePdf({ page: '/PieceInfo 77 0 R' }), {
      77: '[ 8 0 R ]',
      8: '<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >>',
    });
    const sealed = signed(base, { stamps: [] });
    assert.equal(after(listed).verdict, 'none');
    const asDss = edited(1, '/Type /Catalog', '/Type /Catalog /DSS << /Certs [5 0 R] >>', { 5: xobject }, sealed);
    assert.deepEqual(summary(asDss), ['suspicious', '+validation-data', '-content']);
    const asAnnots = edited(
      10,
      /\/Annots \[[^\]]*\]/,
      '/Annots 77 0 R',
      { 77: objectText(sealed, 10).match(/\/Annots (\[[^\]]*\])/)?.[1] ?? '' },
      sealed,
    );
    assert.deepEqual(summary(asAnnots), ['suspicious', '-page']);
  });

  it('bytes that no cross-reference accounts for, and updates that do not build on the signed revision', () => {
    const stray = '<< >>\nendobj\n5 0 obj\n<< /Length 0 >>\nstream\n\nendstream';
    assert.deepEqual(summary(appendUpdate(once, { 3: stray })), ['suspicious', '-structure']);
    const text = Buffer.from(once).toString('latin1');
    const first = /startxref\n(\d+)\n%%EOF/.exec(text)?.[1];
    const formNumber = Number(/\/AcroForm (\d+) 0 R/.exec(objectText(once, 1))?.[1]);
    const { fields, signatures } = openPdf(once);
    const numbers = [1, formNumber, fields[0]?.ref.number ?? 0, 10];
    const copies = Object.fromEntries(numbers.map((n) => [n, objectText(once, n)]));
    const value = signatures[0]?.objectNumber ?? 0;
    const skipped = appendUpdate(once, copies, `/Size 40 /Root 1 0 R /Prev ${first}`);
    // The signature dictionary stays where it was signed: only the cross-reference names it anew.
    const offset = text.lastIndexOf(`\n${value} 0 obj`) + 1;
    const line = `${value} 1\n${String(offset).padStart(10, '0')} 00000 n \ntrailer`;
    const relinked = Buffer.from(
      Buffer.from(skipped)
        .toString('latin1')
        .replace(/trailer(?=[^]*$)(?![^]*trailer)/, line),
      'latin1',
    );
    assert.deepEqual(summary(relinked), ['suspicious', '-structure']);
  });
});

describe('ISO 32000-2, 12.8.2.2: DocMDP', () => {
  it('with P 1 makes even a further signature suspicious, but not validation data', () => {
    const field =
      '<< /Type /Annot /Subtype /Widget /FT /Sig /T (First) /Rect [0 0 0 0] /F 132 /Lock << /Type /SigFieldLock /Action /Include /Fields [] /P 1 >> >>';
    const base = appendUpdate(samplePdf({ catalog: '/AcroForm << /Fields [8 0 R] >>', annots: 'direct' }), {
      8: field,
    });
    const first = signed(base, { stamps: [] });
    const { objectNumber } = openPdf(first).signatures[0] ?? { objectNumber: 0 };
    // Certified by hand: the reference goes into the room that the Contents leave.
    const text = Buffer.from(first).toString('latin1');
    const reference = '/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P  1 >> >>]';
    assert.equal(reference.length % 2, 0);
    const start = text.indexOf('/Contents <', text.indexOf(`\n${objectNumber} 0 obj`));
    const end = text.indexOf('>', start);
    const shorter = text.slice(start, end - reference.length) + '>' + reference;
    const range = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]/.exec(text);
    assert.ok(range !== null);
    const gapEnd = Number(range[3]) - reference.length;
    const next = `/ByteRange [0000000000 ${range[2]} ${String(gapEnd).padStart(10, '0')} ${String(Number(range[4]) + reference.length).padStart(10, '0')}]`;
    const certified = Buffer.from(
      (text.slice(0, start) + shorter + text.slice(end + 1)).replace(range[0], next),
      'latin1',
    );
    assert.deepEqual(
      openPdf(certified).signatures.map((s) => [s.docMdp, s.findings]),
      [[1, []]],
    );
    const dss = edited(
      1,
      '/Type /Catalog',
      '/Type /Catalog /DSS << /Certs [61 0 R] >>',
      { 61: '<< /Length 1 >>\nstream\na\nendstream' },
      certified,
    );
    assert.deepEqual(summary(dss), ['permitted', '+validation-data']);
    // Another program that signs nevertheless.
    const other = signed(first, { stamps: [] });
    const tail = Buffer.from(other).toString('latin1').slice(first.length);
    assert.deepEqual(summary(Buffer.concat([certified, Buffer.from(tail, 'latin1')])), ['suspicious', '-signature']);
  });
});
