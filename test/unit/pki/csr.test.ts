// Certificate requests from outside: possession of the key is proven, weak keys are refused, any bytes end well; RFC 2986.

import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import fc from 'fast-check';
import * as write from '../../../src/codec/der-write.ts';
import type { AlgorithmName } from '../../../src/crypto/algorithms.ts';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { concatBytes } from '../../../src/kernel/bytes.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { writeSignatureAlgorithm } from '../../../src/pki/algorithm-identifier.ts';
import { csrFromPem, parseCsr, readCsr } from '../../../src/pki/csr.ts';
import { writeName } from '../../../src/pki/name.ts';

const subject = { country: 'CN', commonName: 'XTEXT 请求' };

interface Parts {
  readonly version?: number;
  readonly spki: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly sign: (info: Uint8Array) => Promise<Uint8Array> | Uint8Array;
  readonly attributes?: Uint8Array;
}

async function csrOf({ version = 0, spki, algorithm, sign, attributes }: Parts): Promise<Uint8Array> {
  const info = write.sequence(write.integer(version), writeName(subject), spki, attributes ?? write.context(0));
  return write.sequence(info, algorithm ?? writeSignatureAlgorithm('ES256'), write.bitString(await sign(info)));
}

function goodCsr(algorithm: AlgorithmName): Promise<Uint8Array> {
  const signer = createSigner({ keyName: 'k', purpose: 'seal', algorithm, ...generateKeyPair(algorithm) });
  return csrOf({
    spki: signer.spki,
    algorithm: writeSignatureAlgorithm(algorithm),
    sign: (info) => signer.sign(info, 'der'),
  });
}

const refused = (code: ErrorCode) => (error: unknown) => isTrustError(error, code);

