// Placements, as a caller asks for them, become places on pages before anything is signed.

import { findWords, middleOf, type PlacedGlyph } from '../../codec/placed-text.ts';
import { TrustError } from '../../kernel/errors.ts';
import { pagesIn } from '../page-ranges.ts';
import type { KeywordPlacement, Placement } from '../stamp-request.ts';
import { maxPlaces, type Pages, type Place, type Size } from './place.ts';
import { seamPlaces } from './seam.ts';

/** Words to be found; white space and the width of characters do not count. */
export interface WordQuery {
  readonly text: string;
  /** Ascending, from 1. */
  readonly pages: readonly number[];
}

/** Centre of the words where they were found, from the top left of the page as shown. */
export interface WordHit {
  readonly page: number;
  readonly xMm: number;
  readonly yMm: number;
}

export interface FoundWords {
  /** For each query, in reading order. */
  readonly hits: readonly (readonly WordHit[])[];
  /** Some text of the document does not say which characters it shows: the words may be there all the same. */
  readonly mute: boolean;
}

/** Finds words where the glyphs of a page are at hand; each page is read once. */
export function findInPages(
  queries: readonly WordQuery[],
  glyphsOf: (page: number) => readonly PlacedGlyph[],
): FoundWords {
  const hits = queries.map((): WordHit[] => []);
  const pages = new Set(queries.flatMap((query) => query.pages));
  for (const page of [...pages].sort((a, b) => a - b)) {
    const glyphs = glyphsOf(page);
    for (const [index, query] of queries.entries()) {
      if (!query.pages.includes(page)) continue;
      for (const box of findWords(glyphs, query.text))
        hits[index]?.push({ page, xMm: middleOf(box).x, yMm: middleOf(box).y });
    }
  }
  return { hits, mute: false };
}

/** What placing needs to know of a document. */
export interface PlacingDocument extends Pages {
  /** Throws keyword-search-refused. */
  findWords(queries: readonly WordQuery[]): Promise<FoundWords>;
}

export interface ResolvedPlacements {
  readonly places: readonly Place[];
  /** The signature field to be signed, when one is named. */
  readonly field: string | undefined;
}

/**
 * In the order of the request. Throws placement-outside-page, placement-not-supported, seam-page-left-over, seam-slice-too-thin,
 * keyword-not-found (details.found: how many there are; details.hint when some text cannot be read), keyword-search-refused.
 */
export async function resolvePlacements(
  placements: readonly Placement[],
  { document, size }: { document: PlacingDocument; size: Size },
): Promise<ResolvedPlacements> {
  const keywords = placements.filter((placement) => placement.kind === 'keyword');
  const queries = keywords.map(({ text, pages }) => ({ text, pages: pagesIn(pages, document.pageCount) }));
  const found = queries.length === 0 ? { hits: [], mute: false } : await document.findWords(queries);
  const hits = new Map(keywords.map((keyword, index) => [keyword, found.hits[index] ?? []]));
  const places = placements.flatMap((placement): Place[] => {
    switch (placement.kind) {
      case 'position':
        return [{ page: placement.page, xMm: placement.xMm, yMm: placement.yMm }];
      case 'seam':
        return seamPlaces(placement, document, size);
      case 'keyword':
        return keywordPlaces(placement, { hits: hits.get(placement) ?? [], mute: found.mute });
      default:
        return [];
    }
  });
  if (places.length > maxPlaces)
    throw new TrustError('placement-not-supported', `more than ${maxPlaces} places in one signature`);
  return { places, field: placements.find((placement) => placement.kind === 'field')?.name };
}

function keywordPlaces(
  keyword: KeywordPlacement,
  { hits, mute }: { hits: readonly WordHit[]; mute: boolean },
): Place[] {
  const { occurrence, dxMm, dyMm } = keyword;
  const chosen = occurrence === 'all' ? hits : hits.slice(occurrence - 1, occurrence);
  if (chosen.length === 0) {
    throw new TrustError('keyword-not-found', `the words stand there ${hits.length} times`, {
      details: { found: hits.length, ...(mute ? { hint: 'text-without-characters' } : {}) },
    });
  }
  return chosen.map(({ page, xMm, yMm }) => ({ page, xMm: xMm + dxMm, yMm: yMm + dyMm }));
}
