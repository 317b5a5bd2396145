// A PDF in a file that is larger than memory has room for: blocks are read as they are asked for, and a few are kept.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { TrustError } from '../kernel/errors.ts';
import type { Block, ByteSource } from './byte-source.ts';
import { maxDecodedBytes, tooLarge } from './limits.ts';

/** Objects of one page lie close together; a block that is too large would be read for each of a million objects. */
const blockBytes = 16 * 1024;
const maxBlocks = 256;
const partBytes = 1024 * 1024;

/** Reads synchronously: for the command line, not for a process that serves others. Whoever opens it closes it. */
export class FileBytes implements ByteSource {
  readonly length: number;
  readonly #fd: number;
  /** The least recently used first. */
  readonly #blocks = new Map<number, Block>();

  private constructor(fd: number) {
    this.#fd = fd;
    this.length = fstatSync(fd).size;
  }

  /** Throws what the file system says when there is no such file, or it may not be read. */
  static open(path: string): FileBytes {
    return new FileBytes(openSync(path, 'r'));
  }

  close(): void {
    closeSync(this.#fd);
  }

  block(position: number): Block {
    const index = Math.floor(position / blockBytes);
    const start = index * blockBytes;
    const known = this.#blocks.get(index);
    const block = known ?? { bytes: this.#read(start, Math.min(start + blockBytes, this.length)), start };
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    if (this.#blocks.size > maxBlocks) for (const oldest of this.#blocks.keys()) return this.#without(oldest, block);
    return block;
  }

  range(start: number, end: number): Buffer {
    if (end - start > maxDecodedBytes) throw tooLarge(`${end - start} bytes in one piece`);
    return this.#read(start, end);
  }

  *parts(start: number, end: number): Iterable<Uint8Array> {
    for (let at = start; at < end; at += partBytes) yield this.#read(at, Math.min(at + partBytes, end));
  }

  #without(oldest: number, block: Block): Block {
    this.#blocks.delete(oldest);
    return block;
  }

  #read(start: number, end: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(end - start);
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(this.#fd, bytes, done, bytes.length - done, start + done);
      // What was hashed and what is appended to must be one file.
      if (count === 0) throw new TrustError('malformed-pdf', 'PDF: the file became shorter while it was read');
      done += count;
    }
    return bytes;
  }
}
