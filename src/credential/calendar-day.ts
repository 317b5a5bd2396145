// Calendar days (China Standard Time, UTC+8) as ISO 8601 text and as days since 1970-01-01, the form in which QR codes carry them.

import { epochSeconds, moment } from '../kernel/clock.ts';

const secondsADay = 86_400;
const chinaOffsetSeconds = 8 * 3600;

/** Days since 1970-01-01 of `YYYY-MM-DD`; `undefined` when the text is no day that exists. */
export function dayNumber(isoDay: string): number | undefined {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(isoDay)) return undefined;
  try {
    const date = moment(`${isoDay}T00:00:00Z`);
    return date.toISOString().slice(0, 10) === isoDay ? epochSeconds(date) / secondsADay : undefined;
  } catch {
    return undefined;
  }
}

export function isoDay(day: number): string {
  return moment(day * secondsADay * 1000)
    .toISOString()
    .slice(0, 10);
}

/** The day it is in China at that moment. */
export function dayInChina(at: Date): number {
  return Math.floor((epochSeconds(at) + chinaOffsetSeconds) / secondsADay);
}

/** Epoch seconds of the first moment of that day in China. */
export function startOfDayInChina(day: number): number {
  return day * secondsADay - chinaOffsetSeconds;
}
