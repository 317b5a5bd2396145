// The database as the rooms see it: one pool, single statements, and transactions that are repeated when the server asks for it.

import { Pool, type PoolClient, type QueryConfig, type QueryResultRow } from 'pg';
import { randomBytes } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { columnTypes } from './column-types.ts';
import { failureCode, isRepeatable, translated } from './failures.ts';

export interface Query {
  /** A named statement is parsed once a connection; one name always stands for one text. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface Rows<R> {
  readonly rows: R[];
  readonly rowCount: number;
}

export interface Queryable {
  query<R extends object = Record<string, unknown>>(query: Query): Promise<Rows<R>>;
}

export interface Transaction extends Queryable {
  readonly inTransaction: true;
}

/** How long the service waits before it says `database-unavailable`. */
export interface DatabaseTimeouts {
  readonly connectMs: number;
  readonly statementMs: number;
  /** Longer than `statementMs`: the server's refusal should arrive first, because it also frees the server. */
  readonly answerMs: number;
  readonly idleInTransactionMs: number;
}

export const serviceTimeouts: DatabaseTimeouts = {
  connectMs: 1500,
  statementMs: 2500,
  answerMs: 3000,
  idleInTransactionMs: 3000,
};

export interface DatabaseOptions {
  readonly url: string;
  readonly log: Log;
  readonly maxConnections?: number;
  readonly timeouts?: DatabaseTimeouts;
}

const defaultMaxConnections = 10;
const maxAttempts = 6; // with the pauses below ~0.3 s: a conflict that outlives this is a design fault, not bad luck

export class Database implements Queryable {
  readonly pool: Pool;
  readonly #apart: Pool;

  private constructor(pool: Pool, apart: Pool) {
    this.pool = pool;
    this.#apart = apart;
  }

  /** Opens the pool and proves that the server answers; `database-unavailable` when it does not. */
  static async connect(options: DatabaseOptions): Promise<Database> {
    const timeouts = options.timeouts ?? serviceTimeouts;
    const settings = {
      connectionString: options.url,
      application_name: 'yinxin',
      types: columnTypes(),
      connectionTimeoutMillis: timeouts.connectMs,
      statement_timeout: timeouts.statementMs,
      query_timeout: timeouts.answerMs,
      idle_in_transaction_session_timeout: timeouts.idleInTransactionMs,
    };
    const pool = new Pool({ ...settings, max: options.maxConnections ?? defaultMaxConnections });
    const apart = new Pool({ ...settings, max: 1 });
    // An 'error' event without a listener ends the process: the pool raises it for idle clients, and a client that
    // is checked out raises its own. The query that was running fails by itself; here is only the log line.
    const lost = (error: Error): void => {
      if (pool.ending || apart.ending) return; // the server may say goodbye to a socket that is just being closed
      options.log.warn({ reason: error.message, sqlState: failureCode(error) }, 'database connection lost');
    };
    for (const each of [pool, apart]) {
      each.on('error', lost);
      each.on('connect', (client) => {
        client.on('error', lost);
      });
    }
    const database = new Database(pool, apart);
    try {
      await database.query({ text: 'SELECT 1' });
    } catch (error) {
      await pool.end();
      throw error;
    }
    return database;
  }

  /** One statement in its own transaction. Never repeated: it may have been committed when the answer was lost. */
  async query<R extends object = Record<string, unknown>>(query: Query): Promise<Rows<R>> {
    try {
      return await send<R>(this.pool, query);
    } catch (error) {
      throw translated(error);
    }
  }

  /**
   * The same on a connection that no transaction ever holds: for what a transaction in hand waits for. From the pool it might wait for
   * ever, when all connections are held by transactions that wait likewise. Opened when first used, closed when idle.
   */
  async queryApart<R extends object = Record<string, unknown>>(query: Query): Promise<Rows<R>> {
    try {
      return await send<R>(this.#apart, query);
    } catch (error) {
      throw translated(error);
    }
  }

  /**
   * BEGIN … COMMIT around `work`, at READ COMMITTED. On 40001 and 40P01 everything is run again, so `work` must have
   * no effect outside the transaction. When the connection dies during COMMIT the outcome is unknown: it is
   * `database-unavailable`, and the caller finds out by its request key, never by running `work` again here.
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (attempt === maxAttempts || !isRepeatable(error)) throw translated(error);
        await pauseBefore(attempt);
      }
    }
  }

  async close(): Promise<void> {
    if (!this.pool.ending) await Promise.all([this.pool.end(), this.#apart.end()]);
  }

  async #attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work({ inTransaction: true, query: (query) => send(client, query) });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // A client that cannot even roll back is in an unknown state and must not serve another caller.
      await client.query('ROLLBACK').catch((failure: unknown) => {
        broken = failure instanceof Error ? failure : new Error('rollback failed');
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

async function send<R extends object>(on: Pool | PoolClient, query: Query): Promise<Rows<R>> {
  const config: QueryConfig = { text: query.text };
  if (query.name !== undefined) config.name = query.name;
  if (query.values !== undefined) config.values = [...query.values];
  const result = await on.query<R & QueryResultRow>(config);
  return { rows: result.rows, rowCount: result.rowCount ?? 0 };
}

/** Two that collided must not collide again in step: 5-10 ms, doubled each time, at random. */
async function pauseBefore(attempt: number): Promise<void> {
  const jitter = (randomBytes(1)[0] ?? 0) / 256;
  await new Promise((resolve) => {
    setTimeout(resolve, 2 ** attempt * 2.5 * (1 + jitter));
  });
}
