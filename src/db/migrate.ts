// Brings a database to the schema of this code: numbered files `sql/NNNN-room-what.sql`, forward only, one transaction each.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PoolClient, QueryConfig } from 'pg';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Database } from './database.ts';
import { failureCode, translated } from './failures.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  readonly sha256: Uint8Array;
}

interface MigrateOptions {
  readonly directory: string;
  readonly log: Log;
  readonly clock: Clock;
}

const fileName = /^(\d{4})-[a-z]+-[a-z0-9-]+\.sql$/;
const statementLimitMs = 600_000; // an index over a large table is built in minutes; the service's own limits are for requests
const bootstrapAttempts = 20;

/**
 * Applies what is missing and returns the names that were applied. Any number of processes may call it at once.
 * `migration-mismatch`: a file differs from what was applied, or comes before one that was applied already.
 */
export async function migrate(database: Database, options: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(options.directory);
  const client = await database.pool.connect();
  try {
    await openLedger(client, migrations);
    const applied: string[] = [];
    for (const migration of migrations) {
      if (await applyOnce(client, migration, migrations, options.clock)) {
        options.log.info({ migration: migration.name }, 'migration applied');
        applied.push(migration.name);
      }
    }
    return applied;
  } catch (error) {
    throw translated(error);
  } finally {
    // The session's limits were changed: this connection must not serve requests.
    client.release(true);
  }
}

/** The migration files of a directory in order; `migration-mismatch` when a name is wrong or a number occurs twice. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const digits = fileName.exec(name)?.[1];
    if (digits === undefined) throw mismatch(`${name} is not spelled NNNN-room-what.sql`);
    const number = Number(digits);
    if (migrations.at(-1)?.number === number) throw mismatch(`number ${digits} occurs twice`);
    // A checkout with other line ends is the same migration.
    const text = (await readFile(join(directory, name), 'utf8')).replaceAll('\r\n', '\n');
    migrations.push({ number, name, text, sha256: createHash('sha256').update(text).digest() });
  }
  return migrations;
}

/** The first file makes the ledger itself and is written so that it can be run again. */
async function openLedger(client: PoolClient, migrations: readonly Migration[]): Promise<void> {
  const [ledger] = migrations;
  if (ledger === undefined) throw mismatch('no migration files');
  for (let attempt = 1; ; attempt++) {
    try {
      await run(client, ledger.text);
      return;
    } catch (error) {
      // IF NOT EXISTS is not atomic: of two processes that start together one meets the other's half (23505, 42P06, 42P07).
      const raced = ['23505', '42P06', '42P07', '40001'].includes(failureCode(error) ?? '');
      if (!raced || attempt === bootstrapAttempts) throw error;
    }
  }
}

async function applyOnce(
  client: PoolClient,
  migration: Migration,
  known: readonly Migration[],
  clock: Clock,
): Promise<boolean> {
  await run(client, 'BEGIN');
  try {
    await run(client, `SET LOCAL statement_timeout = ${statementLimitMs}`);
    await run(client, 'SET LOCAL idle_in_transaction_session_timeout = 0');
    await run(client, 'SELECT id FROM db.migration_lock WHERE id = 1 FOR UPDATE');
    const missing = await isMissing(client, migration, known);
    if (missing) {
      if (migration !== known[0]) await run(client, migration.text);
      await client.query('INSERT INTO db.migration (number, name, sha256, applied_at) VALUES ($1, $2, $3, $4)', [
        migration.number,
        migration.name,
        migration.sha256,
        clock.now(),
      ]);
    }
    // A crash before this line leaves nothing of the migration; after it, all of it.
    await run(client, 'COMMIT');
    return missing;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Judged under the lock. A database that is ahead of this code is accepted: during a rolling update old processes restart. */
async function isMissing(client: PoolClient, migration: Migration, known: readonly Migration[]): Promise<boolean> {
  const ledger = await client.query<{ number: number; name: string; sha256: Uint8Array }>(
    'SELECT number, name, sha256 FROM db.migration ORDER BY number',
  );
  const done = ledger.rows.find((row) => row.number === migration.number);
  if (done !== undefined) {
    if (Buffer.compare(done.sha256, migration.sha256) !== 0)
      throw mismatch(`${migration.name} differs from what was applied as ${done.name}`);
    return false;
  }
  const highestKnown = known.at(-1)?.number ?? 0;
  const later = ledger.rows.find((row) => row.number > migration.number && row.number <= highestKnown);
  if (later !== undefined) throw mismatch(`${migration.name} comes before ${later.name}, which was applied already`);
  return true;
}

async function run(client: PoolClient, text: string): Promise<void> {
  const config: QueryConfig & { query_timeout: number } = { text, query_timeout: statementLimitMs };
  await client.query(config);
}

function mismatch(message: string): TrustError {
  return new TrustError('migration-mismatch', message);
}
