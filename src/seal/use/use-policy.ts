// Policy of use of a seal (用印规则) as pure rules: who, what for, which documents, when, how often, and how many must agree.

import { type ErrorCode, type ErrorDetails, TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import { type DocumentClass, documentClasses } from './document-class.ts';
import { isTimeZone, wallTime } from './wall-clock.ts';

/** A part of the week, in which the seal may be used; `until` is the first minute after it. */
export interface UseHours {
  /** 1 is Monday, 7 Sunday. */
  readonly days: readonly number[];
  /** `08:30`. */
  readonly from: string;
  /** `18:00`; the end of the day is `24:00`. */
  readonly until: string;
}

/** Stampings that a day or a month of the policy's time zone has at most; null: any number. */
export interface UseQuota {
  readonly sealPerDay: number | null;
  readonly sealPerMonth: number | null;
  readonly userPerDay: number | null;
  readonly userPerMonth: number | null;
}

/** What is null is not limited. */
export interface UsePolicy {
  /** Accounts of the persons who may use it, of those whose mandate allows it; business systems are let one by one (system-grants.ts). */
  readonly users: readonly string[] | null;
  readonly purposes: readonly string[] | null;
  /** A stamping must name its class, one of these. */
  readonly documentClasses: readonly DocumentClass[] | null;
  readonly policies: readonly SigningPolicy[] | null;
  readonly levels: readonly Level[] | null;
  readonly timeZone: string;
  readonly hours: readonly UseHours[] | null;
  readonly quota: UseQuota;
  /** Persons other than the requester and each other who must agree before; 0: none. */
  readonly approvers: number;
}

export const signingPolicies = ['intl', 'gm', 'dual'] as const;
type SigningPolicy = (typeof signingPolicies)[number];
export const levels = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const;
type Level = (typeof levels)[number];

export const defaultTimeZone = 'Asia/Shanghai';
export const maxApprovers = 3;
const maxUsers = 200;
const maxPurposes = 50;
const maxPurposeLength = 200;
const maxHours = 14;
const maxQuota = 1_000_000;

/** Every use that its mandate or grant allows. */
export const openPolicy: UsePolicy = {
  users: null,
  purposes: null,
  documentClasses: null,
  policies: null,
  levels: null,
  timeZone: defaultTimeZone,
  hours: null,
  quota: { sealPerDay: null, sealPerMonth: null, userPerDay: null, userPerMonth: null },
  approvers: 0,
};

/** A use of a seal, as far as its policy judges it. */
export interface PlannedUse {
  /** Of a person; `undefined`: a business system. */
  readonly accountId: string | undefined;
  readonly purpose: string;
  readonly documentClass: DocumentClass | undefined;
  readonly policy: string;
  readonly level: string;
}

/** All but hours, quota and approval. Throws `use-not-allowed` (details.reason), `document-class-required`. */
export function requireAllowed(rules: UsePolicy, use: PlannedUse): void {
  const { accountId, purpose, documentClass, policy, level } = use;
  if (rules.users !== null && accountId !== undefined && !rules.users.includes(accountId)) throw notAllowed('user');
  if (rules.purposes !== null && !rules.purposes.includes(purpose)) throw notAllowed('purpose');
  if (rules.documentClasses !== null) {
    const allowed = rules.documentClasses;
    if (documentClass === undefined)
      throw refusal('document-class-required', 'the use of this seal names the class of the document', {
        documentClasses: allowed,
      });
    if (!allowed.includes(documentClass)) throw notAllowed('document-class');
  }
  if (rules.policies !== null && !rules.policies.some((one) => one === policy)) throw notAllowed('signing-policy');
  if (rules.levels !== null && !rules.levels.some((one) => one === level)) throw notAllowed('level');
}

/** Throws `outside-hours`. */
export function requireHours({ hours, timeZone }: UsePolicy, at: Date): void {
  if (hours === null) return;
  const { weekday, minute } = wallTime(at, timeZone);
  const isWithin = ({ days, from, until }: UseHours) =>
    days.includes(weekday) && minute >= minutesOf(from) && minute < minutesOf(until);
  if (!hours.some(isWithin))
    throw refusal('outside-hours', 'the seal is not used at this time', { timeZone, hours: [...hours] });
}

/** Throws `malformed-request` for rules that say nothing, contradict themselves, or are too many to be overseen. */
export function requireSoundPolicy(rules: UsePolicy): void {
  const { users, purposes, timeZone, hours, quota, approvers } = rules;
  requireList('users', users, maxUsers, (id) => uuidFromId('account', id) !== undefined);
  requireList('purposes', purposes, maxPurposes, (text) => isPlainText(text, maxPurposeLength));
  requireList('documentClasses', rules.documentClasses, documentClasses.length, (name) =>
    documentClasses.includes(name),
  );
  requireList('policies', rules.policies, signingPolicies.length, (name) => signingPolicies.includes(name));
  requireList('levels', rules.levels, levels.length, (name) => levels.includes(name));
  if (!isTimeZone(timeZone)) throw malformed('there is no such time zone');
  if (hours !== null) {
    if (hours.length < 1 || hours.length > maxHours) throw malformed(`hours are 1 to ${maxHours} parts of the week`);
    for (const part of hours) requireHoursPart(part);
  }
  for (const [name, limit] of Object.entries(quota))
    if (limit !== null && (!Number.isSafeInteger(limit) || limit < 1 || limit > maxQuota))
      throw malformed(`${name} is a number from 1 to ${maxQuota}`);
  if (!Number.isSafeInteger(approvers) || approvers < 0 || approvers > maxApprovers)
    throw malformed(`a use has 0 to ${maxApprovers} approvers`);
}

function requireHoursPart({ days, from, until }: UseHours): void {
  if (days.length === 0 || new Set(days).size !== days.length || !days.every((day) => day >= 1 && day <= 7))
    throw malformed('days are 1 (Monday) to 7 (Sunday), each once');
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(from) || !/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(until))
    throw malformed('a time of day is spelled 08:30');
  if (minutesOf(from) >= minutesOf(until))
    throw malformed('a part of a day begins before it ends; over midnight are two');
}

function requireList<T extends string>(
  name: string,
  values: readonly T[] | null,
  most: number,
  isSound: (value: T) => boolean,
): void {
  if (values === null) return;
  if (values.length < 1 || values.length > most || new Set(values).size !== values.length || !values.every(isSound))
    throw malformed(`${name} are 1 to ${most} that there are, each once`);
}

function minutesOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function notAllowed(reason: 'user' | 'purpose' | 'document-class' | 'signing-policy' | 'level'): TrustError {
  return refusal('use-not-allowed', `the policy of use of this seal does not allow this ${reason}`, { reason });
}

function refusal(code: ErrorCode, message: string, details: ErrorDetails): TrustError {
  return new TrustError(code, message, { details });
}

function malformed(message: string): TrustError {
  return new TrustError('malformed-request', message);
}
