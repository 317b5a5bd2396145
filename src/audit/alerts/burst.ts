// At least so many entries about one subject within so many seconds: exact over a sliding window, with a memory of `threshold` moments.

import type { AlertEvent } from './alert-event.ts';
import { type Answer, maxIndexes, type Memory } from './memory.ts';

export interface Burst {
  readonly threshold: number;
  readonly windowSeconds: number;
}

/** Leaf order is nearly, not quite, the order of time (nodes have their own clocks): the newest `threshold` moments count. */
export function burst(
  memory: Memory | undefined,
  { at, index }: AlertEvent,
  { threshold, windowSeconds }: Burst,
): Answer {
  const moments = [...(memory?.moments ?? []), at.getTime()].sort((a, b) => a - b).slice(-threshold);
  const indexes = [...(memory?.indexes ?? []), index].slice(-Math.min(threshold, maxIndexes));
  const [first = 0] = moments;
  const last = moments.at(-1) ?? 0;
  const windowMs = windowSeconds * 1000;
  const next = { memory: { moments, counts: [], indexes, note: '' }, keepUntilMs: last + windowMs };
  if (moments.length < threshold || last - first > windowMs) return next;
  return { ...next, alarm: { count: threshold, indexes } };
}
