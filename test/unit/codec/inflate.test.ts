// zlib reading (RFC 1950): the cap, and one spelling of everything around the blocks.

import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { inflateZlib } from '../../../src/codec/inflate.ts';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';

describe('RFC 1950 zlib data', () => {
  const content = utf8('印信 '.repeat(40));
  const packed = new Uint8Array(deflateSync(content));

  it('is read at every compression level', () => {
    for (const level of [0, 1, 6, 9]) {
      assert.deepEqual(inflateZlib(new Uint8Array(deflateSync(content, { level })), 1000), content);
    }
  });

  it('is refused when the content is longer than the cap', () => {
    assert.equal(inflateZlib(packed, content.length - 1), undefined);
    assert.deepEqual(inflateZlib(packed, content.length), content);
  });

  it('is refused when it is a bomb', () => {
    assert.equal(inflateZlib(new Uint8Array(deflateSync(new Uint8Array(5_000_000), { level: 9 })), 4096), undefined);
  });

  it('is refused when cut anywhere', () => {
    for (let length = 0; length < packed.length; length++) {
      assert.equal(inflateZlib(packed.subarray(0, length), 1000), undefined, `cut to ${length}`);
    }
  });

  it('is refused when anything stands between the blocks and the checksum', () => {
    const [body, checksum] = [packed.subarray(0, -4), packed.subarray(-4)];
    assert.equal(inflateZlib(concatBytes(body, Uint8Array.of(0), checksum), 1000), undefined);
    assert.equal(inflateZlib(concatBytes(body, Uint8Array.of(7), checksum), 1000), undefined);
  });

  it('is refused with any single bit changed', () => {
    for (let bit = 0; bit < packed.length * 8; bit++) {
      const changed = packed.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(inflateZlib(changed, 1000), undefined, `bit ${bit}`);
    }
  });
});
