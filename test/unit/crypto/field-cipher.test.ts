// Sealed fields open unaltered, in their own context, under their own key, or not at all; NIST SP 800-38D, RFC 5869.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FieldCipher, fieldCipherNames } from '../../../src/crypto/field-cipher.ts';
import { fromUtf8, toHex, utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

const keyEncryptionKey = new Uint8Array(32).fill(1);
const cipher = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(1) });
const other = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(2) });
const refused = (error: unknown) => isTrustError(error, 'key-unavailable');

for (const algorithm of fieldCipherNames)
  describe(`A field sealed with ${algorithm}`, () => {
    const cipher = new FieldCipher({ keyEncryptionKey, algorithm });
    const other = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(2), algorithm });

    it('opens to what was sealed, whatever it was', () => {
      fc.assert(
        fc.property(fc.uint8Array(), fc.string(), (plain, context) => {
          assert.deepEqual(cipher.open(cipher.seal(plain, context), context), plain);
        }),
      );
    });

    it('never looks the same twice and begins with its version', () => {
      const [a, b] = [cipher.seal(utf8('张三'), 'c'), cipher.seal(utf8('张三'), 'c')];
      assert.notEqual(toHex(a), toHex(b));
      assert.equal(fromUtf8(a.subarray(0, 2)), algorithm === 'sm4' ? 's1' : 'v1');
    });

    it('does not open in another context or under another key', () => {
      const sealed = cipher.seal(utf8('440300990001011234'), 'account|id|1');
      assert.throws(() => cipher.open(sealed, 'account|id|2'), refused);
      assert.throws(() => other.open(sealed, 'account|id|1'), refused);
    });

    it('does not open when any octet was changed, or when it is cut', () => {
      const sealed = cipher.seal(utf8('secret'), 'c');
      for (let i = 0; i < sealed.length; i++) {
        assert.throws(() => cipher.open(sealed.with(i, (sealed[i] ?? 0) ^ 1), 'c'), refused);
        assert.throws(() => cipher.open(sealed.subarray(0, i), 'c'), refused);
      }
    });
  });

describe('A field cipher', () => {
  it('opens what the other algorithm sealed, so that the setting can be changed at any time', () => {
    const sm4 = new FieldCipher({ keyEncryptionKey, algorithm: 'sm4' });
    assert.deepEqual(sm4.open(cipher.seal(utf8('张三'), 'c'), 'c'), utf8('张三'));
    assert.deepEqual(cipher.open(sm4.seal(utf8('张三'), 'c'), 'c'), utf8('张三'));
    assert.deepEqual(sm4.blindIndex('13800000000', 'phone'), cipher.blindIndex('13800000000', 'phone'));
  });

  it('does not take one for the other', () => {
    const sealed = cipher.seal(new Uint8Array(64), 'c');
    assert.throws(() => cipher.open(sealed.with(0, 's'.charCodeAt(0)), 'c'), refused);
    assert.throws(() => cipher.open(sealed.with(0, 'x'.charCodeAt(0)), 'c'), refused);
  });

  it('has a key-encryption key of 32 octets', () => {
    assert.throws(
      () => new FieldCipher({ keyEncryptionKey: new Uint8Array(16) }),
      (error) => isTrustError(error, 'configuration-invalid'),
    );
  });
});

describe('A blind index', () => {
  it('is equal for equal values in one context, and for nothing else', () => {
    const index = toHex(cipher.blindIndex('13800000000', 'phone'));
    assert.equal(index, toHex(cipher.blindIndex('13800000000', 'phone')));
    assert.equal(index.length, 64);
    assert.notEqual(index, toHex(cipher.blindIndex('13800000001', 'phone')));
    assert.notEqual(index, toHex(cipher.blindIndex('13800000000', 'id-number')));
    assert.notEqual(index, toHex(other.blindIndex('13800000000', 'phone')));
  });
});
