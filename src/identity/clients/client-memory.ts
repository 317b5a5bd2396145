// Registrations of clients that are in use, kept for less than a second: every request of the OIDC engine needs one, and none waits for it.

import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Rounds } from '../../kernel/rounds.ts';
import type { EngineClientMetadata } from './client-metadata.ts';

export interface ClientMemoryOptions {
  /** Registered and usable ones only. */
  readonly read: (clientIds: readonly string[]) => Promise<ReadonlyMap<string, EngineClientMetadata>>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Known {
  readonly metadata: EngineClientMetadata;
  readonly readMs: number;
  usedMs: number;
}

/** With the request under way, a client that was suspended on another node stops within a second. */
const goodMs = 800;
const refreshEveryMs = 300;
const rememberedMs = 60_000;
const maxClients = 2000;

export class ClientMemory {
  readonly #options: ClientMemoryOptions;
  readonly #known = new Map<string, Known>();
  readonly #rounds: Rounds;
  /** Counts what was forgotten: what was read before that is not kept. */
  #changes = 0;

  constructor(options: ClientMemoryOptions) {
    this.#options = options;
    this.#rounds = new Rounds({
      round: async () => {
        await this.refresh();
        return refreshEveryMs;
      },
      failed: (error) => {
        options.log.warn({ err: error }, 'registrations of clients could not be read again');
        return refreshEveryMs;
      },
    });
  }

  /** Reads in the background what is in use. Without it, a request reads what is too old. */
  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async find(clientId: string): Promise<EngineClientMetadata | undefined> {
    const now = this.#nowMs;
    const known = this.#known.get(clientId);
    // A clock that was set back makes no registration live longer.
    if (known !== undefined && now >= known.readMs && now - known.readMs < goodMs) {
      known.usedMs = now;
      return known.metadata;
    }
    return (await this.#read([clientId], now)).get(clientId);
  }

  /** A registration changed here: the next request reads it. */
  forget(clientId: string): void {
    this.#changes++;
    this.#known.delete(clientId);
  }

  async refresh(): Promise<void> {
    const now = this.#nowMs;
    for (const [clientId, { usedMs }] of this.#known) if (now - usedMs > rememberedMs) this.#known.delete(clientId);
    if (this.#known.size > 0) await this.#read([...this.#known.keys()]);
  }

  get #nowMs(): number {
    return this.#options.clock.now().getTime();
  }

  /** `usedMs`: when somebody asked for them. What strangers make up is not kept, so it is no larger than the register. */
  async #read(clientIds: readonly string[], usedMs?: number): Promise<ReadonlyMap<string, EngineClientMetadata>> {
    const changes = this.#changes;
    const readMs = this.#nowMs;
    const read = await this.#options.read(clientIds);
    if (changes !== this.#changes) return read;
    for (const clientId of clientIds) {
      const metadata = read.get(clientId);
      const before = this.#known.get(clientId)?.usedMs;
      if (metadata === undefined) this.#known.delete(clientId);
      else if (before !== undefined || this.#known.size < maxClients)
        this.#known.set(clientId, { metadata, readMs, usedMs: usedMs ?? before ?? readMs });
    }
    return read;
  }
}
