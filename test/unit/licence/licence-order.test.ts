// Orders for licences: holders are checked by GB 11643 and GB 32100, validity by the calendar of China.

import assert from 'node:assert/strict';
import { moment } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { maskedName, maskedNumber } from '../../../src/licence/holder.ts';
import { checkedOrder, type LicenceOrder } from '../../../src/licence/licence-order.ts';
import type { LicenceType } from '../../../src/licence/licence-type.ts';
import { businessLicence, residentPermit } from '../../../src/sandbox/licence-catalogue.ts';
import { residentIdCheckCharacter } from '../../../src/kernel/chinese-identifiers.ts';

const type: LicenceType = { ...residentPermit, version: 1 };
const number = `99010219900307123${residentIdCheckCharacter('99010219900307123')}`;
const now = moment('2026-11-21T15:59:59Z'); // still the 21st in China
const order: LicenceOrder = {
  typeCode: type.typeCode,
  holder: { kind: 'person', name: '张三', idType: 'resident-id', idNumber: number },
  claims: { sex: '男', ethnicity: '汉', birthdate: '1990-03-07', address: '测试市测试路1号' },
  validFrom: '2026-11-21',
  validUntil: '2026-11-21',
};

function codeAndDetails(change: Partial<LicenceOrder>, of: LicenceType = type) {
  try {
    checkedOrder({ ...order, ...change }, of, now);
  } catch (error) {
    if (isTrustError(error)) return { code: error.code, details: error.details };
    throw error;
  }
  return { code: 'none', details: undefined };
}

describe('Licence orders', () => {
  it('are taken with the holder in canonical spelling', () => {
    const holder = { ...order.holder, name: ' 张三 ', idNumber: number.toLowerCase() };
    assert.deepEqual(checkedOrder({ ...order, holder }, type, now).holder, order.holder);
  });

  it('may last until today and may have no end', () => {
    assert.equal(codeAndDetails({}).code, 'none');
    assert.equal(checkedOrder({ ...order, validUntil: undefined }, type, now).validUntil, null);
    assert.equal(checkedOrder({ ...order, validUntil: null }, type, now).validUntil, null);
  });

  const holders: [string, Partial<LicenceOrder['holder']>, string][] = [
    [
      'a wrong check character',
      { idNumber: `${number.slice(0, 17)}${number.endsWith('X') ? '1' : 'X'}` },
      '/holder/idNumber',
    ],
    ['a social credit code for a person', { idType: 'uscc' }, '/holder/idType'],
    ['an organisation for a personal licence', { kind: 'organisation', idType: 'uscc' }, '/holder/kind'],
    ['a name with a bidirectional override', { name: '张\u202e三' }, '/holder/name'],
    ['a blank name', { name: '  ' }, '/holder/name'],
  ];
  for (const [what, change, pointer] of holders) {
    it(`with ${what} are holder-identifier-invalid at ${pointer}`, () => {
      const { code, details } = codeAndDetails({ holder: { ...order.holder, ...change } });
      assert.deepEqual([code, details?.['pointer']], ['holder-identifier-invalid', pointer]);
    });
  }

  it('for an organisation need its social credit code', () => {
    const of: LicenceType = { ...businessLicence, version: 1 };
    const holder = { kind: 'organisation', name: '测试公司', idType: 'uscc', idNumber: '91990000XTEXT000XA' } as const;
    assert.equal(codeAndDetails({ holder }, of).code, 'holder-identifier-invalid');
  });

  it('with wrong claims and days are licence-claims-invalid with a pointer to each', () => {
    const { code, details } = codeAndDetails({ claims: {}, validFrom: '2026-02-30', validUntil: '2026-11-20' });
    assert.equal(code, 'licence-claims-invalid');
    assert.deepEqual(details?.['faults'], [
      { pointer: '/claims/sex', reason: 'required' },
      { pointer: '/claims/ethnicity', reason: 'required' },
      { pointer: '/claims/birthdate', reason: 'required' },
      { pointer: '/claims/address', reason: 'required' },
      { pointer: '/validFrom', reason: 'not-a-day' },
      { pointer: '/validUntil', reason: 'too-early' },
    ]);
  });

  it('may not end before they begin', () => {
    const { details } = codeAndDetails({ validFrom: '2027-01-02', validUntil: '2027-01-01' });
    assert.deepEqual(details?.['faults'], [{ pointer: '/validUntil', reason: 'too-early' }]);
  });
});

describe('Masking', () => {
  it('leaves the first character of a name, whatever its length', () => {
    assert.deepEqual([maskedName('张三'), maskedName('欧阳娜娜'), maskedName('𠮷田')], ['张*', '欧*', '𠮷*']);
  });

  it('leaves four characters at each end of a number', () => {
    assert.equal(maskedNumber('990102199003071230'), '9901**********1230');
  });
});
