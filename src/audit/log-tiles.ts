// The log as static resources for anybody: checkpoint, tiles, entry bundles and the key; C2SP tlog-tiles.

import { sha256 } from '../crypto/digest.ts';
import type { Queryable } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { encodeEntryBundle, hashEntryBundle, leadingLeaves } from '../tlog/entry-bundle.ts';
import { tileWidth, tileWidthAt } from '../tlog/tile.ts';
import { parseTilePath } from '../tlog/tile-path.ts';
import type { ArchiveReader } from './archive/archive-reader.ts';
import { minimumIndex } from './archive/archive-store.ts';
import { entriesById } from './entry-search.ts';
import { entryIdsOfTile, latestCheckpoint, readHead, readTiles } from './tree-store.ts';

interface LogTilesOptions {
  readonly database: Queryable;
  /** See LogRunner. */
  readonly verifierKey: string;
  /** Absent: entries of archived months are not served. */
  readonly archive?: Pick<ArchiveReader, 'bundle' | 'size'>;
}

export class LogTiles {
  readonly #database: Queryable;
  readonly #verifierKey: string;
  readonly #archive: LogTilesOptions['archive'];

  constructor({ database, verifierKey, archive }: LogTilesOptions) {
    this.#database = database;
    this.#verifierKey = verifierKey;
    this.#archive = archive;
  }

  /** `name+hash+base64`, the form in which note verifiers take a key. */
  verifierKey(): string {
    return this.#verifierKey;
  }

  /** The newest signed note under the key of `verifierKey`. `audit-entry-not-sequenced` before the first one. */
  async checkpoint(): Promise<string> {
    const checkpoint = await latestCheckpoint(this.#database, this.#verifierKey);
    if (checkpoint === undefined) throw new TrustError('audit-entry-not-sequenced', 'no checkpoint was published yet');
    return checkpoint.note;
  }

  /** `width` hashes of a tile, by default all 256; `undefined` when the published tree does not have them. */
  async tile(level: number, index: number, width = tileWidth): Promise<Uint8Array | undefined> {
    if (!(await this.#isPublished(level, index, width))) return undefined;
    const head = await readHead(this.#database);
    return (await readTiles(this.#database, head, [{ level, index, width }])).get(`${level}/${index}`);
  }

  /** Below it entries may be missing here, because their months were archived to files that this node does not have. */
  async minimumIndex(): Promise<number> {
    const end = await minimumIndex(this.#database);
    return end === 0 || ((await this.#archive?.size()) ?? 0) >= end ? 0 : end;
  }

  /**
   * The leaves under a tile of level 0; `undefined` when they are not published. `audit-entry-archived` when their month lies in files
   * that this node does not have.
   */
  async entryBundle(index: number, width = tileWidth): Promise<Uint8Array | undefined> {
    if (!(await this.#isPublished(0, index, width))) return undefined;
    const head = await readHead(this.#database);
    const ids = (await entryIdsOfTile(this.#database, head, index)).slice(0, width);
    if (ids.length < width) return undefined;
    const rows = await entriesById(this.#database, ids);
    const leaves = rows.flatMap((row) => (row === undefined ? [] : [row.leaf]));
    if (leaves.length === width) return encodeEntryBundle(leaves);
    const archived = await this.#archivedBundle(index, width);
    const end = archived === undefined ? await minimumIndex(this.#database) : 0;
    if ((index + 1) * tileWidth <= end)
      throw new TrustError('audit-entry-archived', `entries below ${end} may be in the archive only`, {
        details: { minimumIndex: end },
      });
    return archived;
  }

  /** From the files, if they are what the tree says. */
  async #archivedBundle(index: number, width: number): Promise<Uint8Array | undefined> {
    const bundle = await this.#archive?.bundle(index);
    const tile = bundle && (await this.tile(0, index));
    const hashes = bundle && hashEntryBundle(sha256, bundle, tileWidth);
    if (bundle === undefined || tile === undefined || hashes === undefined || !equalBytes(tile, hashes))
      return undefined;
    return width === tileWidth ? bundle : bundle.subarray(0, leadingLeaves(bundle, width).sizeBytes);
  }

  /** By path below the log's own, `tile/…`; `undefined` for whatever is not there. */
  async resource(path: string): Promise<Uint8Array | undefined> {
    const address = parseTilePath(path);
    if (address === undefined) return undefined;
    const { level, index, width } = address;
    return level === 'entries' ? this.entryBundle(index, width) : this.tile(level, index, width);
  }

  /** Nothing is shown of the tree beyond what was signed. */
  async #isPublished(level: number, index: number, width: number): Promise<boolean> {
    const checkpoint = await latestCheckpoint(this.#database);
    return checkpoint !== undefined && width > 0 && width <= tileWidthAt(level, index, checkpoint.size);
  }
}
