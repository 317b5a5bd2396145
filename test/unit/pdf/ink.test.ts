// Ink or paint: an appearance counts as ink only when nothing in it can get lighter than the page; ISO 32000-2, 11.3.5.

import assert from 'node:assert/strict';
import { isInk } from '../../../src/pdf/ink.ts';
import { PdfDict } from '../../../src/pdf/objects.ts';
import { openPdf } from '../../../src/pdf/reader.ts';

import { appendUpdate, samplePdf } from '../../support/pdf-samples.ts';
import { signed } from './signing.ts';

const multiply = '/ExtGState << /M << /BM /Multiply >> /A << /ca 0.5 >> >>';
const form = (content: string, resources = multiply, entries = '') =>
  `<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << ${resources} >> ${entries} /Length ${content.length} >>\nstream\n${content}\nendstream`;

function ink(appearance: string, more: Record<number, string> = {}, annotation = '/AP << /N 71 0 R >>'): boolean {
  const { file } = openPdf(
    appendUpdate(samplePdf(), { 70: `<< /Subtype /Widget ${annotation} >>`, 71: appearance, ...more }),
  );
  const dict = file.load(70);
  assert.ok(dict instanceof PdfDict);
  return isInk(file, dict);
}

describe('ISO 32000-2, 11.3.5: an appearance that cannot hide what lies under it', () => {
  it('is what we make ourselves', () => {
    const { file, fields } = openPdf(signed(samplePdf()));
    assert.equal(isInk(file, fields[0]?.dict ?? new PdfDict([])), true);
  });

  it('sets a darkening mode before it paints and keeps it', () => {
    for (const content of ['/M gs 0 0 9 9 re f', 'q /M gs /A gs 0 0 9 9 re W n q 1 0 0 1 0 0 cm f Q Q'])
      assert.equal(ink(form(content)), true, content);
    assert.equal(ink('null', {}, ''), true, 'nothing is shown');
  });

  it('is not one that paints before, after or without the mode, or where it could hide an operator', () => {
    const paints = [
      '1 g 0 0 9 9 re f',
      '0 0 9 9 re f /M gs f',
      'q /M gs f Q 0 0 9 9 re f',
      '/M gs f Q f',
      '/M gs (Q) Tj',
      '/M gs BI /W 1 ID x EI',
      '/A gs f',
      '/None gs f',
      'gs f',
      '',
    ];
    for (const content of paints) assert.equal(ink(form(content)), false, content);
  });

  it('is not one with another mode in its resources or its forms, with further states, or with a frame by the reader', () => {
    const normal = '/ExtGState << /M << /BM /Multiply >> /N << /BM /Normal >> >>';
    assert.equal(ink(form('/M gs f', normal)), false);
    const inner = `${multiply} /XObject << /X 72 0 R >>`;
    assert.equal(ink(form('/M gs /X Do', inner), { 72: form('f', '') }), true);
    assert.equal(ink(form('/M gs /X Do', inner), { 72: form('f', normal) }), false);
    assert.equal(ink(form('/M gs /X Do', inner), { 72: form('f', normal, '/Group << /S /Transparency >>') }), true);
    assert.equal(ink(form('/M gs f'), {}, '/AP << /N 71 0 R /R 71 0 R >>'), false);
    assert.equal(ink(form('/M gs f'), {}, '/AP << /N << /On 71 0 R >> >>'), false);
    assert.equal(ink('null', {}, '/MK << /BG [1 1 1] >>'), false);
    const group = '/Group << /S /Transparency /I true >>';
    assert.equal(ink(form('/M gs f', multiply, group)), false, 'put together alone, and then laid over the page');
    const elsewhere = ['/Pattern << /P 72 0 R >>', '/Font << /F << /Type /Font /Subtype /Type3 >> >>'];
    for (const more of elsewhere) {
      assert.equal(ink(form('/M gs f', `${multiply} ${more}`), { 72: form('f', normal) }), false, more);
      assert.equal(ink(form('/M gs /X Do', inner), { 72: form('f', more) }), false, more);
    }
    assert.equal(ink(form('/M gs f', `${multiply} /Font << /F << /Subtype /Type1 >> >>`)), true);
    const deep = `${multiply} /XObject << /X 71 0 R >>`;
    assert.equal(ink(form('/M gs /X Do', deep)), false, 'a form inside itself');
  });
});
