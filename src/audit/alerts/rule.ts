// What an alert rule is made of: what it watches, the numbers somebody may set, and how it judges the next entry about one subject.

import type { AlertEvent } from './alert-event.ts';
import { burst } from './burst.ts';
import type { Answer, Memory } from './memory.ts';
import { surge } from './surge.ts';
import { isWorkingTime } from './working-hours.ts';

/** `notice`: worth knowing; `warning`: somebody should look; `critical`: somebody must look now. */
export const severities = ['notice', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** A whole number. */
export interface Parameter {
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

/** Numbers that were set, by parameter; what is absent has its default. */
export type Numbers = Readonly<Record<string, number>>;

/** Never personal: an alert is read by everybody who may read alerts. */
export type Facts = Readonly<Record<string, string>>;

/** `subject` tells what belongs to the same alert; a keyed reference where it stands for a person or network. */
export interface Observation {
  readonly subject: string;
  readonly facts?: Facts;
}

export interface Rule {
  readonly severity: Severity;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** `undefined`: the entry is none of this rule's business. */
  readonly observe: (event: AlertEvent) => Observation | undefined;
  /** `undefined`: nothing to raise and nothing to remember. `followedMs`: for how long the log has been followed. */
  readonly judge: (step: Step) => Answer | undefined;
  /** An alert goes on while no more than this lies between two of its entries. */
  readonly quietSeconds: (numbers: Numbers) => number;
}

interface Step {
  readonly event: AlertEvent;
  readonly memory: Memory | undefined;
  readonly numbers: Numbers;
  readonly followedMs: number;
}

type Watch = Pick<Rule, 'severity' | 'observe'>;

const halfDaySeconds = 43_200;

export function parameter(ofDefault: number, least: number, most: number): Parameter {
  return { default: ofDefault, least, most };
}

/** East of Greenwich; 480 is China's. */
const utcOffsetMinutes = parameter(480, -720, 840);

function numberOf(numbers: Numbers, name: string, { default: otherwise }: Parameter): number {
  return numbers[name] ?? otherwise;
}

export function burstRule(watch: Watch, threshold: Parameter, windowSeconds: Parameter): Rule {
  const windowOf = (numbers: Numbers) => numberOf(numbers, 'windowSeconds', windowSeconds);
  return {
    ...watch,
    parameters: { threshold, windowSeconds },
    judge: ({ event, memory, numbers }) =>
      burst(memory, event, {
        threshold: numberOf(numbers, 'threshold', threshold),
        windowSeconds: windowOf(numbers),
      }),
    quietSeconds: windowOf,
  };
}

export function surgeRule(watch: Watch, floor: Parameter): Rule {
  const factor = parameter(3, 1, 100);
  const trailingDays = parameter(28, 1, 90);
  return {
    ...watch,
    parameters: { floor, factor, trailingDays, utcOffsetMinutes },
    judge: ({ event, memory, numbers }) =>
      surge(memory, event, {
        floor: numberOf(numbers, 'floor', floor),
        factor: numberOf(numbers, 'factor', factor),
        trailingDays: numberOf(numbers, 'trailingDays', trailingDays),
        utcOffsetMinutes: numberOf(numbers, 'utcOffsetMinutes', utcOffsetMinutes),
      }),
    quietSeconds: () => halfDaySeconds,
  };
}

export function outsideHoursRule(watch: Watch): Rule {
  const fromHour = parameter(8, 0, 23);
  const untilHour = parameter(19, 1, 24);
  const workdays = parameter(5, 0, 7);
  return {
    ...watch,
    parameters: { fromHour, untilHour, workdays, utcOffsetMinutes },
    judge: ({ event, numbers }) => {
      const inside = isWorkingTime(event.at, {
        fromHour: numberOf(numbers, 'fromHour', fromHour),
        untilHour: numberOf(numbers, 'untilHour', untilHour),
        workdays: numberOf(numbers, 'workdays', workdays),
        utcOffsetMinutes: numberOf(numbers, 'utcOffsetMinutes', utcOffsetMinutes),
      });
      return inside ? undefined : alarmOf(event);
    },
    quietSeconds: () => halfDaySeconds,
  };
}

/** The first entry about a subject that was never seen; silent while everything is new. */
export function firstRule(watch: Watch): Rule {
  const learningSeconds = parameter(3600, 0, 2_592_000);
  return {
    ...watch,
    parameters: { learningSeconds },
    judge: ({ event, memory, numbers, followedMs }) => {
      if (memory !== undefined) return undefined;
      const answer = { memory: memoryOf(event, 'seen'), keepUntilMs: forEverMs };
      const learning = followedMs < numberOf(numbers, 'learningSeconds', learningSeconds) * 1000;
      return learning ? answer : { ...answer, ...alarmOf(event) };
    },
    quietSeconds: () => 0,
  };
}

/** Each entry that is watched. */
export function eachRule(watch: Watch, windowSeconds: Parameter): Rule {
  return {
    ...watch,
    parameters: { windowSeconds },
    judge: ({ event }) => alarmOf(event),
    quietSeconds: (numbers) => numberOf(numbers, 'windowSeconds', windowSeconds),
  };
}

/** A later entry about the subject judged by what an earlier one said of it. */
export function sequelRule(
  watch: Watch,
  {
    noteOf,
    isAlarm,
  }: { noteOf: (event: AlertEvent) => string | undefined; isAlarm: (event: AlertEvent, note: string) => boolean },
): Rule {
  return {
    ...watch,
    parameters: {},
    judge: ({ event, memory }) => {
      const note = noteOf(event);
      if (note !== undefined) return { memory: memoryOf(event, note), keepUntilMs: event.at.getTime() + sequelMs };
      if (!isAlarm(event, memory?.note ?? '')) return undefined;
      return { alarm: { count: 1, indexes: [...(memory?.indexes ?? []), event.index] } };
    },
    quietSeconds: () => 2 * halfDaySeconds,
  };
}

/** Longer than any proposal is open. */
const sequelMs = 8 * 86_400_000;
/** As far ahead as no deployment lives: keys are few. */
const forEverMs = 4_102_444_800_000;

function memoryOf({ at, index }: AlertEvent, note: string): Memory {
  return { moments: [at.getTime()], counts: [], indexes: [index], note };
}

function alarmOf({ index }: AlertEvent): Pick<Answer, 'alarm'> {
  return { alarm: { count: 1, indexes: [index] } };
}
