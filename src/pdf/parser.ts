// Strict parser of PDF objects (ISO 32000-2, 7.2 and 7.3): no guessing, bounded depth, every byte paid for from the budget.

import type { Block, ByteSource } from './byte-source.ts';
import type { ReadBudget } from './limits.ts';
import { malformed, maxDepth, maxObjectNumber, tooLarge } from './limits.ts';
import { PdfArray, PdfDict, PdfName, PdfRef, PdfStream, PdfString, StoredRange } from './objects.ts';
import type { PdfObject } from './objects.ts';

const regular = 0;
const space = 1;
const delimiter = 2;
/** Table 1 and table 2: the class of each byte. */
const byteClass = new Uint8Array(256);
for (const c of [0, 9, 10, 12, 13, 32]) byteClass[c] = space;
for (const c of '()<>[]{}/%') byteClass[c.charCodeAt(0)] = delimiter;

export function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && byteClass[byte] === space;
}

/** A file of a gigabyte may be one word, one comment or one string: nothing is looked for further than this without being paid. */
const stride = 1024 * 1024;
/** Annex C asks for names of 127 bytes. */
const maxWordBytes = 64 * 1024;

export interface IndirectObject {
  readonly number: number;
  readonly generation: number;
  readonly value: PdfObject;
  /** Just after `endobj`. */
  readonly end: number;
}

const escapes: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, b: 8, f: 12, '(': 40, ')': 41, '\\': 92 };

/** An array, a dictionary or a string costs more than what stands in it: empty ones are the cheapest bytes of an attacker. */
const containerWork = 2;
const keyWork = 2;
/** So often a long literal string pays while it is read. */
const stringStep = 64;

const nothing: Block = { bytes: Buffer.alloc(0), start: 0 };

export class ObjectParser {
  position: number;
  private readonly source: ByteSource;
  private readonly end: number;
  private readonly budget: ReadBudget;
  private block: Block;

  constructor(source: ByteSource, position: number, end: number, budget: ReadBudget) {
    if (!Number.isSafeInteger(position) || position < 0 || position > end)
      throw malformed(`offset ${position} is outside the file`);
    this.source = source;
    this.position = position;
    this.end = end;
    this.budget = budget;
    this.block = position < end ? source.block(position) : nothing;
  }

  /** -1 from the end on. */
  private at(position: number): number {
    if (position >= this.end) return -1;
    return this.block.bytes[position - this.block.start] ?? this.turnTo(position);
  }

  private turnTo(position: number): number {
    this.block = this.source.block(position);
    return this.block.bytes[position - this.block.start] ?? -1;
  }

  /** One character a byte; the caller sees to it that it is no gigabyte. */
  private text(start: number, end: number): string {
    const { bytes, start: first } = this.block;
    if (start >= first && end <= first + bytes.length) return bytes.toString('latin1', start - first, end - first);
    return this.source.range(start, end).toString('latin1');
  }

  /** White space and comments. */
  skipSpace(): void {
    let paid = this.position;
    let comment = false;
    for (; this.position < this.end; this.position++) {
      const byte = this.at(this.position);
      if (comment) comment = byte !== 10 && byte !== 13;
      else if (byte === 37) comment = true;
      else if (byteClass[byte] !== space) break;
      if (this.position - paid < stride) continue;
      this.budget.spend(stride >> 4);
      paid = this.position;
    }
    this.budget.spend((this.position - paid) >> 4);
  }

  /** Reads `word` when it stands here as a whole token. */
  keyword(word: string): boolean {
    this.skipSpace();
    const after = this.position + word.length;
    if (after > this.end) return false;
    for (let i = 0; i < word.length; i++) if (this.at(this.position + i) !== word.charCodeAt(i)) return false;
    if (byteClass[this.at(after)] === regular) return false;
    this.position = after;
    return true;
  }

  expect(word: string): void {
    const at = this.position;
    if (!this.keyword(word)) throw malformed(`'${word}' is missing at byte ${at}`);
  }

