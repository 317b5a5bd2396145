// Entries that came when their month had no partition lie in the default one: they are moved to partitions of their months, which can be archived.

import type { Transaction } from '../../db/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { type ArchiveDatabase, isArchived, lockWaitMs } from './archive-store.ts';
import { isWithin, type Month, monthOfEntry } from './month.ts';

export interface Tidied {
  readonly moved: number;
  /** Entries of a month that was archived before they came, of no month, or too many to move under a lock. */
  readonly left: number;
}

const most = 10_000; // so many are copied in well under a second, and writers wait for it

/** Fails with 55P03 when others hold the table too long; then nothing was moved. */
export async function tidyDefaultPartition(database: ArchiveDatabase): Promise<Tidied> {
  const { rows } = await database.query<{ id: Uuid }>({
    name: 'audit-archive-default',
    text: 'SELECT id FROM audit.entry_default ORDER BY id LIMIT $1',
    values: [most + 1],
  });
  if (rows.length === 0 || rows.length > most) return { moved: 0, left: rows.length };
  const months = new Map<string, Month>();
  for (const { id } of rows) {
    const month = monthOfEntry(id);
    if (month === undefined || months.has(month.name) || (await isArchived(database, month.name))) continue;
    months.set(month.name, month);
  }
  const found = [...months.values()];
  if (found.length === 0) return { moved: 0, left: rows.length };
  await database.transaction((tx) => move(tx, found));
  const moved = rows.filter(({ id }) => found.some((month) => isWithin(id, month))).length;
  return { moved, left: rows.length - moved };
}

/** Entries are neither changed nor deleted: they are copied, and the table that was copied is dropped, in one transaction. */
async function move(tx: Transaction, months: readonly Month[]): Promise<void> {
  const run = (text: string) => tx.query({ text });
  const like = '(LIKE audit.entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS)';
  const inMonth = ({ from, to }: Month): string => `id >= '${from}' AND id < '${to}'`;
  await run(`SELECT set_config('lock_timeout', '${lockWaitMs}ms', true)`);
  // From here on nobody writes, so nothing is overlooked.
  await run('ALTER TABLE audit.entry DETACH PARTITION audit.entry_default');
  for (const month of months) {
    const { partition, from, to } = month;
    await run(`CREATE TABLE audit.${partition} ${like}`);
    await run(`INSERT INTO audit.${partition} SELECT * FROM audit.entry_default WHERE ${inMonth(month)}`);
    await run(`ALTER TABLE audit.entry ATTACH PARTITION audit.${partition} FOR VALUES FROM ('${from}') TO ('${to}')`);
  }
  await run(`CREATE TABLE audit.entry_rest ${like}`);
  const rest = months.map((month) => `NOT (${inMonth(month)})`).join(' AND ');
  await run(`INSERT INTO audit.entry_rest SELECT * FROM audit.entry_default WHERE ${rest}`);
  await run('ALTER TABLE audit.entry ATTACH PARTITION audit.entry_rest DEFAULT');
  await run('DROP TABLE audit.entry_default');
  await run('ALTER TABLE audit.entry_rest RENAME TO entry_default');
}
