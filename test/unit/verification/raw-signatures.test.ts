// Proves what is found of signatures in the mere bytes of a file, against files that hide or respell them.

import assert from 'node:assert/strict';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';
import type { PdfSignature } from '../../../src/pdf/signatures.ts';
import { claimsSignature, contentsSpelledOneWay, hiddenSignatures } from '../../../src/verification/raw-signatures.ts';

/** A dictionary whose ByteRange fits the file around `contents`. */
function fileWith(contents: string): { bytes: Uint8Array; range: [number, number, number, number] } {
  const head = (range: readonly number[]) => `%PDF-1.7 << /ByteRange [${range.join(' ')}] /Contents `;
  const tail = ' >> %%EOF';
  const gapStart = head([0, 99, 999, 10]).length;
  const gapEnd = gapStart + contents.length;
  const range: [number, number, number, number] = [0, gapStart, gapEnd, tail.length];
  const written = head(range);
  const padding = ' '.repeat(gapStart - written.length);
  return { bytes: utf8(`${written}${padding}${contents}${tail}`), range };
}

function shown(byteRange: readonly number[]): PdfSignature {
  const claim: Partial<PdfSignature> = { byteRange };
  return claim as PdfSignature;
}

describe('ISO 32000-2, 12.8.1: signatures in the bytes of a file', () => {
  const { bytes, range } = fileWith('<00aa>');

  it('knows a file that claims a signature, also when one mark of it is damaged', () => {
    assert.equal(claimsSignature(utf8('%PDF-1.7 nothing')), false);
    assert.equal(claimsSignature(utf8('… .ByteRange [0 1 2 3]')), true);
    assert.equal(claimsSignature(utf8('/Filter /Adobe.PPKLite /ByteRanfe')), true);
  });

  it('counts the ranges that fit the file and that no field shows', () => {
    assert.equal(hiddenSignatures(bytes, []), 1);
    assert.equal(hiddenSignatures(bytes, [shown(range)]), 0);
    // As an attachment the same bytes stand elsewhere, and their ranges fit no more.
    assert.equal(hiddenSignatures(concatBytes(utf8('%PDF-1.7 attachment: '), bytes), []), 0);
    assert.equal(
      hiddenSignatures(utf8('/ByteRange [0 0 0 0] /ByteRange [a] /ByteRange [0 99999999999999999999 2 3]'), []),
      0,
    );
  });

  it('accepts digits of one case without anything between them', () => {
    const accepts = (contents: string): boolean => {
      const file = fileWith(contents);
      return contentsSpelledOneWay(file.bytes, shown(file.range));
    };
    assert.deepEqual(['<00aa>', '<00AA>', '<0011>'].map(accepts), [true, true, true]);
    assert.deepEqual(['<0aA0>', '<00 a>', '<00\u0000a>', '(00aa)', '<00g0>'].map(accepts), [
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
