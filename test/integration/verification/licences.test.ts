// A licence code against the living register: good, suspended, revoked, expired, forged; a bad answer shows nobody's data.

import assert from 'node:assert/strict';
import { decode, encode, Tagged } from 'cborg';
import { fromBase32 } from '../../../src/codec/base32.ts';
import { encodeCbor } from '../../../src/codec/cbor.ts';
import { makeEl1Code, readEl1Code } from '../../../src/credential/el1-code.ts';
import { spellEl1 } from '../../../src/credential/el1-text.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { anonymous, house } from '../../../src/kernel/principal.ts';
import { qrPng } from '../../../src/licence/qr-picture.ts';
import { drivingLicence, sandboxLicenceIssuers } from '../../../src/sandbox/licence-catalogue.ts';
import {
  issuingSystem,
  type LicenceOffice,
  licenceOffice,
  permitOrder,
  publicUrl,
  requestKey,
  residentNumber,
} from '../../support/licence-office.ts';
import { readQrPng } from '../../support/qr-reader.ts';

describe('Verification of a licence code', () => {
  let office: LicenceOffice;
  before(async () => {
    office = await licenceOffice();
  });
  after(() => office.close());

  async function issued(change: Parameters<typeof permitOrder>[0] = {}) {
    const record = await office.licences.issue(issuingSystem, permitOrder(change), requestKey());
    return { ...record, qr: await office.licences.qr(issuingSystem, record.licenceId) };
  }

  const verify = (text: string) => office.verifier.verify(anonymous, text);

  function codeOf(link: string): Uint8Array {
    return fromBase32(link.slice(link.indexOf('#EL1.') + 5, -1));
  }

  /** The report holds nothing of the holder or the licence. */
  function assertShowsNothing(report: object) {
    assert.ok('licence' in report && report.licence === null);
    const text = JSON.stringify(report);
    for (const secret of ['张', '三丰', residentNumber(123).slice(-4)]) assert.ok(!text.includes(secret), secret);
  }

  it('of an active licence is TOTAL-PASSED, with the name masked as the type demands', async () => {
    const { qr, identifier } = await issued();
    for (const text of [qr.text, qr.bare, `${qr.text}&appinstall=0`, `  ${qr.bare}\n`]) {
      const report = await verify(text);
      assert.equal(report.indication, 'TOTAL-PASSED');
      assert.deepEqual(report.findings, []);
      assert.deepEqual(report.status, { value: 'active', checkedAt: office.clock.now(), ageSeconds: 0 });
      assert.deepEqual(report.licence, {
        identifier,
        typeName: { zh: '测试居民证', en: 'Test Resident Permit' },
        issuerName: '测试市公安局',
        holderName: '张*',
        holderNumberTail: residentNumber(123).slice(-4),
        validFrom: '2026-11-21',
        validUntil: '2036-11-20',
        version: 1,
      });
    }
  });

  it('shows the name in full where the type says so', async () => {
    const claims = { vehicleClass: 'C1', firstIssuedOn: '2015-01-01', sex: '男', birthdate: '1990-03-07' };
    const { qr } = await issued({ typeCode: drivingLicence.typeCode, claims });
    assert.equal((await verify(qr.text)).licence?.holderName, '张三丰');
  });

  it('of a picture read by another program is the same', async () => {
    const { qr } = await issued();
    const { text } = readQrPng(await qrPng(qr.text));
    assert.equal(text, qr.text);
    assert.equal((await verify(text ?? '')).indication, 'TOTAL-PASSED');
  });

  it('of a code taken apart by another CBOR reader has a signature over "EL1" that our key made', async () => {
    const { qr } = await issued();
    const message: unknown = decode(codeOf(qr.text), { useMaps: true, tags: Tagged.preserve(18) });
    assert.ok(message instanceof Tagged && Array.isArray(message.value));
    const [protectedBytes, , payload, signature] = message.value;
    const data = encode(['Signature1', protectedBytes, utf8('EL1'), payload]);
    const { certificate } = await office.authority.certificateOf('licence-issuer-police');
    const check = { algorithm: 'ES256', spki: certificate.spki, data, signature, form: 'raw' } as const;
    assert.equal(verifySignature(check), true);
  });

  it('of a suspended licence is not passed, and passes again when it is resumed', async () => {
    const { qr, licenceId } = await issued();
    await office.licences.changeStatus(issuingSystem, licenceId, 'suspend', 'x');
    const suspended = await verify(qr.text);
    assert.deepEqual([suspended.indication, suspended.subIndication], ['INDETERMINATE', 'TRY_LATER']);
    assert.equal(suspended.status.value, 'suspended');
    assert.deepEqual(
      suspended.findings.map(({ code }) => code),
      ['licence-suspended'],
    );
    assertShowsNothing(suspended);
    await office.licences.changeStatus(issuingSystem, licenceId, 'resume', 'x');
    assert.equal((await verify(qr.text)).indication, 'TOTAL-PASSED');
  });

  it('of a revoked licence is TOTAL-FAILED, REVOKED', async () => {
    const { qr, licenceId } = await issued();
    await office.licences.changeStatus(issuingSystem, licenceId, 'revoke', 'x');
    const report = await verify(qr.text);
    assert.deepEqual([report.indication, report.subIndication], ['TOTAL-FAILED', 'REVOKED']);
    assert.equal(report.status.value, 'revoked');
    assert.deepEqual(
      report.findings.map(({ code }) => code),
      ['licence-revoked'],
    );
    assertShowsNothing(report);
  });

  it('of a licence not yet valid, and of one that is over, is TOTAL-FAILED', async () => {
    const early = await issued({ validFrom: '2026-11-22' });
    const report = await verify(early.qr.text);
    assert.deepEqual([report.subIndication, report.status.value], ['NOT_YET_VALID', 'not-yet-valid']);
    assertShowsNothing(report);
    const short = await issued({ validUntil: '2026-11-21' });
    assert.equal((await verify(short.qr.text)).indication, 'TOTAL-PASSED');
    office.clock.advance(15 * 3_600_000);
    const late = await verify(short.qr.text);
    assert.deepEqual([late.subIndication, late.status.value], ['EXPIRED', 'expired']);
    assertShowsNothing(late);
  });

  it('of a code with one changed character is bad, wherever it is', async () => {
    const { qr } = await issued();
    const from = qr.text.indexOf('#');
    for (let i = from; i < qr.text.length; i += 7) {
      const character = qr.text.charAt(i) === 'A' ? 'B' : 'A';
      const report = await verify(qr.text.slice(0, i) + character + qr.text.slice(i + 1)).catch(
        (error: unknown) => error,
      );
      if (report instanceof Error) {
        assert.ok('code' in report && report.code === 'malformed-qr');
        continue;
      }
      assert.ok(report instanceof Object && 'indication' in report);
      assert.equal(report.indication, 'TOTAL-FAILED', `character ${i}`);
      assertShowsNothing(report);
    }
  });

  it('of a licence that the key signed but the register does not know is bad', async () => {
    const { qr } = await issued();
    const known = readEl1Code(codeOf(qr.text));
    assert.ok(known.ok);
    const signer = await office.keys.signer('licence-issuer-police', 'licence-issuer');
    const signing = {
      algorithm: 'ES256' as const,
      kid: known.value.kid,
      sign: (data: Uint8Array) => signer.sign(data, 'raw'),
    };
    const { status, ...rest } = known.value.claims;
    assert.ok(status);
    for (const claims of [
      rest,
      { ...rest, serial: '2026FORGED1', status },
      { ...rest, status: { list: 9, index: 9 } },
    ]) {
      const report = await verify(spellEl1(await makeEl1Code(claims, signing), publicUrl).link);
      assert.equal(report.indication, 'TOTAL-FAILED');
      assert.deepEqual(
        report.findings.map(({ code }) => code),
        ['licence-not-registered'],
      );
      assertShowsNothing(report);
    }
  });

  it('of another authority’s licence signed by this key is bad', async () => {
    const { qr } = await issued();
    const known = readEl1Code(codeOf(qr.text));
    assert.ok(known.ok);
    const market = await office.issuers.issuer(sandboxLicenceIssuers[1]?.issuerCode ?? '');
    const signer = await office.keys.signer(market.keyName, 'licence-issuer');
    const signing = {
      algorithm: 'ES256' as const,
      kid: market.kid,
      sign: (data: Uint8Array) => signer.sign(data, 'raw'),
    };
    const forged = await verify(spellEl1(await makeEl1Code(known.value.claims, signing), publicUrl).link);
    assert.deepEqual(
      forged.findings.map(({ code }) => code),
      ['issuer-not-allowed'],
    );
    const own = { ...known.value.claims, issuerCode: market.issuerCode };
    const foreignType = await verify(spellEl1(await makeEl1Code(own, signing), publicUrl).link);
    assert.deepEqual(
      foreignType.findings.map(({ code }) => code),
      ['type-not-allowed'],
    );
  });

  it('refuses a text that is no licence code at all, and reports one that means to be', async () => {
    for (const text of ['', 'hello', 'https://evil.example/', 'otpauth://totp/x?secret=A']) {
      await assert.rejects(verify(text), { code: 'malformed-qr' });
    }
    for (const text of [
      'EL1:',
      'EL1:***',
      'EL7:ABC',
      `${publicUrl}/v#`,
      `${publicUrl}/v#EL1.-`,
      'https://evil.example/v#EL1.AAAA-',
    ]) {
      const report = await verify(text);
      assert.deepEqual([report.indication, report.subIndication], ['TOTAL-FAILED', 'FORMAT_FAILURE'], text);
      assert.equal(report.status.value, 'unknown');
    }
    assert.equal((await verify(`EL1:${'0'.repeat(9000)}`)).findings[0]?.code, 'text-too-long');
    const empty = await verify(spellEl1(encodeCbor([]), publicUrl).bare);
    assert.equal(empty.findings[0]?.code, 'cose-malformed');
  });

  it('is in the audit log with a receipt, and the leaf names neither licence nor holder, whom the sealed part names to the holder', async () => {
    const { qr, licenceId, identifier } = await issued();
    const report = await verify(qr.text);
    await office.runner.step();
    const { items } = await office.audit.entries({ objectId: report.verificationId, limit: 2 });
    assert.deepEqual(
      items.map(({ action }) => action),
      ['licence.verified'],
    );
    const leaf = Buffer.from(items[0]?.leaf ?? []).toString();
    assert.match(leaf, /"indication":"TOTAL-PASSED"/);
    for (const secret of [licenceId, identifier, '张', residentNumber(123).slice(-4)])
      assert.ok(!leaf.includes(secret));
    assert.equal(items[0]?.personal['licence'], licenceId);
    const ofHolder = await office.audit.entries({ subjectId: items[0].subjectId ?? '', limit: 9 });
    assert.deepEqual(
      ofHolder.items.map(({ action }) => action).slice(0, 2),
      ['licence.verified', 'licence.shown'],
      'the holder finds who looked',
    );
    assert.match(report.receipt.entryId, /^ent_/);
  });

  it('of an issuer whose certificate was revoked is not passed', async () => {
    const { qr } = await issued();
    const { certificate } = await office.authority.certificateOf('licence-issuer-police');
    await office.authority.revoke(certificate.serialHex, 'keyCompromise', house);
    const report = await verify(qr.text);
    assert.notEqual(report.indication, 'TOTAL-PASSED');
    assertShowsNothing(report);
  });
});
