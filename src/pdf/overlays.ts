// What the pictures of later signatures cover: an older seal never, and where the document was certified, no more than a stamp's ink.

import type { Comparison, Place } from './comparison.ts';
import { overlaps, toShown } from './geometry.ts';
import { isInk } from './ink.ts';
import { PdfDict } from './objects.ts';
import { rectangleOf } from './pages.ts';
import type { PdfPage } from './pages.ts';
import { overlapToleranceMm } from './seals-on-page.ts';

/** 12.5.3, NoZoom and NoRotate: the picture may come to lie outside its rectangle. */
const looseFlags = 8 | 16;

interface Picture {
  /** As it was signed. */
  readonly page: PdfPage;
  readonly dict: PdfDict;
  readonly place: Place;
  /** Its field was there, at this place, when the document was signed. */
  readonly foreseen: boolean;
}

/**
 * A picture over an earlier seal could hide or falsify it, whoever signed it. A picture over the page is how seals are put, so it is told
 * when it may hide what lies under it; whoever certified a document has signed what the page shows, and then it is refused: the signature
 * attack on certified documents (SSA).
 */
export function judgePicture(comparison: Comparison, { page, dict, place, foreseen }: Picture): void {
  const box = rectangleOf(comparison.after.file, dict.get('Rect'));
  if (box === undefined) return;
  const shown = toShown(page, box);
  const seals = comparison.sealsBefore(page);
  comparison.spend(1 + seals.length);
  const flags = comparison.after.file.get(dict, 'F');
  const loose = typeof flags === 'number' && (flags & looseFlags) !== 0;
  if (seals.some((seal) => loose || overlaps(seal, shown, overlapToleranceMm)))
    comparison.refuse('overlap', 'it was laid over an earlier seal', place);
  if (foreseen || isInk(comparison.after.file, dict)) return;
  const detail = 'its picture may hide what lies under it';
  if (comparison.before.permissions.docMdp === undefined) comparison.permit('overlay', detail, place);
  else comparison.refuse('overlay', `${detail}, and the document was certified without it`, place);
}
