// One key and one signature have one spelling each, whatever the library under us lets through; X.690, 10, RFC 3279, 2.3.1, RFC 8017, 8, RFC 5480, 2.1.1.

import assert from 'node:assert/strict';
import type { BasePrivateKeyEncodingOptions, KeyObject } from 'node:crypto';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import type { ForeignAlgorithm } from '../../../src/crypto/foreign-signature.ts';
import { verifyForeignSignature } from '../../../src/crypto/foreign-signature.ts';
import { importPublicKey } from '../../../src/crypto/key-material.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';

const data = utf8('what was signed');
const encoding: {
  publicKeyEncoding: { type: 'spki'; format: 'der' };
  privateKeyEncoding: BasePrivateKeyEncodingOptions<'der'> & { type: 'pkcs8' };
} = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
};

/** Made as octets and imported: a KeyObject straight from its making can freeze Node 20. */
function pairOf({ publicKey, privateKey }: { publicKey: Buffer; privateKey: Buffer }) {
  return { spki: Uint8Array.from(publicKey), key: createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }) };
}
const rsa = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048, ...encoding }));
const dsa = pairOf(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256, ...encoding }));
const p256 = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256', ...encoding }));
const p521 = pairOf(generateKeyPairSync('ec', { namedCurve: 'P-521', ...encoding }));

interface Sample {
  readonly algorithm: ForeignAlgorithm;
  readonly spki: Uint8Array;
  readonly signature: Uint8Array;
}
const made = (algorithm: ForeignAlgorithm, { spki, key }: { spki: Uint8Array; key: KeyObject }, padding?: object) => ({
  algorithm,
  spki,
  signature: Uint8Array.from(sign(algorithm.hash, data, padding === undefined ? key : { key, ...padding })),
});
const samples: Readonly<Record<string, Sample>> = {
  'PKCS #1 with SHA-384': made({ scheme: 'pkcs1', hash: 'sha384' }, rsa),
  'PSS with SHA-384': made({ scheme: 'pss', hash: 'sha384' }, rsa, { padding: 6, saltLength: 48 }),
  'DSA with SHA-256': made({ scheme: 'dsa', hash: 'sha256' }, dsa),
  'P-256 with SHA-384': made({ scheme: 'ecdsa', hash: 'sha384' }, p256),
  'P-521 with SHA-512': made({ scheme: 'ecdsa', hash: 'sha512' }, p521),
};
const holds = (sample: Sample) => verifyForeignSignature({ ...sample, data });

/** Other octets that say the same as this SEQUENCE, or almost. */
function respelled(der: Uint8Array): Record<string, Uint8Array> {
  const { content, children } = readDer(der);
  const [first, ...rest] = children.map(({ raw }) => raw);
  const { length } = content;
  const longer =
    length < 0x80 ? [0x81, length] : length < 0x100 ? [0x82, 0, length] : [0x83, 0, length >> 8, length & 0xff];
  return {
    'octets after it': concatBytes(der, Uint8Array.of(0)),
    'an indefinite length': concatBytes(Uint8Array.of(0x30, 0x80), content, Uint8Array.of(0, 0)),
    'a length in more octets than needed': concatBytes(Uint8Array.of(0x30, ...longer), content),
    'another member': write.sequence(...(first === undefined ? [] : [first]), ...rest, write.nullValue()),
  };
}

/** INTEGER with a leading zero octet that it does not need. */
const padded = (integer: Uint8Array) => write.tlv(2, Uint8Array.of(0), integer);

