// RFC 4231: HMAC-SHA-512 by its published cases, and by Node's own for messages of every length.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { HmacSha512 } from '../../../src/crypto/hmac.ts';
import { toHex, utf8 } from '../../../src/kernel/bytes.ts';

describe('RFC 4231: HMAC-SHA-512', () => {
  it('answers test cases 1 to 3', () => {
    const mac = (key: Uint8Array, data: Uint8Array): string => toHex(new HmacSha512(key).of(data));
    assert.equal(
      mac(new Uint8Array(20).fill(0x0b), utf8('Hi There')),
      '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    );
    assert.equal(
      mac(utf8('Jefe'), utf8('what do ya want for nothing?')),
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    );
    assert.equal(
      mac(new Uint8Array(20).fill(0xaa), new Uint8Array(50).fill(0xdd)),
      'fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb',
    );
  });

  it('agrees with the one of Node for any key of up to 128 bytes and any parts, one after another', () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
    fc.assert(
      fc.property(bytes(128), fc.array(bytes(3000), { maxLength: 4 }), (key, parts) => {
        const hmac = new HmacSha512(key);
        hmac.of(utf8('something before'));
        const expected = createHmac('sha512', key);
        for (const part of parts) expected.update(part);
        assert.equal(toHex(hmac.of(...parts)), expected.digest('hex'));
      }),
      { numRuns: 300 },
    );
    assert.throws(() => new HmacSha512(new Uint8Array(129)), RangeError);
  });
});
