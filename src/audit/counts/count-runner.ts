// Follows the log in leaf order and counts each entry once: any number of nodes, any of them killed at any point.

import type { Database, Transaction } from '../../db/database.ts';
import type { Log } from '../../kernel/log.ts';
import { Rounds } from '../../kernel/rounds.ts';
import { readLeaves } from '../log-leaves.ts';
import { logId } from '../tree-store.ts';
import { type Tally, talliesOf } from './tally.ts';

export interface CountRunnerOptions {
  readonly database: Database;
  readonly log: Log;
  /** Where a test lets the process die. */
  readonly faults?: (point: 'counted' | 'committed') => void;
}

const batchSize = 256;
const pauseMs = 1000;

export class CountRunner {
  readonly #options: CountRunnerOptions;
  readonly #rounds: Rounds;

  constructor(options: CountRunnerOptions) {
    this.#options = options;
    this.#rounds = new Rounds({
      round: async () => {
        await this.step();
        return pauseMs;
      },
      failed: (error) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        options.log.warn({ reason }, 'the audit log could not be counted, it is tried again');
        return pauseMs;
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Counts all that is in the tree now, or leaves it to the node that is at it. */
  async step(): Promise<void> {
    while (!this.#rounds.stopping && (await this.#isBehind())) if (!(await this.#batch())) return;
  }

  /** Without a lock: an idle service writes nothing. */
  async #isBehind(): Promise<boolean> {
    const { rows } = await this.#options.database.query<{ behind: boolean }>({
      name: 'audit-count-behind',
      text: `SELECT p.next_index < h.size AS behind FROM audit.count_position p JOIN audit.log_head h ON h.log_id = p.log_id
        WHERE p.log_id = $1`,
      values: [logId],
    });
    return rows[0]?.behind === true;
  }

  /** One transaction: what was counted, and how far. False while another node holds the position. */
  async #batch(): Promise<boolean> {
    const { database, faults } = this.#options;
    const done = await database.transaction(async (tx) => {
      const { rows } = await tx.query<{ next_index: number }>({
        name: 'audit-count-hold',
        text: 'SELECT next_index FROM audit.count_position WHERE log_id = $1 FOR UPDATE SKIP LOCKED',
        values: [logId],
      });
      const [position] = rows;
      if (position === undefined) return false;
      const { leaves, nextIndex } = await readLeaves(tx, { fromIndex: position.next_index, limit: batchSize });
      await add(tx, talliesOf(leaves.map(({ leaf }) => leaf)));
      await tx.query({
        name: 'audit-count-move',
        text: 'UPDATE audit.count_position SET next_index = $2 WHERE log_id = $1',
        values: [logId, nextIndex],
      });
      // A crash up to here rolls it all back, and the same leaves are counted by whoever comes next.
      faults?.('counted');
      return nextIndex > position.next_index;
    });
    // A crash from here on: counted, and nobody counts them again.
    faults?.('committed');
    return done;
  }
}

async function add(tx: Transaction, tallies: readonly Tally[]): Promise<void> {
  if (tallies.length === 0) return;
  await tx.query({
    name: 'audit-count-add',
    text: `INSERT INTO audit.entry_count (log_id, span, starts_at, action, outcome, client_id, type_code, entries)
      SELECT $1::int, * FROM unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
      ON CONFLICT (log_id, span, starts_at, action, outcome, client_id, type_code)
      DO UPDATE SET entries = entry_count.entries + excluded.entries`,
    values: [
      logId,
      tallies.map(({ span }) => span),
      tallies.map(({ startsAt }) => startsAt),
      tallies.map(({ action }) => action),
      tallies.map(({ outcome }) => outcome),
      tallies.map(({ clientId }) => clientId),
      tallies.map(({ typeCode }) => typeCode),
      tallies.map(({ entries }) => entries),
    ],
  });
}
