// Identifiers of entries that only ever ascend within a process, because the sequencer sorts by them: an outcome must not come before its intent.
// UUID version 7 with a counter (RFC 9562, 6.2, method 1). Between processes the clocks decide.

import type { Clock } from '../kernel/clock.ts';
import { moment } from '../kernel/clock.ts';
import { newUuid, type Uuid } from '../kernel/ids.ts';

const maxSequence = 0xfff; // the 12 bits after the version

export class EntryIds {
  readonly #clock: Clock;
  #ms = 0;
  #sequence = 0;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** A clock that jumps back is not followed: the last moment goes on, a millisecond for each 4,096 entries, until the clock has come up. */
  next(): Uuid {
    const now = this.#clock.now().getTime();
    if (now > this.#ms) {
      this.#ms = now;
      this.#sequence = 0;
    } else if (this.#sequence < maxSequence) {
      this.#sequence++;
    } else {
      this.#ms++;
      this.#sequence = 0;
    }
    const at = moment(this.#ms);
    return newUuid({ now: () => at }, this.#sequence);
  }
}
