// Follows the log in leaf order and lets the rules judge each entry once: any number of nodes, any of them killed at any point.

import type { Database, Transaction } from '../../db/database.ts';
import { type Clock, monotonicMs } from '../../kernel/clock.ts';
import { newUuid, type Uuid } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { Rounds } from '../../kernel/rounds.ts';
import type { AlertRuleName } from '../../kernel/words/alerts.ts';
import { momentOf } from '../leaf.ts';
import type { AlertEvent } from './alert-event.ts';
import {
  forgetMemories,
  growAlert,
  holdPosition,
  insertAlert,
  isBehind,
  latestCourses,
  movePosition,
  oldestWaiting,
  readMemories,
  type StoredCourse,
  type Subject,
  writeMemories,
} from './alert-store.ts';
import { type Alarm, type Chapter, chaptersOf, judged, subjectKey, watchedBy } from './judge.ts';
import { readSettings, RuleSettings } from './rule-settings.ts';
import { alertRules } from './rules.ts';

export interface Batch {
  readonly events: readonly AlertEvent[];
  /** Leaf index after the last one that was looked at. */
  readonly nextIndex: number;
}

/** An alert as it was raised, for those who tell the world of it. */
export interface Raised {
  readonly alertId: Uuid;
  readonly rule: AlertRuleName;
  readonly course: Chapter['course'];
  readonly facts: Alarm['facts'];
}

export interface AlertRunnerOptions {
  readonly database: Database;
  /** Leaves from an index on, at most `limit`, none beyond the head. */
  readonly read: (tx: Transaction, span: { fromIndex: number; limit: number }) => Promise<Batch>;
  /** In the transaction that stores the alert: its deliveries are as durable as itself. */
  readonly enqueue: (tx: Transaction, raised: Raised) => Promise<number>;
  /** After the commit of deliveries. */
  readonly nudge: () => void;
  /** Why the log of this process refuses to go on, if it does. */
  readonly forked: () => Error | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults?: AlertFaults;
}

/** Where a test lets the process die. */
export type AlertFaults = (point: 'stored' | 'committed') => void;

const batchSize = 256;
const pauseMs = 400;
const failurePauseMs = 2000;
const watchEveryMs = 10_000;
const forgetEveryMs = 60_000;
const forgetAtOnce = 1000;

export class AlertRunner {
  readonly #options: AlertRunnerOptions;
  readonly #rounds: Rounds;
  #watchedAtMs = Number.NEGATIVE_INFINITY;
  #forgotAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: AlertRunnerOptions) {
    this.#options = options;
    this.#rounds = new Rounds({
      round: () => this.#round(),
      failed: (error) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        options.log.warn({ reason }, 'the alert rules could not go on, they try again');
        return failurePauseMs;
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Judges all that is in the tree now, or leaves it to the node that is at it. Returns how many entries it judged. */
  async step(): Promise<number> {
    let judgedCount = 0;
    while (await isBehind(this.#options.database)) {
      const done = await this.#batch();
      if (done === undefined) break;
      judgedCount += done;
    }
    return judgedCount;
  }

  /** What a log that stands still cannot say of itself. Returns whether it raised or prolonged an alert. */
  async watchLog(): Promise<boolean> {
    const { database, clock } = this.#options;
    const fault = await this.#faultOfLog();
    if (fault === undefined) return false;
    const alarm: Alarm = {
      rule: 'log-stopped',
      subject: fault,
      facts: { fault },
      atMs: clock.now().getTime(),
      count: 1,
      growth: 0,
      indexes: [],
      quietMs: alertRules['log-stopped'].quietSeconds({}) * 1000,
    };
    return this.#told(
      await database.transaction(async (tx) => {
        const position = await holdPosition(tx);
        return position === undefined ? undefined : this.#store(tx, [alarm]);
      }),
    );
  }

  async #round(): Promise<number> {
    const { database, clock } = this.#options;
    await this.step();
    const now = monotonicMs();
    if (now - this.#watchedAtMs >= watchEveryMs) {
      this.#watchedAtMs = now;
      await this.watchLog();
    }
    if (now - this.#forgotAtMs >= forgetEveryMs) {
      this.#forgotAtMs = now;
      await forgetMemories(database, clock.now(), forgetAtOnce);
    }
    return pauseMs;
  }

  /** One transaction: what the rules remember, what they raise, what is to be delivered, and how far they came. */
  async #batch(): Promise<number | undefined> {
    const { database, read } = this.#options;
    const done = await database.transaction(async (tx) => {
      const position = await holdPosition(tx);
      if (position === undefined) return undefined;
      const { events, nextIndex } = await read(tx, { fromIndex: position.nextIndex, limit: batchSize });
      const followedSince = position.followedSince ?? events[0]?.at ?? this.#options.clock.now();
      const deliveries = await this.#judge(tx, events, followedSince);
      await movePosition(tx, nextIndex, followedSince);
      this.#options.faults?.('stored');
      // A crash up to here rolls it all back: the same entries are judged again, from the same memory, and nobody was told.
      return { count: nextIndex - position.nextIndex, deliveries };
    });
    // A crash from here on leaves deliveries that are due: any node takes them.
    this.#options.faults?.('committed');
    this.#told(done?.deliveries);
    return done?.count;
  }

  async #judge(tx: Transaction, events: readonly AlertEvent[], followedSince: Date): Promise<number> {
    const watched = watchedBy(new RuleSettings(await readSettings(tx)), events);
    if (watched.length === 0) return 0;
    const { alarms, remembered } = judged(watched, await readMemories(tx, distinct(watched)), followedSince);
    if (remembered.length > 0) await writeMemories(tx, remembered);
    return this.#store(tx, alarms);
  }

  /** Returns how many deliveries are due. */
  async #store(tx: Transaction, alarms: readonly Alarm[]): Promise<number> {
    if (alarms.length === 0) return 0;
    const latest = await latestCourses(tx, distinct(alarms));
    let deliveries = 0;
    for (const { alarm, course, isNew } of chaptersOf(alarms, latest)) {
      const { rule, subject, facts } = alarm;
      const before: StoredCourse | undefined = isNew ? undefined : latest.get(subjectKey(alarm));
      if (before !== undefined) {
        await growAlert(tx, { alertId: before.alertId, ...course });
        continue;
      }
      const alertId = newUuid(this.#options.clock);
      const { severity } = alertRules[rule];
      await insertAlert(tx, { alertId, rule, subject, severity, ...course, facts: JSON.stringify(facts) });
      deliveries += await this.#options.enqueue(tx, { alertId, rule, course, facts });
    }
    return deliveries;
  }

  #told(deliveries: number | undefined): boolean {
    if (deliveries === undefined) return false;
    if (deliveries > 0) this.#options.nudge();
    return true;
  }

  async #faultOfLog(): Promise<'fork' | 'standstill' | undefined> {
    const { database, clock, forked } = this.#options;
    const settings = new RuleSettings(await readSettings(database));
    const numbers = settings.numbersFor('log-stopped', undefined);
    if (numbers === undefined) return undefined;
    if (forked() !== undefined) return 'fork';
    const oldest = await oldestWaiting(database);
    const stalledMs = (numbers['stalledSeconds'] ?? 0) * 1000;
    const waits = oldest !== undefined && clock.now().getTime() - momentOf(oldest).getTime() > stalledMs;
    return waits ? 'standstill' : undefined;
  }
}

function distinct(subjects: readonly Subject[]): Subject[] {
  return [...new Map(subjects.map((one) => [subjectKey(one), one])).values()];
}
