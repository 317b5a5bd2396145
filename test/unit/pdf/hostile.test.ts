// Hostile files: bombs, circles and broken bytes end fast and with a code, by limits that are part of the reader.

import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { isTrustError } from '../../../src/kernel/errors.ts';
import type { ErrorCode } from '../../../src/kernel/errors.ts';
import { changesAfter } from '../../../src/pdf/changes.ts';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { appendUpdate, assemble, samplePdf } from '../../support/pdf-samples.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import { request, signed } from './signing.ts';

const pdfCodes: readonly ErrorCode[] = ['malformed-pdf', 'encrypted-pdf', 'unsupported-pdf', 'locked-pdf'];

/** Everything this room does with a file. Gives the code it was refused with. */
function useAll(bytes: Uint8Array): ErrorCode | undefined {
  try {
    const document = openPdf(bytes);
    for (const signature of document.signatures) changesAfter(document, signature);
    prepareSignature({ ...request(samplePdf()), document, stamps: [] }).embed(Uint8Array.from([0x30, 0]));
    return undefined;
  } catch (error) {
    if (isTrustError(error)) return error.code;
    throw error;
  }
}

/** CPU time, because other processes share the machine. A slow core needs a multiple of what is measured; without the limits these files take minutes. */
const patienceMs = 40_000;

function endsFast(bytes: Uint8Array, code: ErrorCode): void {
  const start = cpuMs();
  assert.equal(useAll(bytes), code);
  const took = cpuMs() - start;
  assert.ok(took < patienceMs, `took ${took} ms`);
}

const catalog = '<< /Type /Catalog /Pages 2 0 R >>';
const pages = '<< /Type /Pages /Kids [10 0 R] /Count 1 /MediaBox [0 0 595 842] >>';
const page = '<< /Type /Page /Parent 2 0 R >>';
const stream = (dict: string, data: Buffer) =>
  Buffer.concat([Buffer.from(`<< ${dict} /Length ${data.length} >>\nstream\n`), data, Buffer.from('\nendstream')]);

/** A file of one cross-reference stream with these entries and this data, which need not fit. */
function xrefStream(entries: string, data: Buffer): Buffer {
  const head = Buffer.from('%PDF-1.7\n');
  const body = stream(`/Type /XRef /Root 1 0 R ${entries}`, data);
  return Buffer.concat([
    head,
    Buffer.from('9 0 obj\n'),
    body,
    Buffer.from(`\nendobj\nstartxref\n${head.length}\n%%EOF\n`),
  ]);
}

