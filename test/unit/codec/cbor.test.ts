// CBOR: the examples of RFC 8949 appendix A that we exchange, the deterministic order of 4.2.1, and hostile input of appendix F and beyond.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type CborKey, CborTag, type CborValue, decodeCbor, encodeCbor } from '../../../src/codec/cbor.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/kernel/bytes.ts';

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(' ', '')) ?? assert.fail('bad hex in a test');
}

describe('RFC 8949 appendix A', () => {
  const examples: [string, CborValue][] = [
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['20', -1],
    ['3903e7', -1000],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['4401020304', Uint8Array.of(1, 2, 3, 4)],
    ['63e6b0b4', '水'],
    ['64f0908591', '\u{10151}'],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    [
      'a201020304',
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    [
      'a26161016162820203',
      new Map<CborKey, CborValue>([
        ['a', 1],
        ['b', [2, 3]],
      ]),
    ],
    ['c11a514b67b0', new CborTag(1, 1_363_896_240)],
  ];
  for (const [hex, value] of examples) {
    it(`${hex} is read and written`, () => {
      assert.deepEqual(decodeCbor(bytes(hex), { tags: [1] }), value);
      assert.equal(toHex(encodeCbor(value)), hex);
    });
  }
});

describe('RFC 8949 section 4.2.1: the deterministic encoding', () => {
  it('orders map keys by their encoded bytes', () => {
    const keys = [-1, 'aa', 100, 'z', 10, false];
    const sorted = keys.filter((key): key is CborKey => key !== false).map((key): [CborKey, number] => [key, 0]);
    assert.equal(toHex(encodeCbor(new Map(sorted))), 'a50a00186400200061 7a00626161 00'.replaceAll(' ', ''));
  });

  it('reads what it writes', () => {
    const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        fc.maxSafeInteger().map((n) => n + 0),
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(tie('value'), { maxLength: 5 }),
        fc
          .uniqueArray(fc.tuple(fc.integer(), tie('value')), { maxLength: 5, selector: ([key]) => key })
          .map((entries) => new Map<CborKey, CborValue>(entries)),
      ),
    }));
    fc.assert(fc.property(value, (one) => assert.deepEqual(encodeCbor(decodeCbor(encodeCbor(one))), encodeCbor(one))));
  });

  it('takes any order of keys only where the format of another demands none', () => {
    assert.throws(() => decodeCbor(bytes('a203040102')), { code: 'malformed-cbor' });
    assert.deepEqual(
      decodeCbor(bytes('a203040102'), { keyOrder: 'any' }),
      new Map([
        [3, 4],
        [1, 2],
      ]),
    );
  });
});

describe('Hostile CBOR is malformed-cbor, quickly', () => {
  const cases: Record<string, string> = {
    'nothing at all': '',
    'a byte after the end': '0000',
    'a head longer than needed (1 byte)': '1817',
    'a head longer than needed (2 bytes)': '1900ff',
    'a head longer than needed (8 bytes)': '1b00000000ffffffff',
    'a length longer than needed': '580141',
    'an indefinite array': '9f00ff',
    'an indefinite map': 'bf0000ff',
    'an indefinite string': '5f4100ff',
    'a lone break': 'ff',
    'reserved additional information 28': '1c',
    'a half float': 'f93c00',
    'a NaN with a payload': 'fb7ff8000000000001',
    undefined: 'f7',
    'simple value 32': 'f820',
    'a duplicate key': 'a201000100',
    'keys out of order': 'a202000100',
    'a key that is an array': 'a18000',
    'a key that is a byte string': 'a1410000',
    'bad UTF-8': '61ff',
    'an overlong UTF-8 form': '62c080',
    'a surrogate in UTF-8': '63eda080',
    'a tag nobody asked for': 'c100',
    'a shared reference (tag 29)': 'd81d00',
    'a bignum': 'c249010000000000000000',
    'an integer beyond 2^53': '1b0020000000000000',
    'a byte string of 4 GiB': '5affffffff00',
    'an array of 2^53 members': '9b001fffffffffffff00',
    'an array that ends early': '8201',
  };
  for (const [why, hex] of Object.entries(cases)) {
    it(`refuses ${why}`, () => {
      assert.throws(() => decodeCbor(bytes(hex)), { code: 'malformed-cbor' });
    });
  }

  it('refuses 20,000 arrays inside one another without using the stack', () => {
    const deep = concatBytes(new Uint8Array(20_000).fill(0x81), Uint8Array.of(0));
    assert.throws(() => decodeCbor(deep), { code: 'malformed-cbor', message: /too deep/ });
  });

  it('refuses more items and more bytes than the limits', () => {
    const many = concatBytes(bytes('991388'), new Uint8Array(5000));
    assert.throws(() => decodeCbor(many), { code: 'malformed-cbor', message: /too many/ });
    assert.throws(() => decodeCbor(new Uint8Array(70_000)), { code: 'malformed-cbor', message: /too large/ });
  });

  it('gives a __proto__ key as an ordinary member', () => {
    const item = concatBytes(bytes('a169'), utf8('__proto__'), bytes('00'));
    assert.deepEqual(decodeCbor(item), new Map([['__proto__', 0]]));
  });

  it('neither crashes nor hangs on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        try {
          assert.deepEqual(encodeCbor(decodeCbor(input)), input);
        } catch (error) {
          if (!(error instanceof Error) || !('code' in error) || error.code !== 'malformed-cbor') throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
