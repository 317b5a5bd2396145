// Posts that go out in rounds until they have arrived: how the rounds end, and how long a failed post waits.

import { randomBytes } from '../../kernel/clock.ts';
import { Rounds, type RoundsOptions } from '../../kernel/rounds.ts';

export const outgoingPauseMs = 1000;
const stopPatienceMs = 2500;

export class OutgoingRounds {
  readonly #rounds: Rounds;
  #cut = new AbortController();

  constructor(options: RoundsOptions) {
    this.#rounds = new Rounds(options);
  }

  /** Cuts the attempts that are under way when patience ends. */
  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  start(): void {
    this.#cut = new AbortController();
    this.#rounds.start();
  }

  /** Attempts under way may end within a few seconds; one that is cut is due again at once, here or on another node. */
  async stop(): Promise<void> {
    const late = setTimeout(() => this.#cut.abort(), stopPatienceMs);
    await this.#rounds.stop();
    clearTimeout(late);
  }

  nudge(): void {
    this.#rounds.nudge();
  }
}

/** Up to a fifth more: what failed together is not tried together again. */
export function jittered(seconds: number): number {
  return seconds * (1 + (randomBytes(1)[0] ?? 0) / 1280);
}
