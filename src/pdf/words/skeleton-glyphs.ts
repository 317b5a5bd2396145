// The glyphs of a text skeleton with their places on the pages of its document, as the reader of text sees them.

import { PDF } from '@libpdf/core';
import type { PlacedGlyph } from '../../codec/placed-text.ts';
import { toShown } from '../geometry.ts';
import type { PdfPage } from '../pages.ts';
import type { TextSkeleton } from './text-skeleton.ts';

/** By page number; in the order of drawing. Glyphs outside what a page shows are left out. */
export async function skeletonGlyphs(
  skeleton: TextSkeleton,
  pages: readonly PdfPage[],
): Promise<ReadonlyMap<number, readonly PlacedGlyph[]>> {
  const glyphs = new Map<number, PlacedGlyph[]>();
  if (skeleton.pages.length === 0) return glyphs;
  const text = await PDF.load(skeleton.bytes);
  for (const [index, shown] of text.getPages().entries()) {
    const page = pages[(skeleton.pages[index] ?? 0) - 1];
    if (page === undefined) continue;
    const list = glyphs.get(page.number) ?? [];
    glyphs.set(page.number, list);
    const characters = shown
      .extractText()
      .lines.flatMap(({ spans }) => spans.flatMap(({ chars }) => chars))
      // Spaces that the reader made up have no number of their own; lines are made of places here, not by the reader.
      .filter(({ sequenceIndex }) => Number.isInteger(sequenceIndex))
      .sort((a, b) => (a.sequenceIndex ?? 0) - (b.sequenceIndex ?? 0));
    for (const { char, bbox } of characters) {
      const { x, y, width, height } = bbox;
      const box = toShown(page, { left: x, bottom: y, right: x + width, top: y + height });
      if (isOn(page, box.xMm + box.widthMm / 2, box.yMm + box.heightMm / 2)) list.push({ text: char, box });
    }
  }
  return glyphs;
}

function isOn({ widthMm, heightMm }: PdfPage, xMm: number, yMm: number): boolean {
  return xMm >= 0 && yMm >= 0 && xMm <= widthMm && yMm <= heightMm;
}
