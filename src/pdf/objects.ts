// The object types of PDF (ISO 32000-2, 7.3) as plain immutable values.

import type { ByteSource } from './byte-source.ts';

/** A name, `#xx` escapes undone, one character a byte. */
export class PdfName {
  readonly value: string;

  constructor(value: string) {
    this.value = value;
  }
}

/** Where a string stood in the bytes it was parsed from, delimiters included: a signature's Contents must fill its gap exactly. */
export interface StringSource {
  readonly form: 'literal' | 'hex';
  readonly start: number;
  readonly end: number;
}

export class PdfString {
  readonly bytes: Uint8Array;
  readonly source: StringSource | undefined;

  constructor(bytes: Uint8Array, source?: StringSource) {
    this.bytes = bytes;
    this.source = source;
  }
}

export class PdfRef {
  readonly number: number;
  readonly generation: number;

  constructor(number: number, generation: number) {
    this.number = number;
    this.generation = generation;
  }

  toString(): string {
    return `${this.number} ${this.generation} R`;
  }
}

export class PdfArray {
  readonly items: readonly PdfObject[];

  constructor(items: readonly PdfObject[]) {
    this.items = items;
  }
}

export class PdfDict {
  readonly entries: ReadonlyMap<string, PdfObject>;

  constructor(entries: ReadonlyMap<string, PdfObject> | Iterable<readonly [string, PdfObject]>) {
    this.entries = entries instanceof Map ? entries : new Map(entries);
  }

  get(key: string): PdfObject {
    return this.entries.get(key) ?? null;
  }

  /** A copy with entries set; `null` takes an entry away, which is what null means in a dictionary (7.3.7). */
  with(changes: Readonly<Record<string, PdfObject>>): PdfDict {
    const entries = new Map(this.entries);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) entries.delete(key);
      else entries.set(key, value);
    }
    return new PdfDict(entries);
  }
}

/** Bytes that stand in a file, and are read when they are asked for. */
export class StoredRange {
  readonly source: ByteSource;
  readonly start: number;
  readonly end: number;

  constructor(source: ByteSource, start: number, end: number) {
    this.source = source;
    this.start = start;
    this.end = end;
  }
}

export class PdfStream {
  readonly dict: PdfDict;
  private readonly content: Uint8Array | StoredRange;

  constructor(dict: PdfDict, content: Uint8Array | StoredRange) {
    this.dict = dict;
    this.content = content;
  }

  get sizeBytes(): number {
    return this.content instanceof StoredRange ? this.content.end - this.content.start : this.content.length;
  }

  /** The data as stored, filters not undone. Throws unsupported-pdf when they stand in a file and are too many to be held. */
  get data(): Uint8Array {
    const { content } = this;
    return content instanceof StoredRange ? content.source.range(content.start, content.end) : content;
  }

  /** Two views of one file have the same stream where neither replaced it: then nothing needs to be read. */
  sameData(other: PdfStream): boolean {
    const [a, b] = [this.content, other.content];
    if (a instanceof StoredRange && b instanceof StoredRange && a.source === b.source && a.start === b.start)
      return a.end === b.end;
    if (this.sizeBytes !== other.sizeBytes) return false;
    const others = other.parts()[Symbol.iterator]();
    for (const part of this.parts()) if (!sameBytes(part, others.next().value ?? nothing)) return false;
    return true;
  }

  private parts(): Iterable<Uint8Array> {
    const { content } = this;
    return content instanceof StoredRange ? content.source.parts(content.start, content.end) : [content];
  }
}

const nothing = new Uint8Array();

export type PdfObject = null | boolean | number | PdfName | PdfString | PdfRef | PdfArray | PdfDict | PdfStream;

export function isName(object: PdfObject, value: string): boolean {
  return object instanceof PdfName && object.value === value;
}

export function dictOf(entries: Readonly<Record<string, PdfObject>>): PdfDict {
  return new PdfDict(Object.entries(entries).filter(([, value]) => value !== null));
}

/** The dictionary of a dictionary or of a stream. */
export function asDict(object: PdfObject): PdfDict | undefined {
  if (object instanceof PdfDict) return object;
  return object instanceof PdfStream ? object.dict : undefined;
}

/** The values directly inside an object: array items, dictionary values. */
export function childrenOf(object: PdfObject): Iterable<PdfObject> {
  if (object instanceof PdfArray) return object.items;
  return asDict(object)?.entries.values() ?? [];
}

/** Structural equality that does not follow references; the spelling of strings and numbers does not count. */
export function sameObject(a: PdfObject, b: PdfObject): boolean {
  if (a instanceof PdfName) return b instanceof PdfName && a.value === b.value;
  if (a instanceof PdfString) return b instanceof PdfString && sameBytes(a.bytes, b.bytes);
  if (a instanceof PdfRef) return b instanceof PdfRef && a.number === b.number && a.generation === b.generation;
  if (a instanceof PdfArray) {
    return (
      b instanceof PdfArray &&
      a.items.length === b.items.length &&
      a.items.every((item, i) => sameObject(item, b.items[i] ?? null))
    );
  }
  if (a instanceof PdfDict) {
    if (!(b instanceof PdfDict) || a.entries.size !== b.entries.size) return false;
    for (const [key, value] of a.entries) if (!b.entries.has(key) || !sameObject(value, b.get(key))) return false;
    return true;
  }
  if (a instanceof PdfStream) return b instanceof PdfStream && sameObject(a.dict, b.dict) && a.sameData(b);
  return a === b;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
