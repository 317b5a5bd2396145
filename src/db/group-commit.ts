// Group commit: what was asked for in one turn of the event loop is written by one transaction, and each is answered after its own commit.

import { isTrustError, TrustError } from '../kernel/errors.ts';

export interface GroupCommitOptions<T, R> {
  /**
   * Does a lot, in the order of asking, and gives one result each in that order, once all of it is durable. A lot that fails may be done
   * again, item by item, so what a failure leaves behind must be harmless (an intent without an outcome, a number that is never used).
   */
  readonly work: (items: readonly T[]) => Promise<readonly R[]>;
  /** Whether a failure would hit each item alone too: then nothing is tried again. Default: database or key not to be had. */
  readonly concernsAll?: (error: unknown) => boolean;
  /** Most items in one lot. */
  readonly maxTogether?: number;
  /** Lots under way at once: while one waits for the disk, another uses the processor. */
  readonly maxLots?: number;
  /** Items that may wait; the next one is refused. */
  readonly maxWaiting?: number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit<T, R> {
  readonly #work: GroupCommitOptions<T, R>['work'];
  readonly #concernsAll: (error: unknown) => boolean;
  readonly #maxTogether: number;
  readonly #maxLots: number;
  readonly #maxWaiting: number;
  #waiting: Waiting<T, R>[] = [];
  #lots = 0;
  #gathering = false;

  constructor({ work, concernsAll, maxTogether = 256, maxLots = 3, maxWaiting = 4096 }: GroupCommitOptions<T, R>) {
    this.#work = work;
    this.#concernsAll = concernsAll ?? isOutage;
    this.#maxTogether = maxTogether;
    this.#maxLots = maxLots;
    this.#maxWaiting = maxWaiting;
  }

  /** Throws `too-many-requests` when the queue is full, and what the work throws. */
  add(item: T): Promise<R> {
    if (this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(new TrustError('too-many-requests', 'too much of this kind is waiting'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#gather();
    });
  }

  #gather(): void {
    if (this.#gathering || this.#lots >= this.#maxLots) return;
    this.#gathering = true;
    // Requests that were read from sockets in the same turn come together.
    setImmediate(() => {
      this.#gathering = false;
      while (this.#waiting.length > 0 && this.#lots < this.#maxLots) {
        const lot = this.#waiting.slice(0, this.#maxTogether);
        this.#waiting = this.#waiting.slice(lot.length);
        void this.#serve(lot);
      }
    });
  }

  async #serve(lot: readonly Waiting<T, R>[]): Promise<void> {
    this.#lots++;
    try {
      await this.#answer(lot);
    } catch (error) {
      const again = lot.length > 1 && !this.#concernsAll(error);
      // One bad request harms only itself: who it is shows when each is done alone.
      for (const one of lot) await (again ? this.#answer([one]).catch(one.reject) : one.reject(error));
    }
    this.#lots--;
    if (this.#waiting.length > 0) this.#gather();
  }

  async #answer(lot: readonly Waiting<T, R>[]): Promise<void> {
    const results = await this.#work(lot.map(({ item }) => item));
    if (results.length !== lot.length) throw new RangeError('a lot has one result for each item');
    for (const [place, result] of results.entries()) lot[place]?.resolve(result);
  }
}

function isOutage(error: unknown): boolean {
  return isTrustError(error, 'database-unavailable') || isTrustError(error, 'key-unavailable');
}
