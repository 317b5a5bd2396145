// Reads a month back from the archive before it leaves the database, and hashes every leaf up to the signed root; RFC 9162, 2.1.1.

import { sha256 } from '../../crypto/digest.ts';
import type { Queryable } from '../../db/database.ts';
import { concatBytes, equalBytes } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import { hashEntryBundle } from '../../tlog/entry-bundle.ts';
import { Frontier } from '../../tlog/frontier.ts';
import { hashSizeBytes } from '../../tlog/merkle.ts';
import { type TileAddress, tileWidth, tileWidthAt } from '../../tlog/tile.ts';
import { tilePath } from '../../tlog/tile-path.ts';
import { type Head, readTiles } from '../tree-store.ts';
import type { ArchiveFolder } from './archive-folder.ts';
import { rowsPath } from './manifest.ts';
import { logPath, type MonthPlan, tilesCovering, upperTiles, type WrittenRows } from './month-files.ts';

interface Checking {
  readonly database: Queryable;
  readonly folder: ArchiveFolder;
  readonly goOn: () => Promise<void>;
}

const tilesBetweenLooks = 256;

/**
 * What lies in the files is hashed onto the tree before it: the result must be the root that was signed. Throws
 * `audit-archive-refused` with the file that is not what it should be.
 */
export async function checkMonth(plan: MonthPlan, rows: WrittenRows, checking: Checking): Promise<void> {
  const { database, folder, goOn } = checking;
  const { size, root } = plan.checkpoint;
  const first = Math.min(plan.firstTile, plan.firstNewTile);
  const frontier = await frontierAt(database, plan.head, first * tileWidth);
  for (let index = first; index < tilesCovering(size); index++) {
    if (index % tilesBetweenLooks === 0) await goOn();
    const bundlePath = logPath({ level: 'entries', index, width: tileWidth });
    const bundle = await folder.read(bundlePath);
    const hashes = bundle === undefined ? undefined : hashEntryBundle(sha256, bundle, tileWidth);
    if (hashes === undefined) throw spoiled(bundlePath);
    const tile = { level: 0, index, width: tileWidth };
    requireSame(await folder.read(logPath(tile)), hashes, tile);
    const width = tileWidthAt(0, index, size);
    if (width === tileWidth) frontier.pushTile(hashes);
    else for (let i = 0; i < width; i++) frontier.push(hashes.subarray(i * hashSizeBytes, (i + 1) * hashSizeBytes));
  }
  if (frontier.size !== size || !equalBytes(frontier.root(), root))
    throw new TrustError('audit-archive-refused', `the files do not hash to the signed root of size ${size}`);
  for (const address of upperTiles(plan)) {
    const data = (await readTiles(database, plan.head, [address])).get(`${address.level}/${address.index}`);
    requireSame(await folder.read(logPath(address)), data ?? new Uint8Array(), address);
  }
  const path = rowsPath(plan.month.name);
  if (!equalBytes(await folder.digest(path), rows.sha256)) throw spoiled(path);
}

/** The right edge of the tree of an earlier size, from the stored tiles. A wrong one gives another root in the end. */
async function frontierAt(database: Queryable, head: Head, size: number): Promise<Frontier> {
  const edge: Uint8Array[] = [];
  for (let level = 0; tileWidth ** level <= size; level++) {
    const index = Math.floor(size / tileWidth ** (level + 1));
    const width = tileWidthAt(level, index, size);
    if (width === 0) continue;
    const tiles = await readTiles(database, head, [{ level, index, width }]);
    edge.push(tiles.get(`${level}/${index}`) ?? new Uint8Array());
  }
  return Frontier.decode(sha256, size, concatBytes(...edge));
}

function requireSame(file: Uint8Array | undefined, expected: Uint8Array, address: TileAddress): void {
  if (file === undefined || !equalBytes(file, expected)) throw spoiled(tilePath(address));
}

function spoiled(path: string): TrustError {
  return new TrustError('audit-archive-refused', `${path} of the archive is missing, or not what was written`);
}
