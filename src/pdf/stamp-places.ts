// Where the stamps of one signature come to lie: pages found, boxes inside them, no seal over another (ISO 32000-2, 12.5.6.12).

import type { VectorPicture } from '../codec/picture.ts';
import { TrustError } from '../kernel/errors.ts';
import { overlaps } from './geometry.ts';
import type { ShownRectangle } from './geometry.ts';
import type { PdfPage } from './pages.ts';
import type { PdfDocument } from './reader.ts';
import { overlapToleranceMm, sealsOn } from './seals-on-page.ts';

export interface StampPlacement {
  /** 1-based. */
  readonly page: number;
  /** Centre of the whole picture, from the top left of the page as shown. */
  readonly xMm: number;
  readonly yMm: number;
  /** What of the picture is shown, from its own top left; all of it when absent. A seam shows a slice on each page. */
  readonly clip?: ShownRectangle;
}

/** A stamp on its page. */
export interface StampPlace {
  readonly page: PdfPage;
  /** What of the picture the annotation shows, in millimetres from the picture's top left; it may be larger than the picture. */
  readonly window: ShownRectangle;
  /** Where that lies on the page. */
  readonly box: ShownRectangle;
}

export const maxStamps = 1_000;
/** Rounding of a caller's millimetres may put a stamp a hair over the edge. */
const edgeToleranceMm = 0.01;

/** `field` is the place of an existing field that is signed. Throws placement-outside-page, placement-occupied, placement-not-supported. */
export function placeStamps(request: {
  readonly document: PdfDocument;
  readonly stamps: readonly StampPlacement[];
  readonly picture: VectorPicture;
  readonly field: StampPlace | undefined;
}): StampPlace[] {
  const { document, stamps, picture, field } = request;
  const { widthMm, heightMm } = picture;
  if (!(widthMm > 0 && heightMm > 0 && widthMm < 1_000 && heightMm < 1_000))
    throw new RangeError('the picture has no usable size');
  if (stamps.length > maxStamps)
    throw new TrustError('placement-not-supported', `more than ${maxStamps} stamps in one signature`);
  const places = stamps.map((placement) => placeOf(document, placement, picture));
  const all = field === undefined ? places : [field, ...places];
  const taken = new Map<number, ShownRectangle[]>();
  for (const { page, box } of all) {
    const others = taken.get(page.number) ?? sealsOn(document, page);
    if (others.some((other) => overlaps(other, box, overlapToleranceMm))) {
      throw new TrustError('placement-occupied', `the stamp would lie over another seal of page ${page.number}`, {
        details: { page: page.number },
      });
    }
    taken.set(page.number, [...others, box]);
  }
  return all;
}

function placeOf(document: PdfDocument, placement: StampPlacement, { widthMm, heightMm }: VectorPicture): StampPlace {
  const { xMm, yMm, clip: window = { xMm: 0, yMm: 0, widthMm, heightMm } } = placement;
  const page = document.pages[placement.page - 1];
  if (page === undefined) throw outside(`there is no page ${placement.page}`, placement.page);
  const box = { ...window, xMm: xMm - widthMm / 2 + window.xMm, yMm: yMm - heightMm / 2 + window.yMm };
  const inside =
    box.xMm >= -edgeToleranceMm &&
    box.yMm >= -edgeToleranceMm &&
    box.xMm + box.widthMm <= page.widthMm + edgeToleranceMm &&
    box.yMm + box.heightMm <= page.heightMm + edgeToleranceMm;
  if (!inside) throw outside(`the stamp does not lie on page ${placement.page}`, placement.page);
  return { page, window, box };
}

export function outside(reason: string, page?: number): TrustError {
  const details = page === undefined ? {} : { details: { page } };
  return new TrustError('placement-outside-page', `PDF: ${reason}`, details);
}
