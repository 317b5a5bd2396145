// GB/T 36904 identifiers: the check character on identifiers published by others, and what must be refused.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  licenceCheckCharacter,
  licenceIdentifier,
  parseLicenceIdentifier,
} from '../../../src/credential/licence-identifier.ts';

/** Seen on public pages; the last one has a region code in place of the issuer's social credit code. */
const published = [
  '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U',
  '1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0',
  '1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F',
  '1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9',
];

describe('GB/T 36904 check character (ISO 7064 MOD 37,36)', () => {
  for (const identifier of published) {
    it(`fits ${identifier}`, () => {
      const parts = identifier.split('.').slice(5);
      assert.equal(licenceCheckCharacter(parts.slice(0, -1).join('')), parts.at(-1));
    });
  }

  it('fits the published example of a body alone', () => {
    assert.equal(licenceCheckCharacter('11100000000013338W00211320482014138860P201807250201001'), 'M');
  });

  it('does not fit the sample of a vendor manual whose check character is wrong', () => {
    const wrong = '1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M';
    assert.equal(parseLicenceIdentifier(wrong), undefined);
    assert.notEqual(parseLicenceIdentifier(wrong.replace(/M$/, 'D')), undefined);
  });
});

describe('GB/T 36904 identifier', () => {
  for (const identifier of published.slice(0, 3)) {
    it(`${identifier} is taken apart and put together again`, () => {
      const parts = parseLicenceIdentifier(identifier);
      assert.ok(parts);
      assert.equal(licenceIdentifier(parts), identifier);
    });
  }

  it('names its parts', () => {
    assert.deepEqual(parseLicenceIdentifier(published[0] ?? ''), {
      typeCode: '11100000000013338W011',
      issuerCode: '11430000006122244L',
      serial: '20230000403',
      version: 1,
    });
  });

  it('is refused with any one character replaced by another', () => {
    const identifier = published[0] ?? '';
    const other = fc.constantFrom(...Array.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.'));
    fc.assert(
      fc.property(fc.nat(identifier.length - 1), other, (at, character) => {
        fc.pre(identifier.charAt(at) !== character);
        assert.equal(parseLicenceIdentifier(identifier.slice(0, at) + character + identifier.slice(at + 1)), undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused with two neighbours of a part exchanged', () => {
    const identifier = published[0] ?? '';
    for (let at = 15; at < identifier.length - 1; at++) {
      const [a, b] = [identifier.charAt(at), identifier.charAt(at + 1)];
      if (a === b || a === '.' || b === '.') continue;
      const swapped = identifier.slice(0, at) + b + a + identifier.slice(at + 2);
      assert.equal(parseLicenceIdentifier(swapped), undefined, swapped);
    }
  });

  for (const [what, parts] of [
    ['lower case in the serial', { serial: 'abc' }],
    ['an empty serial', { serial: '' }],
    ['a serial of 33 characters', { serial: '0'.repeat(33) }],
    ['version 0', { version: 0 }],
    ['version 1000', { version: 1000 }],
    ['half a version', { version: 1.5 }],
    ['a type without number', { typeCode: '11100000000013338W' }],
    ['a short issuer', { issuerCode: '340100' }],
  ] as const) {
    it(`is not made from ${what}`, () => {
      const good = { typeCode: '11100000000013338W011', issuerCode: '11430000006122244L', serial: '1', version: 1 };
      assert.throws(() => licenceIdentifier({ ...good, ...parts }), { code: 'malformed-identifier' });
    });
  }

  it('takes the check character of nothing but digits and capital letters', () => {
    assert.throws(() => licenceCheckCharacter('a'), { code: 'malformed-identifier' });
    assert.throws(() => licenceCheckCharacter(''), { code: 'malformed-identifier' });
  });
});
