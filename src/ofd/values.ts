// The simple values of OFD (ST_Box, ST_Loc, ST_Array, moments) read out of text; GB/T 33190-2016, 7.3.

import { moment } from '../kernel/clock.ts';
import { malformed } from './limits.ts';
import { childOf, type XmlElement } from './xml.ts';

/** Millimetres, the origin at the top left. */
export interface Box {
  readonly xMm: number;
  readonly yMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

const number = /^[+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:[eE][+-]?\d{1,2})?$/;

/** `undefined` when any is none. */
export function numbersOf(text: string): number[] | undefined {
  const parts = text.trim().split(/\s+/);
  return parts.every((part) => number.test(part)) ? parts.map(Number) : undefined;
}

/** Throws malformed-ofd unless it is four numbers, the last two above zero. */
export function boxOf(text: string): Box {
  const [xMm, yMm, widthMm, heightMm, ...surplus] = numbersOf(text) ?? [];
  const whole = xMm !== undefined && yMm !== undefined && widthMm !== undefined && heightMm !== undefined;
  if (!whole || surplus.length > 0 || widthMm <= 0 || heightMm <= 0) throw malformed(`a box of ${text.slice(0, 40)}`);
  return { xMm, yMm, widthMm, heightMm };
}

export function boxText({ xMm, yMm, widthMm, heightMm }: Box): string {
  return [xMm, yMm, widthMm, heightMm].map(millimetres).join(' ');
}

/** Micrometres are enough. */
function millimetres(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** The trimmed text of a child, `undefined` when there is none or it is empty. */
export function textIn(element: XmlElement | undefined, name: string): string | undefined {
  const text = childOf(element, name)?.text.trim();
  return text === '' ? undefined : text;
}

/** Throws malformed-ofd. */
export function attributeOf(element: XmlElement, name: string): string {
  const value = element.attributes.get(name)?.trim();
  if (value === undefined || value === '') throw malformed(`${element.name} without ${name}`);
  return value;
}

/** Digits with or without separators, as makers write them; without a zone, China's is meant. */
const forms = /^(\d{4})-?(\d\d)-?(\d\d)[ T]?(\d\d):?(\d\d):?(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/;

/** SignatureDateTime in any of the spellings that are met; `undefined` when it is none of them. */
export function momentOf(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second, fraction = '.0', zone = '+08:00'] = forms.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  try {
    return moment(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${offset}`);
  } catch {
    return undefined;
  }
}
