// The round seal of an organisation (圆形公章): ring, five-point star, name left to right around it (国发〔1999〕25号: 42 mm for departments and enterprises).

import type { PathSegment, Rgb, VectorPicture } from '../../codec/picture.ts';
import { TrustError } from '../../kernel/errors.ts';
import { circle, inFrame, star } from './figures.ts';
import { type Cell, digit, letter, placed } from './typeface.ts';

export interface RoundSeal {
  /** Registered name, along the ring. */
  readonly name: string;
  /** Line under the star, such as 财务专用章. */
  readonly title?: string;
  /** Registration number at the foot (印章编码), 13 or 14 digits. */
  readonly code?: string;
  readonly diameterMm?: number;
  readonly colour?: Rgb;
}

export const sealRed: Rgb = { red: 215, green: 0, blue: 15 };
/** 国发〔1999〕25号 gives the ring 1.0 to 1.2 mm. */
const ringMm = 1.2;
/** More than this cannot be read in a ring of 42 mm however far it is squeezed. */
const maxNameLength = 40;
const maxTitleLength = 12;

/** Throws `glyph-missing` (details.codePoint) and `malformed-request` (length of name, title, form of the code). Lengths in millimetres. */
export function roundSeal(seal: RoundSeal): VectorPicture {
  const name = Array.from(seal.name);
  const title = Array.from(seal.title ?? '');
  if (name.length < 2 || name.length > maxNameLength) throw refused(`a name has 2 to ${maxNameLength} characters`);
  if (title.length > maxTitleLength) throw refused(`a title has at most ${maxTitleLength} characters`);
  if (seal.code !== undefined && !/^[0-9]{13,14}$/.test(seal.code)) throw refused('a code has 13 or 14 digits');

  const diameterMm = seal.diameterMm ?? 42;
  const radiusMm = diameterMm / 2;
  const scale = diameterMm / 42;
  const fill = seal.colour ?? sealRed;
  const inked = (path: PathSegment[]): VectorPicture['shapes'][number] => ({ path, fill, rule: 'nonzero' });
  const shapes = [
    { path: [...circle(radiusMm), ...circle(radiusMm - ringMm * scale)], fill, rule: 'evenodd' as const },
    inked(star(7 * scale, title.length > 0 ? -1.2 * scale : 0)),
    inked(nameAround(name, { scale, radiusMm, foot: title.length > 0 || seal.code !== undefined })),
  ];
  if (title.length > 0) shapes.push(inked(titleUnder(title, scale)));
  if (seal.code !== undefined) shapes.push(inked(codeAtFoot(seal.code, radiusMm, scale)));
  return {
    widthMm: diameterMm,
    heightMm: diameterMm,
    shapes: shapes.map((shape) => ({ ...shape, path: inFrame(shape.path, { xMm: radiusMm, yMm: radiusMm }) })),
  };
}

function refused(reason: string): TrustError {
  return new TrustError('malformed-request', `round seal: ${reason}`);
}

/** The longer the name, the wider its arc; then the characters are squeezed (长体), and their height stays. */
function nameAround(
  name: readonly string[],
  { scale, radiusMm, foot }: { scale: number; radiusMm: number; foot: boolean },
): PathSegment[] {
  const heightMm = 6.3 * scale;
  const middleMm = radiusMm - (ringMm + 0.9) * scale - heightMm / 2;
  const sweep = Math.min(foot ? 240 : 262, 108 + name.length * 10.5);
  const step = sweep / (name.length - 1);
  // Neighbours come nearest at their feet, on the inner side of the ring of text.
  const feetMm = ((middleMm - heightMm * 0.42) * step * Math.PI) / 180;
  const cell: Cell = { widthMm: Math.min(heightMm * 0.8, feetMm), heightMm };
  return name.flatMap((character, i) => onCircle(letter(character, cell), middleMm, -sweep / 2 + i * step));
}

function titleUnder(title: readonly string[], scale: number): PathSegment[] {
  const gapMm = 0.35 * scale;
  const widthMm = Math.min(3.4 * scale, (16.5 * scale) / title.length - gapMm);
  const fullMm = title.length * (widthMm + gapMm) - gapMm;
  const cell: Cell = { widthMm, heightMm: 4.2 * scale };
  return title.flatMap((character, i) =>
    placed(letter(character, cell), 0, -fullMm / 2 + widthMm / 2 + i * (widthMm + gapMm), 10.4 * scale),
  );
}

/** Left to right with the digits' feet outwards, so that it is read without turning the paper. */
function codeAtFoot(code: string, radiusMm: number, scale: number): PathSegment[] {
  const middleMm = radiusMm - (ringMm + 1.3) * scale;
  const cell: Cell = { widthMm: 1.15 * scale, heightMm: 1.4 * scale };
  const step = 4.3;
  const first = 180 + (step * (code.length - 1)) / 2;
  return Array.from(code).flatMap((character, i) => {
    const at = first - i * step;
    const angle = (at * Math.PI) / 180;
    return placed(digit(character, cell), at + 180, middleMm * Math.sin(angle), -middleMm * Math.cos(angle));
  });
}

/** 0 degrees is the top, clockwise; the outline's head points outwards. */
function onCircle(path: readonly PathSegment[], radiusMm: number, degrees: number): PathSegment[] {
  const angle = (degrees * Math.PI) / 180;
  return placed(path, degrees, radiusMm * Math.sin(angle), -radiusMm * Math.cos(angle));
}
