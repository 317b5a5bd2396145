// Work that costs little more for many than for one: who asks while others are being served is served with the next lot.

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

export interface TogetherQueueOptions<T, R> {
  /** Most items in one lot. */
  readonly max: number;
  /** Results in the order of the items; when it throws, everybody of the lot gets the error. */
  readonly work: (items: readonly T[]) => Promise<readonly R[]>;
}

/** While one lot waits for the database, another can use the processor; more would only make the lots smaller. */
const lotsAtOnce = 2;

export class TogetherQueue<T, R> {
  readonly #options: TogetherQueueOptions<T, R>;
  readonly #waiting: Waiting<T, R>[] = [];
  #running = 0;

  constructor(options: TogetherQueueOptions<T, R>) {
    this.#options = options;
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#running >= lotsAtOnce) return;
      this.#running++;
      // Requests that were read from sockets in the same turn come together.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    for (;;) {
      const lot = this.#waiting.splice(0, this.#options.max);
      if (lot.length === 0) break;
      await this.#serve(lot);
    }
    this.#running--;
  }

  async #serve(lot: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.work(lot.map(({ item }) => item));
      lot.forEach(({ resolve, reject }, place) => {
        const result = results[place];
        if (result === undefined) reject(new Error('no result for an item of the lot'));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of lot) reject(error);
    }
  }
}