describe('RFC 2986, 4: a certificate request', () => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256', 'SM2'] as const) {
    it(`over a key for ${algorithm} is taken when the key itself has signed it`, async () => {
      const { subject: named, signatureAlgorithm } = readCsr(await goodCsr(algorithm));
      assert.deepEqual(named, subject);
      assert.equal(signatureAlgorithm, algorithm);
    });
  }

  it('signed by another key, or altered, proves nothing', async () => {
    const [one, two] = [generateKeyPair('ES256'), generateKeyPair('ES256')];
    const other = createSigner({ keyName: 'k', purpose: 'seal', algorithm: 'ES256', ...two });
    const der = await csrOf({ spki: one.spki, sign: (info) => other.sign(info, 'der') });
    assert.throws(() => readCsr(der), refused('csr-not-proven'));
    const good = await goodCsr('SM2');
    const place = Buffer.from(good).indexOf('XTEXT');
    assert.throws(() => readCsr(good.with(place, 0x59)), refused('csr-not-proven'));
  });

  it('signed over SHA-1, or under the algorithm of another key, proves nothing', async () => {
    const pair = generateKeyPair('ES256');
    const key = createPrivateKey({ key: Buffer.from(pair.pkcs8), format: 'der', type: 'pkcs8' });
    const sha1 = write.sequence(write.oid('1.2.840.10045.4.1'));
    const old = await csrOf({ spki: pair.spki, algorithm: sha1, sign: (info) => nodeSign('sha1', info, key) });
    assert.throws(() => readCsr(old), refused('csr-not-proven'));
    const rsa = writeSignatureAlgorithm('RS256');
    const mixed = await csrOf({ spki: pair.spki, algorithm: rsa, sign: (info) => nodeSign('sha256', info, key) });
    assert.throws(() => readCsr(mixed), refused('csr-not-proven'));
  });

  it('over a weak key, a strange curve or a point off its curve is refused, even when it is signed', async () => {
    const signed = async (spki: Buffer, pkcs8: Buffer, algorithm: AlgorithmName) => {
      const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
      const sign = (info: Uint8Array) => nodeSign('sha256', info, key);
      return csrOf({ spki: new Uint8Array(spki), algorithm: writeSignatureAlgorithm(algorithm), sign });
    };
    const small = generateKeyPairSync('rsa', {
      modulusLength: 1024,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    });
    const der = await signed(small.publicKey, small.privateKey, 'RS256');
    assert.throws(() => readCsr(der), refused('csr-key-refused'));
    const strange = generateKeyPairSync('ec', {
      namedCurve: 'secp256k1',
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    });
    const strangeDer = await signed(strange.publicKey, strange.privateKey, 'ES256');
    assert.throws(() => readCsr(strangeDer), refused('csr-key-refused'));
    const pair = generateKeyPair('ES256');
    const off = pair.spki.with(pair.spki.length - 1, (pair.spki.at(-1) ?? 0) ^ 1);
    const offDer = await csrOf({ spki: off, sign: () => new Uint8Array(70) });
    assert.throws(() => readCsr(offDer), refused('csr-key-refused'));
  });

  it('is malformed with another version, octets after its end, or no PEM around it', async () => {
    const pair = generateKeyPair('ES256');
    const later = await csrOf({ version: 1, spki: pair.spki, sign: () => new Uint8Array(70) });
    assert.throws(() => readCsr(later), refused('malformed-csr'));
    const good = await goodCsr('ES256');
    assert.throws(() => readCsr(Uint8Array.of(...good, 0)), refused('malformed-csr'));
    for (const text of ['', 'hello', '-----BEGIN CERTIFICATE REQUEST-----', 'A'.repeat(30_000)]) {
      assert.throws(() => csrFromPem(text), refused('malformed-csr'));
    }
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(good).toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    assert.deepEqual(csrFromPem(`text around it\n${pem}\n`), good);
    assert.deepEqual(csrFromPem(pem.replaceAll('CERTIFICATE', 'NEW CERTIFICATE')), good);
    // Which of two is meant nobody can tell.
    for (const text of [`${pem}\n${pem}`, pem.replace('BEGIN', 'BEGIN NEW'), pem.replace('END', 'END NEW')]) {
      assert.throws(() => csrFromPem(text), refused('malformed-csr'), text);
    }
  });

  it('may ask for what it likes in attributes, which must be such; one that repeats an extension changes nothing (4.1)', async () => {
    const extension = (value: number) =>
      write.sequence(
        write.oid('2.5.29.17'),
        write.octetString(write.sequence(write.primitiveContext(2, Uint8Array.of(value)))),
      );
    const asked = write.sequence(
      write.oid('1.2.840.113549.1.9.14'),
      write.setOf(write.sequence(extension(0x61), extension(0x62))),
    );
    const signer = createSigner({ keyName: 'k', purpose: 'seal', algorithm: 'ES256', ...generateKeyPair('ES256') });
    const sign = (info: Uint8Array) => signer.sign(info, 'der');
    const { spki } = signer;
    assert.deepEqual(readCsr(await csrOf({ spki, sign, attributes: write.context(0, asked) })).subject, subject);
    const without = new Uint8Array();
    assert.deepEqual(readCsr(await csrOf({ spki, sign, attributes: without })).subject, subject);
    for (const attributes of [
      write.context(0, write.nullValue()),
      write.context(0, write.sequence(write.oid('1.2.3'))),
      write.context(0, write.sequence(write.oid('1.2.3'), write.setOf())),
      write.context(0, write.sequence(write.oid('1.2.3'), write.setOf(write.nullValue()), write.nullValue())),
      concatBytes(write.context(0), write.context(0)),
    ]) {
      const der = await csrOf({ spki, sign, attributes });
      assert.throws(() => readCsr(der), refused('malformed-csr'));
    }
  });

  it('of any bytes is a request or malformed-csr', async () => {
    const good = await goodCsr('ES256');
    const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, octet]) => good.with(at, octet));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), (der) => {
        try {
          parseCsr(der);
        } catch (error) {
          assert.ok(isTrustError(error, 'malformed-csr'), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
