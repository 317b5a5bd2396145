// Where the bytes of a PDF are: all in memory, or in a file of which only what is needed is read (file-bytes.ts).

export interface Block {
  readonly bytes: Buffer;
  /** Where in the source it begins. */
  readonly start: number;
}

/** Its bytes never change, and nobody writes into what it gives. */
export interface ByteSource {
  readonly length: number;
  /** Some piece around `position`, which lies inside. */
  block(position: number): Block;
  /** The bytes from `start` to `end`, both inside. Throws unsupported-pdf for more than is read at once. */
  range(start: number, end: number): Buffer;
  /** The same in order and in parts, for hashing: a gigabyte passes through without being kept. */
  parts(start: number, end: number): Iterable<Uint8Array>;
}

export class KeptBytes implements ByteSource {
  readonly length: number;
  private readonly whole: Block;

  constructor(bytes: Uint8Array) {
    this.whole = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), start: 0 };
    this.length = bytes.length;
  }

  block(): Block {
    return this.whole;
  }

  range(start: number, end: number): Buffer {
    return this.whole.bytes.subarray(start, end);
  }

  parts(start: number, end: number): Uint8Array[] {
    return [this.range(start, end)];
  }
}

export function* chained(...all: readonly Iterable<Uint8Array>[]): Iterable<Uint8Array> {
  for (const parts of all) yield* parts;
}
