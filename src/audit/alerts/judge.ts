// The rules over a run of entries: which rule watches which entry, what it answers, and which alert its answer belongs to. Pure.

import { type AlertRuleName, alertRuleNames } from '../../kernel/words/alerts.ts';
import type { AlertEvent } from './alert-event.ts';
import { maxIndexes, type Memory } from './memory.ts';
import type { Facts, Numbers } from './rule.ts';
import type { RuleSettings } from './rule-settings.ts';
import { alertRules } from './rules.ts';

/** One entry seen by one rule. */
export interface Watched {
  readonly rule: AlertRuleName;
  readonly subject: string;
  readonly facts: Facts;
  readonly event: AlertEvent;
  readonly numbers: Numbers;
}

export interface Remembered {
  readonly rule: AlertRuleName;
  readonly subject: string;
  readonly memory: Memory;
  readonly keepUntilMs: number;
}

export interface Alarm {
  readonly rule: AlertRuleName;
  readonly subject: string;
  readonly facts: Facts;
  readonly atMs: number;
  /** Of a new alert. */
  readonly count: number;
  /** What an alert that goes on grows by. */
  readonly growth: number;
  readonly indexes: readonly number[];
  readonly quietMs: number;
}

/** What can change of an alert. */
export interface Course {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  readonly indexes: readonly number[];
}

/** In the order of the entries. */
export function watchedBy(settings: RuleSettings, events: readonly AlertEvent[]): Watched[] {
  return events.flatMap((event) =>
    alertRuleNames.flatMap((rule) => {
      const seen = alertRules[rule].observe(event);
      const numbers = seen === undefined ? undefined : settings.numbersFor(rule, event.organisationId);
      if (seen === undefined || numbers === undefined) return [];
      return [{ rule, subject: seen.subject, facts: seen.facts ?? {}, event, numbers }];
    }),
  );
}

/** `memories` by `subjectKey`. The memories that changed come back, the others stay as they are. */
export function judged(
  watched: readonly Watched[],
  memories: ReadonlyMap<string, Memory>,
  followedSince: Date,
): { alarms: Alarm[]; remembered: Remembered[] } {
  const alarms: Alarm[] = [];
  const remembered = new Map<string, Remembered>();
  for (const { rule, subject, facts, event, numbers } of watched) {
    const key = subjectKey({ rule, subject });
    const answer = alertRules[rule].judge({
      event,
      memory: remembered.get(key)?.memory ?? memories.get(key),
      numbers,
      followedMs: event.at.getTime() - followedSince.getTime(),
    });
    if (answer?.memory !== undefined)
      remembered.set(key, { rule, subject, memory: answer.memory, keepUntilMs: answer.keepUntilMs ?? 0 });
    if (answer?.alarm === undefined) continue;
    const quietMs = alertRules[rule].quietSeconds(numbers) * 1000;
    alarms.push({ rule, subject, facts, atMs: event.at.getTime(), ...answer.alarm, growth: 1, quietMs });
  }
  return { alarms, remembered: [...remembered.values()] };
}

export interface Chapter {
  readonly alarm: Alarm;
  course: Course;
  readonly isNew: boolean;
}

/**
 * Which alarms go on with an alert and which begin one. `latest`: the course of the newest alert by `subjectKey`. Two alerts about one
 * subject thus always lie further apart than the quiet time, so there is at most one in any window of that length.
 */
export function chaptersOf(alarms: readonly Alarm[], latest: ReadonlyMap<string, Course>): Chapter[] {
  const chapters: Chapter[] = [];
  const current = new Map<string, Chapter>();
  for (const alarm of alarms) {
    const key = subjectKey(alarm);
    const before = current.get(key)?.course ?? latest.get(key);
    const goesOn = before !== undefined && alarm.atMs - before.lastMs <= alarm.quietMs;
    const course = goesOn ? grown(before, alarm) : begun(alarm);
    const known = goesOn ? current.get(key) : undefined;
    if (known !== undefined) {
      known.course = course;
      continue;
    }
    const chapter = { alarm, course, isNew: !goesOn };
    current.set(key, chapter);
    chapters.push(chapter);
  }
  return chapters;
}

export function subjectKey({ rule, subject }: { rule: string; subject: string }): string {
  return `${rule}\0${subject}`;
}

function begun({ atMs, count, indexes }: Alarm): Course {
  return { firstMs: atMs, lastMs: atMs, count, indexes: indexes.slice(0, maxIndexes) };
}

function grown(before: Course, { atMs, growth, indexes }: Alarm): Course {
  const news = indexes.filter((index) => index > (before.indexes.at(-1) ?? -1));
  return {
    firstMs: before.firstMs,
    lastMs: Math.max(before.lastMs, atMs),
    count: before.count + growth,
    indexes: [...before.indexes, ...news].slice(0, maxIndexes),
  };
}