  /** A plain non-negative integer. */
  integer(): number {
    this.skipSpace();
    const at = this.position;
    let value = 0;
    for (let byte = this.at(this.position); byte >= 48 && byte <= 57; byte = this.at(++this.position))
      value = value * 10 + byte - 48;
    const digits = this.position - at;
    if (digits < 1 || digits > 15 || byteClass[this.at(this.position)] === regular)
      throw malformed(`a whole number is missing at byte ${at}`);
    return value;
  }

  value(depth = 0): PdfObject {
    if (depth > maxDepth) throw tooLarge('objects are nested too deeply');
    this.budget.spend(1);
    this.skipSpace();
    if (this.position >= this.end) throw malformed('the file ends inside an object');
    const byte = this.at(this.position);
    switch (byte) {
      case 47:
        return this.name();
      case 40:
        return this.literalString();
      case 91:
        return this.array(depth);
      case 60:
        return this.at(this.position + 1) === 60 ? this.dictionary(depth) : this.hexString();
      default:
        return this.numberOrWord();
    }
  }

  /** `n g obj … endobj` (7.3.10). `lengthOf` resolves an indirect stream length. */
  indirectObject(lengthOf: (length: PdfObject) => number): IndirectObject {
    const number = this.integer();
    const generation = this.integer();
    this.expect('obj');
    let value = this.value();
    if (value instanceof PdfDict && this.keyword('stream')) value = this.stream(value, lengthOf);
    this.expect('endobj');
    return { number, generation, value, end: this.position };
  }

  private stream(dict: PdfDict, lengthOf: (length: PdfObject) => number): PdfStream {
    // 7.3.8.1: CR LF or LF; a lone CR would leave the start of the data open to two readings.
    if (this.at(this.position) === 13) this.position++;
    if (this.at(this.position) !== 10)
      throw malformed(`'stream' is not followed by a line end at byte ${this.position}`);
    const start = this.position + 1;
    const end = start + lengthOf(dict.get('Length'));
    if (end > this.end) throw malformed(`the stream at byte ${start} is longer than the file`);
    this.position = end;
    if (this.at(this.position) === 13) this.position++;
    if (this.at(this.position) === 10) this.position++;
    if (this.text(this.position, Math.min(this.position + 9, this.end)) !== 'endstream') {
      throw malformed(`the stream at byte ${start} does not have the length it states`);
    }
    this.expect('endstream');
    return new PdfStream(dict, new StoredRange(this.source, start, end));
  }

  private token(): string {
    const start = this.position;
    while (byteClass[this.at(this.position)] === regular) {
      if (++this.position - start > maxWordBytes) throw malformed(`the word at byte ${start} does not end`);
    }
    this.budget.spend((this.position - start) >> 4);
    return this.text(start, this.position);
  }

