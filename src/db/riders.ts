// Writes that ride along in another's statement: each brings its steps, and the statement numbers all their values anew.

import type { Query } from './database.ts';

/** One of the statements that are done in one (`WITH name AS (text)`); it may count on those before it. */
export type Step = readonly [name: string, text: string];

/** Takes a value into the statement and tells the parameter that stands for it. */
export type Put = (value: unknown) => string;

export interface Rider {
  /** Of the steps and their number and texts: a statement's name tells which riders it has. */
  readonly name: string;
  readonly steps: (put: Put) => readonly Step[];
}

export type Change = Required<Query> & { readonly steps?: readonly Step[] };

/** `text` comes last, and may count on the riders' steps. */
export function withRiders(name: string, riders: readonly Rider[], text: (put: Put) => string): Change {
  const values: unknown[] = [];
  const put: Put = (value) => `$${values.push(value)}`;
  const steps = riders.flatMap((rider) => rider.steps(put));
  return { name: [name, ...riders.map((rider) => rider.name)].join('-'), steps, text: text(put), values };
}

/** A change by itself. */
export function alone({ name, steps = [], text, values }: Change): Query {
  const before = steps.map(([step, sql]) => `${step} AS (${sql})`).join(', ');
  return { name, text: before === '' ? text : `WITH ${before} ${text}`, values };
}
