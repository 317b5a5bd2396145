// Finding words in a PDF: its text as a skeleton, the skeleton's glyphs, the words among them.

import { findWords, middleOf } from '../../codec/placed-text.ts';
import { openPdf } from '../reader.ts';
import { skeletonGlyphs } from './skeleton-glyphs.ts';
import { textSkeleton } from './text-skeleton.ts';

export interface PdfWordQuery {
  readonly text: string;
  /** Ascending, from 1. */
  readonly pages: readonly number[];
}

/** The middle of the words, from the top left of the page as shown. */
export interface PdfWordHit {
  readonly page: number;
  readonly xMm: number;
  readonly yMm: number;
}

export interface PdfWords {
  /** For each query, in reading order. */
  readonly hits: readonly (readonly PdfWordHit[])[];
  /** Some text does not say which characters it shows. */
  readonly mute: boolean;
}

/** To be run where time and memory are limited (word-finder.ts). Throws malformed-pdf, …, and RangeError for too much text. */
export async function findPdfWords(bytes: Uint8Array, queries: readonly PdfWordQuery[]): Promise<PdfWords> {
  const document = openPdf(bytes);
  const pages = [...new Set(queries.flatMap((query) => query.pages))].sort((a, b) => a - b);
  const skeleton = textSkeleton(document, pages);
  const glyphs = await skeletonGlyphs(skeleton, document.pages);
  const hits = queries.map((query) =>
    query.pages.flatMap((page) =>
      findWords(glyphs.get(page) ?? [], query.text).map((box) => ({
        page,
        xMm: middleOf(box).x,
        yMm: middleOf(box).y,
      })),
    ),
  );
  return { hits, mute: skeleton.mute };
}
