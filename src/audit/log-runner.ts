// Keeps the log moving: integrates what was committed, publishes checkpoints, makes partitions; any number of processes at once.

import type { Signer } from '../crypto/signer.ts';
import type { Database } from '../db/database.ts';
import { type Clock, monotonicMs } from '../kernel/clock.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { type NextRound, Rounds } from '../kernel/rounds.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { Cosigning, type WitnessPolicy } from './cosigning.ts';
import type { NoteMemory } from './note-memory.ts';
import { ensurePartitions } from './partitions.ts';
import { Publisher } from './publisher.ts';
import { batchSize, Sequencer } from './sequencer.ts';

export interface LogRunnerOptions {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  /** EdDSA, purpose `log`. */
  readonly signer: Signer;
  /** Name of the log: see src/audit/log-name.ts. */
  readonly origin: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly publishEveryMs?: number;
  readonly memory?: NoteMemory;
  /** Absent: nobody is asked, and checkpoints are shown as soon as they are stored. */
  readonly witnesses?: WitnessPolicy;
}

export interface LogStep {
  /** Entries that became leaves. */
  readonly integrated: number;
  /** Present when a checkpoint was published. */
  readonly checkpoint?: Checkpoint;
}

/** Nobody who waits for an entry waits this long: see `nudge`. A step costs as much for one entry as for hundreds. */
const pauseMs = 250;
const failurePauseMs = 1000;
const defaultPublishEveryMs = 1000;
const partitionsEveryMs = 3_600_000;
const recentLimit = 20_000;

export class LogRunner {
  /** Signed-note verifier key of the checkpoints: `name+hash+base64`. */
  readonly verifierKey: string;
  readonly #options: LogRunnerOptions;
  readonly #sequencer: Sequencer;
  readonly #publisher: Publisher;
  readonly #cosigning: Cosigning | undefined;
  /** What this process sequenced lately, so that the request that waits for its index need not ask the database. */
  readonly #recent = new Map<Uuid, number>();
  #publishedAtMs = Number.NEGATIVE_INFINITY;
  #partitionsAtMs = Number.NEGATIVE_INFINITY;
  #stepping: Promise<unknown> = Promise.resolve();
  readonly #rounds: Rounds;
  #forked: Error | undefined;

  /** Throws `key-purpose-wrong`, `algorithm-not-supported`, `configuration-invalid`. */
  constructor(options: LogRunnerOptions) {
    this.#options = options;
    const { database, clock, log, witnesses: policy } = options;
    this.#sequencer = new Sequencer({ database, clock });
    const publisher = new Publisher({ ...options, cosignatures: policy?.cosignatures ?? 0 });
    this.#publisher = publisher;
    const { signer } = publisher;
    if (policy !== undefined && policy.witnesses.length > 0)
      this.#cosigning = new Cosigning({ database, policy, signer, emptyTree: () => publisher.emptyTree(), log });
    this.verifierKey = publisher.verifierKey;
    // The first round of all is the step in `start`.
    this.#rounds = new Rounds({
      firstPauseMs: pauseMs,
      round: () => this.#round(),
      failed: (error) => this.#failed(error),
    });
  }

  /** Publishes the present head, then goes on by itself until `stop`. Throws what the first step throws. */
  async start(): Promise<void> {
    await this.step();
    this.#cosigning?.start();
    this.#rounds.start();
  }

  /** Integrates and publishes what is there, then ends. */
  async stop(): Promise<void> {
    if (!this.#rounds.started) return;
    await this.#rounds.stop();
    await this.#cosigning?.stop();
    if (this.forked === undefined) await this.#publishing();
  }

  /** All that is in the queue becomes leaves, and the new head is published. Calls of one process follow each other. */
  async step(): Promise<LogStep> {
    await this.#cosigning?.confirm();
    return this.#publishing();
  }

  /** Has the witnesses cosign the newest checkpoint; the loop of `start` does so by itself. */
  async cosign(): Promise<void> {
    await this.#cosigning?.round();
  }

  async #publishing(): Promise<LogStep> {
    const next = this.#stepping.then(
      () => this.#step(true),
      () => this.#step(true),
    );
    this.#stepping = next;
    return next;
  }

  /** Somebody waits for an entry: do not sleep out the pause. */
  nudge(): void {
    this.#rounds.nudge();
  }

  recentIndex(entryId: Uuid): number | undefined {
    return this.#recent.get(entryId);
  }

  /** The alarm: the log refused to sign because the database contradicts what was signed before. */
  get forked(): Error | undefined {
    return this.#forked ?? this.#cosigning?.forked;
  }

  async #round(): Promise<NextRound> {
    const next = this.#stepping.then(() => this.#step(false));
    this.#stepping = next.catch(() => undefined);
    await next;
    return pauseMs;
  }

  #failed(error: unknown): NextRound {
    const { log } = this.#options;
    const reason = error instanceof Error ? error.message : 'unknown';
    if (isTrustError(error, 'audit-fork')) {
      this.#forked = error;
      log.error({ reason }, 'the audit log is stopped: an operator must decide');
      return 'end';
    }
    log.warn({ reason }, 'audit log step failed, it is tried again');
    return failurePauseMs;
  }

  async #step(publishNow: boolean): Promise<LogStep> {
    const now = monotonicMs();
    if (now - this.#partitionsAtMs >= partitionsEveryMs) {
      await ensurePartitions(this.#options);
      this.#partitionsAtMs = now;
    }
    let integrated = 0;
    for (;;) {
      const sequenced = await this.#sequencer.step();
      if (sequenced === undefined) break;
      integrated += sequenced.indexes.size;
      this.#remember(sequenced.indexes);
      if (sequenced.indexes.size < batchSize) break;
    }
    const due = now - this.#publishedAtMs >= (this.#options.publishEveryMs ?? defaultPublishEveryMs);
    if (!publishNow && !due) return { integrated };
    // Rule 4: until the witnesses were heard the tree grows, and nothing is signed.
    if (this.#cosigning?.confirmed === false) return { integrated };
    const checkpoint = await this.#publisher.publish();
    this.#publishedAtMs = now;
    if (checkpoint !== undefined) this.#cosigning?.nudge();
    return checkpoint === undefined ? { integrated } : { integrated, checkpoint };
  }

  #remember(indexes: ReadonlyMap<Uuid, number>): void {
    for (const [id, index] of indexes) this.#recent.set(id, index);
    for (const id of this.#recent.keys()) {
      if (this.#recent.size <= recentLimit) break;
      this.#recent.delete(id);
    }
  }
}
