// Counters with a window in the database: all of a deed's counters go up in one statement, before the deed is looked at.

import type { Database } from '../../db/database.ts';
import { alone, type Put, withRiders } from '../../db/riders.ts';
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

interface CountersOptions {
  readonly database: Database;
  readonly clock: Clock;
}

interface CountedRow {
  readonly subject: string;
  readonly attempts: number;
  readonly window_ends_at: Date;
}

interface Counted<R> {
  readonly passed: Passed[];
  readonly row: R | undefined;
}

/** A row that is read in the statement that counts; `now` is the parameter of the moment. */
export interface Beside {
  readonly name: string;
  readonly text: (put: Put, now: string) => string;
}

/** Counts a deed against each limit; returns those that it passes. Windows have a fixed end: trying on holds nothing shut. */
export async function countedAgainst(options: CountersOptions, limits: readonly Limit[]): Promise<Passed[]> {
  return (await counted(options, limits)).passed;
}

/** The same, with what is needed next; its columns are null where there is none. */
export async function countedBeside<R extends object>(
  options: CountersOptions,
  limits: readonly Limit[],
  beside: Beside,
): Promise<Counted<R>> {
  return counted<R>(options, limits, beside);
}

async function counted<R extends object>(
  { database, clock }: CountersOptions,
  limits: readonly Limit[],
  beside?: Beside,
): Promise<Counted<R>> {
  const now = clock.now();
  // Sorted: two statements that lock the same rows lock them in the same order.
  const sorted = [...limits].sort((a, b) => (a.subject < b.subject ? -1 : 1));
  const statement = withRiders(beside === undefined ? 'counted-against' : `counted-and-${beside.name}`, [], (put) => {
    const at = put(now);
    const subjects = put(sorted.map(({ subject }) => subject));
    const ends = put(sorted.map(({ windowSeconds }) => addSeconds(now, windowSeconds)));
    return `WITH counted AS (INSERT INTO identity.sign_in_attempt AS t (subject, attempts, window_ends_at)
      SELECT subject, 1, ends FROM unnest(${subjects}::text[], ${ends}::timestamptz[]) AS u (subject, ends)
      ON CONFLICT (subject) DO UPDATE SET
        attempts = CASE WHEN t.window_ends_at <= ${at} THEN 1 ELSE t.attempts + 1 END,
        window_ends_at = CASE WHEN t.window_ends_at <= ${at} THEN excluded.window_ends_at ELSE t.window_ends_at END
      RETURNING subject, attempts, window_ends_at)
      SELECT * FROM counted${beside === undefined ? '' : ` LEFT JOIN (${beside.text(put, at)}) AS beside ON true`}`;
  });
  const { rows } = await database.query<CountedRow & R>(alone(statement));
  const most = new Map(limits.map(({ subject, max }) => [subject, max]));
  const passed = rows.flatMap(({ subject, attempts, window_ends_at: endsAt }) => {
    const max = most.get(subject) ?? 0;
    if (attempts <= max) return [];
    const seconds = Math.ceil((endsAt.getTime() - now.getTime()) / 1000);
    return [{ subject, first: attempts === max + 1, retryAfterSeconds: Math.max(1, seconds) }];
  });
  return { passed, row: rows[0] };
}
