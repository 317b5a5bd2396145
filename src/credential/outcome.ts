// The result of reading something hostile: a value, or one finding that says why there is none. Readers in this room never throw.

import type { Finding } from '../kernel/report.ts';
import { finding } from '../kernel/report.ts';

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Finding };

export function success<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function fault(code: string, detail: string): Outcome<never> {
  return { ok: false, fault: finding(code, 'error', detail) };
}
