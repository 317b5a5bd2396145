// What is read from the document security store of a PDF, and what is passed over; ETSI EN 319 142-1, 5.4.2.2.

import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { readValidationData } from '../../../src/pdf/validation-data.ts';
import { appendUpdate, samplePdf } from '../../support/pdf-samples.ts';

const stream = (data: Uint8Array, entries = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`<< /Length ${data.length} ${entries} >>\nstream\n`, 'latin1'),
    data,
    Buffer.from('\nendstream', 'latin1'),
  ]);

function read(store: string, objects: Record<number, string | Buffer> = {}) {
  const pdf = samplePdf({ catalog: `/DSS ${store}` });
  const file = appendUpdate(pdf, objects);
  return { ...readValidationData(openPdf(file).file), file };
}

const nothing = { certificates: [], crls: [], ocspResponses: [], places: new Map(), leftOut: 0 };

describe('EN 319 142-1, 5.4.2.2: the document security store', () => {
  it('gives certificates, CRLs and OCSP responses, plain or deflated, directly or by reference', () => {
    const found = read('50 0 R', {
      50: '<< /Type /DSS /Certs [51 0 R] /CRLs 54 0 R /OCSPs [53 0 R] /VRI << >> >>',
      51: stream(utf8('certificate')),
      52: stream(deflateSync(utf8('list')), '/Filter /FlateDecode'),
      53: stream(utf8('response')),
      54: '[52 0 R]',
    });
    const text = (parts: readonly Uint8Array[]) => parts.map((part) => Buffer.from(part).toString());
    assert.deepEqual(text(found.certificates), ['certificate']);
    const [certificate = new Uint8Array()] = found.certificates;
    const { start = 0, end = 0 } = found.places.get(certificate) ?? {};
    assert.match(Buffer.from(found.file.subarray(start, end)).toString(), /^51 0 obj[\s\S]*certificate[\s\S]*endobj$/);
    assert.deepEqual([text(found.crls), text(found.ocspResponses), found.leftOut], [['list'], ['response'], 0]);
  });

  it('gives nothing where there is none, or where it is something else', () => {
    assert.deepEqual(readValidationData(openPdf(samplePdf()).file), nothing);
    for (const store of ['[ ]', '/Name', 'null', '<< /CRLs 7 >>', '<< /Certs << >> >>', '77 0 R']) {
      const { file: _, ...found } = read(store);
      assert.deepEqual(found, nothing, store);
    }
  });

  it('passes over and counts what is broken, of another filter, or too much', () => {
    const broken = {
      51: stream(utf8('not deflated'), '/Filter /FlateDecode'),
      52: stream(utf8('41>'), '/Filter /ASCIIHexDecode'),
      53: stream(utf8('good')),
    };
    const found = read('<< /CRLs [51 0 R 52 0 R 53 0 R 99 0 R (text)] >>', broken);
    assert.deepEqual([found.crls.length, found.leftOut], [1, 4]);
    const many = read(`<< /OCSPs [${'53 0 R '.repeat(130)}] >>`, { 53: stream(utf8('x')) });
    assert.deepEqual([many.ocspResponses.length, many.leftOut], [100, 30]);
    const zeros = deflateSync(new Uint8Array(9 * 1024 * 1024));
    const bomb = read('<< /CRLs [54 0 R 54 0 R 54 0 R] >>', { 54: stream(zeros, '/Filter /FlateDecode') });
    assert.deepEqual([bomb.crls.length, bomb.leftOut], [1, 2]);
  });
});
