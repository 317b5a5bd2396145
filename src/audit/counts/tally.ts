// Leaves counted by hour and by day (Asia/Shanghai), and by what is public of them: action, outcome, client, licence type.

import { moment } from '../../kernel/clock.ts';
import type { Leaf } from '../leaf.ts';

export const spans = ['hour', 'day'] as const;
export type Span = (typeof spans)[number];

export interface Tally {
  readonly span: Span;
  readonly startsAt: Date;
  readonly action: string;
  readonly outcome: string;
  /** Empty when there is none. */
  readonly clientId: string;
  readonly typeCode: string;
  readonly entries: number;
}

const hourMs = 3_600_000;
const chinaOffsetMs = 8 * hourMs; // no summer time since 1991
export const lengthMs = { hour: hourMs, day: 24 * hourMs } as const satisfies Readonly<Record<Span, number>>;

export function startOf(span: Span, at: Date): Date {
  const offset = span === 'day' ? chinaOffsetMs : 0;
  return moment(Math.floor((at.getTime() + offset) / lengthMs[span]) * lengthMs[span] - offset);
}

/** In one order, whatever the order of the leaves. */
export function talliesOf(leaves: readonly Leaf[]): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const leaf of leaves)
    for (const span of spans) {
      const { typeCode } = leaf.facts;
      const one = {
        span,
        startsAt: startOf(span, leaf.at),
        action: leaf.action,
        outcome: leaf.outcome,
        clientId: leaf.clientId ?? '',
        typeCode: typeof typeCode === 'string' ? typeCode : '',
      };
      const key = JSON.stringify(one);
      tallies.set(key, { ...one, entries: (tallies.get(key)?.entries ?? 0) + 1 });
    }
  return [...tallies].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tally]) => tally);
}
