// Work in the background: one round after another, with a pause between them that a nudge ends.

/** Milliseconds to pause before the next round; 0: none. `end`: there is no next one. */
export type NextRound = number | 'end';

export interface RoundsOptions {
  readonly round: () => Promise<NextRound>;
  /** A round threw: tells whom it concerns, and goes on or ends. */
  readonly failed: (error: unknown) => NextRound;
  /** Before the first round, milliseconds; absent: none. */
  readonly firstPauseMs?: number;
}

export class Rounds {
  readonly #options: RoundsOptions;
  #running: Promise<void> | undefined;
  #stopping = false;
  #wake: (() => void) | undefined;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Between `start` and `stop`, also when a round said `end`. */
  get started(): boolean {
    return this.#running !== undefined;
  }

  /** A long round looks whether it should come to its end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  start(): void {
    this.#stopping = false;
    this.#running ??= this.#run();
  }

  /** When it returns no round is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.nudge();
    await this.#running;
    this.#running = undefined;
  }

  /** Somebody waits: the pause is over. During a round it does nothing. */
  nudge(): void {
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const { round, failed, firstPauseMs = 0 } = this.#options;
    let next: NextRound = firstPauseMs;
    for (;;) {
      if (next > 0 && !this.#stopping) await this.#pause(next);
      if (this.#stopping) return;
      next = await round().catch(failed);
      if (next === 'end') return;
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
