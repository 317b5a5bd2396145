// Once a minute: removes what has expired, a little at a time, and writes down what was only remembered; any number of processes may do it side by side.

import type { Log } from '../kernel/log.ts';

/** A table whose rows are over at some time. */
export interface Expiring {
  /** Removes at most so many; returns how many went. */
  purge(limit: number): Promise<number>;
}

export interface HousekeepingOptions {
  readonly expiring: readonly Expiring[];
  /** What is kept in memory for a minute, and lost with a crash. */
  readonly remembered: { flush(): Promise<void> };
  readonly log: Log;
}

const intervalMs = 60_000;
const batchRows = 500;
/** A step ends after this many batches; what is left waits a minute. */
const maxBatches = 20;

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: NodeJS.Timeout | undefined;
  #step: Promise<unknown> = Promise.resolve();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#step = this.step().catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'expired rows could not be removed');
      });
    }, intervalMs);
    this.#timer.unref();
  }

  /** Resolves when the step that runs has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#step;
    await this.#options.remembered.flush();
  }

  /** Returns how many rows went. */
  async step(): Promise<number> {
    await this.#options.remembered.flush();
    let removed = 0;
    for (const table of this.#options.expiring) {
      for (let batch = 0; batch < maxBatches; batch++) {
        const now = await table.purge(batchRows);
        removed += now;
        if (now < batchRows) break;
      }
    }
    return removed;
  }
}
