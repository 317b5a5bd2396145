// The seam (骑缝): one seal cut into slices across the edges of several pages, or halved over the inner edges of two facing ones (对开).

import { TrustError } from '../../kernel/errors.ts';
import { pagesIn } from '../page-ranges.ts';
import type { Pages, Place, Size } from './place.ts';

export const edges = ['left', 'right', 'top', 'bottom'] as const;
export type Edge = (typeof edges)[number];

export interface Seam {
  readonly edge: Edge;
  /** `1-5,8`; all pages when absent. */
  readonly pages?: string | undefined;
  /** A new seal every so many pages; one seal over all of them when absent. */
  readonly every?: number | undefined;
  /** Pages two by two, `edge` being the inner edge of the first of them. */
  readonly facing?: boolean | undefined;
  /** From the top of the page, or from its left for the edges top and bottom, to the seal's centre; the middle when absent. */
  readonly offsetMm?: number | undefined;
}

/** A seam shows at least so much of the seal on every page, or there are too many pages for one seal. */
const leastSliceMm = 1;
/** Rounding of a caller's millimetres may put a seal a hair over the end of an edge. */
const toleranceMm = 0.01;

const opposite: Readonly<Record<Edge, Edge>> = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' };

/**
 * The slices of a group of pages, put together in its order, are the whole seal; each ends where its page ends. Throws
 * placement-outside-page, seam-page-left-over, seam-slice-too-thin.
 */
export function seamPlaces(seam: Seam, document: Pages, size: Size): Place[] {
  const { edge, every, facing = false } = seam;
  const pages = pagesIn(seam.pages, document.pageCount);
  const groups = groupsOf(pages, facing ? 2 : (every ?? pages.length));
  for (const group of groups) refuseLeftOver(group, facing);
  return groups.flatMap((group) => {
    const cuts = cutsOf(group.length, isUpright(edge) ? size.widthMm : size.heightMm);
    return group.map((page, place) => {
      if (!facing) return sliceAt({ ...seam, page, edge }, [cuts[place], cuts[place + 1]], { document, size });
      // The left half stands on the right edge and the right half on the left one, whichever page comes first.
      const own = place === 0 ? edge : opposite[edge];
      const half = own === 'right' || own === 'bottom' ? 0 : 1;
      return sliceAt({ ...seam, page, edge: own }, [cuts[half], cuts[half + 1]], { document, size });
    });
  });
}

function isUpright(edge: Edge): boolean {
  return edge === 'left' || edge === 'right';
}

function groupsOf(pages: readonly number[], most: number): number[][] {
  const groups: number[][] = [];
  for (let at = 0; at < pages.length; at += most) groups.push(pages.slice(at, at + most));
  return groups;
}

/** A page alone cannot share a seal: which page it should go with is for the caller to say. */
function refuseLeftOver([first = 0, second]: readonly number[], facing: boolean): void {
  if (second !== undefined && (!facing || second === first + 1)) return;
  throw new TrustError('seam-page-left-over', `page ${first} has no other page to share the seal with`, {
    details: { page: first },
  });
}

/** To the micrometre, so that a slice ends with the very number the next begins with. */
function cutsOf(count: number, lengthMm: number): number[] {
  if (lengthMm / count < leastSliceMm) {
    const mostPages = Math.floor(lengthMm / leastSliceMm);
    throw new TrustError('seam-slice-too-thin', `the seal can be cut over ${mostPages} pages, not ${count}`, {
      details: { mostPages },
    });
  }
  return Array.from({ length: count + 1 }, (_, cut) => Math.round((1000 * cut * lengthMm) / count) / 1000);
}

function sliceAt(
  seam: { page: number; edge: Edge; offsetMm?: number | undefined },
  [from = 0, to = 0]: readonly (number | undefined)[],
  { document, size }: { document: Pages; size: Size },
): Place {
  const { page, edge } = seam;
  const upright = isUpright(edge);
  const { widthMm, heightMm } = size;
  const face = document.face(page);
  const [across, along] = upright ? [face.widthMm, face.heightMm] : [face.heightMm, face.widthMm];
  const [thick, long] = upright ? [widthMm, heightMm] : [heightMm, widthMm];
  const middle = seam.offsetMm ?? along / 2;
  if (middle - long / 2 < -toleranceMm || middle + long / 2 > along + toleranceMm || to - from > across + toleranceMm) {
    throw new TrustError('placement-outside-page', `the seal does not fit the edge of page ${page}`, {
      details: { page },
    });
  }
  const start = edge === 'right' || edge === 'bottom' ? across - to : -from;
  const centre = start + thick / 2;
  const thickness = to - from;
  return upright
    ? { page, xMm: centre, yMm: middle, clip: { xMm: from, yMm: 0, widthMm: thickness, heightMm } }
    : { page, xMm: middle, yMm: centre, clip: { xMm: 0, yMm: from, widthMm, heightMm: thickness } };
}
