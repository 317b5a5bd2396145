// CRLs of other authorities that an operator keeps beside the trust anchors, certs/anchors/<purpose>/*.crl: read again when they change; RFC 5280, 6.3.3.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { monotonicMs } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import { type Crl, parseCrl } from './pki/crl.ts';
import { derBlocks } from './pki/pem.ts';
import { anchorPurposes } from './pki/trust-anchor.ts';

export interface AnchorListsOptions {
  /** The folder `anchors`. */
  readonly directory: string;
  readonly log: Log;
  /** How long what was found counts; ten seconds when absent. */
  readonly lookEveryMs?: number;
}

interface ReadFile {
  /** Date and size: another one is read again. */
  readonly version: string;
  readonly lists: readonly Crl[];
}

const defaultLookEveryMs = 10_000;
/** A list of a million revocations has 40 MB. */
const maxFileBytes = 64 * 1024 * 1024;
const maxFiles = 200;

export class AnchorLists {
  readonly #options: AnchorListsOptions;
  #files: ReadonlyMap<string, ReadFile> = new Map();
  #current: Promise<readonly Crl[]> | undefined;
  #lookedAtMs = 0;

  constructor(options: AnchorListsOptions) {
    this.#options = options;
  }

  /**
   * Those of the folder as it was within the last ten seconds, trusted for nothing before their signatures are. Of a file that cannot
   * be read, what it held before stands for as long as that is in force: without a list a status is unknown, never good.
   */
  current(): Promise<readonly Crl[]> {
    const { lookEveryMs = defaultLookEveryMs } = this.#options;
    const nowMs = monotonicMs();
    if (this.#current === undefined || nowMs - this.#lookedAtMs >= lookEveryMs) {
      this.#lookedAtMs = nowMs;
      this.#current = this.#look();
    }
    return this.#current;
  }

  async #look(): Promise<readonly Crl[]> {
    const files = new Map<string, ReadFile>();
    for (const path of (await this.#paths()).slice(0, maxFiles)) {
      const file = await this.#file(path);
      if (file !== undefined) files.set(path, file);
    }
    this.#files = files;
    return [...files.values()].flatMap(({ lists }) => lists);
  }

  async #paths(): Promise<string[]> {
    const folders = anchorPurposes.map((purpose) => join(this.#options.directory, purpose));
    const listings = folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => []); // no such folder, no lists
      return names.filter((name) => /\.crl$/i.test(name)).map((name) => join(folder, name));
    });
    return (await Promise.all(listings)).flat().sort();
  }

  async #file(path: string): Promise<ReadFile | undefined> {
    const known = this.#files.get(path);
    let version = '';
    try {
      const { mtimeMs, size } = await stat(path);
      version = `${mtimeMs} ${size}`;
      if (known?.version === version) return known;
      if (size > maxFileBytes) throw new RangeError(`more than ${maxFileBytes} bytes`);
      const bytes = new Uint8Array(await readFile(path));
      return { version, lists: derBlocks(bytes, 'X509 CRL').map(parseCrl) };
    } catch (error) {
      this.#options.log.warn({ err: error, path }, 'a CRL beside the trust anchors cannot be read');
      return known === undefined ? undefined : { version, lists: known.lists };
    }
  }
}
