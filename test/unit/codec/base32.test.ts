// Base32 against the vectors of RFC 4648 section 10, unpadded, and the second spellings that must be refused.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { fromBase32, toBase32 } from '../../../src/codec/base32.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';

describe('RFC 4648 section 6 base32, unpadded', () => {
  const vectors = {
    '': '',
    f: 'MY',
    fo: 'MZXQ',
    foo: 'MZXW6',
    foob: 'MZXW6YQ',
    fooba: 'MZXW6YTB',
    foobar: 'MZXW6YTBOI',
  };
  for (const [plain, encoded] of Object.entries(vectors)) {
    it(`"${plain}" is "${encoded}"`, () => {
      assert.equal(toBase32(utf8(plain)), encoded);
      assert.deepEqual(fromBase32(encoded), utf8(plain));
    });
  }

  it('gives every byte string back', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(fromBase32(toBase32(bytes)), bytes)));
  });

  it('has one text for each byte string: whatever is read is written the same', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')), maxLength: 24 }),
        (text) => {
          let bytes: Uint8Array;
          try {
            bytes = fromBase32(text);
          } catch {
            return;
          }
          assert.equal(toBase32(bytes), text);
        },
      ),
    );
  });

  for (const [text, why] of [
    ['MZ', 'spare bits that are not zero (section 3.5)'],
    ['MY======', 'padding'],
    ['my', 'lower case'],
    ['M', 'an impossible length'],
    ['MZXW6Y', 'a length of six'],
    ['M1', 'a foreign digit'],
  ] as const) {
    it(`refuses ${why}`, () => {
      assert.throws(() => fromBase32(text), { code: 'malformed-base32' });
    });
  }
});
