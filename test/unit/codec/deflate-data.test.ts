// Bare deflate data of a known length: every kind of block, what is damaged or too long, and what a bomb costs.

import assert from 'node:assert/strict';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
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

  it('is refused when it says codes over and over and nothing in them', () => {
    assert.equal(inflateRawSync(blocksOfNothing(1000)).length, 0);
    assert.deepEqual(inflateExactly(blocksOfNothing(200), 0), new Uint8Array());
    assert.equal(inflateExactly(blocksOfNothing(1000), 0), undefined);
  });

  it('stops where a bomb becomes longer than it says', () => {
    const bomb = new Uint8Array(deflateRawSync(new Uint8Array(5_000_000), { level: 9 }));
    assert.equal(inflateExactly(bomb, 1000), undefined);
  });
});

/** Blocks with codes of up to 15 bits, the longest of which ends the block at once; RFC 1951, 3.2.7. */
function blocksOfNothing(count: number): Uint8Array {
  const bits: number[] = [];
  const number = (value: number, length: number) => {
    for (let bit = 0; bit < length; bit++) bits.push((value >> bit) & 1);
  };
  const code = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  for (let block = 1; block <= count; block++) {
    number(block === count ? 1 : 0, 1);
    number(2, 2);
    number(0, 5); // 257 literals
    number(0, 5); // one distance
    number(15, 4); // 19 lengths of codes of lengths: sixteen of four bits, for 1 to 15 and 18
    for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
      number([16, 17, 0].includes(symbol) ? 0 : 4, 3);
    for (let length = 0; length < 15; length++) code(length, 4); // symbols 0 to 14 have 1 to 15 bits
    for (const zeros of [138, 103]) {
      code(15, 4);
      number(zeros - 11, 7);
    }
    code(14, 4); // the end of the block has 15
    code(0, 4); // the distance has one
    code(0x7fff, 15);
  }
  const out = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [place, bit] of bits.entries()) out[place >> 3] = (out[place >> 3] ?? 0) | (bit << (place & 7));
  return out;
}
