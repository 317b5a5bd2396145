// What relying parties must still be told of sessions that ended; OpenID Connect Back-Channel Logout 1.0. A row is written in the
// transaction that ends the session, so that no crash lets a system believe for ever that somebody is there.

import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { newUuid, type Uuid } from '../../kernel/ids.ts';

export interface EndedAtParty {
  readonly clientId: string;
  readonly account: Uuid;
  readonly sid: string;
}

export interface DueNotice {
  readonly notice_id: Uuid;
  readonly client_id: string;
  readonly account_id: Uuid;
  readonly sid: string;
  /** With the one that begins. */
  readonly attempts: number;
  /** Null: the client wants none any more, or can no longer be used. */
  readonly uri: string | null;
}

export interface AttemptEnd {
  readonly state: 'waiting' | 'delivered' | 'abandoned';
  readonly dueAt: Date;
  readonly status: number | null;
  readonly fault: string | null;
}

const keptSeconds = 30 * 86_400;

export class LogoutOutbox {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor({ database, clock }: { readonly database: Database; readonly clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** For those of the clients that are registered with an address to be told at; how many. */
  async add(tx: Transaction, ended: readonly EndedAtParty[]): Promise<number> {
    if (ended.length === 0) return 0;
    const { rowCount } = await tx.query({
      name: 'logout-notice-add',
      text: `INSERT INTO identity.logout_notice (notice_id, client_id, account_id, sid, state, attempts, due_at)
        SELECT t.notice_id, t.client_id, t.account_id, t.sid, 'waiting', 0, $5
        FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[]) AS t (notice_id, client_id, account_id, sid)
        JOIN identity.client c ON c.client_id = t.client_id WHERE c.backchannel_logout_uri IS NOT NULL`,
      values: [
        ended.map(() => newUuid(this.#clock)),
        ended.map(({ clientId }) => clientId),
        ended.map(({ account }) => account),
        ended.map(({ sid }) => sid),
        this.#clock.now(),
      ],
    });
    return rowCount;
  }

  /** A lot of what is due, under a lease: whoever took it and does not come back leaves it to others. */
  async take({ leaseSeconds, limit }: { leaseSeconds: number; limit: number }): Promise<DueNotice[]> {
    const now = this.#clock.now();
    const { rows } = await this.#database.query<DueNotice>({
      name: 'logout-notice-take',
      text: `UPDATE identity.logout_notice n SET attempts = n.attempts + 1, due_at = $2
        FROM (SELECT x.notice_id, c.backchannel_logout_uri AS uri
          FROM identity.logout_notice x JOIN identity.client c ON c.client_id = x.client_id
          WHERE x.state = 'waiting' AND x.due_at <= $1
          ORDER BY x.due_at LIMIT $3 FOR UPDATE OF x SKIP LOCKED) AS due
        WHERE n.notice_id = due.notice_id
        RETURNING n.notice_id, n.client_id, n.account_id, n.sid, n.attempts, due.uri`,
      values: [now, addSeconds(now, leaseSeconds), limit],
    });
    return rows;
  }

  /** Only of the attempt that was taken; false when another node has taken it over since. */
  async end(on: Queryable, { notice_id: id, attempts }: DueNotice, end: AttemptEnd): Promise<boolean> {
    const { rowCount } = await on.query({
      name: 'logout-notice-end',
      text: `UPDATE identity.logout_notice SET state = $3, due_at = $4, status = $5, fault = $6
        WHERE notice_id = $1 AND attempts = $2 AND state = 'waiting'`,
      values: [id, attempts, end.state, end.dueAt, end.status, end.fault],
    });
    return rowCount === 1;
  }

  /** Removes what came to its end a month ago; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#database.query({
      text: `DELETE FROM identity.logout_notice WHERE notice_id IN (SELECT notice_id FROM identity.logout_notice
        WHERE state <> 'waiting' AND due_at < $1 ORDER BY due_at LIMIT $2)`,
      values: [addSeconds(this.#clock.now(), -keptSeconds), limit],
    });
    return rowCount;
  }
}
