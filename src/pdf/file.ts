// The bytes of a PDF as numbered objects (ISO 32000-2, 7.5): one view, of the whole file or of an earlier revision of it.

import { type ByteSource, KeptBytes } from './byte-source.ts';
import { decodeStream } from './filters.ts';
import { ReadBudget, malformed, maxFileBytes, tooLarge } from './limits.ts';
import { PdfArray, PdfDict, PdfRef, PdfStream, isName } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { TrustError } from '../kernel/errors.ts';
import { ObjectParser } from './parser.ts';
import { mergeSections, readSections } from './xref.ts';
import type { XrefEntry, XrefSection } from './xref.ts';

interface Container {
  readonly data: KeptBytes;
  readonly numbers: readonly number[];
  readonly offsets: readonly number[];
}

/** An object as its own bytes spell it, wherever the view ends that it is read in. */
interface PlainObject {
  readonly number: number;
  readonly generation: number;
  readonly value: PdfObject;
  readonly end: number;
  /** What reading it cost, in units of the budget. */
  readonly work: number;
}

export class PdfFile {
  readonly source: ByteSource;
  /** The view's length: everything after it does not exist for this view. */
  readonly end: number;
  readonly version: string;
  /** The newest first. */
  readonly sections: readonly XrefSection[];
  readonly newest: XrefSection;
  readonly entries: ReadonlyMap<number, XrefEntry>;
  readonly catalogRef: PdfRef;
  private readonly budget: ReadBudget;
  private readonly loaded = new Map<number, PdfObject>();
  private readonly loading = new Set<number>();
  private readonly containers = new Map<number, Container>();
  /** By where they begin; of all views of the file, which mostly hold the same objects. */
  private readonly plain: Map<number, PlainObject>;

  private constructor(
    source: ByteSource,
    end: number,
    { budget, plain = new Map() }: { budget: ReadBudget; plain?: Map<number, PlainObject> },
  ) {
    this.plain = plain;
    this.source = source;
    this.end = end;
    this.budget = budget;
    this.version = readHeader(source);
    this.sections = readSections(source, end, budget);
    const [newest] = this.sections;
    if (newest === undefined) throw malformed('there is no cross-reference section');
    this.newest = newest;
    for (const { trailer, hybrid } of this.sections) {
      if (trailer.get('Encrypt') !== null || (hybrid !== undefined && hybrid.trailer.get('Encrypt') !== null)) {
        throw new TrustError('encrypted-pdf', 'PDF: the file is encrypted');
      }
    }
    this.entries = mergeSections(this.sections, budget);
    const root = newest.trailer.get('Root');
    if (!(root instanceof PdfRef)) throw malformed('the trailer names no catalog');
    this.catalogRef = root;
  }

  /** malformed-pdf, encrypted-pdf, unsupported-pdf. */
  static open(content: Uint8Array | ByteSource): PdfFile {
    const source = content instanceof Uint8Array ? new KeptBytes(content) : content;
    if (source.length > maxFileBytes) throw tooLarge(`the file has more than ${maxFileBytes} bytes`);
    return new PdfFile(source, source.length, { budget: new ReadBudget().view() });
  }

  /** The file as it was when it ended at byte `end`; what it spends counts for this file too. */
  revision(end: number): PdfFile {
    if (!Number.isSafeInteger(end) || end < 0 || end > this.source.length)
      throw malformed(`no revision ends at byte ${end}`);
    return new PdfFile(this.source, end, { budget: this.budget.view(), plain: this.plain });
  }

  /** Follows a reference; a missing, free or other-generation object is null (7.3.10). */
  resolve(object: PdfObject): PdfObject {
    if (!(object instanceof PdfRef)) return object;
    if (this.generationOf(object.number) !== object.generation) return null;
    const value = this.load(object.number);
    if (value instanceof PdfRef) throw malformed(`object ${object.number} is nothing but a reference`);
    return value;
  }

  get(dict: PdfDict, key: string): PdfObject {
    return this.resolve(dict.get(key));
  }

  dict(dict: PdfDict, key: string): PdfDict | undefined {
    const value = this.get(dict, key);
    if (value !== null && !(value instanceof PdfDict)) throw malformed(`/${key} is not a dictionary`);
    return value ?? undefined;
  }

  array(dict: PdfDict, key: string): PdfArray | undefined {
    const value = this.get(dict, key);
    if (value !== null && !(value instanceof PdfArray)) throw malformed(`/${key} is not an array`);
    return value ?? undefined;
  }

  catalog(): PdfDict {
    const catalog = this.resolve(this.catalogRef);
    if (!(catalog instanceof PdfDict) || !isName(catalog.get('Type'), 'Catalog'))
      throw malformed('the catalog is missing');
    return catalog;
  }

