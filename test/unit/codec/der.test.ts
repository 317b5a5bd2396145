// Strict DER reading: every encoding rule refused when broken, and nothing but `malformed-der` for any bytes; ITU-T X.690 (02/2021).

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { readDer } from '../../../src/codec/der.ts';
import {
  booleanOf,
  bitStringOctetsOf,
  DerCursor,
  generalizedTimeOf,
  integerOf,
  namedBitsOf,
  octetsOf,
  oidOf,
  smallIntegerOf,
  stringOf,
  timeOf,
} from '../../../src/codec/der-value.ts';
import * as write from '../../../src/codec/der-write.ts';
import { fromHex, toHex } from '../../../src/kernel/bytes.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

const bytes = (hex: string) => fromHex(hex.replaceAll(' ', '')) ?? assert.fail('not hex');
const refuses = (hex: string) =>
  assert.throws(
    () => readDer(bytes(hex)),
    (error) => isTrustError(error, 'malformed-der'),
    hex,
  );

describe('X.690 clause 8 and 10: what is not DER is refused', () => {
  const refused: Record<string, string> = {
    'no octets at all': '',
    'a tag without a length': '30',
    'content that ends early': '3003 0201',
    'octets after the element (10.1)': '0500 00',
    'an indefinite length (10.1)': '3080 0201 01 0000',
    'a long form for a short length (10.1)': '0481 01 aa',
    'a length with a leading zero octet (10.1)': `048200 80${'00'.repeat(128)}`,
    'a length of five octets': '0485 00000000 01 aa',
    'a tag number above 30': '1f2100',
    'the reserved tag 0 (8.1.5)': '0000',
    'a BOOLEAN that is neither 00 nor FF (11.1)': '0101 01',
    'a BOOLEAN of two octets (8.2.1)': '0102 ffff',
    'an INTEGER without content (8.3.1)': '0200',
    'an INTEGER with a superfluous 00 (8.3.2)': '0202 007f',
    'an INTEGER with a superfluous FF (8.3.2)': '0202 ff80',
    'a BIT STRING without a count of unused bits (8.6.2)': '0300',
    'a BIT STRING with 8 unused bits (8.6.2.2)': '0302 0800',
    'a BIT STRING with unused bits set (11.2.1)': '0302 0101',
    'an empty BIT STRING with unused bits (8.6.2.3)': '0301 01',
    'a constructed OCTET STRING (10.2)': '2403 0401 aa',
    'a primitive SEQUENCE (8.9.1)': '1000',
    'a NULL with content (8.8.2)': '0501 00',
    'an OBJECT IDENTIFIER without content (8.19.2)': '0600',
    'an OBJECT IDENTIFIER whose last arc does not end (8.19.2)': '0602 2a86',
    'an OBJECT IDENTIFIER with a padded arc (8.19.2)': '0603 2a8001',
  };
  for (const [sentence, hex] of Object.entries(refused)) it(`refuses ${sentence}`, () => refuses(hex));

  it('refuses nesting, element counts and sizes beyond the limits', () => {
    let nested = write.nullValue();
    for (let i = 0; i < 40; i++) nested = write.sequence(nested);
    refuses(toHex(nested));
    const many = write.sequence(...Array.from({ length: 50 }, () => write.nullValue()));
    assert.equal(readDer(many).children.length, 50);
    for (const limits of [{ maxElements: 50 }, { maxBytes: many.length - 1 }]) {
      assert.throws(
        () => readDer(many, limits),
        (error) => isTrustError(error, 'malformed-der'),
      );
    }
  });

  it('throws malformed-der and nothing else for any octets', () => {
    const onlyMalformedDer = (octets: Uint8Array) => {
      try {
        const { raw } = readDer(octets);
        assert.deepEqual(raw, octets);
      } catch (error) {
        assert.ok(isTrustError(error, 'malformed-der'), String(error));
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), onlyMalformedDer), { numRuns: 2000 });
    const sample = write.sequence(
      write.integer(-70000),
      write.sequence(write.oid('2.25.340282366920938463463374607431768211455'), write.utf8String('印信')),
      write.context(0, write.setOf(write.boolean(true), write.namedBits([0, 9]))),
    );
    const damaged = fc.tuple(fc.nat(sample.length - 1), fc.nat(255)).map(([index, octet]) => sample.with(index, octet));
    fc.assert(fc.property(damaged, onlyMalformedDer), { numRuns: 2000 });
  });

  it('throws malformed-der and nothing else for any value read from any element', () => {
    const readers = [
      booleanOf,
      integerOf,
      smallIntegerOf,
      oidOf,
      octetsOf,
      bitStringOctetsOf,
      namedBitsOf,
      stringOf,
      timeOf,
      generalizedTimeOf,
    ];
    const element = fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 6, 12, 19, 20, 22, 23, 24, 30, 0x80), fc.uint8Array({ maxLength: 20 }))
      .map(([tag, content]) => write.tlv(tag, content));
    fc.assert(
      fc.property(element, fc.constantFrom(...readers), (octets, read) => {
        try {
          read(readDer(octets));
        } catch (error) {
          assert.ok(isTrustError(error, 'malformed-der'), String(error));
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('X.690 clause 8 and 11: what is written is read back', () => {
  it('keeps the bytes of every element as they came', () => {
    const inner = write.sequence(write.integer(5), write.octetString(bytes('aabb')));
    const outer = write.sequence(write.nullValue(), inner);
    assert.deepEqual(readDer(outer).children[1]?.raw, inner);
  });

  it('reads every integer it wrote', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
        (n) => integerOf(readDer(write.integer(n))) === n,
      ),
    );
  });

  it('reads every object identifier it wrote, arcs of 128 bits among them', () => {
    const tail = fc.array(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), { maxLength: 2 });
    fc.assert(
      fc.property(fc.constantFrom('0.39', '1.2', '2.25', '2.999'), tail, (head, arcs) => {
        const dotted = [head, ...arcs].join('.');
        assert.equal(oidOf(readDer(write.oid(dotted))), dotted);
      }),
    );
    assert.equal(toHex(write.oid('1.2.840.113549.1.7.2')), '06092a864886f70d010702'); // RFC 5652, 5.1
  });

  it('reads named bits it wrote and refuses trailing zero bits (11.2.2)', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(20)), (bits) => {
        assert.deepEqual(
          [...namedBitsOf(readDer(write.namedBits(bits)))],
          [...bits].sort((a, b) => a - b),
        );
      }),
    );
    assert.throws(
      () => namedBitsOf(readDer(bytes('0302 0500'))),
      (error) => isTrustError(error, 'malformed-der'),
    );
  });

  it('holds integers and bit lists under an IMPLICIT tag to the same rules (8.3.2, 8.6.2, 11.2)', () => {
    assert.equal(integerOf(readDer(bytes('8002 0080'))), 128n);
    assert.deepEqual([...namedBitsOf(readDer(bytes('8102 0520')))], [2]);
    for (const [read, hex] of [
      [integerOf, '8000'],
      [integerOf, '8002 0005'],
      [integerOf, '8002 ffff'],
      [smallIntegerOf, '8003 000005'],
      [namedBitsOf, '8100'],
      [namedBitsOf, '8101 03'],
      [namedBitsOf, '8102 0521'], // an unused bit that is set
      [namedBitsOf, '8102 0800'],
      [namedBitsOf, '8102 0500'],
    ] as const) {
      assert.throws(
        () => read(readDer(bytes(hex))),
        (error) => isTrustError(error, 'malformed-der'),
        hex,
      );
    }
  });

  it('writes the members of a SET OF in ascending order of their octets (11.6)', () => {
    assert.equal(
      toHex(write.setOf(write.integer(300), write.integer(2), write.integer(1))),
      '310a0201010201020202012c',
    );
  });

  it('writes UTCTime through 2049 and GeneralizedTime from 2050 (RFC 5280, 4.1.2.5)', () => {
    for (const [iso, tag] of [
      ['1999-12-31T23:59:59.000Z', 0x17],
      ['2049-12-31T23:59:59.000Z', 0x17],
      ['2050-01-01T00:00:00.000Z', 0x18],
    ] as const) {
      const written = write.certificateTime(moment(iso));
      assert.equal(written[0], tag);
      assert.equal(timeOf(readDer(written)).toISOString(), iso);
    }
  });

  it('keeps milliseconds of a precise time without trailing zeros (11.7.2)', () => {
    const written = write.preciseGeneralizedTime(moment('2026-11-21T08:00:00.120Z'));
    assert.equal(new TextDecoder().decode(written.subarray(2)), '20261121080000.12Z');
    assert.equal(generalizedTimeOf(readDer(written)).toISOString(), '2026-11-21T08:00:00.120Z');
  });

  it('refuses times that do not exist or are not in DER form', () => {
    const text = (tag: number, value: string) => write.tlv(tag, new TextEncoder().encode(value));
    for (const octets of [
      text(0x18, '20260230000000Z'),
      text(0x18, '20260101240000Z'),
      text(0x18, '20260101000060Z'),
      text(0x18, '20260101000000.10Z'),
      text(0x18, '20260101000000+0800'),
      text(0x17, '2601010000Z'),
    ]) {
      assert.throws(
        () => timeOf(readDer(octets)),
        (error) => isTrustError(error, 'malformed-der'),
      );
    }
  });
});

describe('A cursor consumes a SEQUENCE member by member', () => {
  it('refuses wrong, missing and surplus members', () => {
    const element = readDer(write.sequence(write.integer(1), write.nullValue()));
    const refused = (work: (cursor: DerCursor) => void) =>
      assert.throws(
        () => work(new DerCursor(element, 'Sample')),
        (error) => isTrustError(error, 'malformed-der'),
      );
    refused((cursor) => cursor.take(0x04));
    refused((cursor) => cursor.end());
    refused((cursor) => [cursor.any(), cursor.any(), cursor.any()]);
    const cursor = new DerCursor(element, 'Sample');
    assert.equal(smallIntegerOf(cursor.take(0x02)), 1);
    assert.equal(cursor.optional(0x30), undefined);
    assert.notEqual(cursor.optional(0x05), undefined);
    cursor.end();
  });
});
