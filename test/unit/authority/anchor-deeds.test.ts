// Deeds on trust anchors as data: one choice has one spelling, and nothing else is read as one.

import assert from 'node:assert/strict';
import { canonicalDeed, parseDeed, purposesIn } from '../../../src/authority/authority-deed.ts';

describe('deeds on trust anchors', () => {
  it('are read back as they were written', () => {
    for (const deed of [
      { kind: 'add-anchor', certificate: 'MAA=', purposes: 'seal,time-stamp' },
      { kind: 'withdraw-anchor', sha256: 'ab'.repeat(32) },
    ] as const) {
      assert.deepEqual(parseDeed(canonicalDeed(deed).text), deed);
    }
  });

  it('have purposes in one order, each once, and at least one', () => {
    assert.deepEqual(purposesIn('seal,licence,seal-maker'), ['seal', 'licence', 'seal-maker']);
    for (const text of ['', 'licence,seal', 'seal,seal', 'seal,', ' seal', 'web'])
      assert.equal(purposesIn(text), undefined);
  });

  it('are nothing when something in them is wrong', () => {
    for (const wrong of [
      '{"kind":"add-anchor","purposes":"seal"}',
      '{"certificate":"MAA=","kind":"add-anchor","purposes":"web"}',
      '{"kind":"withdraw-anchor","sha256":"AB"}',
      '{"kind":"withdraw-anchor"}',
      '{"kind":"trust-everybody"}',
    ]) {
      assert.equal(parseDeed(wrong), undefined, wrong);
    }
  });
});
