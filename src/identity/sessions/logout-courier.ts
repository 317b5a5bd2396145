// Tells relying parties that a session ended, until they have heard it or the tries are used up; OpenID Connect Back-Channel Logout 1.0, 2.5 to 2.8.

import type { Provider } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import { type OutgoingRules, postOut, type PostOutcome } from '../../audit/alerts/outgoing-post.ts';
import { jittered, outgoingPauseMs, OutgoingRounds } from '../../audit/alerts/outgoing-rounds.ts';
import type { Database } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { idFromUuid } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { house } from '../../kernel/principal.ts';
import type { AttemptEnd, DueNotice, LogoutOutbox } from './logout-outbox.ts';
import { logoutToken } from './logout-token.ts';

export interface LogoutCourierOptions {
  readonly database: Database;
  readonly outbox: LogoutOutbox;
  readonly audit: AuditLog;
  /** Whichever engine is in use now: its keys sign. */
  readonly present: { readonly provider: Provider };
  readonly rules: OutgoingRules;
  readonly clock: Clock;
  readonly log: Log;
  /** Seconds after each failure; when they are used up the notice is given up. */
  readonly retrySeconds?: readonly number[];
}

/** A day in all: longer than a session of any relying party should live unseen. */
const defaultRetrySeconds = [2, 10, 60, 300, 1800, 7200, 21_600, 57_600];
const leaseSeconds = 30; // well over what one attempt may last
const atOnce = 8;

type Outcome = PostOutcome | { readonly fault: 'client-unusable' };

export class LogoutCourier {
  readonly #options: LogoutCourierOptions;
  readonly #rounds: OutgoingRounds;

  constructor(options: LogoutCourierOptions) {
    this.#options = options;
    this.#rounds = new OutgoingRounds({
      round: async () => ((await this.step()) > 0 ? 0 : outgoingPauseMs),
      failed: (error) => {
        options.log.warn({ err: error }, 'notices of logout could not be taken, they are tried again');
        return outgoingPauseMs;
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Something became due. */
  nudge(): void {
    this.#rounds.nudge();
  }

  /** One lot of what is due now; how many attempts were made. */
  async step(): Promise<number> {
    const due = await this.#options.outbox.take({ leaseSeconds, limit: atOnce });
    // A crash from here on: the lease ends, and the notice is sent again with a token of its own.
    await Promise.all(due.map((notice) => this.#attempt(notice)));
    return due.length;
  }

  async #attempt(notice: DueNotice): Promise<void> {
    const { log } = this.#options;
    const outcome = await this.#post(notice);
    const end = this.#endOf(notice, outcome);
    await this.#settle(notice, end);
    if (end.state === 'delivered') return;
    const { status, fault, state } = end;
    const { client_id: clientId, attempts } = notice;
    log.warn({ clientId, status, fault, state, attempts }, 'a relying party was not told of a logout');
  }

  async #post({ client_id: clientId, account_id: account, sid, uri }: DueNotice): Promise<Outcome> {
    const { present, rules } = this.#options;
    const { provider } = present;
    const client = uri === null ? undefined : await provider.Client.find(clientId);
    if (client === undefined || uri === null) return { fault: 'client-unusable' };
    const token = await logoutToken(provider, client, { accountId: idFromUuid('account', account), sid });
    const form = new URLSearchParams({ logout_token: token });
    return postOut(
      {
        url: uri,
        headers: { 'user-agent': 'yinxin-logout' },
        contentType: 'application/x-www-form-urlencoded',
        body: form.toString(),
        signal: this.#rounds.signal,
      },
      rules,
    );
  }

  #endOf({ attempts }: DueNotice, outcome: Outcome): AttemptEnd {
    const { clock, retrySeconds = defaultRetrySeconds } = this.#options;
    const now = clock.now();
    if ('fault' in outcome && outcome.fault === 'stopped')
      return { state: 'waiting', dueAt: now, status: null, fault: 'stopped' };
    const [status, fault] = 'status' in outcome ? [outcome.status, null] : [null, outcome.fault];
    if (status !== null && status >= 200 && status <= 299) return { state: 'delivered', dueAt: now, status, fault };
    const pauseSeconds = fault === 'client-unusable' ? undefined : retrySeconds[attempts - 1];
    if (pauseSeconds === undefined) return { state: 'abandoned', dueAt: now, status, fault };
    return { state: 'waiting', dueAt: addSeconds(now, jittered(pauseSeconds)), status, fault };
  }

  /** That a system was never told is itself in the log, in the transaction that gives up. */
  async #settle(notice: DueNotice, end: AttemptEnd): Promise<void> {
    const { database, outbox, audit } = this.#options;
    if (end.state !== 'abandoned') {
      await outbox.end(database, notice, end);
      return;
    }
    await database.transaction(async (tx) => {
      if (!(await outbox.end(tx, notice, end))) return;
      await audit.record(tx, house, {
        action: 'logout.undelivered',
        outcome: 'failed',
        subjectId: idFromUuid('account', notice.account_id),
        facts: {
          client: notice.client_id,
          attempts: notice.attempts,
          ...(end.status === null ? {} : { status: end.status }),
          ...(end.fault === null ? {} : { fault: end.fault }),
        },
      });
    });
  }
}
