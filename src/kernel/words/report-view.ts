// What is drawn of a verification report: the same view for the page with JavaScript and the page without, so that both say the same.

import type { Indication, Severity, SubIndication } from '../report.ts';
import { isSubIndication, wordsOfFinding } from './findings.ts';
import type { Words } from './language.ts';
import type { JsonObject } from './members.ts';
import { objectsAt, textAt } from './members.ts';
import type { PublicVerdict, VerdictWords } from './verdicts.ts';

/** A value as text in both languages, as text that has no language (a name, a number), or as a moment (ISO 8601). */
export type FactValue =
  | { readonly kind: 'words'; readonly words: Words }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'time'; readonly iso: string };

export interface Fact {
  readonly label: Words;
  readonly value: FactValue;
  /** Said after the value, e.g. where a time comes from. */
  readonly note?: Words;
}

export type CheckOutcome = 'yes' | 'no' | 'unknown';

/** One question with its own answer: intact, valid and trusted are never folded into one. */
export interface Check {
  readonly question: Words;
  readonly outcome: CheckOutcome;
  readonly answer: Words;
}

export interface FindingLine {
  readonly severity: Severity;
  readonly words: Words;
  readonly code: string;
}

export interface ReportPart {
  readonly title: Words;
  readonly verdict: PublicVerdict;
  readonly facts: readonly Fact[];
  readonly checks: readonly Check[];
  readonly findings: readonly FindingLine[];
  /** Facts for those who want to know exactly; drawn behind a fold. */
  readonly details: readonly Fact[];
}

export interface ReportView {
  readonly verdict: PublicVerdict;
  readonly words: VerdictWords;
  readonly facts: readonly Fact[];
  readonly findings: readonly FindingLine[];
  readonly parts: readonly ReportPart[];
  /** Number to quote; absent when no answer came at all. */
  readonly verificationId?: string;
}

export function wordsFact(label: Words, value: Words | undefined, note?: Words): Fact | undefined {
  return value === undefined ? undefined : { label, value: { kind: 'words', words: value }, ...(note && { note }) };
}

export function textFact(label: Words, value: string | undefined, kind: 'text' | 'code' = 'text'): Fact | undefined {
  return value === undefined ? undefined : { label, value: { kind, text: value } };
}

export function timeFact(label: Words, value: string | undefined, note?: Words): Fact | undefined {
  if (value === undefined) return undefined;
  if (Number.isNaN(Date.parse(value))) return { label, value: { kind: 'text', text: value }, ...(note && { note }) };
  return { label, value: { kind: 'time', iso: value }, ...(note && { note }) };
}

export function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}

const indications: readonly Indication[] = ['TOTAL-PASSED', 'TOTAL-FAILED', 'INDETERMINATE'];

/** `undefined` for anything that is not one of the three: callers then cannot tell. */
export function indicationOf(report: JsonObject): Indication | undefined {
  return indications.find((indication) => indication === report['indication']);
}

export function subIndicationOf(report: JsonObject): SubIndication | undefined {
  const text = textAt(report, 'subIndication');
  return text !== undefined && isSubIndication(text) ? text : undefined;
}

/** The findings of a report; `undefined` when they cannot be read, which makes the report one that cannot be judged. */
export function findingsOf(report: JsonObject): readonly FindingLine[] | undefined {
  const lines: FindingLine[] = [];
  for (const item of objectsAt(report, 'findings') ?? [undefined]) {
    const code = textAt(item, 'code');
    const severity = severities.find((known) => known === item?.['severity']);
    if (code === undefined || severity === undefined) return undefined;
    lines.push({ severity, code, words: wordsOfFinding(code) });
  }
  return lines.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** Each code once, the worse first: a report may tell the same of its signature and of its certificate. */
export function distinctFindings(lines: readonly FindingLine[]): readonly FindingLine[] {
  return lines.filter((line, index) => lines.findIndex((other) => other.code === line.code) === index);
}
