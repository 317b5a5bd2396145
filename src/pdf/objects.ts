// The object types of PDF (ISO 32000-2, 7.3) as plain immutable values.

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

export class PdfStream {
  readonly dict: PdfDict;
  /** The data as stored, filters not undone. */
  readonly data: Uint8Array;

  constructor(dict: PdfDict, data: Uint8Array) {
    this.dict = dict;
    this.data = data;
  }
}

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
  if (a instanceof PdfStream) return b instanceof PdfStream && sameObject(a.dict, b.dict) && sameBytes(a.data, b.data);
  return a === b;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
