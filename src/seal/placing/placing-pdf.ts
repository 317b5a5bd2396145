// A PDF as placing sees it: the sizes of its pages, and where words stand in it.

import type { ByteSource } from '../../pdf/byte-source.ts';
import type { PdfDocument } from '../../pdf/reader.ts';
import { WordFinder } from '../../pdf/words/word-finder.ts';
import type { PlacingDocument } from './resolve.ts';

const words = new WordFinder();

/** `source` is that of `document`; words are searched in it only when asked for. */
export function placingPdf({ pages }: PdfDocument, source: Uint8Array | ByteSource): PlacingDocument {
  return {
    pageCount: pages.length,
    face: (page) => pages[page - 1] ?? { widthMm: 0, heightMm: 0 },
    findWords: async (queries) => {
      const bytes = source instanceof Uint8Array ? source : source.range(0, source.length);
      return words.find(bytes, queries);
    },
  };
}
