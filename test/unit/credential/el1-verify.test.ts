// EL1 against the trust list and the clock: each step refuses with its own finding, and only an authentic code names its licence.

import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import type { El1Claims } from '../../../src/credential/el1-claims.ts';
import { makeEl1Code, readEl1Code } from '../../../src/credential/el1-code.ts';
import { looksLikeLicenceCode, readEl1Text, spellEl1 } from '../../../src/credential/el1-text.ts';
import { type TrustedIssuerKey, verifyEl1 } from '../../../src/credential/el1-verify.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { check, publicUrl, sampleClaims, sampleCode, signing, at as sampleTime, trustedKey } from './el1-sample.ts';

async function verdictOn(options: {
  claims?: Partial<El1Claims>;
  key?: TrustedIssuerKey | null;
  at?: string;
  signing?: typeof signing;
}) {
  const bytes = await makeEl1Code({ ...sampleClaims, ...options.claims }, options.signing ?? signing);
  const code = readEl1Code(bytes);
  assert.ok(code.ok);
  const at = options.at === undefined ? sampleTime : moment(options.at);
  const key = options.key === null ? undefined : (options.key ?? trustedKey);
  const result = await verifyEl1(code.value, key, { at, check });
  return { ...result, code: result.findings[0]?.code };
}

describe('EL1 against the trust list', () => {
  it('a code of a listed key for a type it may issue is good and rebuilds the identifier of GB/T 36904', async () => {
    const { verdict, findings, identifier, type } = await verdictOn({});
    assert.deepEqual(verdict, { indication: 'TOTAL-PASSED', subIndication: null });
    assert.deepEqual(findings, []);
    assert.equal(identifier, '1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U');
    assert.equal(type?.name.zh, '测试资质证书');
  });

  it('a key that is not listed is nobody’s', async () => {
    const { verdict, code, authentic, identifier } = await verdictOn({ key: null });
    assert.equal(verdict.indication, 'TOTAL-FAILED');
    assert.equal(code, 'issuer-key-unknown');
    assert.equal(authentic, false);
    assert.equal(identifier, undefined);
  });

  it('the signature of another key under the listed key id is refused', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = await verdictOn({
      signing: {
        ...signing,
        sign: (data) =>
          Promise.resolve(new Uint8Array(sign('sha256', data, { key: other.privateKey, dsaEncoding: 'ieee-p1363' }))),
      },
    });
    assert.deepEqual([forged.verdict.subIndication, forged.code], ['SIG_CRYPTO_FAILURE', 'signature-invalid']);
  });

  it('a signature of zeros is refused', async () => {
    const zero = await verdictOn({ signing: { ...signing, sign: () => Promise.resolve(new Uint8Array(64)) } });
    assert.equal(zero.code, 'signature-invalid');
  });

  it('the header cannot choose another algorithm than the trust list', async () => {
    assert.equal((await verdictOn({ signing: { ...signing, algorithm: 'EdDSA' } })).code, 'algorithm-wrong');
  });

  it('a key may sign for its own authority only', async () => {
    const foreign = await verdictOn({ claims: { issuerCode: '11220000013544541J' } });
    assert.deepEqual([foreign.code, foreign.authentic], ['issuer-not-allowed', false]);
  });

  it('a key may sign its own types only', async () => {
    assert.equal((await verdictOn({ claims: { catalogueNumber: 7 } })).code, 'type-not-allowed');
  });
});

describe('EL1 against the clock', () => {
  it('is good on the last day of its validity in China, and not a second longer', async () => {
    assert.equal((await verdictOn({ at: '2029-11-20T15:59:59Z' })).verdict.indication, 'TOTAL-PASSED');
    const after = await verdictOn({ at: '2029-11-20T16:00:00Z' });
    assert.deepEqual([after.verdict.subIndication, after.code, after.authentic], ['EXPIRED', 'expired', true]);
  });

  it('ends with its validity even if exp says later, and with exp if it has no end', async () => {
    const { validUntilDay, ...endless } = sampleClaims;
    assert.ok(validUntilDay);
    const later = sampleClaims.expiresAtSeconds + 90 * 86_400;
    assert.equal(
      (await verdictOn({ claims: { expiresAtSeconds: later }, at: '2029-12-01T00:00:00Z' })).code,
      'expired',
    );
    const bytes = readEl1Code(await makeEl1Code(endless, signing));
    assert.ok(bytes.ok);
    const result = await verifyEl1(bytes.value, trustedKey, { at: moment('2029-12-01T00:00:00Z'), check });
    assert.equal(result.findings[0]?.code, 'expired');
  });

  it('is not good before its first day', async () => {
    const early = await verdictOn({ claims: { validFromDay: sampleClaims.validFromDay + 10 } });
    assert.deepEqual([early.verdict.subIndication, early.code], ['NOT_YET_VALID', 'not-yet-valid']);
  });

  it('may be issued up to two minutes ahead of the clock that checks', async () => {
    assert.equal((await verdictOn({ at: '2026-11-20T02:58:00Z' })).verdict.indication, 'TOTAL-PASSED');
    assert.equal((await verdictOn({ at: '2026-11-20T02:57:59Z' })).code, 'issued-in-future');
  });
});

describe('EL1 texts', () => {
  const { link, bare } = spellEl1(sampleCode, publicUrl);
  const cases: [string, string, string][] = [
    ['a look-alike address with a genuine code', link.replace('yinxin.example', 'yinxin.exarnple'), 'link-foreign'],
    ['user information before our address', link.replace('https://', 'https://a@'), 'link-foreign'],
    ['plain http', link.replace('https', 'http'), 'link-foreign'],
    ['another path', link.replace('/v#', '/w#'), 'link-foreign'],
    ['a link cut off', link.slice(0, -1), 'end-mark-missing'],
    ['a lower-case payload', `${publicUrl}/v#EL1.ab-`, 'base32-malformed'],
    ['form EL2', bare.replace('EL1', 'EL2'), 'form-not-supported'],
    ['form EL9 as a link', link.replace('#EL1', '#EL9'), 'form-not-supported'],
    ['a foreign character', `${bare.slice(0, 20)}a${bare.slice(21)}`, 'base45-malformed'],
    [
      'damaged compression',
      spellEl1(Uint8Array.of(0x78, 1, 2, 3, 4, 5, 6, 7, 8), publicUrl).bare,
      'compression-malformed',
    ],
    ['more than a QR symbol holds', `EL1:${'0'.repeat(5000)}`, 'text-too-long'],
  ];
  for (const [what, text, code] of cases) {
    it(`${what} is ${code}`, () => {
      const reading = readEl1Text(text, publicUrl);
      assert.ok(!reading.ok);
      assert.equal(reading.fault.code, code);
      assert.equal(looksLikeLicenceCode(text, publicUrl), code !== 'link-foreign' || text.includes('#EL1.'));
    });
  }

  it('other QR texts do not look like a licence code', () => {
    for (const text of ['', 'https://evil.example/', 'otpauth://totp/x', 'HC1:NCF', 'WIFI:S:a;;', 'el1:BB8', 'EL:1']) {
      assert.equal(looksLikeLicenceCode(text, publicUrl), false, text);
    }
  });
});
