// Telephone numbers that codes go to: one spelling for every way of typing, and nothing that costs more than a message at home; ITU-T E.164.

import assert from 'node:assert/strict';
import { maskedNumber, parsePhoneNumber } from '../../../src/identity/factors/phone-number.ts';

describe('ITU-T E.164: mobile numbers of the mainland', () => {
  it('have one spelling however they are typed', () => {
    for (const typed of [
      '13800990001',
      '138 0099 0001',
      '138-0099-0001',
      '+86 13800990001',
      '008613800990001',
      '8613800990001',
      '（＋８６）１３８００９９０００１',
    ]) {
      assert.equal(parsePhoneNumber(typed), '+8613800990001', typed);
    }
  });

  it('are not numbers abroad, of fixed lines and services, of another length, nor text', () => {
    for (const typed of [
      '',
      '+12025550123',
      '+85291234567',
      '01062345678',
      '95588',
      '12345678901',
      '1380099000',
      '138009900011',
      '13800990001\r\nBcc: x',
      '13800990001;13800990002',
      '1'.repeat(41),
    ]) {
      assert.equal(parsePhoneNumber(typed), undefined, typed);
    }
  });

  it('are shown with their middle hidden', () => {
    assert.equal(maskedNumber('+8613800990001'), '138****0001');
  });
});
