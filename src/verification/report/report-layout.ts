// The lines of a report: paragraphs broken to the width of the page, Chinese between any two characters, words at their spaces.

import type { TextFont, TextGlyph } from '../../seal/picture/text-font.ts';

/** RFC 5646 aside, the kinds of text of ISO 32000-2, 14.8.4: headings and paragraphs. */
export type TextRole = 'H1' | 'H2' | 'P';

export interface Paragraph {
  readonly role: TextRole;
  readonly text: string;
  readonly size: number;
  readonly color: Rgb;
  readonly indent: number;
  readonly gapBefore: number;
  /** Stands at the left of the first line, in grey. */
  readonly label?: string;
}

export type Rgb = readonly [number, number, number];

export interface Line {
  readonly glyphs: readonly TextGlyph[];
  readonly label: readonly TextGlyph[];
  readonly paragraph: number;
  readonly size: number;
  readonly color: Rgb;
  readonly x: number;
  readonly y: number;
}

/** A4, in points, from the lower left. */
export const page = { width: 595, height: 842, margin: 57, bottom: 70 } as const;
export const labelWidth = 118;
const leading = 1.5;
/** Punctuation that begins no line (GB/T 15834-2011, 5.1.2). */
const neverFirst = /^[、。，．：；！？）》」』】”’,.:;!?)\]}]$/;

/** Pages of lines. */
export function laidOut(paragraphs: readonly Paragraph[], font: TextFont): Line[][] {
  const pages: Line[][] = [[]];
  let y: number = page.height - page.margin;
  for (const [index, paragraph] of paragraphs.entries()) {
    const { size, color, label } = paragraph;
    const x = page.margin + paragraph.indent + (label === undefined ? 0 : labelWidth);
    const lines = broken(font.glyphs(paragraph.text), ((page.width - page.margin - x) * 1000) / size);
    y -= paragraph.gapBefore;
    // A heading alone at the foot of a page heads nothing.
    const needed = (paragraph.role === 'P' ? 1 : 3) * size * leading;
    if (y - needed < page.bottom) {
      pages.push([]);
      y = page.height - page.margin;
    }
    for (const [place, glyphs] of lines.entries()) {
      y -= size * leading;
      if (y < page.bottom) {
        pages.push([]);
        y = page.height - page.margin - size * leading;
      }
      const shown = place === 0 && label !== undefined ? font.glyphs(label) : [];
      pages.at(-1)?.push({ glyphs, label: shown, paragraph: index, size, color, x, y });
    }
  }
  return pages;
}

export function widthOf(glyphs: readonly TextGlyph[]): number {
  return glyphs.reduce((sum, { width }) => sum + width, 0);
}

function broken(glyphs: readonly TextGlyph[], room: number): TextGlyph[][] {
  const lines: TextGlyph[][] = [];
  let line: TextGlyph[] = [];
  for (const unit of units(glyphs)) {
    for (const part of widthOf(unit) > room ? unit.map((glyph) => [glyph]) : [unit]) {
      if (widthOf(line) + widthOf(part) > room && line.length > 0) {
        lines.push(line);
        line = [];
      }
      if (line.length > 0 || part.some(({ text }) => text !== ' ')) line.push(...part);
    }
  }
  return line.length > 0 || lines.length === 0 ? [...lines, line] : lines;
}

/** What stays together: a word, a Chinese character with the punctuation behind it, a space. */
function units(glyphs: readonly TextGlyph[]): TextGlyph[][] {
  const found: TextGlyph[][] = [];
  let inWord = false;
  for (const glyph of glyphs) {
    const isLetter = /^[\p{Script=Latin}\p{N}\-_/@%#&+=.]$/u.test(glyph.text);
    const last = found.at(-1);
    if (last !== undefined && ((isLetter && inWord) || neverFirst.test(glyph.text))) last.push(glyph);
    else found.push([glyph]);
    inWord = isLetter;
  }
  return found;
}
