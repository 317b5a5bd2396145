// Random bytes: as many as asked for, and none given twice, however they are fetched.

import assert from 'node:assert/strict';
import { randomBytes } from '../../../src/kernel/clock.ts';
import { toHex } from '../../../src/kernel/bytes.ts';

describe('Random bytes', () => {
  it('are as many as asked for', () => {
    for (const length of [0, 1, 16, 63, 64, 65, 4096, 10_000]) assert.equal(randomBytes(length).length, length);
  });

  it('are never given twice, in whatever sizes they are asked for', () => {
    const seen = new Set<string>();
    for (let count = 0; count < 20_000; count++) seen.add(toHex(randomBytes(12 + (count % 60))).slice(0, 24));
    assert.equal(seen.size, 20_000);
  });

  it('are not shared: who overwrites theirs changes nobody else’s', () => {
    const [mine, theirs] = [randomBytes(16), randomBytes(16)];
    const before = toHex(theirs);
    new Uint8Array(mine.buffer).fill(0);
    assert.equal(toHex(theirs), before);
    assert.equal(mine.buffer.byteLength, 16);
  });

  it('are refused for a length that is none, and go on unharmed', () => {
    for (const length of [-1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY])
      assert.throws(() => randomBytes(length), RangeError, String(length));
    const seen = new Set(Array.from({ length: 100 }, () => toHex(randomBytes(16))));
    assert.deepEqual([seen.size, [...seen].some((hex) => hex.includes('0'.repeat(16)))], [100, false]);
  });

  it('use every value of an octet about as often', () => {
    const counts = new Uint32Array(256);
    for (let count = 0; count < 16_000; count++)
      for (const octet of randomBytes(16)) counts[octet] = (counts[octet] ?? 0) + 1;
    // 1,000 expected each; ten standard deviations are 316.
    assert.ok(counts.every((count) => count > 684 && count < 1316));
  });
});
