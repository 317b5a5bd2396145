// Waiting for the places of entries in the log: one question to the database for all who wait in this process, again and again.

import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../kernel/clock.ts';
import type { Uuid } from '../kernel/ids.ts';

export interface IndexWaitsOptions {
  /** Indexes of those that are in the tree. */
  readonly ask: (entryIds: readonly Uuid[]) => Promise<ReadonlyMap<Uuid, number>>;
  /** Before each question: whoever can bring entries into the tree shall not sleep. */
  readonly nudge: () => void;
}

interface Waiting {
  readonly entryId: Uuid;
  readonly untilMs: number;
  readonly resolve: (index: number | null) => void;
  readonly reject: (error: unknown) => void;
}

const pollMs = 20;

export class IndexWaits {
  readonly #options: IndexWaitsOptions;
  #waiting: Waiting[] = [];
  #asking = false;

  constructor(options: IndexWaitsOptions) {
    this.#options = options;
  }

  /** Null when it is not in the tree within `waitMs`; it is asked once at least. Throws what asking throws. */
  indexOf(entryId: Uuid, waitMs: number): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entryId, untilMs: monotonicMs() + waitMs, resolve, reject });
      if (!this.#asking) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#waiting.length > 0) {
      const asked = this.#waiting;
      this.#waiting = [];
      const late = await this.#round(asked);
      this.#waiting.push(...late);
      if (late.length === 0) continue;
      this.#options.nudge();
      const leftMs = Math.min(...late.map(({ untilMs }) => untilMs)) - monotonicMs();
      await sleep(Math.max(1, Math.min(pollMs, leftMs)));
    }
    this.#asking = false;
  }

  /** Those who must ask again. */
  async #round(asked: readonly Waiting[]): Promise<Waiting[]> {
    try {
      const indexes = await this.#options.ask([...new Set(asked.map(({ entryId }) => entryId))]);
      const nowMs = monotonicMs();
      return asked.filter(({ entryId, untilMs, resolve }) => {
        const index = indexes.get(entryId);
        if (index === undefined && nowMs < untilMs) return true;
        resolve(index ?? null);
        return false;
      });
    } catch (error) {
      for (const { reject } of asked) reject(error);
      return [];
    }
  }
}
