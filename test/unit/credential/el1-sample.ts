// A licence and an issuer key for the tests of EL1; signatures are made and checked by node:crypto, not by our crypto room.

import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { dayNumber } from '../../../src/credential/calendar-day.ts';
import type { El1Claims } from '../../../src/credential/el1-claims.ts';
import { type El1Signing, makeEl1Code } from '../../../src/credential/el1-code.ts';
import type { SignatureCheck, TrustedIssuerKey } from '../../../src/credential/el1-verify.ts';
import { epochSeconds, moment } from '../../../src/kernel/clock.ts';

export const publicUrl = 'https://yinxin.example';
export const at = moment('2026-11-21T10:00:00Z');

export const sampleClaims: El1Claims = {
  expiresAtSeconds: epochSeconds(moment('2029-11-20T16:00:00Z')),
  issuedAtSeconds: epochSeconds(moment('2026-11-20T03:00:00Z')),
  catalogueNumber: 1187,
  issuerCode: '11430000006122244L',
  serial: '20230000403',
  version: 1,
  holderName: '张三',
  holderNumberTail: '123X',
  validFromDay: dayNumber('2026-11-20') ?? 0,
  validUntilDay: dayNumber('2029-11-20') ?? 0,
  status: { list: 412, index: 523_114 },
};

export const issuerPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = new Uint8Array(issuerPair.publicKey.export({ type: 'spki', format: 'der' }));

export const trustedKey: TrustedIssuerKey = {
  kid: new Uint8Array(createHash('sha256').update(spki).digest()).subarray(0, 8),
  algorithm: 'ES256',
  spki,
  issuerCode: '11430000006122244L',
  issuerName: '测试市住房局',
  types: [
    { catalogueNumber: 1187, typeCode: '11100000000013338W011', name: { zh: '测试资质证书', en: 'Test certificate' } },
  ],
};

export const signing: El1Signing = {
  algorithm: 'ES256',
  kid: trustedKey.kid,
  sign: (data) =>
    Promise.resolve(new Uint8Array(sign('sha256', data, { key: issuerPair.privateKey, dsaEncoding: 'ieee-p1363' }))),
};

/** The only key in these tests; importing it for each of thousands of checks would take longer than the checks. */
export const check: SignatureCheck = ({ data, signature }) =>
  verify('sha256', data, { key: issuerPair.publicKey, dsaEncoding: 'ieee-p1363' }, signature);

export const sampleCode: Uint8Array = await makeEl1Code(sampleClaims, signing);
