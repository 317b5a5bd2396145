// A PDF that stays in its file (ISO 32000-2, 7.5): it is read, prepared and refused as the same bytes in memory are.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../../src/crypto/digest.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { changesAfter } from '../../../src/pdf/changes.ts';
import { FileBytes } from '../../../src/pdf/file-bytes.ts';
import { maxDecodedBytes, maxFileBytes } from '../../../src/pdf/limits.ts';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { derValue, request, signed } from './signing.ts';

const blockBytes = 16 * 1024;

describe('ISO 32000-2, 7.5: a PDF read from its file', () => {
  let folder: string;
  const open: FileBytes[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'yinxin-file-bytes-'));
  });

  afterEach(() => {
    for (const file of open.splice(0)) file.close();
  });

  after(() => rmSync(folder, { recursive: true }));

  function inFile(bytes: Uint8Array): FileBytes {
    const path = join(folder, 'one.pdf');
    writeFileSync(path, bytes);
    const file = FileBytes.open(path);
    open.push(file);
    return file;
  }

  for (const xref of ['table', 'stream', 'packed', 'hybrid'] as const) {
    it(`gets the same signature as in memory, wherever the blocks part it: cross-reference ${xref}`, () => {
      for (const shift of [-2000, -700, -120, -31, -7, -1, 0, 3]) {
        const content = 'q Q '.repeat(2 * blockBytes).slice(0, 2 * blockBytes + shift);
        const once = signed(samplePdf({ xref, content, pageCount: 3, form: 'indirect' }));
        const inMemory = prepareSignature(request(once, { stamps: [{ page: 2, xMm: 60, yMm: 60 }] }));
        const document = openPdf(inFile(once));
        const kept = openPdf(once);
        const prepared = prepareSignature({ ...request(once), document, stamps: [{ page: 2, xMm: 60, yMm: 60 }] });
        assert.deepEqual(prepared.byteRange, inMemory.byteRange);
        assert.equal(
          toHex(digestOf('SHA-256', prepared.signedParts)),
          toHex(digestOf('SHA-256', inMemory.signedParts)),
        );
        assert.equal(Buffer.compare(Buffer.concat([once, prepared.tail(derValue)]), inMemory.embed(derValue)), 0);
        assert.deepEqual(
          document.signatures.map(({ byteRange, findings }) => ({ byteRange, findings })),
          kept.signatures.map(({ byteRange, findings }) => ({ byteRange, findings })),
        );
      }
    });
  }

  it('compares the revisions of the file with the same result', () => {
    const twice = signed(signed(samplePdf({ content: ' '.repeat(3 * blockBytes), annots: 'indirect' })), {
      stamps: [{ page: 1, xMm: 60, yMm: 160 }],
    });
    const document = openPdf(inFile(twice));
    const kept = openPdf(twice);
    assert.equal(document.signatures.length, 2);
    document.signatures.forEach((signature, i) => {
      const same = kept.signatures[i];
      assert.ok(same !== undefined);
      assert.deepEqual(changesAfter(document, signature), changesAfter(kept, same));
      assert.equal(toHex(digestOf('SHA-256', signature.signedBytes())), toHex(digestOf('SHA-256', same.signedBytes())));
    });
  });

  it('is malformed when it becomes shorter while it is read', () => {
    const file = inFile(samplePdf({ content: ' '.repeat(3 * blockBytes) }));
    const document = openPdf(file);
    truncateSync(join(folder, 'one.pdf'), 100);
    assert.throws(
      () => digestOf('SHA-256', document.file.source.parts(0, file.length)),
      (error) => isTrustError(error, 'malformed-pdf'),
    );
  });

  it('with a word or a string that does not end is malformed, without being held', () => {
    for (const endless of ['a', '<', '(', '%', ' ']) {
      const bytes = Buffer.concat([
        Buffer.from(samplePdf()),
        Buffer.from(`\n${endless}`),
        Buffer.alloc(26 * 1024 * 1024, endless === '%' || endless === ' ' ? ' ' : '1'),
        Buffer.from('\nstartxref\n'),
      ]);
      const at = samplePdf().length + 1;
      const whole = Buffer.concat([bytes, Buffer.from(`${at}\n%%EOF\n`)]);
      for (const source of [whole, inFile(whole)]) {
        assert.throws(
          () => openPdf(source),
          (error) => isTrustError(error, 'malformed-pdf') || isTrustError(error, 'unsupported-pdf'),
          endless,
        );
      }
    }
  });

  it('gives no piece that is too large to be held, and is not opened beyond the largest offset', () => {
    const path = join(folder, 'sparse.pdf');
    writeFileSync(path, samplePdf());
    truncateSync(path, maxFileBytes + 1);
    const file = FileBytes.open(path);
    open.push(file);
    for (const act of [() => openPdf(file), () => file.range(0, maxDecodedBytes + 1)]) {
      assert.throws(act, (error) => isTrustError(error, 'unsupported-pdf'));
    }
  });
});
