// RFC 5869: keys by its published case without salt, and by Node's own for any root, name and length.

import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import * as fc from 'fast-check';
import { Hkdf } from '../../../src/crypto/hkdf.ts';
import { toHex } from '../../../src/kernel/bytes.ts';

describe('RFC 5869: HKDF with an empty salt', () => {
  it('answers test case A.3', () => {
    assert.equal(
      toHex(new Hkdf('sha256', new Uint8Array(22).fill(0x0b)).derive('', 42)),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  for (const hash of ['sha256', 'sm3'] as const)
    it(`derives with ${hash} what the one of Node does, one key after another`, () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 80 }),
          fc.array(fc.tuple(fc.string(), fc.integer({ min: 1, max: 100 })), { maxLength: 3 }),
          (root, keys) => {
            const derivation = new Hkdf(hash, root);
            for (const [info, size] of keys)
              assert.equal(
                toHex(derivation.derive(info, size)),
                Buffer.from(hkdfSync(hash, root, '', info, size)).toString('hex'),
              );
          },
        ),
      );
    });

  it('gives no more than 255 blocks', () => {
    assert.throws(() => new Hkdf('sha256', new Uint8Array(32)).derive('', 255 * 32 + 1), RangeError);
  });
});
