// What the counters say: entries over time, and how much licences are used (用证率).

import type { Queryable } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import { logId } from '../tree-store.ts';
import { lengthMs, type Span, startOf } from './tally.ts';

export interface CountQuery {
  readonly by: Span;
  /** Inclusive; to the hour or day that it lies in. */
  readonly from: Date;
  /** Exclusive. */
  readonly until: Date;
  readonly action?: string;
  readonly outcome?: string;
  readonly clientId?: string;
  readonly typeCode?: string;
}

export interface CountedSpan {
  readonly startsAt: Date;
  readonly entries: number;
  readonly failed: number;
}

export interface Counts {
  /** Those with entries, oldest first. */
  readonly items: readonly CountedSpan[];
  /** Leaves below this index are counted. */
  readonly countedUpTo: number;
  readonly treeSize: number;
}

export interface LicenceUse {
  readonly typeCode: string;
  /** Up to the end of the time asked for, whenever they were issued. */
  readonly issued: number;
  readonly shown: number;
  readonly verified: number;
}

/** `null` while none was issued. */
export function usesPerLicence({ issued, shown, verified }: LicenceUse): number | null {
  return issued === 0 ? null : (shown + verified) / issued;
}

const mostSpans = 1100; // three years of days, six weeks of hours

export class EntryCounts {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** `malformed-request` for a time that ends before it begins, or of more than 1,100 hours or days. */
  async over(query: CountQuery): Promise<Counts> {
    const { by, from, until, action, outcome, clientId, typeCode } = query;
    const begin = startOf(by, from);
    const spans = (until.getTime() - begin.getTime()) / lengthMs[by];
    if (spans <= 0 || spans > mostSpans)
      throw new TrustError('malformed-request', `ask for 1 to ${mostSpans} ${by}s`, { details: { mostSpans } });
    const { rows } = await this.#database.query<{ starts_at: Date; entries: number; failed: number }>({
      text: `SELECT starts_at, sum(entries)::bigint AS entries, coalesce(sum(entries) FILTER (WHERE outcome = 'failed'), 0)::bigint AS failed
        FROM audit.entry_count
        WHERE log_id = $1 AND span = $2 AND starts_at >= $3 AND starts_at < $4 AND ($5::text IS NULL OR action = $5)
          AND ($6::text IS NULL OR outcome = $6) AND ($7::text IS NULL OR client_id = $7) AND ($8::text IS NULL OR type_code = $8)
        GROUP BY starts_at ORDER BY starts_at`,
      values: [logId, by, begin, until, action ?? null, outcome ?? null, clientId ?? null, typeCode ?? null],
    });
    const items = rows.map(({ starts_at: startsAt, entries, failed }) => ({ startsAt, entries, failed }));
    return { items, ...(await this.#position()) };
  }

  /** By licence type: showings and checks of the days in the span, and how many licences there are to be shown. */
  async licenceUse({ from, until }: Pick<CountQuery, 'from' | 'until'>): Promise<LicenceUse[]> {
    const { rows } = await this.#database.query<{ type_code: string; issued: number; shown: number; verified: number }>(
      {
        name: 'audit-licence-use',
        text: `SELECT type_code,
          coalesce(sum(entries) FILTER (WHERE action = 'licence.issued'), 0)::bigint AS issued,
          coalesce(sum(entries) FILTER (WHERE action = 'licence.shown' AND starts_at >= $2), 0)::bigint AS shown,
          coalesce(sum(entries) FILTER (WHERE action = 'licence.verified' AND starts_at >= $2), 0)::bigint AS verified
        FROM audit.entry_count
        WHERE log_id = $1 AND span = 'day' AND action IN ('licence.issued', 'licence.shown', 'licence.verified') AND outcome = 'done'
          AND starts_at < $3 AND type_code <> ''
        GROUP BY type_code ORDER BY type_code`,
        values: [logId, startOf('day', from), until],
      },
    );
    return rows.map(({ type_code: typeCode, ...counts }) => ({ typeCode, ...counts }));
  }

  async #position(): Promise<Pick<Counts, 'countedUpTo' | 'treeSize'>> {
    const { rows } = await this.#database.query<{ next_index: number; size: number }>({
      name: 'audit-count-position',
      text: `SELECT p.next_index, h.size FROM audit.count_position p JOIN audit.log_head h ON h.log_id = p.log_id WHERE p.log_id = $1`,
      values: [logId],
    });
    return { countedUpTo: rows[0]?.next_index ?? 0, treeSize: rows[0]?.size ?? 0 };
  }
}
