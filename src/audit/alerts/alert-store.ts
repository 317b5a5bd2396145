// The rows of the alert rules: how far the log was read, what is remembered, and the alerts. Nothing here decides.

import type { Queryable, Transaction } from '../../db/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { logId } from '../tree-store.ts';
import { type Course, type Remembered, subjectKey } from './judge.ts';
import type { Memory } from './memory.ts';

export interface Position {
  readonly nextIndex: number;
  readonly followedSince: Date | null;
}

/** One subject of one rule. */
export interface Subject {
  readonly rule: string;
  readonly subject: string;
}

export interface StoredCourse extends Course {
  readonly alertId: Uuid;
}

export interface NewAlert extends Subject, StoredCourse {
  readonly severity: string;
  /** JSON. */
  readonly facts: string;
}

/** Without a lock: an idle service writes nothing. */
export async function isBehind(database: Queryable): Promise<boolean> {
  const { rows } = await database.query<{ behind: boolean }>({
    name: 'alert-behind',
    text: `SELECT p.next_index < h.size AS behind FROM audit.alert_position p JOIN audit.log_head h ON h.log_id = p.log_id
      WHERE p.log_id = $1`,
    values: [logId],
  });
  return rows[0]?.behind === true;
}

/** Held to the end of the transaction; `undefined` while another node holds it: then that one does the work. */
export async function holdPosition(tx: Transaction): Promise<Position | undefined> {
  const { rows } = await tx.query<{ next_index: number; followed_since: Date | null }>({
    name: 'alert-position-hold',
    text: 'SELECT next_index, followed_since FROM audit.alert_position WHERE log_id = $1 FOR UPDATE SKIP LOCKED',
    values: [logId],
  });
  const [row] = rows;
  return row === undefined ? undefined : { nextIndex: row.next_index, followedSince: row.followed_since };
}

export async function movePosition(tx: Transaction, nextIndex: number, followedSince: Date): Promise<void> {
  await tx.query({
    name: 'alert-position-move',
    text: 'UPDATE audit.alert_position SET next_index = $2, followed_since = $3 WHERE log_id = $1',
    values: [logId, nextIndex, followedSince],
  });
}

export async function readMemories(tx: Transaction, subjects: readonly Subject[]): Promise<Map<string, Memory>> {
  const { rows } = await tx.query<Subject & Memory>({
    name: 'alert-memories',
    text: `SELECT m.rule, m.subject, m.moments, m.counts, m.indexes, m.note FROM audit.alert_memory m
      JOIN unnest($1::text[], $2::text[]) AS wanted (rule, subject) ON m.rule = wanted.rule AND m.subject = wanted.subject`,
    values: columnsOf(subjects),
  });
  return new Map(rows.map((row) => [subjectKey(row), row]));
}

export async function writeMemories(tx: Transaction, remembered: readonly Remembered[]): Promise<void> {
  const arrays = (name: 'moments' | 'counts' | 'indexes') =>
    remembered.map(({ memory }) => `{${memory[name].join(',')}}`);
  await tx.query({
    name: 'alert-memories-write',
    text: `INSERT INTO audit.alert_memory (rule, subject, moments, counts, indexes, note, keep_until)
      SELECT rule, subject, moments::bigint[], counts::bigint[], indexes::bigint[], note, to_timestamp(keep_until / 1000.0)
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
        AS t (rule, subject, moments, counts, indexes, note, keep_until)
      ON CONFLICT (rule, subject) DO UPDATE SET moments = excluded.moments, counts = excluded.counts,
        indexes = excluded.indexes, note = excluded.note, keep_until = excluded.keep_until`,
    values: [
      ...columnsOf(remembered),
      arrays('moments'),
      arrays('counts'),
      arrays('indexes'),
      remembered.map(({ memory }) => memory.note),
      remembered.map(({ keepUntilMs }) => keepUntilMs),
    ],
  });
}

/** The newest alert of each subject, by `subjectKey`. */
export async function latestCourses(tx: Transaction, subjects: readonly Subject[]): Promise<Map<string, StoredCourse>> {
  const { rows } = await tx.query<
    Subject & { alert_id: Uuid; first_at: Date; last_at: Date; count: number; indexes: number[] }
  >({
    name: 'alert-latest',
    text: `SELECT a.rule, a.subject, a.alert_id, a.first_at, a.last_at, a.count, a.indexes
      FROM unnest($1::text[], $2::text[]) AS wanted (rule, subject)
      CROSS JOIN LATERAL (SELECT * FROM audit.alert x WHERE x.rule = wanted.rule AND x.subject = wanted.subject
        ORDER BY x.first_at DESC LIMIT 1) AS a`,
    values: columnsOf(subjects),
  });
  return new Map(
    rows.map((row) => [
      subjectKey(row),
      {
        alertId: row.alert_id,
        firstMs: row.first_at.getTime(),
        lastMs: row.last_at.getTime(),
        count: row.count,
        indexes: row.indexes,
      },
    ]),
  );
}

export async function insertAlert(tx: Transaction, alert: NewAlert): Promise<void> {
  await tx.query({
    name: 'alert-insert',
    text: `INSERT INTO audit.alert (alert_id, rule, subject, severity, first_at, last_at, count, indexes, facts)
      VALUES ($1, $2, $3, $4, to_timestamp($5 / 1000.0), to_timestamp($6 / 1000.0), $7, $8::bigint[], $9)`,
    values: [
      alert.alertId,
      alert.rule,
      alert.subject,
      alert.severity,
      alert.firstMs,
      alert.lastMs,
      alert.count,
      [...alert.indexes],
      alert.facts,
    ],
  });
}

export async function growAlert(tx: Transaction, { alertId, lastMs, count, indexes }: StoredCourse): Promise<void> {
  await tx.query({
    name: 'alert-grow',
    text: `UPDATE audit.alert SET last_at = to_timestamp($2 / 1000.0), count = $3, indexes = $4::bigint[] WHERE alert_id = $1`,
    values: [alertId, lastMs, count, [...indexes]],
  });
}

/** Forgets what no rule needs any more; returns how many. */
export async function forgetMemories(database: Queryable, now: Date, limit: number): Promise<number> {
  const { rowCount } = await database.query({
    name: 'alert-forget',
    text: `DELETE FROM audit.alert_memory WHERE (rule, subject) IN (
      SELECT rule, subject FROM audit.alert_memory WHERE keep_until < $1 ORDER BY keep_until LIMIT $2)`,
    values: [now, limit],
  });
  return rowCount;
}

/** Oldest entry that waits to be sequenced; `undefined` when none does. */
export async function oldestWaiting(database: Queryable): Promise<Uuid | undefined> {
  const { rows } = await database.query<{ entry_id: Uuid }>({
    name: 'alert-oldest-waiting',
    text: 'SELECT entry_id FROM audit.queue WHERE log_id = $1 ORDER BY entry_id LIMIT 1',
    values: [logId],
  });
  return rows[0]?.entry_id;
}

function columnsOf(subjects: readonly Subject[]): [string[], string[]] {
  return [subjects.map(({ rule }) => rule), subjects.map(({ subject }) => subject)];
}
