// Where stamps come to lie: page sizes, points of pages, and the seam (骑缝) across the edges of pages; GB/T 33190-2016, 7.5 (PageArea) and 18.2.3 (StampAnnot).

import { TrustError } from '../kernel/errors.ts';
import type { OfdDocument, OfdFile, OfdPage } from './document.ts';
import { malformed } from './limits.ts';
import type { StampPlace } from './prepare.ts';
import { type Box, boxOf, textIn } from './values.ts';
import { childOf } from './xml.ts';

export interface PictureSize {
  readonly widthMm: number;
  readonly heightMm: number;
}

export type Edge = 'left' | 'right' | 'top' | 'bottom';

/** A seam shows at least so much of the seal on every page, or there are too many pages for one seal. */
const leastSliceMm = 1;
/** Rounding of millimetres is no reason to refuse. */
const toleranceMm = 0.001;

/** The page's own physical box, else that of the document. Throws malformed-ofd. */
export function pageBox({ package: from }: OfdFile, { root }: OfdDocument, page: OfdPage): Box {
  const own = textIn(childOf(from.xml(page.file).root, 'Area'), 'PhysicalBox');
  const common = textIn(childOf(childOf(root, 'CommonData'), 'PageArea'), 'PhysicalBox');
  const box = own ?? common;
  if (box === undefined) throw malformed('a page has no size');
  return boxOf(box);
}

/** `page` counts from 1, the point from the top left of the page; the centre of the seal comes to lie there. Throws placement-outside-page. */
export function placedAt(
  file: OfdFile,
  at: { readonly page: number; readonly xMm: number; readonly yMm: number },
  { widthMm, heightMm }: PictureSize,
): StampPlace {
  const { document, page } = pageOf(file, at.page);
  const box = pageBox(file, document, page);
  const boundary = { xMm: at.xMm - widthMm / 2, yMm: at.yMm - heightMm / 2, widthMm, heightMm };
  const inside =
    boundary.xMm >= -toleranceMm &&
    boundary.yMm >= -toleranceMm &&
    boundary.xMm + widthMm <= box.widthMm + toleranceMm &&
    boundary.yMm + heightMm <= box.heightMm + toleranceMm;
  if (!inside) throw outside(`the stamp does not lie on page ${at.page}`);
  return { pageId: page.id, boundary };
}

/**
 * One seal across an edge of these pages, in the middle of that edge: every page shows its slice, and put together they are the whole
 * seal. The picture keeps its size on each page and the clip cuts the slice. Throws placement-outside-page.
 */
export function seamAcross(
  file: OfdFile,
  seam: { pages: readonly number[]; edge: Edge },
  size: PictureSize,
): StampPlace[] {
  const { pages, edge } = seam;
  const across = edge === 'left' || edge === 'right';
  const { widthMm, heightMm } = size;
  const slice = (across ? widthMm : heightMm) / pages.length;
  if (pages.length < 2 || slice < leastSliceMm)
    throw outside('a seam needs two pages, and a millimetre of the seal on each');
  return pages.map((number, place) => {
    const { document, page } = pageOf(file, number);
    const box = pageBox(file, document, page);
    if (widthMm > box.widthMm || heightMm > box.heightMm) throw outside(`the seal does not fit page ${number}`);
    const before = place * slice;
    const along = across ? (box.heightMm - heightMm) / 2 : (box.widthMm - widthMm) / 2;
    // The slice ends where the page does.
    const far = (across ? box.widthMm : box.heightMm) - before - slice;
    const shift = edge === 'right' || edge === 'bottom' ? far : -before;
    const boundary = across
      ? { xMm: shift, yMm: along, widthMm, heightMm }
      : { xMm: along, yMm: shift, widthMm, heightMm };
    const clip = across
      ? { xMm: before, yMm: 0, widthMm: slice, heightMm }
      : { xMm: 0, yMm: before, widthMm, heightMm: slice };
    return { pageId: page.id, boundary, clip };
  });
}

function pageOf({ documents }: OfdFile, number: number): { document: OfdDocument; page: OfdPage } {
  const [document] = documents;
  const page = document?.pages[number - 1];
  if (document === undefined || page === undefined) throw outside(`there is no page ${number}`);
  return { document, page };
}

function outside(reason: string): TrustError {
  return new TrustError('placement-outside-page', `OFD: ${reason}`);
}
