// A circuit breaker for one outside service, in this process: after failures in a row nobody waits for it until a trial succeeds.

import { monotonicMs } from '../kernel/clock.ts';

export interface CircuitOptions {
  /** Failures in a row after which calls are no longer made. */
  readonly maxFailures?: number;
  /** For how long; then one call is made as a trial. */
  readonly pauseMs?: number;
  /** Milliseconds that only go forward; tests bring their own. */
  readonly nowMs?: () => number;
}

const defaultMaxFailures = 5;
const defaultPauseMs = 30_000;

export class Circuit {
  readonly #maxFailures: number;
  readonly #pauseMs: number;
  readonly #nowMs: () => number;
  #failures = 0;
  #closedUntilMs = 0;

  constructor({
    maxFailures = defaultMaxFailures,
    pauseMs = defaultPauseMs,
    nowMs = monotonicMs,
  }: CircuitOptions = {}) {
    this.#maxFailures = maxFailures;
    this.#pauseMs = pauseMs;
    this.#nowMs = nowMs;
  }

  /** Whether a call may be made now. Of those who ask when a pause is over, one makes the trial. */
  admits(): boolean {
    if (this.#failures < this.#maxFailures) return true;
    const now = this.#nowMs();
    if (now < this.#closedUntilMs) return false;
    this.#closedUntilMs = now + this.#pauseMs;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures++;
    if (this.#failures >= this.#maxFailures) this.#closedUntilMs = this.#nowMs() + this.#pauseMs;
  }
}
