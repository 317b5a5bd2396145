// Proves how the desk's form is read, with a script and without: the chosen way of placing, and words that say where.

import assert from 'node:assert/strict';
import { deskOrder } from '../../../src/http/pages/desk-order.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { faultWords } from '../../../src/kernel/words/fault.ts';

const malformed = (error: unknown) => isTrustError(error, 'malformed-request');
const common = {
  seal: 'seal_1',
  purpose: '出具证明',
  page: '2',
  xMm: '50.5',
  yMm: '60',
  edge: 'right',
  occurrence: '1',
};
const placement = (values: object) => deskOrder({ ...common, ...values }, 'doc_1').placements;

describe('the order of the desk', () => {
  it('takes the values of the way of placing that was chosen, and leaves out what was left empty', () => {
    const position = { kind: 'position', page: 2, xMm: 50.5, yMm: 60 };
    assert.deepEqual(placement({}), [position]);
    assert.deepEqual(placement({ kind: 'position', text: '盖章' }), [position]);
    assert.deepEqual(placement({ kind: 'keyword', text: ' 盖章 ', dyMm: '-3' }), [
      { kind: 'keyword', text: '盖章', occurrence: 1, dxMm: 0, dyMm: -3 },
    ]);
    const [all] = placement({ kind: 'keyword', text: '盖章', occurrence: 'all' });
    assert.ok(all?.kind === 'keyword' && all.occurrence === 'all');
    assert.deepEqual(
      JSON.parse(JSON.stringify(placement({ kind: 'seam', pages: '1 - 3，5', every: '', offsetMm: '' }))),
      [{ kind: 'seam', edge: 'right', pages: '1-3,5' }],
    );
    assert.deepEqual(JSON.parse(JSON.stringify(placement({ kind: 'seam', every: '5', offsetMm: '100' }))), [
      { kind: 'seam', edge: 'right', every: 5, offsetMm: 100 },
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(placement({ kind: 'seam', every: '5', facing: 'yes' }))), [
      { kind: 'seam', edge: 'right', facing: true },
    ]);
    assert.deepEqual(placement({ kind: 'field', field: 'form.Seal' }), [{ kind: 'field', name: 'form.Seal' }]);
  });

  it('is refused when something is missing or no number', () => {
    for (const wrong of [
      { seal: '' },
      { purpose: ' ' },
      { page: 'two' },
      { kind: 'keyword' },
      { kind: 'keyword', text: '章', occurrence: 'some' },
      { kind: 'seam', edge: 'middle' },
      { kind: 'field' },
      { kind: 'other' },
      { page: ['1'] },
    ])
      assert.throws(() => placement(wrong), malformed, JSON.stringify(wrong));
  });
});

describe('words of a refusal', () => {
  it('say which page, as people count, and how many there are', () => {
    assert.match(faultWords('placement-outside-page', { page: 3 }, 'zh-CN'), /超出页面.*（第 3 页）$/);
    assert.match(faultWords('placement-outside-page', { page: 3 }, 'en'), /off the page.* \(page 3\)$/);
    assert.match(faultWords('keyword-not-found', { found: 2 }, 'zh-CN'), /（共有 2 处）$/);
    assert.doesNotMatch(faultWords('placement-occupied', undefined, 'en'), /\(/);
  });
});
