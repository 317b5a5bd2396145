// Counting uses of a seal against its quotas: one statement a limit, in the transaction of the intent, so that no two uses take one place.

import type { Transaction } from '../../db/database.ts';
import { addSeconds } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { UsePolicy } from './use-policy.ts';
import { wallTime } from './wall-clock.ts';

/** With a day to spare for the zones. */
const longestMonthSeconds = 32 * 86_400;

/** One place of one limit. */
export interface Count {
  /** `seal`, `user:…` (as owners are spelled), or `mandate:…`. */
  readonly subject: string;
  /** `2026-11-22`, `2026-11`, or `term`. */
  readonly period: string;
  readonly limit: number;
}

/** What a stamping remembers, to give it back. */
export type Counted = Pick<Count, 'subject' | 'period'>;

/** `mandate`: of a person who was allowed so many uses. In the order in which every transaction takes them, so that none waits in a circle. */
export function countsOf(
  { quota, timeZone }: Pick<UsePolicy, 'quota' | 'timeZone'>,
  { at, owner, mandate }: { at: Date; owner: string; mandate?: { mandateId: string; maxUses: number } | undefined },
): Count[] {
  const { day, month } = wallTime(at, timeZone);
  const user = `user:${owner}`;
  const all = [
    ...(mandate === undefined
      ? []
      : [{ subject: `mandate:${mandate.mandateId}`, period: 'term', limit: mandate.maxUses }]),
    { subject: 'seal', period: day, limit: quota.sealPerDay },
    { subject: 'seal', period: month, limit: quota.sealPerMonth },
    { subject: user, period: day, limit: quota.userPerDay },
    { subject: user, period: month, limit: quota.userPerMonth },
  ];
  return all.flatMap(({ limit, ...count }) => (limit === null ? [] : [{ ...count, limit }])).toSorted(inOrder);
}

function inOrder(one: Counted, other: Counted): number {
  const [a, b] = [`${one.subject} ${one.period}`, `${other.subject} ${other.period}`];
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Throws `quota-exhausted` (details: whose limit and how many); whoever calls rolls back, and so takes no place. The first to count in a
 * period begins with what was stamped or signed in it before there was a quota; `stampingId` is the use itself, which is stored already.
 */
export async function takePlaces(
  tx: Transaction,
  counts: readonly Count[],
  { sealUuid, stampingId, timeZone, at }: { sealUuid: Uuid; stampingId: Uuid; timeZone: string; at: Date },
): Promise<void> {
  for (const count of counts) {
    const { subject, period, limit } = count;
    const taken = await tx.query({
      name: 'seal-use-count',
      text: `UPDATE seal.use_count SET used = used + 1
        WHERE seal_id = $1 AND subject = $2 AND period = $3 AND used < $4`,
      values: [countedOn(count, sealUuid), subject, period, limit],
    });
    if (taken.rowCount === 1) continue;
    const begun = await tx.query<{ used: number }>({
      name: 'seal-use-count-begin',
      text: `INSERT INTO seal.use_count AS c (seal_id, subject, period, used)
        SELECT $1, $2, $3, 1 + count(*) FROM (
            SELECT seal_id, stamping_id AS use_id, owner, status, intended_at FROM seal.stamping
            UNION ALL SELECT seal_id, digest_stamping_id, owner, status, intended_at FROM seal.digest_stamping
            UNION ALL SELECT seal_id, signature_id, owner, status, intended_at FROM seal.remote_signature
          ) s
          WHERE $5::text IS NOT NULL AND s.seal_id = $1 AND s.use_id >= $6 AND s.use_id <> $7
            AND s.status IN ('intended', 'done') AND s.intended_at >= $5::timestamp AT TIME ZONE $8
            AND ($2 = 'seal' OR $2 = 'user:' || s.owner)
        ON CONFLICT (seal_id, subject, period) DO UPDATE SET used = c.used + 1 WHERE c.used < $4 RETURNING used`,
      values: [
        countedOn(count, sealUuid),
        subject,
        period,
        limit,
        firstDay(period),
        firstUuid(at),
        stampingId,
        timeZone,
      ],
    });
    const used = begun.rows[0]?.used;
    if (used === undefined || used > limit) throw exhausted(count);
  }
}

const noSeal: Uuid = '00000000-0000-0000-0000-000000000000';

/** What a mandate allows so many times it allows with all its seals together. */
function countedOn({ period }: Counted, sealUuid: Uuid): Uuid {
  return period === 'term' ? noSeal : sealUuid;
}

/** Of a term there is none: whatever counts against it was allowed with it. */
function firstDay(period: string): string | null {
  if (period === 'term') return null;
  return period.length === 'yyyy-mm'.length ? `${period}-01` : period;
}

/** Not later than the first identifier of the month (RFC 9562, 5.7), so that the index is read from there. */
function firstUuid(at: Date): Uuid {
  const hex = addSeconds(at, -longestMonthSeconds).getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** For a use that came to nothing. */
export async function givePlacesBack(tx: Transaction, sealUuid: Uuid, counted: readonly Counted[]): Promise<void> {
  for (const count of counted.toSorted(inOrder))
    await tx.query({
      name: 'seal-use-give-back',
      text: 'UPDATE seal.use_count SET used = used - 1 WHERE seal_id = $1 AND subject = $2 AND period = $3 AND used > 0',
      values: [countedOn(count, sealUuid), count.subject, count.period],
    });
}

function exhausted({ subject, period, limit }: Count): TrustError {
  const of = subject === 'seal' ? 'seal' : subject.startsWith('mandate:') ? 'mandate' : 'user';
  return new TrustError('quota-exhausted', `the ${of} has had its ${limit} uses of ${period}`, {
    details: { of, period, limit },
  });
}
