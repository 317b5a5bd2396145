// The package of an OFD: what is refused before anything of it is believed (GB/T 33190-2016, clause 6; PKWARE APPNOTE 4.3), and how its files are named.

import assert from 'node:assert/strict';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { readOfd } from '../../../src/ofd/document.ts';
import { isOfd, OfdPackage } from '../../../src/ofd/package.ts';
import { type Files, ofdFiles, parts, zip, type ZipPart } from '../../support/ofd-samples.ts';

const good = ofdFiles();
const file = zip(good);

function refused(bytes: Uint8Array, code: ErrorCode, reason: RegExp): void {
  assert.throws(
    () => readOfd(OfdPackage.open(bytes)),
    (error) => isTrustError(error, code) && reason.test(error.message),
  );
}

function withPart(part: Partial<ZipPart>): Uint8Array {
  return zip([...parts(good), { name: 'extra.xml', content: utf8('<x/>'), ...part }]);
}

/** A change of the end record. */
function ending(bend: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(file);
  bend(new DataView(copy.buffer, copy.length - 22));
  return copy;
}

describe('OFD package', function () {
  it('is read, file by file, and told from other content', () => {
    const opened = OfdPackage.open(file);
    assert.deepEqual(opened.names, Object.keys(good));
    assert.deepEqual(opened.content('doc_0/DOCUMENT.xml'), utf8(String(good['Doc_0/Document.xml'])));
    assert.deepEqual([isOfd(file), isOfd(utf8('%PDF-1.7')), isOfd(new Uint8Array())], [true, false, false]);
    const { documents } = readOfd(opened);
    assert.deepEqual(documents[0]?.pages, [{ id: '1', file: 'Doc_0/Pages/Page_0/Content.xml' }]);
  });

  it('finds files from the root, from the folder, and where makers mean them, but never outside', () => {
    const opened = OfdPackage.open(file);
    const at = (location: string) => opened.resolve('Doc_0/Document.xml', location);
    assert.equal(at('/Doc_0/Document.xml'), 'Doc_0/Document.xml');
    assert.equal(at('Pages/./Page_0/Content.xml'), 'Doc_0/Pages/Page_0/Content.xml');
    assert.equal(at('Pages\\Page_0\\content.xml'), 'Doc_0/Pages/Page_0/Content.xml');
    assert.equal(at('../OFD.xml'), 'OFD.xml');
    assert.equal(at('Doc_0/Document.xml'), 'Doc_0/Document.xml');
    assert.equal(at('../../OFD.xml'), undefined);
    assert.equal(at('/../OFD.xml'), undefined);
  });

  it('may have other data in front of its entries, counted or not', () => {
    const shifted = concatBytes(utf8('KG'), file);
    const counted = zip([{ name: 'front', content: utf8('x') }, ...parts(good)]);
    assert.equal(OfdPackage.open(shifted).directory.prefixBytes, 2);
    assert.equal(OfdPackage.open(counted).directory.prefixBytes, 0);
    refused(concatBytes(zip({ 'OFD.xml': '<x/>' }).subarray(0, 60), file), 'malformed-ofd', /before those of/);
  });

  it('is refused when it names one file as many documents, each of which would be read anew', () => {
    const body = '<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>';
    const main = `<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016">${body.repeat(40)}</ofd:OFD>`;
    const root = `${String(good['Doc_0/Document.xml'])}<!--${' '.repeat(2_000_000)}-->`;
    const long = parts({ ...good, 'OFD.xml': main, 'Doc_0/Document.xml': root }).map((part) => ({
      ...part,
      stored: true,
    }));
    refused(zip(long), 'unsupported-ofd', /too much/);
    const dense = String(good['Doc_0/Document.xml']).replace(
      '</ofd:Document>',
      `${'<x/>'.repeat(50_000)}</ofd:Document>`,
    );
    refused(zip({ ...good, 'OFD.xml': main, 'Doc_0/Document.xml': dense }), 'unsupported-ofd', /too much/);
    assert.equal(readOfd(OfdPackage.open(zip({ ...good, 'OFD.xml': main }))).documents.length, 40);
  });

  it('inflates a value or seal once, however many signatures name it', () => {
    const opened = OfdPackage.open(withPart({}));
    assert.equal(opened.value('extra.xml'), opened.value('EXTRA.xml'));
    assert.deepEqual(opened.value('extra.xml'), utf8('<x/>'));
  });

  const names: readonly (readonly [string, RegExp])[] = [
    ['../escape.xml', /leads out/],
    ['Doc_0/../../escape.xml', /leads out/],
    ['..\\escape.xml', /leads out/],
    ['C:\\escape.xml', /leads out/],
    ['//host/escape.xml', /leads out/],
    ['a//b.xml', /leads out/],
    ['a\0b.xml', /leads out/],
    [`${'a'.repeat(600)}.xml`, /leads out/],
    ['OFD.xml', /two entries/],
    ['ofd.XML', /two entries/],
    ['/OFD.xml', /two entries/],
    ['Doc_0\\Document.xml', /two entries/],
    ['folder/', /has content/],
  ];
  for (const [name, reason] of names) {
    it(`is refused with an entry called ${JSON.stringify(name.slice(0, 30))}`, () => {
      refused(withPart({ name }), 'malformed-ofd', reason);
    });
  }

  it('is refused with names in another character set', () => {
    refused(withPart({ name: Uint8Array.of(0xd3, 0xa1, 0xd0, 0xc5) }), 'unsupported-ofd', /UTF-8/);
  });

  it('is refused when it is encrypted, of ZIP64, of several disks, or packed in an unknown way', () => {
    const flag = (bits: number) => (header: DataView) =>
      header.setUint16(header.getUint32(0, true) === 0x04034b50 ? 6 : 8, bits, true);
    for (const bits of [0x0001, 0x0041, 0x2001]) {
      refused(withPart({ local: flag(bits), central: flag(bits) }), 'unsupported-ofd', /encrypted/);
    }
    refused(
      ending((view) => view.setUint16(10, 0xffff, true)),
      'unsupported-ofd',
      /ZIP64/,
    );
    refused(
      ending((view) => view.setUint32(16, 0xffffffff, true)),
      'unsupported-ofd',
      /ZIP64/,
    );
    refused(
      ending((view) => view.setUint16(4, 1, true)),
      'malformed-ofd',
      /disks/,
    );
    const method = (header: DataView) => header.setUint16(header.getUint32(0, true) === 0x04034b50 ? 8 : 10, 12, true);
    refused(withPart({ local: method, central: method }), 'unsupported-ofd', /method/);
  });

  it('is refused when the two headers of an entry disagree in anything', () => {
    for (const place of [4, 6, 8, 10, 12, 14, 18, 22]) {
      const bend = (header: DataView) =>
        header.setUint16(place, header.getUint16(place, true) ^ (place === 6 ? 2 : 4), true);
      const code = place === 8 ? 'unsupported-ofd' : 'malformed-ofd';
      refused(withPart({ local: bend, stored: false }), code, /disagree|method/);
    }
    const other = withPart({});
    other[Buffer.from(other).indexOf('extra.xml')] = 0x45;
    refused(other, 'malformed-ofd', /two names/);
  });

  it('is refused when entries overlap, or anything stands between them or before the directory', () => {
    const second = (offset: number) => (header: DataView) =>
      header.setUint32(42, header.getUint32(42, true) + offset, true);
    refused(withPart({ central: second(1) }), 'malformed-ofd', /no header/);
    refused(
      zip([
        ...parts(good),
        { name: 'OFD.xml', content: utf8(String(good['OFD.xml'])), central: (header) => header.setUint32(42, 0, true) },
      ]),
      'malformed-ofd',
      /overlap|two entries/,
    );
    const gap = concatBytes(file.subarray(0, -22), utf8('gap'), file.subarray(-22));
    refused(gap, 'malformed-ofd', /directory|header|record/);
  });

  it('is refused with two directories that both end with the file, or none', () => {
    refused(utf8('PK\u0003\u0004'.repeat(20)), 'malformed-ofd', /no ZIP directory/);
    const commented = concatBytes(file, file.subarray(-22));
    new DataView(commented.buffer).setUint16(file.length - 2, 22, true);
    refused(commented, 'malformed-ofd', /two ZIP directories/);
  });

  it('is refused when an entry says that it is small and is a bomb, or says what no document has', () => {
    const lie = (header: DataView) => header.setUint32(header.getUint32(0, true) === 0x04034b50 ? 22 : 24, 100, true);
    const files: Files = { ...good, 'Doc_0/Document.xml': new Uint8Array(3_000_000) };
    const bomb = zip(
      parts(files).map((part) => (part.name === 'Doc_0/Document.xml' ? { ...part, local: lie, central: lie } : part)),
    );
    refused(bomb, 'malformed-ofd', /damaged/);
    refused(zip(files), 'unsupported-ofd', /packed tighter/);
    const huge = (header: DataView) =>
      header.setUint32(header.getUint32(0, true) === 0x04034b50 ? 22 : 24, 0x7fffffff, true);
    refused(withPart({ local: huge, central: huge }), 'unsupported-ofd', /too large/);
  });

  it('is refused when data and checksum do not fit, when it is asked for', () => {
    const copy = Uint8Array.from(zip(parts(good).map((part) => ({ ...part, stored: true }))));
    copy[Buffer.from(copy).indexOf('Document.xml</ofd:DocRoot>')] = 0x64;
    refused(copy, 'malformed-ofd', /damaged/);
  });

  it('is refused without OFD.xml, without a document, and when a location leads nowhere', () => {
    refused(zip({ 'word/document.xml': '<x/>' }), 'malformed-ofd', /no OFD\.xml/);
    refused(zip({ ...good, 'OFD.xml': '<OFD xmlns="http://www.ofdspec.org/2016"/>' }), 'malformed-ofd', /no document/);
    refused(zip({ ...good, 'OFD.xml': '<OFD xmlns="http://example.org"/>' }), 'malformed-ofd', /is no OFD/);
    const pageless = parts(good).filter(({ name }) => name !== 'Doc_0/Pages/Page_0/Content.xml');
    refused(zip(pageless), 'malformed-ofd', /page leads nowhere/);
  });
});
