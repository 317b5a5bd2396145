// Where a stamping would show its seal in a document of either kind, for whoever looks at it before.

import { readOfd } from '../../ofd/document.ts';
import { OfdPackage } from '../../ofd/package.ts';
import { openPdf } from '../../pdf/reader.ts';
import { isPdf } from '../documents.ts';
import { placingOfd } from '../stamp-ofd.ts';
import { placingPdf } from './placing-pdf.ts';
import type { Placement } from '../stamp-request.ts';
import type { Size } from './place.ts';
import { type ResolvedPlacements, resolvePlacements } from './resolve.ts';

/** Throws what reading the document and `resolvePlacements` throw. */
export async function placesIn(
  source: Uint8Array,
  { placements, size }: { placements: readonly Placement[]; size: Size },
): Promise<ResolvedPlacements & { readonly pageCount: number }> {
  const document = isPdf(source) ? placingPdf(openPdf(source), source) : placingOfd(readOfd(OfdPackage.open(source)));
  return { ...(await resolvePlacements(placements, { document, size })), pageCount: document.pageCount };
}
