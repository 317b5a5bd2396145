// Makes the monthly partitions of the entries ahead of time; what has none goes into the default one, so no deed is ever refused.

import type { Database } from '../db/database.ts';
import { type Clock, moment } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { firstIdAt } from './leaf.ts';

const monthsAhead = 3;
const lockWaitMs = 1000; // attaching waits for readers of the default partition; writers must not queue behind it

interface PartitionOptions {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Never throws for a partition that cannot be made now: it is logged and tried again by the next call. */
export async function ensurePartitions(options: PartitionOptions): Promise<void> {
  const { database, clock, log } = options;
  for (let ahead = 0; ahead <= monthsAhead; ahead++) {
    const { name, from, to } = monthOf(clock.now(), ahead);
    if (await exists(database, name)) continue;
    try {
      await create(database, name, from, to);
      log.info({ partition: name }, 'audit partition made');
    } catch (error) {
      if (await exists(database, name)) continue; // another process made it
      const reason = error instanceof Error ? error.message : 'unknown';
      log.warn({ partition: name, reason }, 'audit partition not made, entries of the month go to the default one');
    }
  }
}

function monthOf(now: Date, ahead: number): { name: string; from: string; to: string } {
  const first = (plus: number): Date => moment(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + plus, 1));
  const month = first(ahead).toISOString().slice(0, 7).replace('-', '_');
  return { name: `entry_${month}`, from: firstIdAt(first(ahead)), to: firstIdAt(first(ahead + 1)) };
}

async function exists(database: Pick<Database, 'query'>, name: string): Promise<boolean> {
  const { rows } = await database.query<{ made: boolean }>({
    name: 'audit-partition-exists',
    text: `SELECT to_regclass($1) IS NOT NULL AS made`,
    values: [`audit.${name}`],
  });
  return rows[0]?.made === true;
}

/** Made apart and attached, because CREATE … PARTITION OF would lock the whole table against writers. */
async function create(database: Pick<Database, 'transaction'>, name: string, from: string, to: string): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query({ text: `SELECT set_config('lock_timeout', '${lockWaitMs}ms', true)` });
    await tx.query({ text: `CREATE TABLE audit.${name} (LIKE audit.entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS)` });
    await tx.query({
      text: `ALTER TABLE audit.entry ATTACH PARTITION audit.${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
    });
  });
}
