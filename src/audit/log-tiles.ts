// The log as static resources for anybody: checkpoint, tiles, entry bundles and the key; C2SP tlog-tiles.

import type { Queryable } from '../db/database.ts';
import { TrustError } from '../kernel/errors.ts';
import { encodeEntryBundle } from '../tlog/entry-bundle.ts';
import { tileWidth, tileWidthAt } from '../tlog/tile.ts';
import { parseTilePath } from '../tlog/tile-path.ts';
import { entriesById } from './entry-search.ts';
import { entryIdsOfTile, latestCheckpoint, readHead, readTiles } from './tree-store.ts';

export class LogTiles {
  readonly #database: Queryable;
  readonly #verifierKey: string;

  /** `verifierKey`: see LogRunner. */
  constructor({ database, verifierKey }: { database: Queryable; verifierKey: string }) {
    this.#database = database;
    this.#verifierKey = verifierKey;
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

  /** The leaves under a tile of level 0; `undefined` when they are not published, or their month was dropped. */
  async entryBundle(index: number, width = tileWidth): Promise<Uint8Array | undefined> {
    if (!(await this.#isPublished(0, index, width))) return undefined;
    const head = await readHead(this.#database);
    const ids = (await entryIdsOfTile(this.#database, head, index)).slice(0, width);
    if (ids.length < width) return undefined;
    const rows = await entriesById(this.#database, ids);
    const leaves = rows.flatMap((row) => (row === undefined ? [] : [row.leaf]));
    return leaves.length === width ? encodeEntryBundle(leaves) : undefined;
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
