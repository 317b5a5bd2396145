// Files that are small to send and dear to read: each is refused by the budget of work long before time or memory runs out; OWASP API4.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { openPdf } from '../../../src/pdf/reader.ts';

const million = 1_000_000;

/** One page that holds `value` under a key nobody needs. */
function pageWith(value: string): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /X ${value} >>`,
  ];
  const parts = ['%PDF-1.7\n'];
  const offsets: number[] = [];
  let position = parts.join('').length;
  for (const [i, body] of objects.entries()) {
    const text = `${i + 1} 0 obj\n${body}\nendobj\n`;
    offsets.push(position);
    position += text.length;
    parts.push(text);
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(`xref\n0 4\n0000000000 65535 f \n${rows}`);
  parts.push(`trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${position}\n%%EOF\n`);
  return Buffer.from(parts.join(''), 'latin1');
}

/** Sections that each repeat a long table of free entries. */
function manyTables(sections: number, entries: number): Buffer {
  const table = `xref\n0 ${entries}\n${'0000000000 65535 f \n'.repeat(entries)}`;
  const parts = ['%PDF-1.7\n'];
  let position = 9;
  for (let i = 0, previous = ''; i < sections; i++) {
    const text = `${table}trailer\n<< /Size ${entries} /Root 1 0 R ${previous} >>\nstartxref\n${position}\n%%EOF\n`;
    previous = `/Prev ${position}`;
    position += text.length;
    parts.push(text);
  }
  return Buffer.from(parts.join(''), 'latin1');
}

describe('what a hostile PDF may cost', () => {
  const files: Readonly<Record<string, () => Buffer>> = {
    'eleven million numbers': () => pageWith(`[${'0 '.repeat(11 * million)}]`),
    'eleven million empty arrays': () => pageWith(`[${'[]'.repeat(11 * million)}]`),
    'seven million empty dictionaries': () => pageWith(`[${'<<>>'.repeat(7 * million)}]`),
    'eleven million empty strings': () => pageWith(`[${'()'.repeat(11 * million)}]`),
    'eleven million empty hexadecimal strings': () => pageWith(`[${'<>'.repeat(11 * million)}]`),
    'one string of thirty megabytes': () => pageWith(`(${'a'.repeat(30 * million)})`),
    'a million tables’ lines': () => manyTables(700, 1_500),
  };
  for (const [what, make] of Object.entries(files)) {
    it(`${what}: unsupported-pdf, with little read`, () => {
      const bytes = make();
      assert.ok(bytes.length < 32 * 1024 * 1024);
      const before = process.memoryUsage().heapUsed;
      assert.throws(
        () => openPdf(bytes),
        (error) => isTrustError(error, 'unsupported-pdf') && /too much work/.test(error.message),
      );
      // Unread they were gigabytes, and ended the process.
      const grown = process.memoryUsage().heapUsed - before;
      assert.ok(grown < 400 * 1024 * 1024, `${Math.round(grown / 1024 / 1024)} MB`);
    });
  }
});
