// The folder of a key store: key files and generations of lives, each made once and whole, by any number of processes; POSIX link(2), open(2).

import { constants, statSync } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUtf8, toHex } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { isKeyName } from './key-life.ts';
import type { KeyFile, KeyText, LifeGeneration } from './key-text.ts';
import { maxKeyFileBytes, maxLifeFileBytes, member } from './key-text.ts';

const keySuffix = '.key.json';
/** Symbolic links are not followed: a link in the folder could lead to a file that somebody else can write. */
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
const eraseFlags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);

export class KeyDirectory {
  readonly #path: string;
  readonly #text: KeyText;

  constructor({ path, text }: { path: string; text: KeyText }) {
    this.#path = path;
    this.#text = text;
  }

  /** Names of all keys, sorted. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.#path).catch((error: unknown) => {
      if (member(error, 'code') === 'ENOENT') return [];
      throw unavailable('key folder cannot be read', error);
    });
    return entries
      .filter((entry) => entry.endsWith(keySuffix))
      .map((entry) => entry.slice(0, -keySuffix.length))
      .filter(isKeyName)
      .sort();
  }

  async readKey(name: string): Promise<KeyFile | undefined> {
    const content = await this.#read(name + keySuffix, maxKeyFileBytes);
    return content === undefined ? undefined : this.#text.parseKey(content, name);
  }

  /** False when there is a key of this name. */
  writeKey(file: KeyFile): Promise<boolean> {
    return this.#writeOnce(file.identity.name + keySuffix, this.#text.printKey(file));
  }

  async readLife(family: string, generation: number): Promise<LifeGeneration | undefined> {
    const content = await this.#read(lifeName(family, generation), maxLifeFileBytes);
    return content === undefined ? undefined : this.#text.parseLife(content, family, generation);
  }

  /** False when there is such a generation: somebody else changed the family, and the deed must be judged anew. */
  writeLife(life: LifeGeneration): Promise<boolean> {
    return this.#writeOnce(lifeName(life.family, life.generation), this.#text.printLife(life));
  }

  hasLife(family: string, generation: number): boolean {
    return statSync(join(this.#path, lifeName(family, generation)), { throwIfNoEntry: false }) !== undefined;
  }

  /** Changes whenever the key's file does. Synchronous on purpose: the thread pool may be busy with passwords for seconds. */
  keyStamp(name: string): string {
    const found = statSync(join(this.#path, name + keySuffix), { bigint: true, throwIfNoEntry: false });
    return found === undefined ? '-' : `${found.ino} ${found.mtimeNs} ${found.size}`;
  }

  /** The private part is overwritten in place, where the file system writes in place; the description stays. */
  async erase(file: KeyFile): Promise<void> {
    const { identity, firstState } = file;
    const content = Buffer.from(this.#text.printKey({ identity, firstState }));
    try {
      const handle = await open(join(this.#path, identity.name + keySuffix), eraseFlags);
      try {
        const { size } = await handle.stat();
        // One write, and JSON before and after it: a crash leaves the sealed key or the description, not half of each.
        const padded = Buffer.alloc(Math.max(size, content.length), ' ');
        content.copy(padded);
        await handle.write(padded, 0, padded.length, 0);
        await handle.sync();
        await handle.truncate(content.length);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw unavailable(`key ${identity.name} cannot be erased`, error);
    }
  }

  /** Folders and files that others may read or change, and links in the place of files. */
  async warnings(): Promise<string[]> {
    if (process.platform === 'win32') return [];
    const folder = await stat(this.#path).catch(() => undefined);
    if (folder === undefined) return [];
    const found = openToOthers(folder.mode) ? [`key folder ${this.#path} is open to others: chmod 700`] : [];
    for (const name of await this.names()) {
      const file = await lstat(join(this.#path, name + keySuffix)).catch(() => undefined);
      if (file === undefined) continue;
      if (file.isSymbolicLink()) found.push(`file of key ${name} is a symbolic link and is not read`);
      else if (openToOthers(file.mode)) found.push(`file of key ${name} is open to others: chmod 600`);
    }
    return found;
  }

  async #read(name: string, maxBytes: number): Promise<string | undefined> {
    try {
      const handle = await open(join(this.#path, name), readFlags);
      try {
        const { size } = await handle.stat();
        const content = size > maxBytes ? undefined : fromUtf8(await handle.readFile());
        if (content === undefined) throw new TrustError('key-unavailable', `${name} is malformed`);
        return content;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (member(error, 'code') === 'ENOENT') return undefined;
      if (member(error, 'code') === 'ELOOP') throw unavailable(`${name} is a symbolic link`, error);
      throw unavailable(`${name} cannot be read`, error);
    }
  }

  /** The file appears whole or not at all: a crash leaves at most a `.tmp` nobody reads. */
  async #writeOnce(name: string, content: string): Promise<boolean> {
    const temporary = join(this.#path, `.${name}.${toHex(randomBytes(8))}.tmp`);
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await link(temporary, join(this.#path, name)); // unlike rename, link refuses an existing name
      await syncDirectory(this.#path);
      return true;
    } catch (error) {
      if (member(error, 'code') === 'EEXIST') return false;
      throw unavailable(`${name} cannot be written`, error);
    } finally {
      await rm(temporary, { force: true });
    }
  }
}

function lifeName(family: string, generation: number): string {
  return `${family}.life.${generation}.json`;
}

function openToOthers(mode: number): boolean {
  return (mode & 0o077) !== 0;
}

function unavailable(message: string, cause: unknown): TrustError {
  return isTrustError(cause) ? cause : new TrustError('key-unavailable', message, { cause });
}

/** So that the name survives a power cut; Windows cannot open directories and needs no such thing. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
