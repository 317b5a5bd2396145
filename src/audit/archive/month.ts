// A month of the log: a span of entry ids, and the partition that holds it; months are those of UTC.

import { moment } from '../../kernel/clock.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { firstIdAt, momentOf } from '../leaf.ts';

/** 网络安全法 (Cybersecurity Law), art. 21 (3): network logs are kept for at least six months. */
export const leastRetentionMonths = 6;

export interface Month {
  /** `2026-01`; sorts by time. */
  readonly name: string;
  /** Inclusive. */
  readonly from: Uuid;
  /** Exclusive. */
  readonly to: Uuid;
  /** In the schema `audit`. */
  readonly partition: string;
}

/** `undefined` for what is not written as `YYYY-MM`. */
export function monthNamed(name: string): Month | undefined {
  const [, year, number] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
  if (year === undefined || number === undefined || Number(year) < 1970) return undefined;
  const first = (plus: number): Date => moment(Date.UTC(Number(year), Number(number) - 1 + plus, 1));
  return { name, from: firstIdAt(first(0)), to: firstIdAt(first(1)), partition: `entry_${year}_${number}` };
}

/** `undefined` beyond the year 9999: an id may name any time, a partition does not. */
export function monthOfEntry(id: Uuid): Month | undefined {
  return monthNamed(momentOf(id).toISOString().slice(0, 7));
}

/** The first month that is not wholly older than `retentionMonths`. */
export function firstKeptMonth(now: Date, retentionMonths: number): string {
  return moment(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - retentionMonths, 1))
    .toISOString()
    .slice(0, 7);
}

export function isWithin(id: Uuid, { from, to }: Month): boolean {
  return id >= from && id < to;
}
