// What a caller asks for when a document is to be stamped (用印申请), and which of it can be done now.

import { TrustError } from '../kernel/errors.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import type { DocumentClass } from './use/document-class.ts';

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
  /** Default `none`: an approval. */
  readonly certify?: Certification | undefined;
  /** Default `none`. */
  readonly lock?: FieldsToLock | undefined;
  /** Of the document (文件类别); the policy of use of a seal may want it. */
  readonly documentClass?: DocumentClass | undefined;
}

/** A point of a page as shown, from its top left; 1 is the first page. The centre of the seal comes to lie there. */
export interface Position {
  readonly page: number;
  readonly xMm: number;
  readonly yMm: number;
}

/** What the signature forbids everybody after it (DocMDP 1, 2, 3); the first signature only. */
export type Certification = 'none' | 'no-changes' | 'forms' | 'annotations';

/** Form fields that nobody may change after the signature (FieldMDP). */
export type FieldsToLock =
  | 'none'
  | 'all'
  | { readonly include: readonly string[] }
  | { readonly exclude: readonly string[] };

export interface StampOrder {
  readonly sealId: string;
  readonly documentId: string;
  readonly placements: readonly Placement[];
  readonly purpose: string;
  readonly policy: 'intl' | 'gm' | 'dual';
  readonly level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA';
  readonly certify: Certification;
  readonly lock: FieldsToLock;
}

/** One signature shows itself at this many places at most; more is an attack on the file's size. */
const maxPlacements = 50;
const maxPurposeLength = 200;

/** What can be told without the document. Throws malformed-request, placement-outside-page. */
export function stampOrder(request: StampRequest): StampOrder {
  const { sealId, documentId, placements, purpose, policy, level, certify = 'none', lock = 'none' } = request;
  if (placements.length < 1 || placements.length > maxPlacements) {
    throw new TrustError('malformed-request', `a stamping has 1 to ${maxPlacements} placements`);
  }
  if (!isPlainText(purpose, maxPurposeLength)) {
    throw new TrustError('malformed-request', `a purpose has 1 to ${maxPurposeLength} visible characters`);
  }
  for (const placement of placements) requirePlacement(placement);
  requireFieldNames(lock);
  return { sealId, documentId, placements, purpose, policy, level, certify, lock };
}

const maxLockedFields = 200;
const maxFieldNameLength = 200;

function requireFieldNames(lock: FieldsToLock): void {
  if (typeof lock === 'string') return;
  const names = 'include' in lock ? lock.include : lock.exclude;
  if (
    names.length < 1 ||
    names.length > maxLockedFields ||
    !names.every((name) => isPlainText(name, maxFieldNameLength))
  )
    throw new TrustError('malformed-request', `a lock names 1 to ${maxLockedFields} fields`);
}

const edges = ['left', 'right', 'top', 'bottom'] as const;

export function isEdge(text: string): text is (typeof edges)[number] {
  return edges.some((edge) => edge === text);
}

function requirePlacement(placement: Placement): void {
  if (placement.kind === 'seam') {
    if (!isEdge(placement.edge)) throw new TrustError('malformed-request', 'a seam is across an edge of pages');
    return;
  }
  if (placement.kind !== 'position') return;
  const { page, xMm, yMm } = placement;
  if (!Number.isSafeInteger(page) || page < 1 || !Number.isFinite(xMm) || !Number.isFinite(yMm)) {
    throw new TrustError('placement-outside-page', 'a position is a page from 1 and two finite distances', {
      details: { page },
    });
  }
}

/** Throws placement-not-supported. */
export function positionOf(placement: Placement): Position {
  if (placement.kind === 'position') return { page: placement.page, xMm: placement.xMm, yMm: placement.yMm };
  throw new TrustError('placement-not-supported', `placements of the kind ${placement.kind} are not available`);
}
