// What a caller asks for when a document is to be stamped (用印申请), and which of it can be done now.

import { TrustError } from '../kernel/errors.ts';
import { isPlainText } from '../kernel/plain-text.ts';

export type Placement =
  | { readonly kind: 'position'; readonly page: number; readonly xMm: number; readonly yMm: number }
  | {
      readonly kind: 'keyword';
      readonly text: string;
      readonly occurrence: number;
      readonly dxMm: number;
      readonly dyMm: number;
    }
  | { readonly kind: 'seam'; readonly edge: string; readonly pages?: string | undefined };

export interface StampRequest {
  readonly sealId: string;
  readonly documentId: string;
  readonly placements: readonly Placement[];
  /** Why (用印事由): stands in the audit log and in the signature's Reason. */
  readonly purpose: string;
  readonly policy: 'intl' | 'gm' | 'dual';
  readonly level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA';
}

/** A point of a page as shown, from its top left; 1 is the first page. The centre of the seal comes to lie there. */
export interface Position {
  readonly page: number;
  readonly xMm: number;
  readonly yMm: number;
}

interface AnyOrder {
  readonly sealId: string;
  readonly documentId: string;
  readonly purpose: string;
  readonly level: 'B-B' | 'B-T';
}

/** `intl` is for PDF, `gm` for OFD. */
export type StampOrder =
  | (AnyOrder & { readonly policy: 'intl'; readonly positions: readonly Position[] })
  | (AnyOrder & { readonly policy: 'gm'; readonly placements: readonly Placement[] });

/** One signature shows itself at this many places at most; more is an attack on the file's size. */
const maxPlacements = 50;
const maxPurposeLength = 200;

/** Throws malformed-request, placement-not-supported, placement-outside-page, policy-not-supported, level-not-supported. */
export function stampOrder(request: StampRequest): StampOrder {
  const { sealId, documentId, placements, purpose, policy, level } = request;
  if (policy === 'dual') throw new TrustError('policy-not-supported', `the policy ${policy} is not available`);
  if (level !== 'B-B' && level !== 'B-T')
    throw new TrustError('level-not-supported', `the level ${level} is not available`);
  if (placements.length < 1 || placements.length > maxPlacements) {
    throw new TrustError('malformed-request', `a stamping has 1 to ${maxPlacements} placements`);
  }
  if (!isPlainText(purpose, maxPurposeLength)) {
    throw new TrustError('malformed-request', `a purpose has 1 to ${maxPurposeLength} visible characters`);
  }
  const order = { sealId, documentId, purpose, level };
  if (policy === 'intl') return { ...order, policy, positions: placements.map(position) };
  for (const placement of placements) requireOfdPlacement(placement);
  return { ...order, policy, placements };
}

const edges = ['left', 'right', 'top', 'bottom'] as const;

export function isEdge(text: string): text is (typeof edges)[number] {
  return edges.some((edge) => edge === text);
}

function requireOfdPlacement(placement: Placement): void {
  if (placement.kind !== 'seam') position(placement);
  else if (!isEdge(placement.edge)) throw new TrustError('malformed-request', 'a seam is across an edge of pages');
}

function position(placement: Placement): Position {
  if (placement.kind !== 'position') {
    throw new TrustError('placement-not-supported', `placements of the kind ${placement.kind} are not available`);
  }
  const { page, xMm, yMm } = placement;
  if (!Number.isSafeInteger(page) || page < 1 || !Number.isFinite(xMm) || !Number.isFinite(yMm)) {
    throw new TrustError('placement-outside-page', 'a position is a page from 1 and two finite distances', {
      details: { page },
    });
  }
  return { page, xMm, yMm };
}
