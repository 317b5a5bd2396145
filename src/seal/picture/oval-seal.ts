// The oval seal of invoices (发票专用章): name along the upper arc, credit code across the middle, what it is for below.

import type { PathSegment, Rgb, VectorPicture } from '../../codec/picture.ts';
import { TrustError } from '../../kernel/errors.ts';
import { inFrame, oval } from './figures.ts';
import { letter, placed, symbol } from './typeface.ts';

export interface OvalSeal {
  /** Registered name, along the upper arc. */
  readonly name: string;
  /** Across the middle: the credit code (纳税人识别号). */
  readonly code: string;
  /** Below, e.g. 发票专用章. */
  readonly title: string;
  readonly widthMm: number;
  readonly heightMm: number;
  readonly colour: Rgb;
}

const ringMm = 1;
const maxNameLength = 40;
const maxTitleLength = 12;

/** Throws `glyph-missing` (details.codePoint) and `malformed-request` (length of name, title and code). Lengths in millimetres. */
export function ovalSeal({ name, code, title, widthMm, heightMm, colour: fill }: OvalSeal): VectorPicture {
  const [names, titles] = [Array.from(name), Array.from(title)];
  if (names.length < 2 || names.length > maxNameLength) throw refused(`a name has 2 to ${maxNameLength} characters`);
  if (titles.length < 2 || titles.length > maxTitleLength)
    throw refused(`a title has 2 to ${maxTitleLength} characters`);
  if (!/^[0-9A-Z]{1,18}$/.test(code)) throw refused('a code has at most 18 digits and capital letters');
  const half = { x: widthMm / 2, y: heightMm / 2 };
  const scale = heightMm / 20;
  const shapes = [
    { path: [...oval(half.x, half.y), ...oval(half.x - ringMm, half.y - ringMm)], fill, rule: 'evenodd' as const },
    { path: along(names, half, scale), fill, rule: 'nonzero' as const },
    { path: across(code, half, scale), fill, rule: 'nonzero' as const },
    { path: below(titles, half, scale), fill, rule: 'nonzero' as const },
  ];
  const centre = { xMm: half.x, yMm: half.y };
  return { widthMm, heightMm, shapes: shapes.map((shape) => ({ ...shape, path: inFrame(shape.path, centre) })) };
}

interface Half {
  readonly x: number;
  readonly y: number;
}

/** The upper arc is walked in small steps, so that characters stand at equal distances however flat the oval is. */
const steps = 2000;

function along(names: readonly string[], half: Half, scale: number): PathSegment[] {
  const heightMm = 3.4 * scale;
  const inset = ringMm + 0.5 * scale + heightMm / 2;
  const a = half.x - inset;
  const b = half.y - inset;
  const from = Math.PI * 1.06; // a little below the middle on the left, to the same on the right
  const to = Math.PI * 1.94;
  const points = Array.from({ length: steps + 1 }, (_, i) => {
    const t = from + ((to - from) * i) / steps;
    return {
      x: a * Math.cos(t),
      y: b * Math.sin(t),
      turn: (Math.atan2(a * Math.sin(t), b * Math.cos(t)) * 180) / Math.PI,
    };
  });
  const reached = [0];
  points.slice(1).forEach((point, i) => {
    const before = points[i] ?? point;
    reached.push((reached[i] ?? 0) + Math.hypot(point.x - before.x, point.y - before.y));
  });
  const full = reached.at(-1) ?? 0;
  const stepMm = Math.min(full / names.length, heightMm * 1.15);
  const first = full / 2 - (stepMm * (names.length - 1)) / 2;
  // Feet come nearer than heads where the arc bends.
  const cell = { widthMm: Math.min(stepMm * 0.78, heightMm * 0.8), heightMm };
  return names.flatMap((character, i) => {
    const wanted = first + i * stepMm;
    const at = points[reached.findIndex((length) => length >= wanted)] ?? points[steps];
    return at === undefined ? [] : placed(letter(character, cell), at.turn + 90, at.x, at.y);
  });
}

function across(code: string, half: Half, scale: number): PathSegment[] {
  const heightMm = 2 * scale;
  const widthMm = Math.min(1.5 * scale, (2 * half.x - 2 * ringMm - 6 * scale) / code.length);
  const left = (-widthMm * (code.length - 1)) / 2;
  return Array.from(code).flatMap((character, i) =>
    placed(symbol(character, { widthMm, heightMm }), 0, left + i * widthMm, 1 * scale),
  );
}

function below(titles: readonly string[], half: Half, scale: number): PathSegment[] {
  const y = 5.2 * scale;
  // As wide as the oval is at the feet of the line.
  const room = 2 * (half.x - ringMm) * Math.sqrt(1 - ((y + 1.4 * scale) / (half.y - ringMm)) ** 2) - 1.5 * scale;
  const widthMm = Math.min(2.6 * scale, room / titles.length);
  const left = (-widthMm * (titles.length - 1)) / 2;
  return titles.flatMap((character, i) =>
    placed(letter(character, { widthMm: widthMm * 0.92, heightMm: 2.8 * scale }), 0, left + i * widthMm, y),
  );
}

function refused(reason: string): TrustError {
  return new TrustError('malformed-request', `oval seal: ${reason}`);
}
