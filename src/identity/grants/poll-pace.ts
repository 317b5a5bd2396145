// How often a client may ask for the tokens of a request that a person has not answered yet; RFC 8628 section 3.5, CIBA Core 1.0 section 11.

import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { digest } from '../../crypto/digest.ts';
import type { Database } from '../../db/database.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { isEngineContext } from '../engine/engine-deeds.ts';

export interface PollPaceOptions {
  readonly database: Database;
  readonly clock: Clock;
}

export const firstIntervalSeconds = 5;
/** What a client that asks too early waits longer, each time. */
const penaltySeconds = 5;
const maxIntervalSeconds = 60;
/** A client that keeps to the second must not be late for the network's sake. */
const toleranceSeconds = 1;
const keptSeconds = 3600;

const tooEarly = 'p.last_poll_at + make_interval(secs => p.interval_seconds - $7) > $2';

export class PollPace {
  readonly #options: PollPaceOptions;

  constructor(options: PollPaceOptions) {
    this.#options = options;
  }

  /** Notes one question for `requestId`, in one statement; true when it came too early. */
  async isEarly(requestId: string): Promise<boolean> {
    const { database, clock } = this.#options;
    const now = clock.now();
    const { rows } = await database.query<{ early: boolean }>({
      name: 'poll-pace',
      text: `INSERT INTO identity.poll_pace AS p (request_digest, interval_seconds, last_poll_at, early, expires_at)
        VALUES ($1, $3, $2, false, $4)
        ON CONFLICT (request_digest) DO UPDATE SET last_poll_at = $2, early = ${tooEarly},
          interval_seconds = CASE WHEN ${tooEarly} THEN least(p.interval_seconds + $5, $6) ELSE p.interval_seconds END
        RETURNING early`,
      values: [
        digest('SHA-256', utf8(requestId)),
        now,
        firstIntervalSeconds,
        addSeconds(now, keptSeconds),
        penaltySeconds,
        maxIntervalSeconds,
        toleranceSeconds,
      ],
    });
    return rows[0]?.early ?? false;
  }

  /** Both grants that wait for a person answer `authorization_pending`, and `slow_down` to who asks too often. */
  watch(provider: Provider): void {
    provider.use(async (ctx, next) => {
      await next();
      if (!isEngineContext(ctx) || ctx.oidc.route !== 'token' || !isPending(ctx.body)) return;
      const asked = requestIdIn(ctx);
      if (asked === undefined || !(await this.isEarly(asked))) return;
      ctx.body = { error: 'slow_down', error_description: 'ask less often: five seconds more between two questions' };
    });
  }

  /** Removes what nobody asks for any more; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.poll_pace WHERE request_digest IN (SELECT request_digest FROM identity.poll_pace
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }
}

function isPending(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body && body.error === 'authorization_pending';
}

function requestIdIn({ oidc: { params } }: KoaContextWithOIDC): string | undefined {
  const asked = params?.['device_code'] ?? params?.['auth_req_id'];
  return typeof asked === 'string' ? asked : undefined;
}
