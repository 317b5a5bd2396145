// More entries about one subject today than its usual day: so many times the average of the days before, and never below a floor.

import type { AlertEvent } from './alert-event.ts';
import { type Answer, dayMs, maxIndexes, type Memory } from './memory.ts';

export interface Surge {
  /** So many a day are never unusual. */
  readonly floor: number;
  readonly factor: number;
  /** Days before today that make the average; days without an entry count as none. */
  readonly trailingDays: number;
  readonly utcOffsetMinutes: number;
}

export function surge(memory: Memory | undefined, { at, index }: AlertEvent, options: Surge): Answer {
  const { floor, factor, trailingDays, utcOffsetMinutes } = options;
  const today = Math.floor((at.getTime() + utcOffsetMinutes * 60_000) / dayMs);
  const days = new Map((memory?.moments ?? []).map((day, place) => [day, memory?.counts[place] ?? 0]));
  const isNewDay = !days.has(today);
  const count = (days.get(today) ?? 0) + 1;
  days.set(today, count);
  const kept = [...days].filter(([day]) => day >= today - trailingDays).sort(([a], [b]) => a - b);
  const indexes = [...(isNewDay ? [] : (memory?.indexes ?? [])), index].slice(-maxIndexes);
  const next = {
    memory: { moments: kept.map(([day]) => day), counts: kept.map(([, times]) => times), indexes, note: '' },
    keepUntilMs: (today + trailingDays + 1) * dayMs,
  };
  const before = kept.filter(([day]) => day < today).reduce((sum, [, times]) => sum + times, 0);
  return count > Math.max(floor, (factor * before) / trailingDays) ? { ...next, alarm: { count, indexes } } : next;
}
