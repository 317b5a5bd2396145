// The log in leaf order, for whoever follows it: the rows of some leaves, with what they say.

import type { Queryable } from '../db/database.ts';
import { tileWidth } from '../tlog/tile.ts';
import type { EntryRow } from './entry-row.ts';
import { entriesById } from './entry-search.ts';
import { type Leaf, parseLeaf } from './leaf.ts';
import { entryIdsOfTile, readHead } from './tree-store.ts';

export interface ReadLeaf {
  readonly index: number;
  readonly row: EntryRow;
  readonly leaf: Leaf;
}

/**
 * At most `limit` leaves from an index on, of one tile, none beyond the head. Entries that retention dropped, or that cannot be read, are
 * passed over: they must not stop those who follow.
 */
export async function readLeaves(
  database: Queryable,
  { fromIndex, limit }: { fromIndex: number; limit: number },
): Promise<{ leaves: ReadLeaf[]; nextIndex: number }> {
  const head = await readHead(database);
  const tile = Math.floor(fromIndex / tileWidth);
  const place = fromIndex % tileWidth;
  const ids = (await entryIdsOfTile(database, head, tile)).slice(place, place + limit);
  const rows = await entriesById(database, ids);
  const leaves = rows.flatMap((row, offset) => {
    const leaf = row === undefined ? undefined : parseLeaf(row.leaf);
    return row === undefined || leaf === undefined ? [] : [{ index: fromIndex + offset, row, leaf }];
  });
  return { leaves, nextIndex: fromIndex + ids.length };
}
