// Passwords known from breaches: a file of SHA-1 hashes in order, `HASH:count` a line, as Have I Been Pwned gives it out; searched by halves.

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { TrustError } from '../../kernel/errors.ts';

const hashLength = 40;
/** A line is 40 digits, a colon, a count and a line end; whatever is read in one go holds a whole one. */
const chunkBytes = 256;

/** Nothing is sent to anybody: the file lies here. It may be exchanged while it is read. */
export class BreachedPasswords {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws `configuration-invalid` when the file is not what it should be. */
  async contains(password: string): Promise<boolean> {
    const wanted = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase();
    let file: FileHandle;
    try {
      file = await open(this.#path);
    } catch (error) {
      throw new TrustError('configuration-invalid', 'BREACHED_PASSWORDS_FILE: it cannot be read', { cause: error });
    }
    try {
      let low = 0;
      let high = (await file.stat()).size;
      // `low` is always the start of a line, `high` the start of one or the end.
      while (low < high) {
        const line = await lineFrom(file, Math.floor((low + high) / 2), { low, high });
        if (line.hash === wanted) return true;
        if (line.hash < wanted) low = line.end;
        else high = line.start;
      }
      return false;
    } finally {
      await file.close();
    }
  }
}

interface Line {
  readonly hash: string;
  readonly start: number;
  readonly end: number;
}

/** The first line that starts at or after `offset`; the one at `low` when there is none before `high`. */
async function lineFrom(
  file: FileHandle,
  offset: number,
  { low, high }: { readonly low: number; readonly high: number },
): Promise<Line> {
  let start = low;
  if (offset > low) {
    const before = await textAt(file, offset - 1);
    const next = before.indexOf('\n');
    if (next >= 0 && offset + next < high) start = offset + next;
  }
  const text = await textAt(file, start);
  const end = text.indexOf('\n');
  const hash = text.slice(0, hashLength).toUpperCase();
  if (!/^[0-9A-F]{40}$/.test(hash))
    throw new TrustError('configuration-invalid', 'BREACHED_PASSWORDS_FILE: not a list of SHA-1 hashes');
  return { hash, start, end: end < 0 ? high : start + end + 1 };
}

async function textAt(file: FileHandle, position: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, position);
  return buffer.toString('latin1', 0, bytesRead);
}
