// Objects as bytes (ISO 32000-2, 7.2 and 7.3), and strings and dates in them (7.9).

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { KeptBytes } from '../../../src/pdf/byte-source.ts';
import { ReadBudget } from '../../../src/pdf/limits.ts';
import { PdfArray, PdfDict, PdfName, PdfRef, PdfString, sameObject } from '../../../src/pdf/objects.ts';
import type { PdfObject } from '../../../src/pdf/objects.ts';
import { ObjectParser } from '../../../src/pdf/parser.ts';
import { serialise } from '../../../src/pdf/serialise.ts';
import { dateOf, dateString, textOf, textString } from '../../../src/pdf/text.ts';

function parse(text: string | Buffer): PdfObject {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1');
  return new ObjectParser(new KeptBytes(bytes), 0, bytes.length, new ReadBudget()).value();
}

function bytesOf(text: string): string {
  const object = parse(text);
  assert.ok(object instanceof PdfString);
  return Buffer.from(object.bytes).toString('latin1');
}

describe('ISO 32000-2, 7.3: objects', () => {
  it('reads numbers without exponents', () => {
    const array = parse('[0 +17 -.5 4. 00000690 -0 34.5]');
    assert.ok(array instanceof PdfArray);
    assert.deepEqual(array.items, [0, 17, -0.5, 4, 690, -0, 34.5]);
    for (const bad of ['1e5', '--5', '.', '+', '1.2.3', '0x1', 'nul', 'TRUE']) {
      assert.throws(
        () => parse(bad),
        (error) => isTrustError(error, 'malformed-pdf'),
        bad,
      );
    }
  });

  it('reads literal strings with nested parentheses, escapes and line ends', () => {
    assert.equal(bytesOf('(a(b)c\\)\\\\)'), 'a(b)c)\\');
    assert.equal(bytesOf('(\\101\\53\\0531\\n\\q)'), 'A++1\nq');
    assert.equal(bytesOf('(a\\\r\nb\r\nc\rd)'), 'ab\nc\nd');
    assert.equal(bytesOf('<48 65\n6C6c6F7>'), 'Hellop');
  });

  it('reads names with escapes and tells references from numbers', () => {
    assert.deepEqual(parse('/A#20B#23'), new PdfName('A B#'));
    assert.deepEqual(parse('12 3 R'), new PdfRef(12, 3));
    const array = parse('[1 2 3 0 R 4 0 R5]'.replace('R5', 'R/x'));
    assert.ok(array instanceof PdfArray);
    assert.deepEqual(array.items, [1, 2, new PdfRef(3, 0), new PdfRef(4, 0), new PdfName('x')]);
    assert.throws(
      () => parse('/A#2'),
      (error) => isTrustError(error, 'malformed-pdf'),
    );
  });

  it('refuses what does not end, and depth without end', () => {
    for (const bad of ['(abc', '<41', '<4X>', '[1 2', '<< /A', '<< /A 1 >', '<< 1 2 >>', ']', '>>']) {
      assert.throws(
        () => parse(bad),
        (error) => isTrustError(error, 'malformed-pdf'),
        bad,
      );
    }
    assert.throws(
      () => parse('['.repeat(300_000)),
      (error) => isTrustError(error, 'unsupported-pdf'),
    );
    assert.throws(
      () => parse('<</A'.repeat(300_000)),
      (error) => isTrustError(error, 'unsupported-pdf'),
    );
    assert.throws(
      () => parse('('.repeat(300_000)),
      (error) => isTrustError(error, 'malformed-pdf'),
    );
  });

  it('reads back every object it writes', () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    const { object } = fc.letrec<{ object: PdfObject }>((tie) => ({
      object: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<PdfObject>(null, true, false),
        fc.integer({ min: 0, max: 1e9 }),
        fc
          .double({ min: -1e6, max: 1e6, noNaN: true })
          .filter((n) => n === 0 || Math.abs(n) > 1e-6)
          .map((n) => n + 0),
        fc
          .string({ unit: 'binary-ascii', maxLength: 8 })
          .filter((s) => !s.includes('\0'))
          .map((s) => new PdfName(s)),
        bytes.map((b) => new PdfString(b)),
        fc
          .tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 65535 }))
          .map(([n, g]) => new PdfRef(n, g)),
        fc.array(tie('object'), { maxLength: 4 }).map((items) => new PdfArray(items)),
        fc
          .dictionary(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 5 }), tie('object'), { maxKeys: 4 })
          .map((d) => new PdfDict(Object.entries(d))),
      ),
    }));
    fc.assert(
      fc.property(object, (value) => sameObject(parse(serialise(value)), value)),
      { numRuns: 300 },
    );
  });
});

describe('ISO 32000-2, 7.9: text strings and dates', () => {
  it('reads PDFDocEncoding, UTF-16BE and UTF-8, and writes what it can read', () => {
    assert.equal(textOf(parse('(\\222 \\240 \\345)')), '™ € å');
    assert.equal(textOf(parse('<FEFF5370>')), '印');
    assert.equal(textOf(parse('<EFBBBFE58DB0>')), '印');
    for (const text of ['plain (text) \\', '印信 𠮷', ''])
      assert.equal(textOf(parse(serialise(textString(text)))), text);
  });

  it('reads the dates of the standard and of old programs', () => {
    const at = (text: string) => dateOf(parse(`(${text})`))?.toISOString();
    assert.equal(at("D:20210104201151+01'00'"), '2021-01-04T19:11:51.000Z');
    assert.equal(at('D:20210104201151-0130'), '2021-01-04T21:41:51.000Z');
    assert.equal(at("D:20210104201151Z00'00'"), '2021-01-04T20:11:51.000Z');
    assert.equal(at('D:2021'), '2021-01-01T00:00:00.000Z');
    assert.equal(at('D:20211399'), undefined);
    assert.equal(at('yesterday'), undefined);
    assert.equal(dateOf(dateString(new Date('2026-11-21T08:00:01Z')))?.toISOString(), '2026-11-21T08:00:01.000Z');
  });
});
