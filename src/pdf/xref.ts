// Cross-reference sections (ISO 32000-2, 7.5.4 to 7.5.8): tables, streams, hybrids, and the chain of /Prev from the newest back.

import type { ByteSource } from './byte-source.ts';
import { decodeStream } from './filters.ts';
import type { ReadBudget } from './limits.ts';
import { malformed, maxObjectNumber, maxSections, tooLarge } from './limits.ts';
import { PdfArray, PdfDict, PdfRef, PdfStream, isName } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { ObjectParser } from './parser.ts';

export type XrefEntry =
  | { readonly kind: 'free' }
  | { readonly kind: 'plain'; readonly offset: number; readonly generation: number }
  | { readonly kind: 'packed'; readonly container: number; readonly index: number };

export interface XrefSection {
  readonly form: 'table' | 'stream';
  readonly offset: number;
  /** Just after the trailer dictionary or the stream object. */
  readonly end: number;
  readonly entries: ReadonlyMap<number, XrefEntry>;
  readonly trailer: PdfDict;
  /** The stream a hybrid file adds to its table (7.5.8.4). */
  readonly hybrid: XrefSection | undefined;
}

/** The offset after the last `startxref`; the file must end with it, `%%EOF` and nothing but white space (7.5.5). */
export function startOfXref(source: ByteSource, end: number): number {
  const tail = source.range(Math.max(0, end - 1024), end).toString('latin1');
  const at = tail.lastIndexOf('startxref');
  const match =
    at < 0
      ? null
      : /^startxref[ \t]*(?:\r\n|\r|\n)[ \t]*(\d{1,10})[ \t]*(?:\r\n|\r|\n)%%EOF[\0\t\n\f\r ]*$/.exec(tail.slice(at));
  if (match === null) throw malformed('it does not end with startxref, an offset and %%EOF');
  return Number(match[1]);
}

/** All sections, the newest first. */
export function readSections(source: ByteSource, end: number, budget: ReadBudget): XrefSection[] {
  const sections: XrefSection[] = [];
  const seen = new Set<number>();
  let offset: number | undefined = startOfXref(source, end);
  while (offset !== undefined) {
    if (seen.has(offset)) throw malformed('the chain of cross-reference sections runs in a circle');
    if (sections.length === maxSections) throw tooLarge(`more than ${maxSections} revisions`);
    seen.add(offset);
    const section = readSection(source, offset, end, budget);
    sections.push(section);
    const previous = section.trailer.get('Prev');
    if (previous !== null && typeof previous !== 'number') throw malformed('/Prev is not a number');
    offset = previous ?? undefined;
  }
  return sections;
}

/**
 * What each object number means, the newest word first. In a hybrid file the stream speaks before the table's free
 * entries, because that is how the table hides objects from readers without streams.
 */
export function mergeSections(sections: readonly XrefSection[], budget: ReadBudget): Map<number, XrefEntry> {
  const merged = new Map<number, XrefEntry>();
  const add = (section: XrefSection, skipFree: boolean): void => {
    budget.spend(section.entries.size >> 1);
    for (const [number, entry] of section.entries) {
      if (!merged.has(number) && !(skipFree && entry.kind === 'free')) merged.set(number, entry);
    }
  };
  for (const section of sections) {
    add(section, section.hybrid !== undefined);
    if (section.hybrid === undefined) continue;
    add(section.hybrid, false);
    add(section, false);
  }
  return merged;
}

function readSection(source: ByteSource, offset: number, end: number, budget: ReadBudget): XrefSection {
  const parser = new ObjectParser(source, offset, end, budget);
  if (source.range(offset, Math.min(offset + 4, end)).toString('latin1') !== 'xref')
    return readStream(source, offset, end, budget);
  const section = readTable(source, parser, offset, end, budget);
  const hybridOffset = section.trailer.get('XRefStm');
  if (hybridOffset === null) return section;
  if (typeof hybridOffset !== 'number') throw malformed('/XRefStm is not a number');
  return { ...section, hybrid: readStream(source, hybridOffset, end, budget) };
}

const entryBytes = 20;

function readTable(
  source: ByteSource,
  parser: ObjectParser,
  offset: number,
  end: number,
  budget: ReadBudget,
): XrefSection {
  parser.expect('xref');
  const entries = new Map<number, XrefEntry>();
  while (!parser.keyword('trailer')) {
    const first = parser.integer();
    const count = parser.integer();
    parser.skipSpace();
    if (first + count > maxObjectNumber + 1 || parser.position + count * entryBytes > end)
      throw malformed('a cross-reference table is longer than the file');
    budget.spend(2 * count); // a line is matched, and a map grows
    const rows = source.range(parser.position, parser.position + count * entryBytes);
    for (let i = 0; i < count; i++, parser.position += entryBytes) {
      const entry = tableEntry(rows, i * entryBytes);
      if (entry === undefined) throw malformed(`bad cross-reference entry at byte ${parser.position}`);
      if (entries.has(first + i)) throw malformed(`object ${first + i} stands twice in one cross-reference table`);
      entries.set(first + i, entry);
    }
  }
  const trailer = parser.value();
  if (!(trailer instanceof PdfDict)) throw malformed('the trailer is not a dictionary');
  checkSize(trailer, entries);
  return { form: 'table', offset, end: parser.position, entries, trailer, hybrid: undefined };
}