  private name(): PdfName {
    this.position++;
    const text = this.token();
    if (!text.includes('#')) return new PdfName(text);
    if (/#(?![0-9a-fA-F]{2})|#00/.test(text)) throw malformed(`bad escape in the name /${text.slice(0, 40)}`);
    return new PdfName(text.replace(/#(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
  }

  private array(depth: number): PdfArray {
    this.budget.spend(containerWork);
    this.position++;
    const items: PdfObject[] = [];
    for (;;) {
      this.skipSpace();
      if (this.at(this.position) === 93) {
        this.position++;
        return new PdfArray(items);
      }
      items.push(this.value(depth + 1));
    }
  }

  private dictionary(depth: number): PdfDict {
    this.budget.spend(containerWork);
    this.position += 2;
    const entries = new Map<string, PdfObject>();
    for (;;) {
      this.skipSpace();
      const byte = this.at(this.position);
      if (byte === 62 && this.at(this.position + 1) === 62) {
        this.position += 2;
        return new PdfDict(entries);
      }
      if (byte !== 47) throw malformed(`a dictionary key is missing at byte ${this.position}`);
      this.budget.spend(keyWork);
      const key = this.name().value;
      // 7.3.7: readers disagree on which of two equal keys counts, so neither does.
      if (entries.has(key)) throw malformed(`the key /${key.slice(0, 40)} stands twice in one dictionary`);
      entries.set(key, this.value(depth + 1));
    }
  }

  private literalString(): PdfString {
    this.budget.spend(containerWork);
    const start = this.position++;
    const out: number[] = [];
    let paid = start;
    for (let open = 1; ; ) {
      if (this.position - paid >= stringStep) {
        this.budget.spend((this.position - paid) >> 2);
        paid = this.position;
      }
      const byte = this.next();
      if (byte === 92) this.escape(out);
      else if (byte === 13) {
        if (this.at(this.position) === 10) this.position++;
        out.push(10);
      } else {
        if (byte === 40) open++;
        if (byte === 41 && --open === 0) break;
        out.push(byte);
      }
    }
    return new PdfString(Uint8Array.from(out), { form: 'literal', start, end: this.position });
  }

  private escape(out: number[]): void {
    const byte = this.next();
    if (byte >= 48 && byte <= 55) {
      let value = byte - 48;
      for (let i = 0; i < 2; i++) {
        const digit = this.at(this.position);
        if (digit < 48 || digit > 55) break;
        value = value * 8 + digit - 48;
        this.position++;
      }
      out.push(value & 0xff);
    } else if (byte === 13) {
      if (this.at(this.position) === 10) this.position++;
    } else if (byte !== 10) out.push(escapes[String.fromCharCode(byte)] ?? byte);
  }

  private hexString(): PdfString {
    const start = this.position;
    const close = this.closing(start);
    this.position = close + 1;
    this.budget.spend(containerWork);
    const text = this.text(start + 1, close).replace(/[\0\t\n\f\r ]+/g, '');
    if (!/^[0-9a-fA-F]*$/.test(text)) throw malformed(`the string at byte ${start} is not hexadecimal`);
    const bytes = new Uint8Array(Buffer.from(text.length % 2 === 0 ? text : `${text}0`, 'hex'));
    return new PdfString(bytes, { form: 'hex', start, end: this.position });
  }

  /** Where the `>` is that ends the string at `start`. */
  private closing(start: number): number {
    for (let from = start; from < this.end; ) {
      this.at(from);
      const { bytes, start: first } = this.block;
      const until = Math.min(this.end - first, bytes.length, from - first + stride);
      const found = bytes.subarray(from - first, until).indexOf(62);
      const next = found < 0 ? first + until : from + found;
      this.budget.spend((next - from) >> 4);
      if (found >= 0) return next;
      from = next;
    }
    throw malformed(`the string at byte ${start} does not end`);
  }

  private next(): number {
    const byte = this.at(this.position);
    if (byte < 0) throw malformed('the file ends inside a string');
    this.position++;
    return byte;
  }

  private numberOrWord(): PdfObject {
    const at = this.position;
    const token = this.token();
    if (/^\d{1,10}$/.test(token)) return this.reference(Number(token)) ?? Number(token);
    if (/^[+-]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})$/.test(token)) return Number(token);
    if (token === 'true') return true;
    if (token === 'false') return false;
    if (token === 'null') return null;
    throw malformed(`something unreadable at byte ${at}`);
  }

  /** After a whole number: the rest of `n g R`, or nothing and the position as it was. */
  private reference(number: number): PdfRef | undefined {
    const back = this.position;
    this.skipSpace();
    const digit = this.at(this.position);
    if (digit >= 48 && digit <= 57) {
      const generation = this.token();
      if (/^\d{1,5}$/.test(generation) && this.keyword('R')) {
        if (number > maxObjectNumber) throw malformed(`object number ${number} is too large`);
        return new PdfRef(number, Number(generation));
      }
    }
    this.position = back;
    return undefined;
  }
}
