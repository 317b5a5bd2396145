// The crypto room takes any key and any signature: only the very signature of the very key over the very data is good; FIPS 186-5, RFC 8032, GM/T 0003.2.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { algorithmNames, signatureAlgorithms } from '../../../src/crypto/algorithms.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { generateKeyPair, importPublicKey } from '../../../src/crypto/key-material.ts';
import { derToRawSignature, rawToDerSignature } from '../../../src/crypto/signature-form.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { concatBytes, equalBytes, fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { damaged } from './mutations.ts';
import { fuzz, seed } from './harness.ts';

const data = utf8('what was signed');
const forms = ['der', 'raw'] as const;

/** Big-endian octets of a number. */
function octets(value: bigint, size: number): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * size, '0')) ?? new Uint8Array();
}

const orders = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  SM2: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
} as const;

describe('verifySignature', () => {
  for (const algorithm of algorithmNames) {
    const keys = generateKeyPair(algorithm);
    const { spki } = keys;
    const signer = createSigner({ keyName: 'k', purpose: 'seal', algorithm, ...keys });

    it(`${algorithm}: is true for nothing but the signature, and never throws (fuzz seed ${seed})`, async () => {
      for (const form of forms) {
        const good = await signer.sign(data, form);
        assert.equal(verifySignature({ algorithm, spki, data, signature: good, form }), true);
        const anySignature = fc.oneof(fc.uint8Array({ maxLength: 150 }), damaged([good]));
        fc.assert(
          fc.property(anySignature, (signature) => {
            const verdict = verifySignature({ algorithm, spki, data, signature, form });
            assert.equal(verdict, equalBytes(signature, good));
          }),
          { seed, numRuns: 200 },
        );
        fc.assert(
          fc.property(fc.oneof(fc.uint8Array({ maxLength: 150 }), damaged([spki])), (key) => {
            const verdict = verifySignature({ algorithm, spki: key, data, signature: good, form });
            assert.equal(verdict, equalBytes(key, spki));
          }),
          { seed, numRuns: 200 },
        );
      }
    });

    it(`${algorithm}: accepts the key under no other algorithm's name`, async () => {
      const signature = await signer.sign(data, 'der');
      for (const other of algorithmNames) {
        if (other === algorithm) continue;
        assert.equal(verifySignature({ algorithm: other, spki, data, signature, form: 'der' }), false, other);
      }
    });
  }

  for (const algorithm of ['ES256', 'ES384', 'SM2'] as const) {
    it(`${algorithm}: refuses r or s of zero, the order or beyond, and r + s of the order`, async () => {
      const keys = generateKeyPair(algorithm);
      const signer = createSigner({ keyName: 'k', purpose: 'seal', algorithm, ...keys });
      const good = await signer.sign(data, 'raw');
      const size = (signatureAlgorithms[algorithm].rawSizeBytes ?? 0) / 2;
      const [r, s] = [good.subarray(0, size), good.subarray(size)];
      const n = orders[algorithm];
      const edges = [0n, n, n + 1n, (1n << BigInt(8 * size)) - 1n].map((value) => octets(value, size));
      const beyond = octets((BigInt(`0x${toHex(s)}`) + n) % (1n << BigInt(8 * size)), size);
      const sum = octets(n - (BigInt(`0x${toHex(r)}`) % n), size);
      const pairs = [
        ...edges.flatMap((edge) => [concatBytes(edge, s), concatBytes(r, edge), concatBytes(edge, edge)]),
        concatBytes(r, beyond),
        concatBytes(r, sum),
      ];
      for (const signature of pairs) {
        const verdict = verifySignature({ algorithm, spki: keys.spki, data, signature, form: 'raw' });
        assert.equal(verdict, false, toHex(signature));
      }
    });

    it(`${algorithm}: refuses a point off the curve, at infinity, compressed, or with coordinates exchanged`, () => {
      const { spki } = generateKeyPair(algorithm);
      const size = (signatureAlgorithms[algorithm].rawSizeBytes ?? 0) / 2;
      const head = spki.subarray(0, spki.length - 2 * size);
      const [x, y] = [spki.subarray(-2 * size, -size), spki.subarray(-size)];
      const last = y[size - 1] ?? 0;
      for (const point of [
        concatBytes(x, y.with(size - 1, last ^ 1)),
        concatBytes(y, x),
        new Uint8Array(2 * size),
        new Uint8Array(2 * size).fill(0xff),
      ]) {
        assert.equal(importPublicKey(algorithm, concatBytes(head, point)), undefined, toHex(point));
      }
      for (const form of [0, 2, 3, 6, 7]) {
        const changed = concatBytes(head.with(head.length - 1, form), x, y);
        assert.equal(importPublicKey(algorithm, changed), undefined, `form ${form}`);
      }
      assert.equal(importPublicKey(algorithm, spki.subarray(0, spki.length - size)), undefined);
    });
  }

  it('EdDSA: refuses S beyond the order of the group (RFC 8032, 5.1.7)', async () => {
    const keys = generateKeyPair('EdDSA');
    const signer = createSigner({ keyName: 'k', purpose: 'log', algorithm: 'EdDSA', ...keys });
    const good = await signer.sign(data, 'raw');
    const order = (1n << 252n) + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${toHex(good.slice(32).toReversed())}`);
    const signature = concatBytes(good.slice(0, 32), octets(s + order, 32).toReversed());
    assert.equal(verifySignature({ algorithm: 'EdDSA', spki: keys.spki, data, signature, form: 'raw' }), false);
  });

  it('EdDSA: has no key of small order, under which one signature is good for every message', () => {
    const prefix = fromHex('302a300506032b6570032100') ?? new Uint8Array();
    const p = (1n << 255n) - 19n;
    const eighth = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n;
    const ys = [0n, 1n, p - 1n, p, p + 1n, eighth, p - eighth];
    for (const y of ys) {
      for (const sign of [0n, 1n]) {
        const key = octets(y + (sign << 255n), 32).toReversed();
        assert.equal(importPublicKey('EdDSA', concatBytes(prefix, key)), undefined, toHex(key));
      }
    }
  });
});

fuzz({
  name: 'derToRawSignature',
  read: (der: Uint8Array) => derToRawSignature(der, 64),
  refusals: [],
  samples: [rawToDerSignature(new Uint8Array(64).fill(0x81)) ?? new Uint8Array()],
  holds: (raw, der) => assert.ok(raw === undefined || equalBytes(rawToDerSignature(raw) ?? new Uint8Array(), der)),
});

const cipher = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(7) });
const sealed = cipher.seal(utf8('a secret'), 'table.column');
fuzz({
  name: 'FieldCipher.open',
  read: (octetsOfField: Uint8Array) => cipher.open(octetsOfField, 'table.column'),
  refusals: ['key-unavailable'],
  samples: [sealed],
  holds: (plaintext) => assert.deepEqual(plaintext, utf8('a secret')),
});
