// Proves the codec of SES seals, version 5: the exact structure, what a reader must refuse, and that the face is bound to the maker's signature.

import assert from 'node:assert/strict';
import { readDer } from '../../../src/codec/der.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { equalBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import { makerSignature } from '../../../src/seal/ses/check-seal.ts';
import { decodeFace, encodeFace } from '../../../src/seal/picture/face.ts';
import { roundSeal } from '../../../src/seal/picture/round-seal.ts';
import { faceExtension, faceExtensionOid } from '../../../src/seal/ses/face-extension.ts';
import { encodeSeal, encodeSealInfo, parseSeal, type SesSealInfo } from '../../../src/seal/ses/ses-seal.ts';
import { needSharedData } from '../../support/shared-data.ts';

const info: SesSealInfo = {
  version: 5,
  vendor: 'Yinxin',
  esId: '99010000000001',
  type: 1,
  name: '测试市行政审批局',
  certificates: [utf8('certificate')],
  certificateDigests: [],
  createdAt: moment('2026-11-21T08:00:00Z'),
  validFrom: moment('2026-11-21T08:00:00Z'),
  validUntil: moment('2027-11-21T08:00:00Z'),
  picture: { type: 'PNG', data: utf8('picture'), widthMm: 42, heightMm: 42 },
  extensions: [],
};

function sealOf(infoDer: Uint8Array): Uint8Array {
  return encodeSeal({
    infoDer,
    makerCertificate: utf8('maker'),
    signatureAlgorithmOid: '1.2.840.10045.4.3.2',
    signature: utf8('signature'),
  });
}

describe('GM/T 0031-2025, 6: SES_Seal', () => {
  it('is the five parts of version 5 in their order and types', () => {
    const [sealInfo, cert, algorithm, value] = readDer(sealOf(encodeSealInfo(info))).children;
    assert.deepEqual([sealInfo?.tag, cert?.tag, algorithm?.tag, value?.tag], [0x30, 0x04, 0x06, 0x03]);
    const [header, esId, property, picture, ...rest] = sealInfo?.children ?? [];
    assert.deepEqual(
      header?.children.map((element) => element.tag),
      [0x16, 0x02, 0x16],
    );
    assert.deepEqual([esId?.tag, rest.length], [0x16, 0]);
    assert.deepEqual(
      property?.children.map((element) => element.tag),
      [0x02, 0x0c, 0x02, 0x30, 0x18, 0x18, 0x18],
    );
    assert.deepEqual(
      picture?.children.map((element) => element.tag),
      [0x16, 0x04, 0x02, 0x02],
    );
  });

  it('reads what it wrote, and keeps the signed bytes as they came', () => {
    const infoDer = encodeSealInfo({ ...info, extensions: [faceExtension(utf8('face'))] });
    const seal = parseSeal(sealOf(infoDer));
    assert.ok(equalBytes(seal.infoDer, infoDer));
    assert.deepEqual(seal.info, { ...info, extensions: [faceExtension(utf8('face'))] });
    assert.equal(seal.info.extensions[0]?.oid, faceExtensionOid);
    assert.equal(seal.timeStamp, undefined);
  });

  it('writes version 4 too, and certificates by digest', () => {
    const certificateDigests = [{ algorithm: 'SM3', value: utf8('digest') }];
    const other = { ...info, version: 4 as const, certificates: [], certificateDigests };
    assert.deepEqual(parseSeal(sealOf(encodeSealInfo(other))).info, other);
  });

  it('refuses other versions, surplus members, and a seal code that is not ASCII', () => {
    const good = encodeSealInfo(info);
    const version = Uint8Array.from(good);
    const at = version.findIndex((byte, i) => byte === 0x02 && version[i + 1] === 1 && version[i + 2] === 5);
    for (const number of [1, 3, 6]) {
      version[at + 2] = number;
      assert.throws(
        () => parseSeal(sealOf(version)),
        (error) => isTrustError(error, 'malformed-der'),
      );
    }
    assert.throws(
      () => parseSeal(good),
      (error) => isTrustError(error, 'malformed-der'),
    );
    assert.throws(() => encodeSealInfo({ ...info, esId: '印章编码' }), RangeError);
    assert.throws(() => encodeSealInfo({ ...info, version: 1 }), RangeError);
  });
});

describe('GM/T 0031-2014, GB/T 38540-2020: seals of earlier versions (UserV1.esl, UserV4.esl of ofdrw, Apache-2.0)', () => {
  for (const version of [1, 4] as const) {
    it(`reads version ${version}, and its maker signature verifies over what that version signs`, function () {
      const seal = parseSeal(needSharedData(this, `seal/UserV${version}.esl`));
      const until = { 1: '2022-04-22T02:18:07Z', 4: '2022-04-22T02:09:00Z' };
      assert.deepEqual([seal.info.version, seal.info.validUntil], [version, moment(until[version])]);
      const maker = parseCertificate(seal.makerCertificate);
      assert.deepEqual(makerSignature(seal, maker), []);
      const touched = seal.signedBytes.with(seal.signedBytes.length - 1, (seal.signedBytes.at(-1) ?? 0) ^ 1);
      assert.equal(makerSignature({ ...seal, signedBytes: touched }, maker)[0]?.code, 'seal-maker-signature-wrong');
      assert.equal(seal.info.certificates.length, 1);
      assert.equal(equalBytes(seal.signedBytes, seal.infoDer), version === 4);
    });
  }
});

describe('GM/T 0031-2025, 6: a seal of another maker (UserV5.esl of ofdrw, Apache-2.0)', () => {
  it('is read, its maker signature verifies over the bytes as they came, and our encoder makes the same bytes', function () {
    const der = needSharedData(this, 'seal/UserV5.esl');
    const seal = parseSeal(der);
    assert.deepEqual(
      [seal.info.esId, seal.info.validUntil],
      ['09aaf39291e049e4b3d716414590937e', moment('2028-04-24T08:53:23Z')],
    );
    const { spki } = parseCertificate(seal.makerCertificate);
    const { signature } = seal;
    const verify = (data: Uint8Array) => verifySignature({ algorithm: 'SM2', spki, data, signature, form: 'der' });
    assert.equal(verify(seal.infoDer), true);
    const touched = Uint8Array.from(seal.infoDer);
    touched[touched.length - 1] = 41;
    assert.equal(verify(touched), false);
    assert.ok(equalBytes(encodeSeal({ ...seal, infoDer: encodeSealInfo(seal.info) }), der));
  });
});

describe('stored face of a seal', () => {
  it('gives back the very outlines it was made from', () => {
    const picture = roundSeal({ name: '测试市行政审批局', code: '99010000000001' });
    assert.deepEqual(decodeFace(encodeFace(picture)), picture);
  });
});
