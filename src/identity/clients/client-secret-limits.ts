// How often a client's secret may be guessed: wrong ones are counted for each client and network, and past the limit none is looked at.

import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { presentCall } from '../call-context.ts';
import { countedAgainst } from '../sign-in/counters.ts';
import { errors } from '../engine/engine.ts';

export interface ClientSecretLimitsOptions {
  readonly database: Database;
  readonly clock: Clock;
}

const windowSeconds = 15 * 60;
/** A system with a wrong setting fails over and over; it is stopped as well, and its neighbours in other networks are not. */
const maxWrong = 20;
/** Many clients tried from one network. */
const maxWrongOfOrigin = 100;
const maxRemembered = 10_000;

/**
 * The counters stand in the database, for all processes. A right secret costs no statement: which pairs are past the limit this
 * process remembers from its own last refusal, so that each process looks at one more wrong secret at most in a window.
 */
export class ClientSecretLimits {
  readonly #options: ClientSecretLimitsOptions;
  readonly #shutUntilMs = new Map<string, number>();

  constructor(options: ClientSecretLimitsOptions) {
    this.#options = options;
  }

  /** Whether `look` finds the secret right. Throws the engine's `invalid_client` with status 429 when there were too many wrong ones. */
  async judged(clientId: string, look: () => boolean): Promise<boolean> {
    const { origin = 'unknown' } = presentCall();
    const pair = `${clientId}@${origin}`;
    const nowMs = this.#options.clock.now().getTime();
    const shutUntilMs = this.#shutUntilMs.get(pair) ?? 0;
    if (shutUntilMs > nowMs) throw tooMany((shutUntilMs - nowMs) / 1000);
    if (look()) return true;
    const passed = await countedAgainst(this.#options, [
      { subject: `client:${pair}`, max: maxWrong, windowSeconds },
      { subject: `client-origin:${origin}`, max: maxWrongOfOrigin, windowSeconds },
    ]);
    if (passed.length === 0) return false;
    const seconds = Math.max(...passed.map(({ retryAfterSeconds }) => retryAfterSeconds));
    if (this.#shutUntilMs.size >= maxRemembered) this.#shutUntilMs.clear();
    this.#shutUntilMs.set(pair, nowMs + seconds * 1000);
    throw tooMany(seconds);
  }
}

/** RFC 6585 section 4: the engine has no error of this status. */
function tooMany(seconds: number): Error {
  const description = `too many wrong secrets; come again in ${Math.ceil(seconds)} seconds`;
  return Object.assign(new errors.CustomOIDCProviderError('invalid_client', description), {
    status: 429,
    statusCode: 429,
  });
}
