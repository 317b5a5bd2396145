// PKWARE APPNOTE, 4.4.7: CRC-32 is what zlib computes, of any length and at any place in memory.

import assert from 'node:assert/strict';
import { crc32 as judge } from 'node:zlib';
import fc from 'fast-check';
import { crc32 } from '../../../src/codec/crc32.ts';

describe('PKWARE APPNOTE, 4.4.7: CRC-32', () => {
  it('is what zlib computes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 9 }), (bytes, skipped) => {
        const part = bytes.subarray(skipped);
        assert.equal(crc32(part), judge(part));
      }),
    );
    assert.equal(crc32(new Uint8Array()), 0);
    assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
  });
});