describe('RFC 3279, 2.3 and RFC 5480: a public key has one spelling', () => {
  for (const [name, sample] of Object.entries(samples)) {
    it(`${name}: every other one is no key`, () => {
      assert.equal(holds(sample), true);
      const [algorithm, key] = readDer(sample.spki).children;
      assert.ok(algorithm && key);
      const octets = key.content.subarray(1);
      const [type, parameters] = algorithm.children;
      assert.ok(type);
      const others: Record<string, Uint8Array> = {
        ...respelled(sample.spki),
        'no parameters': write.sequence(write.sequence(type.raw), key.raw),
        'other parameters': write.sequence(write.sequence(type.raw, write.integer(5)), key.raw),
        'more parameters': write.sequence(
          write.sequence(type.raw, parameters?.raw ?? new Uint8Array(), write.nullValue()),
          key.raw,
        ),
        'octets after the key': write.sequence(
          algorithm.raw,
          write.bitString(concatBytes(octets, Uint8Array.of(5, 0))),
        ),
        'unused bits': write.sequence(algorithm.raw, write.tlv(3, Uint8Array.of(1), octets)),
      };
      if (octets[0] === 0x30) {
        const [n, e] = readDer(octets).children;
        assert.ok(n && e);
        const modulus = write.sequence(padded(n.content), e.raw);
        others['a padded modulus'] = write.sequence(algorithm.raw, write.bitString(modulus));
      }
      for (const [what, spki] of Object.entries(others)) assert.equal(holds({ ...sample, spki }), false, what);
    });
  }

  it('has its curve by name: explicit parameters could bring another base point (RFC 5480, 2.1.1)', () => {
    const explicit = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit', ...encoding });
    const { spki, key } = pairOf(explicit);
    assert.ok(spki.length > 150, 'the parameters are written out');
    assert.equal(importPublicKey('ES256', spki), undefined);
    assert.equal(holds(made({ scheme: 'ecdsa', hash: 'sha384' }, { spki, key })), false);
  });

  it('is no RSA key with an exponent of one, or an even one (FIPS 186-5, 5.1)', () => {
    const [algorithm, key] = readDer(rsa.spki).children;
    const [n] = readDer(key?.content.subarray(1) ?? new Uint8Array()).children;
    assert.ok(algorithm && n);
    for (const exponent of [0, 1, 2, 65_536]) {
      const spki = write.sequence(algorithm.raw, write.bitString(write.sequence(n.raw, write.integer(exponent))));
      assert.equal(importPublicKey('RS256', spki), undefined, `e = ${exponent}`);
      const sample = { algorithm: { scheme: 'pkcs1', hash: 'sha384' }, spki, signature: new Uint8Array(256) } as const;
      assert.equal(holds(sample), false, `e = ${exponent}`);
    }
  });
});

describe('RFC 3279, 2.2.3 and RFC 8017, 8: a signature has one spelling', () => {
  for (const name of ['DSA with SHA-256', 'P-256 with SHA-384', 'P-521 with SHA-512']) {
    it(`${name}: every other one is no signature`, () => {
      const sample = samples[name];
      assert.ok(sample);
      const [r, s] = readDer(sample.signature).children;
      assert.ok(r && s);
      const others = {
        ...respelled(sample.signature),
        'a padded r': write.sequence(padded(r.content), s.raw),
        'a padded s': write.sequence(r.raw, padded(s.content)),
        'a long length of r': write.sequence(Uint8Array.of(2, 0x81, r.content.length, ...r.content), s.raw),
        'a negative r': write.sequence(write.tlv(2, Uint8Array.of(0xff), r.content), s.raw),
        'r of zero': write.sequence(write.integer(0), s.raw),
      };
      for (const [what, signature] of Object.entries(others)) {
        assert.equal(holds({ ...sample, signature }), false, what);
      }
    });
  }

  it('over RSA has the octets of the modulus, and is a number below it', () => {
    for (const name of ['PKCS #1 with SHA-384', 'PSS with SHA-384']) {
      const sample = samples[name];
      assert.ok(sample);
      for (const signature of [concatBytes(Uint8Array.of(0), sample.signature), sample.signature.subarray(1)]) {
        assert.equal(holds({ ...sample, signature }), false, name);
      }
    }
    const [, key] = readDer(rsa.spki).children;
    const [n] = readDer(key?.content.subarray(1) ?? new Uint8Array()).children;
    const modulus = BigInt(`0x${toHex(n?.content ?? new Uint8Array())}`);
    // The modulus can be added once only where the sum still has as many octets: to one signature in a few.
    const respelledByModulus = Array.from({ length: 200 }, (_, index) => utf8(`message ${index}`)).flatMap(
      (message) => {
        const signature = sign('sha256', message, rsa.key);
        const sum = (BigInt(`0x${toHex(signature)}`) + modulus).toString(16);
        return sum.length > 512 ? [] : [{ message, signature: fromHex(sum.padStart(512, '0')) ?? new Uint8Array() }];
      },
    );
    for (const { message, signature } of respelledByModulus) {
      const claim = { algorithm: 'RS256', spki: rsa.spki, data: message, signature, form: 'der' } as const;
      assert.equal(verifySignature(claim), false);
    }
  });
});
