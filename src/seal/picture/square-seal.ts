// The name seal of a person (名章): a square with the characters in columns from right to left, or a rectangle with one line.

import type { PathSegment, Rgb, VectorPicture } from '../../codec/picture.ts';
import { TrustError } from '../../kernel/errors.ts';
import { inFrame } from './figures.ts';
import { letter, placed } from './typeface.ts';

export interface NameSeal {
  readonly name: string;
  readonly form: 'square' | 'rectangle';
  /** Height of the seal; a square is as wide, a rectangle as its name is long. */
  readonly heightMm: number;
  readonly colour: Rgb;
}

const maxNameLength = 20;
const frameMm = 0.8;
const gapMm = 0.6;

/** Throws `glyph-missing` (details.codePoint) and `malformed-request` (length of the name). Lengths in millimetres. */
export function nameSeal({ name, form, heightMm, colour: fill }: NameSeal): VectorPicture {
  const characters = Array.from(name);
  if (characters.length < 2 || characters.length > maxNameLength)
    throw new TrustError('malformed-request', `a name seal has 2 to ${maxNameLength} characters`);
  const widthMm = form === 'square' ? heightMm : rectangleWidth(characters.length, heightMm);
  const field = { widthMm: widthMm - 2 * (frameMm + gapMm), heightMm: heightMm - 2 * (frameMm + gapMm) };
  const text = form === 'square' ? inColumns(filled(characters), field) : inLine(characters, field);
  const frame = [...box(widthMm, heightMm), ...box(widthMm - 2 * frameMm, heightMm - 2 * frameMm)];
  const shapes = [
    { path: frame, fill, rule: 'evenodd' as const },
    { path: text, fill, rule: 'nonzero' as const },
  ];
  const centre = { xMm: widthMm / 2, yMm: heightMm / 2 };
  return { widthMm, heightMm, shapes: shapes.map((shape) => ({ ...shape, path: inFrame(shape.path, centre) })) };
}

/** Two and three characters are filled up to the four of a square, as is the custom: 之印, 印. */
function filled(characters: readonly string[]): readonly string[] {
  if (characters.length === 2) return [...characters, '之', '印'];
  return characters.length === 3 ? [...characters, '印'] : characters;
}

interface Field {
  readonly widthMm: number;
  readonly heightMm: number;
}

function inColumns(characters: readonly string[], field: Field): PathSegment[] {
  const columns = characters.length <= 6 ? 2 : characters.length <= 12 ? 3 : 4;
  const rows = Math.ceil(characters.length / columns);
  const cell = { widthMm: field.widthMm / columns, heightMm: field.heightMm / rows };
  return characters.flatMap((character, i) => {
    const column = columns - 1 - Math.floor(i / rows);
    const x = -field.widthMm / 2 + (column + 0.5) * cell.widthMm;
    const y = -field.heightMm / 2 + ((i % rows) + 0.5) * cell.heightMm;
    return placed(letter(character, cell), 0, x, y);
  });
}

function inLine(characters: readonly string[], field: Field): PathSegment[] {
  const cell = { widthMm: field.widthMm / characters.length, heightMm: field.heightMm };
  return characters.flatMap((character, i) =>
    placed(letter(character, cell), 0, -field.widthMm / 2 + (i + 0.5) * cell.widthMm, 0),
  );
}

/** To a whole millimetre, as a SES picture states it; characters are somewhat narrower than high. */
function rectangleWidth(length: number, heightMm: number): number {
  const inner = heightMm - 2 * (frameMm + gapMm);
  return Math.round(Math.min(length * inner * 0.9, 60) + 2 * (frameMm + gapMm));
}

function box(widthMm: number, heightMm: number): PathSegment[] {
  const [x, y] = [widthMm / 2, heightMm / 2];
  return [
    { kind: 'M', x: -x, y: -y },
    { kind: 'L', x, y: -y },
    { kind: 'L', x, y },
    { kind: 'L', x: -x, y },
    { kind: 'Z' },
  ];
}
