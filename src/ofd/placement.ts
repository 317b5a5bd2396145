// Where stamps come to lie: the sizes of pages, and boxes inside them that lie over no other stamp; GB/T 33190-2016, 7.5 (PageArea) and 18.2.3 (StampAnnot).

import { TrustError } from '../kernel/errors.ts';
import type { OfdDocument, OfdFile } from './document.ts';
import { malformed } from './limits.ts';
import type { StampPlace } from './prepare.ts';
import type { OfdSignature } from './signatures.ts';
import { type Box, boxOf, textIn } from './values.ts';
import { childOf } from './xml.ts';

interface PictureSize {
  readonly widthMm: number;
  readonly heightMm: number;
}

interface OfdStampPlacement {
  /** 1-based. */
  readonly page: number;
  /** Centre of the whole picture, from the top left of the page. */
  readonly xMm: number;
  readonly yMm: number;
  /** What of the picture is shown, from its own top left; all when absent. */
  readonly clip?: Box;
}

/** Rounding of millimetres is no reason to refuse. */
const toleranceMm = 0.01;
/** Two seals whose boxes touch are not yet one over the other. */
const overlapToleranceMm = 0.5;

/** `page` from 1: its own physical box, else that of the document. Throws placement-outside-page, malformed-ofd, unsupported-ofd. */
function pageBox(file: OfdFile, page: number): Box {
  const { root, pages } = documentOf(file);
  const found = pages[page - 1];
  if (found === undefined) throw refused('placement-outside-page', 'there is no page', page);
  const own = textIn(childOf(file.package.xml(found.file).root, 'Area'), 'PhysicalBox');
  const common = textIn(childOf(childOf(root, 'CommonData'), 'PageArea'), 'PhysicalBox');
  const box = own ?? common;
  if (box === undefined) throw malformed('a page has no size');
  return boxOf(box);
}

function documentOf({ documents: [document] }: OfdFile): OfdDocument {
  if (document === undefined) throw malformed('it has no document');
  return document;
}

/** `pageBox`, reading each page once. */
export function pageBoxes(file: OfdFile): (page: number) => Box {
  const known = new Map<number, Box>();
  return (page) => {
    const box = known.get(page) ?? pageBox(file, page);
    known.set(page, box);
    return box;
  };
}

/** Throws placement-outside-page, placement-occupied, malformed-ofd, unsupported-ofd. */
export function stampPlaces(
  file: OfdFile,
  order: {
    placements: readonly OfdStampPlacement[];
    size: PictureSize;
    face: (page: number) => PictureSize;
    earlier: readonly OfdSignature[];
  },
): StampPlace[] {
  const { placements, size, face: faceOf } = order;
  const taken = stampsOn(order.earlier);
  return placements.map((placement) => {
    const { page: number, xMm, yMm, clip } = placement;
    const face = faceOf(number);
    const pageId = documentOf(file).pages[number - 1]?.id ?? '';
    const boundary = { ...size, xMm: xMm - size.widthMm / 2, yMm: yMm - size.heightMm / 2 };
    const shown = shownBox(boundary, clip);
    const inside =
      shown.xMm >= -toleranceMm &&
      shown.yMm >= -toleranceMm &&
      shown.xMm + shown.widthMm <= face.widthMm + toleranceMm &&
      shown.yMm + shown.heightMm <= face.heightMm + toleranceMm;
    if (!inside) throw refused('placement-outside-page', 'the stamp does not lie on page', number);
    const others = taken.get(pageId) ?? [];
    if (others.some((other) => overlaps(other, shown)))
      throw refused('placement-occupied', 'the stamp would lie over another one of page', number);
    taken.set(pageId, [...others, shown]);
    return { pageId, boundary, ...(clip === undefined ? {} : { clip }) };
  });
}

/** What earlier signatures show, by page. */
function stampsOn(earlier: readonly OfdSignature[]): Map<string, Box[]> {
  const taken = new Map<string, Box[]>();
  for (const { stamps } of earlier) {
    for (const { pageId, boundary, clip } of stamps)
      taken.set(pageId, [...(taken.get(pageId) ?? []), shownBox(boundary, clip)]);
  }
  return taken;
}

/** 18.2.3: the clip is counted from the corner of the boundary, and shows nothing outside it. */
function shownBox(boundary: Box, clip: Box | undefined): Box {
  if (clip === undefined) return boundary;
  const [left, top] = [Math.max(0, clip.xMm), Math.max(0, clip.yMm)];
  return {
    xMm: boundary.xMm + left,
    yMm: boundary.yMm + top,
    widthMm: Math.max(0, Math.min(boundary.widthMm, clip.xMm + clip.widthMm) - left),
    heightMm: Math.max(0, Math.min(boundary.heightMm, clip.yMm + clip.heightMm) - top),
  };
}

function overlaps(a: Box, b: Box): boolean {
  const across = Math.min(a.xMm + a.widthMm, b.xMm + b.widthMm) - Math.max(a.xMm, b.xMm);
  const down = Math.min(a.yMm + a.heightMm, b.yMm + b.heightMm) - Math.max(a.yMm, b.yMm);
  return across > overlapToleranceMm && down > overlapToleranceMm;
}

function refused(code: 'placement-outside-page' | 'placement-occupied', reason: string, page: number): TrustError {
  return new TrustError(code, `OFD: ${reason} ${page}`, { details: { page } });
}
