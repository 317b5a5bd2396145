// How often a client's secret may be guessed: wrong ones are counted for each client and network, and past the limit none is looked at; RFC 6585, section 4.

import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { presentCall } from '../call-context.ts';
import { countedAgainst, type Limit } from '../sign-in/counters.ts';
import { errors, Provider } from '../engine/engine.ts';

export interface ClientSecretLimitsOptions {
  readonly database: Database;
  readonly clock: Clock;
}

interface Count {
  readonly wrong: number;
  readonly untilMs: number;
}

const windowSeconds = 15 * 60;
/** A system with a wrong setting fails over and over; it is stopped as well, and its neighbours in other networks are not. */
const maxWrong = 20;
/** Many clients tried from one network. */
const maxWrongOfOrigin = 100;
const maxRemembered = 10_000;

/**
 * The counters stand in the database, for all processes; a right secret costs no statement. Each process also counts for itself, and
 * judges by that before it looks: between a look and its count nothing else runs, so that however many guesses come at the same moment,
 * no process looks at more wrong ones than the limit allows, and at one at most once all of them together have passed it.
 */
export class ClientSecretLimits {
  readonly #options: ClientSecretLimitsOptions;
  /** Oldest first. */
  readonly #counts = new Map<string, Count>();

  constructor(options: ClientSecretLimitsOptions) {
    this.#options = options;
  }

  /**
   * Whether `look`, which must not wait for anything, finds the secret right. Throws the engine's `invalid_client` with status 429 and
   * Retry-After when there were too many wrong ones.
   */
  async judged(clientId: string, look: () => boolean): Promise<boolean> {
    const { origin = 'unknown' } = presentCall();
    const limits: readonly Limit[] = [
      { subject: `client:${clientId}@${origin}`, max: maxWrong, windowSeconds },
      { subject: `client-origin:${origin}`, max: maxWrongOfOrigin, windowSeconds },
    ];
    const nowMs = this.#options.clock.now().getTime();
    const shutMs = Math.max(...limits.map((limit) => this.#shutUntilMs(limit, nowMs)));
    if (shutMs > nowMs) throw tooMany((shutMs - nowMs) / 1000);
    if (look()) return true;
    for (const { subject } of limits) {
      const { wrong, untilMs } = this.#counted(subject, nowMs);
      this.#remember(subject, { wrong: wrong + 1, untilMs });
    }
    const passed = await countedAgainst(this.#options, limits);
    if (passed.length === 0) return false;
    for (const { subject, retryAfterSeconds } of passed)
      this.#remember(subject, { wrong: Infinity, untilMs: nowMs + retryAfterSeconds * 1000 });
    throw tooMany(Math.max(...passed.map(({ retryAfterSeconds }) => retryAfterSeconds)));
  }

  #shutUntilMs({ subject, max }: Limit, nowMs: number): number {
    const { wrong, untilMs } = this.#counted(subject, nowMs);
    return wrong >= max ? untilMs : 0;
  }

  #counted(subject: string, nowMs: number): Count {
    const count = this.#counts.get(subject);
    return count !== undefined && count.untilMs > nowMs ? count : { wrong: 0, untilMs: nowMs + windowSeconds * 1000 };
  }

  #remember(subject: string, count: Count): void {
    this.#counts.delete(subject);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size >= maxRemembered && oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(subject, count);
  }
}

/** The engine has no error of this status. */
function tooMany(seconds: number): Error {
  const retryAfter = Math.ceil(seconds);
  Provider.ctx?.set('retry-after', String(retryAfter));
  const description = `too many wrong secrets; come again in ${retryAfter} seconds`;
  return Object.assign(new errors.CustomOIDCProviderError('invalid_client', description), {
    status: 429,
    statusCode: 429,
  });
}
