// SM4 and HMAC-SM3 as the field cipher uses them, against published examples and the definition of HMAC; GB/T 32907-2016, RFC 8998, RFC 2104.

import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { digest } from '../../../src/crypto/digest.ts';
import { sm4Ctr } from '../../../src/crypto/field-suites.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { sm4Block, sm4Counter } from '../../vectors/sm4.ts';

const bytes = (hex: string) => fromHex(hex) ?? assert.fail('not hex');

describe(sm4Block.source, () => {
  it('is what SM4 makes of one block, and of a million', function () {
    const cipher = createCipheriv('sm4-ecb', bytes(sm4Block.key), null).setAutoPadding(false);
    let block: Uint8Array = cipher.update(bytes(sm4Block.plaintext));
    assert.equal(toHex(block), sm4Block.ciphertext);
    for (let round = 1; round < 1_000_000; round++) block = cipher.update(block);
    assert.equal(toHex(block), sm4Block.millionth);
  });
});

describe(sm4Counter.source, () => {
  it('has the ciphertext of SM4 in counter mode', () => {
    const { key, counter, plaintext, ciphertext } = sm4Counter;
    assert.equal(toHex(sm4Ctr(bytes(key), bytes(counter), bytes(plaintext))), ciphertext);
    assert.equal(toHex(sm4Ctr(bytes(key), bytes(counter), bytes(ciphertext))), plaintext);
  });
});

describe('RFC 2104 with SM3', () => {
  it('is what HMAC-SM3 computes', () => {
    const key = new Uint8Array(32).map((_, i) => i);
    const block = concatBytes(key, new Uint8Array(32));
    const pad = (octet: number) => block.map((value) => value ^ octet);
    const message = utf8('个人信息');
    const expected = digest('SM3', pad(0x5c), digest('SM3', pad(0x36), message));
    assert.equal(createHmac('sm3', key).update(message).digest('hex'), toHex(expected));
  });
});
