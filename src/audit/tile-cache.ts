// Full tiles of the log with all their inner nodes, the ones used last: they never change, so whoever proves need neither read nor hash them again.

import { sha256 } from '../crypto/digest.ts';
import type { Queryable } from '../db/database.ts';
import { innerNodes } from '../tlog/merkle.ts';
import { logId } from './tree-store.ts';

/** A tile and what is hashed from it: see innerNodes. */
export type TileNodes = readonly Uint8Array[];

export interface TilePlace {
  readonly level: number;
  readonly index: number;
}

/** 16 kB each: at 10 million leaves, all tiles of the upper levels (153) and the latest hundreds of the lowest. */
const defaultTiles = 512;

export class TileCache {
  readonly #database: Queryable;
  readonly #limit: number;
  /** Least recently used first. */
  readonly #tiles = new Map<string, TileNodes>();

  constructor({ database, tiles = defaultTiles }: { database: Queryable; tiles?: number }) {
    this.#database = database;
    this.#limit = tiles;
  }

  /** By `level/index`; what is not at hand is read in one statement. A tile that is not full yet is absent. */
  async nodesOf(places: readonly TilePlace[]): Promise<Map<string, TileNodes>> {
    const found = new Map<string, TileNodes>();
    const missing: TilePlace[] = [];
    for (const place of places) {
      const nodes = this.#tiles.get(nameOf(place));
      if (nodes === undefined) missing.push(place);
      else this.#keep(found, nameOf(place), nodes);
    }
    if (missing.length === 0) return found;
    const { rows } = await this.#database.query<{ level: number; idx: number; data: Uint8Array }>({
      name: 'audit-full-tiles',
      text: `SELECT t.level, t.idx, t.data FROM unnest($2::smallint[], $3::bigint[]) AS wanted (level, idx)
             JOIN audit.log_tile t ON t.log_id = $1 AND t.level = wanted.level AND t.idx = wanted.idx`,
      values: [logId, missing.map(({ level }) => level), missing.map(({ index }) => index)],
    });
    for (const { level, idx, data } of rows)
      this.#keep(found, nameOf({ level, index: idx }), innerNodes(sha256, new Uint8Array(data)));
    return found;
  }

  #keep(found: Map<string, TileNodes>, name: string, nodes: TileNodes): void {
    found.set(name, nodes);
    this.#tiles.delete(name);
    this.#tiles.set(name, nodes);
    for (const oldest of this.#tiles.keys()) {
      if (this.#tiles.size <= this.#limit) break;
      this.#tiles.delete(oldest);
    }
  }
}

export function nameOf({ level, index }: TilePlace): string {
  return `${level}/${index}`;
}
