// Whether a moment lies within working hours: whole hours of the first days of the week (Monday is the first), at a fixed distance from UTC.

import { dayMs } from './memory.ts';

export interface WorkingHours {
  readonly fromHour: number;
  /** The first hour that is outside again. */
  readonly untilHour: number;
  /** 5: Monday to Friday. Holidays are not known; an alert on one is no harm. */
  readonly workdays: number;
  /** 480 in China, which has no summer time. */
  readonly utcOffsetMinutes: number;
}

export function isWorkingTime(at: Date, { fromHour, untilHour, workdays, utcOffsetMinutes }: WorkingHours): boolean {
  const localMs = at.getTime() + utcOffsetMinutes * 60_000;
  const weekday = (Math.floor(localMs / dayMs) + 3) % 7; // the first of January 1970 was a Thursday
  const hour = Math.floor(localMs / 3_600_000) % 24;
  return weekday < workdays && hour >= fromHour && hour < untilHour;
}
