// The name of the log in its checkpoints, and the new name of one that was restored from an old state; C2SP tlog-checkpoint, "origin".

import type { Database, Queryable } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { toHex } from '../kernel/bytes.ts';
import type { AuditLog } from './audit-log.ts';
import { logId } from './tree-store.ts';

/** Host of the public address and `/log`, and since a restart the time of it. */
export async function logOrigin(database: Queryable, publicUrl: string): Promise<string> {
  const { rows } = await database.query<{ suffix: string }>({
    name: 'audit-log-name',
    text: 'SELECT suffix FROM audit.log_name WHERE log_id = $1 ORDER BY begun_at DESC LIMIT 1',
    values: [logId],
  });
  return `${new URL(publicUrl).host}/log${rows[0]?.suffix ?? ''}`;
}

interface Restart {
  readonly database: Pick<Database, 'transaction'>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly clock: Clock;
  readonly principal: Principal;
  /** What is known outside of the log under its old name. */
  readonly last: Checkpoint;
}

/**
 * Gives the log a new name, which no witness knows yet, and writes into it what the old name stands for: origin, size and root that
 * were signed and are no more in this database. Every process takes the new name at its next start. The time in the name keeps it
 * new even when this deed itself is restored away.
 */
export async function restartLog({ database, audit, clock, principal, last }: Restart): Promise<void> {
  const now = clock.now();
  await database.transaction(async (tx) => {
    await tx.query({
      name: 'audit-log-rename',
      text: 'INSERT INTO audit.log_name (log_id, begun_at, suffix) VALUES ($1, $2, $3)',
      values: [logId, now, `/${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`],
    });
    await audit.record(tx, principal, {
      action: 'log.restarted',
      outcome: 'done',
      facts: { origin: last.origin, size: last.size, root: toHex(last.root) },
    });
  });
}
