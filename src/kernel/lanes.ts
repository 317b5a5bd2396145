// Turn-taking for work that is heavy on this process: so many at once, so many waiting, and everybody else is told to come again.

import { TrustError } from './errors.ts';

export interface LanesOptions {
  /** What is being done, for the message of the refusal. */
  readonly what: string;
  readonly mostRunning: number;
  readonly mostWaiting: number;
}

/** It protects this process only; another process has lanes of its own and needs nothing of these. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** Throws `too-many-requests` when the queue is full, and what the work throws. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { what, mostRunning, mostWaiting } = this.#options;
    if (this.#running >= mostRunning) {
      if (this.#waiting.length >= mostWaiting) {
        throw new TrustError('too-many-requests', `too many ${what} at once`, { details: { retryAfterSeconds: 5 } });
      }
      // The slot is handed over by whoever leaves, so #running stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
