// A span of days in a query string, as two date fields: days of Asia/Shanghai, the last one included.

import { addSeconds, moment } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';

export interface DaySpan {
  /** YYYY-MM-DD. */
  readonly fromDay?: string;
  readonly untilDay?: string;
}

type Query = Readonly<Record<string, unknown>>;

/** A field that is empty asks nothing. Throws `malformed-request` for what is no day. */
export function daySpanIn(query: Query): DaySpan & { readonly from?: Date; readonly until?: Date } {
  const fromDay = dayIn(query, 'from');
  const untilDay = dayIn(query, 'until');
  return {
    ...(fromDay === undefined ? {} : { fromDay, from: startOf(fromDay) }),
    ...(untilDay === undefined ? {} : { untilDay, until: addSeconds(startOf(untilDay), 86_400) }),
  };
}

/** A parameter that stands once and is not empty. */
export function textIn(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** The same address with what is given; empty values are left out. */
export function pathWith(path: string, values: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, value);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

export function dayField(name: string, label: Words, value: string | undefined, language: Language): SafeHtml {
  return html`<div class="field"><label for="${name}">${label[language]}</label><input id="${name}" name="${name}" type="date" value="${value ?? ''}"></div>`;
}

function dayIn(query: Query, name: string): string | undefined {
  const text = textIn(query, name);
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new TrustError('malformed-request', `${name} is a day, YYYY-MM-DD`);
  return text;
}

function startOf(day: string): Date {
  return moment(`${day}T00:00:00+08:00`);
}