const free: XrefEntry = { kind: 'free' };

/** 7.5.4: ten digits, five digits, `n` or `f`, each after a space, and a line end of two bytes. Thousands stand in one table, so no text is made of them. */
function tableEntry(rows: Buffer, at: number): XrefEntry | undefined {
  const offset = digitsAt(rows, at, 10);
  const generation = digitsAt(rows, at + 11, 5);
  const [type, one, two] = [rows[at + 17], rows[at + 18], rows[at + 19]];
  const ends = (one === 32 && (two === 13 || two === 10)) || (one === 13 && two === 10);
  if (offset < 0 || generation < 0 || rows[at + 10] !== 32 || rows[at + 16] !== 32 || !ends) return undefined;
  if (type === 110) return { kind: 'plain', offset, generation };
  return type === 102 ? free : undefined;
}

/** -1 when they are not all digits. */
function digitsAt(rows: Buffer, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (rows[i] ?? 0) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function readStream(source: ByteSource, offset: number, end: number, budget: ReadBudget): XrefSection {
  const parser = new ObjectParser(source, offset, end, budget);
  const object = parser.indirectObject((length) => {
    // An indirect length would need the very table that is being read.
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0)
      throw malformed('a cross-reference stream without a plain length');
    return length;
  });
  const stream = object.value;
  if (!(stream instanceof PdfStream) || !isName(stream.dict.get('Type'), 'XRef'))
    throw malformed(`no cross-reference section at byte ${offset}`);
  const direct = (value: PdfObject): PdfObject => {
    if (value instanceof PdfRef) throw malformed('a cross-reference stream with indirect parameters');
    return value;
  };
  const data = decodeStream(stream, direct, budget);
  const entries = readRows(data, stream.dict, budget);
  checkSize(stream.dict, entries);
  return { form: 'stream', offset, end: object.end, entries, trailer: stream.dict, hybrid: undefined };
}

function readRows(data: Buffer, dict: PdfDict, budget: ReadBudget): Map<number, XrefEntry> {
  const widths = wholeNumbers(dict.get('W'));
  const [w0 = 0, w1 = 0, w2 = 0] = widths;
  if (widths.length !== 3 || w0 > 2 || w1 > 6 || w2 > 6 || w1 === 0)
    throw malformed('bad /W in a cross-reference stream');
  const index = dict.get('Index') === null ? [0, sizeOf(dict)] : wholeNumbers(dict.get('Index'));
  if (index.length % 2 !== 0) throw malformed('bad /Index in a cross-reference stream');
  const rowBytes = w0 + w1 + w2;
  const entries = new Map<number, XrefEntry>();
  let at = 0;
  for (let i = 0; i < index.length; i += 2) {
    const [first = 0, count = 0] = index.slice(i, i + 2);
    if (first + count > maxObjectNumber + 1 || at + count * rowBytes > data.length)
      throw malformed('/Index of a cross-reference stream does not fit its data');
    budget.spend(count);
    for (let k = 0; k < count; k++, at += rowBytes) {
      const type = w0 === 0 ? 1 : data.readUIntBE(at, w0);
      const second = data.readUIntBE(at + w0, w1);
      const third = w2 === 0 ? 0 : data.readUIntBE(at + w0 + w1, w2);
      if (entries.has(first + k)) throw malformed(`object ${first + k} stands twice in one cross-reference stream`);
      entries.set(first + k, rowEntry(type, second, third));
    }
  }
  if (at !== data.length) throw malformed('a cross-reference stream has more data than entries');
  return entries;
}

/** Table 18; unknown types mean null, as the standard asks of readers. */
function rowEntry(type: number, second: number, third: number): XrefEntry {
  if (type === 1) return { kind: 'plain', offset: second, generation: third };
  if (type === 2) return { kind: 'packed', container: second, index: third };
  return { kind: 'free' };
}

function wholeNumbers(object: PdfObject): number[] {
  if (!(object instanceof PdfArray) || object.items.length > 100_000)
    throw malformed('a cross-reference stream without its arrays');
  return object.items.map((item) => {
    if (typeof item !== 'number' || !Number.isInteger(item) || item < 0)
      throw malformed('a cross-reference stream with bad numbers');
    return item;
  });
}

export function sizeOf(trailer: PdfDict): number {
  const size = trailer.get('Size');
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > maxObjectNumber + 1)
    throw malformed('/Size of a trailer is missing or wrong');
  return size;
}

/** 7.5.5: an object number of /Size or more is "missing"; a file that has one means something else than it says. */
function checkSize(trailer: PdfDict, entries: ReadonlyMap<number, XrefEntry>): void {
  const size = sizeOf(trailer);
  for (const number of entries.keys())
    if (number >= size) throw malformed(`object ${number} is beyond the /Size of its trailer`);
}
