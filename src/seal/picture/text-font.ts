// The typeface of documents that we write: Noto Serif SC (OFL-1.1) with the glyphs that were used, and what each says; ISO 32000-2, 9.7 and 9.10.3.

import { fontOf } from './font-file.ts';

export const textFontName = 'NotoSerifSC-Regular';

const typeface = fontOf('400Regular/NotoSerifSC_400Regular.ttf');

export interface TextGlyph {
  /** In the subset. */
  readonly code: number;
  /** Thousandths of the size. */
  readonly width: number;
  readonly text: string;
}

export interface TextMetrics {
  readonly ascent: number;
  readonly descent: number;
  readonly capHeight: number;
  readonly box: readonly [number, number, number, number];
}

/** What stands for a character that the typeface has not. */
const missing = '□';

export class TextFont {
  readonly #font = typeface();
  readonly #subset = this.#font.createSubset();
  readonly #glyphs = new Map<string, TextGlyph>();
  /** The subset numbers its glyphs in the order in which they come; 0 is what is missing. */
  readonly #codes = new Map<number, number>();

  /** Character by character; nothing in a document of ours may change the direction or the look of what stands beside it. */
  glyphs(text: string): TextGlyph[] {
    const plain = text.normalize('NFC').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
    return Array.from(plain, (character) => this.#glyphOf(character));
  }

  /** By code; those that were used. */
  used(): TextGlyph[] {
    return [...this.#glyphs.values()].sort((a, b) => a.code - b.code);
  }

  /** A TrueType font program with these glyphs alone. */
  program(): Uint8Array {
    return this.#subset.encode();
  }

  metrics(): TextMetrics {
    const { ascent, descent, capHeight, bbox } = this.#font;
    const [minX, minY, maxX, maxY] = [bbox.minX, bbox.minY, bbox.maxX, bbox.maxY].map((value) => this.#scaled(value));
    return {
      ascent: this.#scaled(ascent),
      descent: this.#scaled(descent),
      capHeight: this.#scaled(capHeight),
      box: [minX ?? 0, minY ?? 0, maxX ?? 0, maxY ?? 0],
    };
  }

  #glyphOf(character: string): TextGlyph {
    const known = this.#glyphs.get(character);
    if (known !== undefined) return known;
    const found = this.#font.glyphForCodePoint(character.codePointAt(0) ?? 0);
    const glyph = found.id === 0 ? this.#font.glyphForCodePoint(missing.codePointAt(0) ?? 0) : found;
    this.#subset.includeGlyph(glyph);
    const code = this.#codes.get(glyph.id) ?? this.#codes.size + 1;
    this.#codes.set(glyph.id, code);
    const made = { code, width: this.#scaled(glyph.advanceWidth), text: character };
    this.#glyphs.set(character, made);
    return made;
  }

  #scaled(units: number): number {
    return Math.round((units * 1000) / this.#font.unitsPerEm);
  }
}