describe('hostile structures', () => {
  it('cross-reference streams with impossible widths, sizes and indexes', () => {
    const data = Buffer.alloc(64);
    endsFast(xrefStream('/Size 10 /W [0 0 0]', data), 'malformed-pdf');
    endsFast(xrefStream('/Size 10 /W [1 1000000000 1]', data), 'malformed-pdf');
    endsFast(xrefStream('/Size 8000000 /W [1 4 2]', data), 'malformed-pdf');
    endsFast(xrefStream('/Size 99999999999 /W [1 4 2]', data), 'malformed-pdf');
    endsFast(xrefStream('/Size 10 /W [1 4 2] /Index [0 -1]', data), 'malformed-pdf');
    endsFast(xrefStream('/Size 10 /W [1 4 2] /Index [8388600 100]', data), 'malformed-pdf');
    endsFast(
      xrefStream(
        '/Size 10 /W [1 2 1] /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 100000000 >>',
        deflateSync(data),
      ),
      'malformed-pdf',
    );
  });

  it('sixty-four megabytes of zeros in a Flate stream', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
    endsFast(xrefStream('/Size 8000000 /W [1 4 2] /Filter /FlateDecode', bomb), 'unsupported-pdf');
  });

  it('chains of cross-references that run in a circle or do not end', () => {
    const file = Buffer.from(samplePdf()).toString('latin1');
    const start = /startxref\n(\d+)/.exec(file)?.[1] ?? '';
    endsFast(Buffer.from(file.replace('/Root 1 0 R', `/Root 1 0 R /Prev ${start}`), 'latin1'), 'malformed-pdf');
    let long = samplePdf();
    for (let i = 0; i < 1_001; i++)
      long = appendUpdate(
        long,
        {},
        `/Size 20 /Root 1 0 R /Prev ${/startxref\n(\d+)\n%%EOF\n$/.exec(Buffer.from(long.subarray(-40)).toString('latin1'))?.[1]}`,
      );
    endsFast(long, 'unsupported-pdf');
  });

  it('object streams inside themselves, and lengths of lengths', () => {
    const own = (number: number) => `<< /Type /ObjStm /N 1 /First 5 /Length ${number} 0 R >>\nstream\n3 0 1\nendstream`;
    endsFast(
      assemble(
        new Map([
          [1, catalog],
          [2, own(2)],
          [3, '5'],
        ]),
      ),
      'malformed-pdf',
    );
    const chain = new Map<number, string>([
      [1, catalog],
      [2, pages],
      [10, page],
    ]);
    for (let n = 20; n < 5_000; n++) chain.set(n, `<< /Length ${n + 1} 0 R >>\nstream\n\nendstream`);
    chain.set(10, '<< /Type /Page /Contents 20 0 R /Rotate 20 0 R >>');
    endsFast(assemble(chain), 'malformed-pdf');
  });

  it('brackets and dictionaries without end', () => {
    for (const open of ['[', '<<', '<< /A ', '(']) {
      const code = open === '(' || open === '<<' ? 'malformed-pdf' : 'unsupported-pdf';
      endsFast(
        assemble(
          new Map([
            [1, open.repeat(300_000)],
            [2, pages],
          ]),
        ),
        code,
      );
    }
  });

  it('objects inside the strings of objects inside the strings of objects', () => {
    let text = '';
    const offsets: number[] = [];
    const count = 20_000;
    for (let n = 0; n < count; n++) {
      offsets.push(9 + text.length);
      text += `${n + 1} 0 obj(`;
    }
    text += `${')endobj'.repeat(count)}\n`;
    const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
    const fields = offsets.map((_, n) => `${n + 1} 0 R`).join(' ');
    const table = `xref\n0 1\n0000000000 65535 f \n1 ${count}\n${entries}trailer\n<< /Size ${count + 9} /Root ${count + 1} 0 R >>\n`;
    const base = Buffer.from(`%PDF-1.7\n${text}${table}startxref\n${9 + text.length}\n%%EOF\n`, 'latin1');
    const root = count + 1;
    const file = appendUpdate(
      base,
      {
        [root]: `<< /Type /Catalog /Pages ${root + 1} 0 R /AA [${fields}] >>`,
        [root + 1]: pages.replace('10 0 R', `${root + 2} 0 R`),
        [root + 2]: page,
      },
      `/Size ${count + 9} /Root ${root} 0 R /Prev ${9 + text.length}`,
    );
    endsFast(file, 'unsupported-pdf');
  });

  it('a hundred thousand pages, fields that run in circles, too many signatures', () => {
    const many = new Map<number, string>([[1, catalog]]);
    for (let n = 10; n < 11_000; n++) many.set(n, page);
    const kids = [...many.keys()]
      .slice(1)
      .map((n) => `${n} 0 R`)
      .join(' ');
    many.set(2, `<< /Type /Pages /Kids [${kids}] /Count 10990 /MediaBox [0 0 9 9] >>`);
    endsFast(assemble(many), 'unsupported-pdf');
    const form = (fields: Record<number, string>) =>
      assemble(
        new Map([
          [1, `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [20 0 R] >> >>`],
          [2, pages],
          [10, page],
          ...Object.entries(fields).map(([n, text]): [number, string] => [Number(n), text]),
        ]),
      );
    endsFast(form({ 20: '<< /T (a) /Kids [21 0 R] >>', 21: '<< /T (b) /Kids [20 0 R] >>' }), 'malformed-pdf');
    const kidsOf20 = Array.from({ length: 101 }, (_, i) => 30 + i);
    const value = '<< /FT /Sig /V << /Type /Sig >> /T (s) >>';
    endsFast(
      form({
        20: `<< /T (a) /Kids [${kidsOf20.map((n) => `${n} 0 R`).join(' ')}] >>`,
        ...Object.fromEntries(kidsOf20.map((n) => [n, value])),
      }),
      'unsupported-pdf',
    );
  });

  it('signatures without end in updates without end', () => {
    let file = samplePdf();
    for (let i = 0; i < 30; i++) file = signed(file, { stamps: [], contentsSizeBytes: 32 });
    const start = cpuMs();
    const document = openPdf(file);
    assert.deepEqual(document.signatures.map((s) => changesAfter(document, s).verdict).slice(-2), [
      'permitted',
      'none',
    ]);
    assert.ok(cpuMs() - start < patienceMs);
  });
});

describe('broken bytes', () => {
  const samples = [
    samplePdf({ annots: 'indirect', form: 'indirect' }),
    samplePdf({ xref: 'packed', pageCount: 2 }),
    samplePdf({ xref: 'hybrid' }),
    signed(signed(samplePdf({ xref: 'stream' })), { stamps: [{ page: 1, xMm: 60, yMm: 120 }], contentsSizeBytes: 40 }),
    signed(samplePdf({ form: 'direct' }), { contentsSizeBytes: 40 }),
  ];

  const harmless = (bytes: Uint8Array): boolean => {
    const code = useAll(bytes);
    return code === undefined || pdfCodes.includes(code);
  };

  it('truncated anywhere, a file is refused or read, never more', () => {
    for (const sample of samples)
      for (let length = 0; length < sample.length; length += 13) assert.ok(harmless(sample.subarray(0, length)));
  });

  it('with any bytes exchanged, too', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...samples), flips, (sample, changes) => {
        const copy = Uint8Array.from(sample);
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return harmless(copy);
      }),
      { numRuns: 1_000 },
    );
  });

  it('with numbers, names and brackets exchanged, too', () => {
    const tokens = [
      '0',
      '-1',
      '99999999999999999999',
      '1 0 R',
      '2 0 R',
      '10 0 R',
      '/Type',
      '/Kids',
      'null',
      '[',
      ']',
      '<<',
      '>>',
      '(',
      ')',
      '<',
      '>',
      'stream',
      'endobj',
      'xref',
      'trailer',
      '%',
      '/Prev 9',
      '1.5',
      'true',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.nat(),
        fc.constantFrom(...tokens),
        fc.boolean(),
        (sample, at, token, keepLength) => {
          const text = Buffer.from(sample).toString('latin1');
          const words = [...text.matchAll(/[^\s<>[\]()/]+/g)];
          const word = words[at % words.length];
          if (word === undefined) return true;
          const put = keepLength ? token.padEnd(word[0].length).slice(0, word[0].length) : token;
          return harmless(
            Buffer.from(text.slice(0, word.index) + put + text.slice(word.index + word[0].length), 'latin1'),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
