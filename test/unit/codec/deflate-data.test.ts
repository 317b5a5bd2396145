// Bare deflate data of a known length: every kind of block, what is damaged or too long, and what a bomb costs.

import assert from 'node:assert/strict';
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { inflateExactly } from '../../../src/codec/deflate-data.ts';
import { concatBytes, equalBytes, utf8 } from '../../../src/kernel/bytes.ts';

const { Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants;

describe('RFC 1951 deflate data', function () {
  const content = utf8('印信 '.repeat(40));
  const packed = new Uint8Array(deflateRawSync(content));

  it('is read whatever packed it', () => {
    const sample = fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(utf8('abcabcabd'))), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(sample, fc.integer({ min: 0, max: 9 }), (pieces, level) => {
        const whole = concatBytes(...pieces);
        for (const strategy of [Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED]) {
          const read = inflateExactly(new Uint8Array(deflateRawSync(whole, { level, strategy })), whole.length);
          assert.ok(read !== undefined && equalBytes(read, whole));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is refused when it is longer or shorter than it should be, cut, or followed by anything', () => {
    assert.equal(inflateExactly(packed, content.length - 1), undefined);
    assert.equal(inflateExactly(packed, content.length + 1), undefined);
    assert.equal(inflateExactly(concatBytes(packed, Uint8Array.of(0)), content.length), undefined);
    for (let length = 0; length < packed.length; length++) {
      assert.equal(inflateExactly(packed.subarray(0, length), content.length), undefined, `cut to ${length}`);
    }
  });

  it('stops where a bomb becomes longer than it says', () => {
    const bomb = new Uint8Array(deflateRawSync(new Uint8Array(5_000_000), { level: 9 }));
    assert.equal(inflateExactly(bomb, 1000), undefined);
  });
});
