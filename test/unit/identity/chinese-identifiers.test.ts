// Resident identity numbers and unified social credit codes: worked samples and error detection, GB 11643, GB 32100, GB 11714.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  organisationCheckCharacter,
  parseResidentId,
  parseSocialCreditCode,
  residentIdCheckCharacter,
  socialCreditCheckCharacter,
} from '../../../src/kernel/chinese-identifiers.ts';

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

describe('GB 11643: resident identity numbers', () => {
  it('reads region, date of birth and sex of a good number', () => {
    assert.deepEqual(parseResidentId('990000190001010016'), {
      number: '990000190001010016',
      regionCode: '990000',
      birthdate: '1900-01-01',
      sex: 'male',
    });
  });

  it('accepts a leap day that was, and stores a lower-case x as X', () => {
    assert.equal(parseResidentId('99000020000229001x')?.number, '99000020000229001X');
  });

  it('refuses a wrong check character', () => {
    assert.equal(parseResidentId('990000200002290013'), undefined);
  });

  it('refuses a leap day that never was, whatever the check character', () => {
    for (const check of '0123456789X') assert.equal(parseResidentId(`99000019000229001${check}`), undefined);
  });

  it('refuses month 13, day 0, full-width digits, blanks and other lengths', () => {
    for (const seventeen of ['99000019001301001', '99000019000100001']) {
      assert.equal(parseResidentId(seventeen + residentIdCheckCharacter(seventeen)), undefined);
    }
    for (const text of [
      '',
      '９90000190001010016',
      ' 990000190001010016',
      '990000190001010016\n',
      '99000019000101001',
    ]) {
      assert.equal(parseResidentId(text), undefined);
    }
  });

  it('finds all 153 one-digit errors and all 9 swaps of unlike digits side by side in the sample', () => {
    const good = '990000190001010016';
    let oneDigit = 0;
    for (let i = 0; i < 17; i++) {
      for (const digit of '0123456789') {
        if (digit === good[i]) continue;
        const seventeen = good.slice(0, i) + digit + good.slice(i + 1, 17);
        assert.notEqual(residentIdCheckCharacter(seventeen), '6');
        oneDigit++;
      }
    }
    let swaps = 0;
    for (let i = 0; i < 16; i++) {
      if (good[i] === good[i + 1]) continue;
      const swapped = good.slice(0, i) + good.charAt(i + 1) + good.charAt(i) + good.slice(i + 2);
      assert.equal(parseResidentId(swapped), undefined);
      swaps++;
    }
    assert.deepEqual({ oneDigit, swaps }, { oneDigit: 153, swaps: 9 });
  });
});

describe('GB 32100: unified social credit codes', () => {
  it("works the standard's sample", () => {
    assert.equal(socialCreditCheckCharacter('91350100M000100Y4'), '3');
    assert.equal(organisationCheckCharacter('M000100Y'), '4');
    assert.deepEqual(parseSocialCreditCode('91350100M000100Y43'), {
      code: '91350100M000100Y43',
      registration: '91',
      regionCode: '350100',
      organisationCode: 'M000100Y4',
    });
    assert.equal(parseSocialCreditCode('91350100M000100Y4Z'), undefined);
  });

  it('accepts the synthetic codes of the sandbox', () => {
    for (const code of ['91990000XTEXT000XQ', '11990000000000000D', '12990000MA00000073']) {
      assert.equal(parseSocialCreditCode(code)?.code, code);
    }
  });

  it('gives 0 when the sum is a multiple of 31', () => {
    assert.equal(socialCreditCheckCharacter('00000000000000000'), '0');
  });

  it('refuses the letters I, O, S, V and Z and a letter that only becomes ASCII in upper case', () => {
    for (const letter of 'IOSVZ') assert.equal(parseSocialCreditCode(`9199000${letter}XTEXT000XQ`), undefined);
    assert.equal(parseSocialCreditCode('91990000XTEXT000Xſ'), undefined);
  });

  it('finds every single wrong character', () => {
    const good = '91990000XTEXT000XQ';
    fc.assert(
      fc.property(fc.nat({ max: 17 }), fc.constantFrom(...alphabet.split('')), (at, character) => {
        fc.pre(good[at] !== character);
        assert.equal(parseSocialCreditCode(good.slice(0, at) + character + good.slice(at + 1)), undefined);
      }),
    );
  });
});
