// A log of many leaves without their entries: tiles and head as the sequencer would have left them, for proofs at sizes nobody waits for.

import { sha256 } from '../../src/crypto/digest.ts';
import type { Queryable } from '../../src/db/database.ts';
import { logId } from '../../src/audit/tree-store.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import { Frontier, type FullTile } from '../../src/tlog/frontier.ts';
import { hashSizeBytes, leafHash } from '../../src/tlog/merkle.ts';
import { tileWidth } from '../../src/tlog/tile.ts';

const tilesAStatement = 500;

/** The log must be empty. Its checkpoint is then for a runner to publish. */
export async function loadSyntheticLog(database: Queryable, size: number): Promise<void> {
  const frontier = Frontier.empty(sha256);
  let waiting: FullTile[] = [];
  const store = async (): Promise<void> => {
    await database.query({
      text: `INSERT INTO audit.log_tile (log_id, level, idx, data, entry_ids)
             SELECT $1, level, idx, data, CASE WHEN level = 0 THEN '{}'::uuid[] END
             FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) AS tile (level, idx, data)`,
      values: [
        logId,
        waiting.map(({ level }) => level),
        waiting.map(({ index }) => index),
        waiting.map(({ data }) => data),
      ],
    });
    waiting = [];
  };
  while (frontier.size + tileWidth <= size) {
    const data = new Uint8Array(tileWidth * hashSizeBytes);
    for (let i = 0; i < tileWidth; i++) data.set(syntheticHash(frontier.size + i), i * hashSizeBytes);
    waiting.push(...frontier.pushTile(data));
    if (waiting.length >= tilesAStatement) await store();
  }
  await store();
  while (frontier.size < size) frontier.push(syntheticHash(frontier.size));
  const tail = Array.from({ length: size % tileWidth }, (_, i) => uuid(size - (size % tileWidth) + i));
  await database.query({
    text: 'UPDATE audit.log_head SET size = $2, frontier = $3, tail_ids = $4::uuid[] WHERE log_id = $1',
    values: [logId, size, frontier.encode(), tail],
  });
}

export function syntheticHash(index: number): Uint8Array {
  return leafHash(sha256, utf8(`leaf ${index}`));
}

function uuid(index: number): string {
  return `00000000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
}
