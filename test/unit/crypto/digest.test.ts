// Digests of one piece take another way through Node than digests of several: both give what the standards print.

import assert from 'node:assert/strict';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { toHex, utf8 } from '../../../src/kernel/bytes.ts';

describe('Digests, FIPS 180-4 and GB/T 32905-2016', () => {
  it('of "abc" are the published ones, in one piece and in three', () => {
    for (const [name, hex] of [
      ['SHA-256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      ['SM3', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
    ] as const) {
      assert.equal(toHex(digest(name, utf8('abc'))), hex);
      assert.equal(toHex(digest(name, utf8('a'), utf8(''), utf8('bc'))), hex);
    }
  });

  it('of nothing are the same whether nothing was given or an empty piece', () => {
    assert.deepEqual(sha256(), sha256(new Uint8Array()));
    assert.equal(toHex(sha256()), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('of a piece of a larger buffer are of that piece alone', () => {
    const large = utf8('xxabcxx');
    assert.deepEqual(sha256(large.subarray(2, 5)), sha256(utf8('abc')));
    assert.equal(sha256(large).buffer.byteLength, 32);
  });
});
