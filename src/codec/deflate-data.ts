// Bare deflate data of a known length, as in a ZIP entry: the output buffer has that length and decoding stops where it would overflow; RFC 1951.

import { TrustError } from '../kernel/errors.ts';

/**
 * The content, or `undefined` when the data is damaged, is followed by anything, or is not exactly `sizeBytes` long when inflated.
 * A bomb costs what it declares and no more.
 */
export function inflateExactly(data: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  try {
    return new Inflater(data, sizeBytes).inflate();
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}

/** RFC 1951, 3.2.5. */
const lengthBases = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBases = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const distanceBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/** RFC 1951, 3.2.7: the order in which the lengths of the code length codes stand. */
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const maxCodeBits = 15;
/**
 * A block that says its codes costs as much as thousands of octets, also when it holds none: there is one for so many octets at most,
 * and some more for short data. Packers make them of ten thousand octets and more.
 */
const freeTables = 256;
const octetsPerTable = 1024;

/** For every `bits` next bits of the data: symbol × 16 + length of its code; 0 where no code begins so. */
interface Code {
  readonly bits: number;
  readonly table: Uint16Array;
}

class Inflater {
  readonly #data: Uint8Array;
  readonly #out: Uint8Array;
  #at = 0;
  #held = 0;
  #heldBits = 0;
  #length = 0;

  constructor(data: Uint8Array, sizeBytes: number) {
    this.#data = data;
    this.#out = new Uint8Array(sizeBytes);
  }

  inflate(): Uint8Array {
    let last = false;
    let tables = 0;
    while (!last) {
      last = this.#take(1) === 1;
      const type = this.#take(2);
      if (type === 0) this.#stored();
      else if (type === 1) this.#block(fixedLiterals, fixedDistances);
      else if (type === 2 && ++tables <= freeTables + this.#length / octetsPerTable) this.#block(...this.#codes());
      else throw damaged();
    }
    if (this.#heldBits >= 8 || this.#at !== this.#data.length || this.#held !== 0) throw damaged();
    if (this.#length !== this.#out.length) throw damaged();
    return this.#out;
  }

  #stored(): void {
    const idle = this.#heldBits & 7;
    if (this.#take(idle) !== 0) throw damaged();
    const length = this.#take(16);
    if ((this.#take(16) ^ length) !== 0xffff) throw damaged();
    // Whole octets are still held: at most one, which goes back.
    this.#at -= this.#heldBits >> 3;
    this.#held = 0;
    this.#heldBits = 0;
    const end = this.#at + length;
    if (end > this.#data.length || this.#length + length > this.#out.length) throw damaged();
    this.#out.set(this.#data.subarray(this.#at, end), this.#length);
    this.#at = end;
    this.#length += length;
  }

  #block(literals: Code, distances: Code): void {
    const out = this.#out;
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === 256) return;
      if (symbol < 256) {
        if (this.#length === out.length) throw damaged();
        out[this.#length++] = symbol;
        continue;
      }
      const length = (lengthBases[symbol - 257] ?? fail()) + this.#take(lengthBits[symbol - 257] ?? 0);
      const place = this.#symbol(distances);
      const distance = (distanceBases[place] ?? fail()) + this.#take(distanceBits[place] ?? 0);
      const end = this.#length + length;
      if (distance > this.#length || end > out.length) throw damaged();
      for (let at = this.#length; at < end; at++) out[at] = out[at - distance] ?? 0;
      this.#length = end;
    }
  }

  /** RFC 1951, 3.2.7. */
  #codes(): [Code, Code] {
    const literalCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const lengthCount = this.#take(4) + 4;
    if (literalCount > 286 || distanceCount > 30) throw damaged();
    const ofLengths = new Uint8Array(codeLengthOrder.length);
    for (const symbol of codeLengthOrder.slice(0, lengthCount)) ofLengths[symbol] = this.#take(3);
    const code = codeOf(ofLengths);
    const lengths = new Uint8Array(literalCount + distanceCount);
    for (let at = 0; at < lengths.length; ) {
      const symbol = this.#symbol(code);
      const [value, count] = this.#run(symbol, lengths[at - 1]);
      if (at + count > lengths.length) throw damaged();
      lengths.fill(value, at, at + count);
      at += count;
    }
    if (lengths[256] === 0) throw damaged(); // no end of block
    return [codeOf(lengths.subarray(0, literalCount)), codeOf(lengths.subarray(literalCount))];
  }

  #run(symbol: number, previous: number | undefined): [value: number, count: number] {
    if (symbol < 16) return [symbol, 1];
    if (symbol === 16) return [previous ?? fail(), 3 + this.#take(2)];
    return symbol === 17 ? [0, 3 + this.#take(3)] : [0, 11 + this.#take(7)];
  }

  #symbol({ bits, table }: Code): number {
    // Fewer bits than a code may have are left at the end of the data: zeros stand in, and are not taken.
    while (this.#heldBits < bits && this.#at < this.#data.length) {
      this.#held |= (this.#data[this.#at++] ?? 0) << this.#heldBits;
      this.#heldBits += 8;
    }
    const entry = table[this.#held & ((1 << bits) - 1)] ?? 0;
    const length = entry & 15;
    if (length === 0 || length > this.#heldBits) throw damaged();
    this.#held >>>= length;
    this.#heldBits -= length;
    return entry >> 4;
  }

  /** At most 16 bits. */
  #take(bits: number): number {
    while (this.#heldBits < bits) {
      if (this.#at === this.#data.length) throw damaged();
      this.#held |= (this.#data[this.#at++] ?? 0) << this.#heldBits;
      this.#heldBits += 8;
    }
    const value = this.#held & ((1 << bits) - 1);
    this.#held >>>= bits;
    this.#heldBits -= bits;
    return value;
  }
}

/** RFC 1951, 3.2.2. Lengths that overlap are refused; a code that leaves room is one only where the format knows it: a single distance. */
function codeOf(lengths: Uint8Array): Code {
  const counts = new Uint16Array(maxCodeBits + 1);
  for (const length of lengths) if (length > 0) counts[length] = (counts[length] ?? 0) + 1;
  let bits = maxCodeBits;
  while (bits > 1 && counts[bits] === 0) bits--;
  const next = new Uint32Array(maxCodeBits + 2);
  let room = 1;
  for (let length = 1; length <= maxCodeBits; length++) {
    room = room * 2 - (counts[length] ?? 0);
    if (room < 0) throw damaged();
    next[length + 1] = ((next[length] ?? 0) + (counts[length] ?? 0)) << 1;
  }
  const table = new Uint16Array(1 << bits);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const code = next[length] ?? 0;
    next[length] = code + 1;
    const step = 1 << length;
    for (let at = reversed(code, length); at < table.length; at += step) table[at] = (symbol << 4) | length;
  });
  return { bits, table };
}

function reversed(code: number, length: number): number {
  let value = 0;
  for (let bit = 0; bit < length; bit++) value |= ((code >> bit) & 1) << (length - 1 - bit);
  return value;
}

/** RFC 1951, 3.2.6. */
const fixedLiterals = codeOf(
  Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
);
const fixedDistances = codeOf(new Uint8Array(30).fill(5));

function fail(): never {
  throw damaged();
}

function damaged(): TrustError {
  return new TrustError('document-unreadable', 'damaged deflate data');
}
