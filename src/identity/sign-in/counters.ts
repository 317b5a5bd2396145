// Counters with a window in the database: all of a deed's counters go up in one statement, before the deed is looked at.

import type { Database } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';

export interface Limit {
  readonly subject: string;
  readonly max: number;
  readonly windowSeconds: number;
}

/** A limit that the deed passes. `first`: it is the first to do so in this window. */
export interface Passed {
  readonly subject: string;
  readonly first: boolean;
  readonly retryAfterSeconds: number;
}

/** Counts a deed against each limit; returns those that it passes. Windows have a fixed end: trying on holds nothing shut. */
export async function countedAgainst(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  limits: readonly Limit[],
): Promise<Passed[]> {
  const now = clock.now();
  // Sorted: two statements that lock the same rows lock them in the same order.
  const sorted = [...limits].sort((a, b) => (a.subject < b.subject ? -1 : 1));
  const { rows } = await database.query<{ subject: string; attempts: number; window_ends_at: Date }>({
    name: 'counted-against',
    text: `INSERT INTO identity.sign_in_attempt AS t (subject, attempts, window_ends_at)
      SELECT subject, 1, ends FROM unnest($1::text[], $2::timestamptz[]) AS u (subject, ends)
      ON CONFLICT (subject) DO UPDATE SET
        attempts = CASE WHEN t.window_ends_at <= $3 THEN 1 ELSE t.attempts + 1 END,
        window_ends_at = CASE WHEN t.window_ends_at <= $3 THEN excluded.window_ends_at ELSE t.window_ends_at END
      RETURNING subject, attempts, window_ends_at`,
    values: [
      sorted.map(({ subject }) => subject),
      sorted.map(({ windowSeconds }) => addSeconds(now, windowSeconds)),
      now,
    ],
  });
  const most = new Map(limits.map(({ subject, max }) => [subject, max]));
  return rows.flatMap(({ subject, attempts, window_ends_at: endsAt }) => {
    const max = most.get(subject) ?? 0;
    if (attempts <= max) return [];
    const seconds = Math.ceil((endsAt.getTime() - now.getTime()) / 1000);
    return [{ subject, first: attempts === max + 1, retryAfterSeconds: Math.max(1, seconds) }];
  });
}
