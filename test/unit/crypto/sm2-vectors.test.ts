// GB/T 32918.5-2017, A.2: every number of the example, and signatures judged by the formulas of GB/T 32918.2-2016 in plain integers.

import assert from 'node:assert/strict';
import { generateKeyPair } from '../../../src/crypto/key-material.ts';
import { createSigner } from '../../../src/crypto/signer.ts';
import { sm2Z } from '../../../src/crypto/sm2-identity.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { randomBytes } from '../../../src/kernel/clock.ts';
import {
  integer,
  messageDigest,
  multiply,
  octets,
  rawOf,
  signWithNonce,
  verifies,
} from '../../support/sm2-textbook.ts';
import { sm2Example as example } from '../../vectors/sm2.ts';

const prefix = '3059301306072a8648ce3d020106082a811ccf5501822d03420004';
const bytes = (hex: string) => fromHex(hex) ?? assert.fail('not hex');
const number = (hex: string) => BigInt(`0x${hex}`);
const spki = bytes(prefix + example.xA + example.yA);
const n = number('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');

describe(example.source, () => {
  const message = utf8(example.message);

  it('gives its public key, Z and e', () => {
    assert.equal(toHex(octets(multiply(number(example.d))?.x ?? 0n)), example.xA);
    assert.equal(toHex(sm2Z(spki.subarray(-64))), example.z);
    assert.equal(messageDigest(spki, message), number(example.e));
  });

  it('gives its r and s from its d and k', () => {
    assert.equal(toHex(octets(multiply(number(example.k))?.x ?? 0n)), example.x1);
    const signature = signWithNonce(number(example.d), number(example.e), number(example.k));
    assert.equal(toHex(rawOf(signature)), example.r + example.s);
  });

  it('verifies here, and not for another message, key, r or s', () => {
    const claim = {
      algorithm: 'SM2',
      spki,
      data: message,
      signature: bytes(example.r + example.s),
      form: 'raw',
    } as const;
    assert.equal(verifySignature(claim), true);
    assert.equal(verifySignature({ ...claim, data: utf8('message digesT') }), false);
    assert.equal(verifySignature({ ...claim, spki: generateKeyPair('SM2').spki }), false);
    for (const at of [0, 31, 32, 63]) {
      const signature = claim.signature.with(at, (claim.signature[at] ?? 0) ^ 1);
      assert.equal(verifySignature({ ...claim, signature }), false);
    }
  });

  it('does not verify with r or s out of range (GB/T 32918.2-2016, 7.1, B1 and B2)', () => {
    const [r, s] = [number(example.r), number(example.s)];
    const shifted = [
      { r: 0n, s },
      { r, s: 0n },
      { r: n, s },
      { r, s: n },
      { r: (1n << 256n) - 1n, s },
      { r, s: n - r }, // t = 0
    ];
    for (const raw of shifted.map(rawOf)) {
      assert.equal(verifySignature({ algorithm: 'SM2', spki, data: message, signature: raw, form: 'raw' }), false);
      assert.equal(verifies(spki, message, raw), false);
    }
  });
});

describe('SM2 signatures of random keys over random messages', () => {
  it('are judged the same by the formulas of GB/T 32918.2-2016', async () => {
    for (let round = 0; round < 12; round++) {
      const pair = generateKeyPair('SM2');
      const signer = createSigner({ keyName: 'k', purpose: 'seal', algorithm: 'SM2', ...pair, spki: pair.spki });
      const data = randomBytes(round * 37);
      const ours = await signer.sign(data, 'raw');
      assert.ok(verifies(pair.spki, data, ours));
      assert.ok(!verifies(pair.spki, concatBytes(data, Uint8Array.of(0)), ours));
      const d = integer(pair.pkcs8.subarray(36, 68));
      const theirs = rawOf(signWithNonce(d, messageDigest(pair.spki, data), integer(randomBytes(31)) + 1n));
      assert.ok(
        verifySignature({ algorithm: 'SM2', spki: pair.spki, data, signature: theirs, form: 'raw' }),
        'a signature by the formulas was refused',
      );
    }
  });
});