  generationOf(number: number): number | undefined {
    const entry = this.entries.get(number);
    if (entry === undefined || entry.kind === 'free') return undefined;
    return entry.kind === 'plain' ? entry.generation : 0;
  }

  /** The object of this number, whatever its generation; null when it is missing or free. */
  load(number: number): PdfObject {
    const known = this.loaded.get(number);
    if (known !== undefined) return known;
    const entry = this.entries.get(number);
    if (entry === undefined || entry.kind === 'free') return null;
    // A stream's length may be an object; a chain of streams that are each other's length would overflow the stack.
    if (this.loading.has(number) || this.loading.size > 8) throw malformed(`object ${number} needs itself to be read`);
    this.loading.add(number);
    try {
      const value =
        entry.kind === 'plain'
          ? this.readPlain(number, entry.offset, entry.generation).value
          : this.readPacked(number, entry);
      this.loaded.set(number, value);
      return value;
    } finally {
      this.loading.delete(number);
    }
  }

  /** Where the bytes of an object that stands in the file by itself end. */
  endOfObjectAt(number: number, offset: number, generation: number): number {
    return this.readPlain(number, offset, generation).end;
  }

  /** For work over its bytes besides reading objects. Throws unsupported-pdf. */
  spend(units: number): void {
    this.budget.spend(units);
  }

  parserAt(position: number): ObjectParser {
    return new ObjectParser(this.source, position, this.end, this.budget);
  }

  private readPlain(number: number, offset: number, generation: number): PlainObject {
    const object = this.plainAt(offset, number);
    if (object.number !== number || object.generation !== generation)
      throw malformed(`object ${number} is not where the cross-reference says`);
    return object;
  }

  /** What another view has read is taken over when it ends in this one too, and nothing but its own bytes says what it is. */
  private plainAt(offset: number, number: number): PlainObject {
    const known = this.plain.get(offset);
    if (known !== undefined && known.end <= this.end) {
      this.budget.spend(known.work); // whoever reads a view goes through its objects, however they came there
      return known;
    }
    const before = this.budget.spent;
    const object = this.parserAt(offset).indirectObject((length) => {
      const value = this.resolve(length);
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
        throw malformed(`the stream ${number} has no length`);
      return value;
    });
    const { value } = object;
    const read = { ...object, work: this.budget.spent - before };
    if (!(value instanceof PdfStream) || typeof value.dict.get('Length') === 'number') this.plain.set(offset, read);
    return read;
  }

  private readPacked(number: number, entry: { readonly container: number; readonly index: number }): PdfObject {
    const container = this.container(entry.container);
    const offset = container.offsets[entry.index];
    if (container.numbers[entry.index] !== number || offset === undefined)
      throw malformed(`object ${number} is not in its object stream`);
    return new ObjectParser(container.data, offset, container.data.length, this.budget).value();
  }

  /** 7.5.7: the pairs of number and offset, then the objects. */
  private container(number: number): Container {
    const known = this.containers.get(number);
    if (known !== undefined) return known;
    if (this.entries.get(number)?.kind !== 'plain') throw malformed(`the object stream ${number} is missing`);
    const stream = this.load(number);
    if (!(stream instanceof PdfStream) || !isName(stream.dict.get('Type'), 'ObjStm'))
      throw malformed(`object ${number} is no object stream`);
    const data = new KeptBytes(decodeStream(stream, (object) => this.resolve(object), this.budget));
    const [count, first] = [this.get(stream.dict, 'N'), this.get(stream.dict, 'First')];
    if (typeof count !== 'number' || typeof first !== 'number' || !(first >= 0 && first <= data.length))
      throw malformed(`the object stream ${number} has no /N or /First`);
    const parser = new ObjectParser(data, 0, first, this.budget);
    const numbers: number[] = [];
    const offsets: number[] = [];
    for (let i = 0; i < count; i++) {
      this.budget.spend(1);
      numbers.push(parser.integer());
      offsets.push(first + parser.integer());
    }
    const container = { data, numbers, offsets };
    this.containers.set(number, container);
    return container;
  }
}

/** 7.5.2, and nothing before it: bytes in front of the header make a file that is two things at once. */
function readHeader(source: ByteSource): string {
  const head = source.range(0, Math.min(64, source.length)).toString('latin1');
  const match = /^%PDF-(1\.[0-7]|2\.0)[ \t]*[\r\n]/.exec(head);
  if (match?.[1] === undefined) throw malformed('it does not begin with %PDF- and a version');
  return match[1];
}
