// The one typeface of seal pictures: Noto Serif SC Bold (OFL-1.1), near to 简化宋体, read from its npm package so that a seal looks the same on every machine.

import { type PathSegment, segmentsFromSvgPath, transformPath } from '../../codec/picture.ts';
import { TrustError } from '../../kernel/errors.ts';
import { fontOf } from './font-file.ts';

/** The ideographic em box of Noto CJK reaches 12 % of the em below the baseline. */
const emBoxDescent = 0.12;

const typeface = fontOf('700Bold/NotoSerifSC_700Bold.ttf');

export interface Cell {
  readonly widthMm: number;
  readonly heightMm: number;
}

/**
 * Outline of one character, its cell centred on the origin: the em box for Hanzi and letters. A cell narrower than high squeezes
 * the character (长体). Throws `glyph-missing` naming the code point: a seal with an empty box in it must never be made.
 */
export function letter(character: string, cell: Cell): PathSegment[] {
  const { glyph, em } = glyphOf(character);
  const sx = cell.widthMm / em;
  const sy = cell.heightMm / em;
  const centreX = glyph.advanceWidth / 2;
  const centreY = em * (0.5 - emBoxDescent);
  return segmentsFromSvgPath(glyph.path.toSVG(), [sx, 0, 0, -sy, -centreX * sx, centreY * sy]);
}

/** Outline of one digit or capital letter whose ink is at most `heightMm` high, in an advance of `widthMm`, centred on the origin. */
export function symbol(character: string, cell: Cell): PathSegment[] {
  if (!/^[0-9A-Z]$/.test(character)) throw new TrustError('malformed-request', 'a code has digits and capital letters');
  const { glyph } = glyphOf(character);
  const zero = glyphOf('0').glyph.bbox;
  const sx = cell.widthMm / glyph.advanceWidth;
  const sy = cell.heightMm / (zero.maxY - zero.minY);
  const centreY = (zero.maxY + zero.minY) / 2;
  return segmentsFromSvgPath(glyph.path.toSVG(), [sx, 0, 0, -sy, (-glyph.advanceWidth / 2) * sx, centreY * sy]);
}

/** Outline of one digit whose ink is `heightMm` high and whose advance is `widthMm`, centred on the origin. */
export function digit(character: string, cell: Cell): PathSegment[] {
  if (!/^[0-9]$/.test(character)) throw new TrustError('malformed-request', 'a seal code has digits only');
  return symbol(character, cell);
}

function glyphOf(character: string) {
  const font = typeface();
  const codePoint = character.codePointAt(0) ?? 0;
  const glyph = font.glyphForCodePoint(codePoint);
  // A space or control character has a glyph without ink: in a seal that is as bad as none.
  if (glyph.id === 0 || glyph.path.commands.length === 0) {
    const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
    throw new TrustError('glyph-missing', `the seal typeface has no glyph for ${name}`, {
      details: { codePoint: name },
    });
  }
  return { glyph, em: font.unitsPerEm };
}

/** Turns an outline about the origin by `degrees` clockwise, then moves it. */
export function placed(path: readonly PathSegment[], degrees: number, xMm: number, yMm: number): PathSegment[] {
  const angle = (degrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return transformPath(path, [cos, sin, -sin, cos, xMm, yMm]);
}
