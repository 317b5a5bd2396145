// Moments as people read them: always the time of Asia/Shanghai, and said so.

import type { Language } from './language.ts';

const formats: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  'zh-CN': new Intl.DateTimeFormat('zh-CN', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'long',
    timeStyle: 'medium',
    hourCycle: 'h23',
  }),
  en: new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'long',
    timeStyle: 'medium',
    hourCycle: 'h23',
  }),
};

const dateFormats: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  'zh-CN': new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'long' }),
  en: new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', dateStyle: 'long' }),
};

const zone: Readonly<Record<Language, string>> = { 'zh-CN': '北京时间', en: 'UTC+8' };

/** A moment as ISO 8601 text, e.g. "2026年11月21日 17:42:05(北京时间)"; a date alone (YYYY-MM-DD) has no time of day. */
export function timeText(iso: string, language: Language): string {
  const epochMs = Date.parse(iso);
  if (Number.isNaN(epochMs)) return iso;
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return dateFormats[language].format(epochMs);
  const text = formats[language].format(epochMs);
  return language === 'en' ? `${text} (${zone.en})` : `${text}（${zone['zh-CN']}）`;
}

/** The day of a moment, for lists. */
export function dateText(iso: string, language: Language): string {
  const epochMs = Date.parse(iso);
  return Number.isNaN(epochMs) ? iso : dateFormats[language].format(epochMs);
}

const dayFormats: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  'zh-CN': new Intl.DateTimeFormat('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'full' }),
  en: new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', dateStyle: 'full' }),
};

/** The day of a moment with its weekday, for headings. */
export function dayText(at: Date, language: Language): string {
  return dayFormats[language].format(at);
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', timeStyle: 'medium' });

/** The time of day below such a heading, e.g. "17:42:05". */
export function clockText(at: Date): string {
  return clockFormat.format(at);
}

const isoDayFormat = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' });

/** The day of a moment as YYYY-MM-DD, for form fields. */
export function isoDayText(at: Date): string {
  return isoDayFormat.format(at);
}
