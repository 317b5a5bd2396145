// A stamped document on disk: a copy beside the one asked for, which takes its name only when it is whole; the source is never opened for writing.

import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { TrustError } from '../kernel/errors.ts';

export class StampedCopy {
  /** What is prepared, hashed and appended to: nobody else knows it, so it cannot change in between. */
  readonly path: string;
  readonly #product: string;
  #isTaken = false;

  /** Throws malformed-request when `product` is there already, and what the file system says. */
  constructor(options: { source: string; product: string }) {
    this.#product = options.product;
    this.path = `${options.product}.${process.pid}.part`;
    reserve(options.product);
    try {
      // Sharing blocks where the file system can: a gigabyte is then copied in no time.
      copyFileSync(options.source, this.path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Its first `keptBytes` stay; `behind` comes after them, and is on the disk when this returns. */
  finish({ keptBytes, behind }: { keptBytes: number; behind: Uint8Array }): void {
    const descriptor = openSync(this.path, 'r+');
    try {
      ftruncateSync(descriptor, keptBytes);
      for (let done = 0; done < behind.length; )
        done += writeSync(descriptor, behind, done, behind.length - done, keptBytes + done);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  take(): void {
    renameSync(this.path, this.#product);
    this.#isTaken = true;
  }

  /** Leaves nothing behind unless it was taken. */
  discard(): void {
    rmSync(this.path, { force: true });
    if (!this.#isTaken) rmSync(this.#product, { force: true });
  }
}

/** An empty file keeps the name, so that no document of somebody else is replaced in the end. */
function reserve(product: string): void {
  try {
    closeSync(openSync(product, 'wx'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new TrustError('malformed-request', `${product} is there already`);
    throw error;
  }
}
