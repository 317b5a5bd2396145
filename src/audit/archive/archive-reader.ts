// Entries of archived months, read from the files where this node has them; believed only as far as the tree says so.

import { fromUtf8 } from '../../kernel/bytes.ts';
import { decodeEntryBundle } from '../../tlog/entry-bundle.ts';
import { tileWidth } from '../../tlog/tile.ts';
import type { EntryRow } from '../entry-row.ts';
import { ArchiveFolder } from './archive-folder.ts';
import { decodeRow, type Manifest, manifestPath, parseManifest, rowsPath } from './manifest.ts';
import { logPath } from './month-files.ts';
import { monthOfEntry } from './month.ts';
import { folderCheckpoint } from './folder-checkpoint.ts';

const maxBlockSizeBytes = 64 * 1024 * 1024; // 256 rows with two sealed parts of 65,535 bytes each, as base64

export class ArchiveReader {
  readonly #folder: ArchiveFolder;
  readonly #manifests = new Map<string, Manifest>();

  constructor({ directory }: { directory: string }) {
    this.#folder = new ArchiveFolder(directory);
  }

  /** The leaves of a full tile of level 0, unchecked; `undefined` when they are not here. */
  async bundle(index: number): Promise<Uint8Array | undefined> {
    return this.#folder.read(logPath({ level: 'entries', index, width: tileWidth }));
  }

  /** The row as the database had it; `undefined` when it is not here. Its leaf and parts are for the reader to check, as those in the database are. */
  async row(index: number, entryId: string): Promise<EntryRow | undefined> {
    const month = monthOfEntry(entryId);
    const tile = Math.floor(index / tileWidth);
    const bundle = await this.bundle(tile);
    const leaf = bundle && decodeEntryBundle(bundle, tileWidth)?.[index % tileWidth];
    const manifest = month === undefined ? undefined : await this.#manifest(month.name);
    if (leaf === undefined || manifest === undefined) return undefined;
    const at = manifest.blocks.findIndex(([of]) => of === tile);
    const [, offset] = manifest.blocks[at] ?? [];
    if (offset === undefined) return undefined;
    const end = manifest.blocks[at + 1]?.[1] ?? offset + maxBlockSizeBytes;
    const sizeBytes = Math.min(maxBlockSizeBytes, end - offset);
    const text = fromUtf8(await this.#folder.readPart(rowsPath(manifest.month), offset, sizeBytes)) ?? '';
    const line = text.split('\n').find((each) => each.startsWith(`[${index},`));
    const decoded = line === undefined ? undefined : decodeRow(line);
    return decoded?.row.id === entryId ? { ...decoded.row, leaf } : undefined;
  }

  /** How many leaves of the log the folder has. */
  async size(): Promise<number> {
    return (await folderCheckpoint(this.#folder))?.size ?? 0;
  }

  async #manifest(month: string): Promise<Manifest | undefined> {
    const known = this.#manifests.get(month);
    if (known !== undefined) return known;
    const bytes = await this.#folder.read(manifestPath(month));
    const manifest = bytes && parseManifest(bytes);
    if (manifest === undefined || manifest.month !== month) return undefined;
    this.#manifests.set(month, manifest);
    return manifest;
  }
}
