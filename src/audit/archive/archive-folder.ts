// The files of an archive: `log/` is the public log in the layout of C2SP tlog-tiles, `inside/` is for nobody outside.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file that grows, and has its name when it is whole. */
export interface Draft {
  readonly path: string;
  readonly file: FileHandle;
  readonly hash: Hash;
}

const folderMode = 0o700; // who serves `log/` by other means opens it up

export class ArchiveFolder {
  readonly #root: string;
  /** Whose lists of names changed since they were last made durable. */
  readonly #touched = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** `undefined` when there is no such file. */
  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#place(path));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** `sizeBytes` from `offset`, or what there is. */
  async readPart(path: string, offset: number, sizeBytes: number): Promise<Uint8Array> {
    const file = await open(this.#place(path), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Whole and on the disk when it returns, or not there; its name is durable after `sync`. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const draft = await this.begin(path);
    try {
      await this.append(draft, bytes);
      await this.finish(draft);
    } catch (error) {
      await this.abandon(draft);
      throw error;
    }
  }

  /** Beside each other. When one fails, none is under way any more, so that nothing appears behind whoever cleans up. */
  async writeAll(files: readonly (readonly [path: string, bytes: Uint8Array])[]): Promise<void> {
    const written = await Promise.allSettled(files.map(([path, bytes]) => this.write(path, bytes)));
    for (const each of written) if (each.status === 'rejected') throw each.reason;
  }

  async begin(path: string): Promise<Draft> {
    const folder = dirname(this.#place(path));
    const made = await mkdir(folder, { recursive: true, mode: folderMode });
    this.#touch(folder, made);
    return { path, file: await open(`${this.#place(path)}.new`, 'w', 0o600), hash: createHash('sha256') };
  }

  async append({ file, hash }: Draft, bytes: Uint8Array): Promise<void> {
    await file.writeFile(bytes); // goes on where the last one ended
    hash.update(bytes);
  }

  /** SHA-256 of all that was appended. */
  async finish({ path, file, hash }: Draft): Promise<Uint8Array> {
    await file.sync();
    await file.close();
    await rename(`${this.#place(path)}.new`, this.#place(path));
    return hash.digest();
  }

  /** Of a disk that is full: what was begun must not keep it full. */
  async abandon({ path, file }: Draft): Promise<void> {
    await file.close().catch(() => undefined);
    await rm(`${this.#place(path)}.new`, { force: true });
  }

  /** Every name that was given since the last call outlives a crash of the machine. */
  async sync(): Promise<void> {
    for (const folder of this.#touched) {
      const handle = await open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      this.#touched.delete(folder);
    }
  }

  async remove(path: string): Promise<void> {
    await rm(this.#place(path), { force: true });
  }

  async digest(path: string): Promise<Uint8Array> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.#place(path))) hash.update(chunk);
    return hash.digest();
  }

  #place(path: string): string {
    return join(this.#root, ...path.split('/'));
  }

  /** A new folder is a new name in the one above, up to the first that was there before. */
  #touch(folder: string, firstMade: string | undefined): void {
    this.#touched.add(folder);
    if (firstMade === undefined) return;
    for (let above = folder; above.length >= firstMade.length; above = dirname(above))
      this.#touched.add(dirname(above));
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
