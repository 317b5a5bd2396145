// What a caller asks for when a document is to be stamped (用印申请), and which of it can be done now.

import { TrustError } from '../kernel/errors.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import { edges, type Seam } from './placing/seam.ts';
import type { DocumentClass } from './use/document-class.ts';

/** The centre of the seal comes to lie on a point of a page as shown, from its top left; 1 is the first page. */
export interface PositionPlacement {
  readonly kind: 'position';
  readonly page: number;
  readonly xMm: number;
  readonly yMm: number;
}

/** The centre of the seal comes to lie on the centre of words, moved by an offset. */
export interface KeywordPlacement {
  readonly kind: 'keyword';
  readonly text: string;
  /** From 1, in reading order over the pages. */
  readonly occurrence: number | 'all';
  readonly dxMm: number;
  readonly dyMm: number;
  /** `1-5,8`; all pages when absent. */
  readonly pages?: string | undefined;
}

export interface SeamPlacement extends Seam {
  readonly kind: 'seam';
}

/** An empty signature field that the PDF already has. */
export interface FieldPlacement {
  readonly kind: 'field';
  /** Fully qualified. */
  readonly name: string;
}

export type Placement = PositionPlacement | KeywordPlacement | SeamPlacement | FieldPlacement;

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
  /** Default `seal`. */
  readonly form?: SignatureForm | undefined;
  /** Of the document (文件类别); the policy of use of a seal may want it. */
  readonly documentClass?: DocumentClass | undefined;
}

/** `signature` 数字签名: in OFD a value of GB/T 35275 by the seal's key that shows no seal; `seal` 电子签章: one that shows it. */
export type SignatureForm = 'seal' | 'signature';

/** What the signature forbids everybody after it (DocMDP 1, 2, 3); the first signature only. In OFD `no-changes` protects the list of signatures. */
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
  readonly form: SignatureForm;
}

/** One signature shows itself at this many places at most; more is an attack on the file's size. */
const maxPlacements = 50;
const maxPurposeLength = 200;

/** What can be told without the document. Throws malformed-request, placement-outside-page. */
export function stampOrder(request: StampRequest): StampOrder {
  const {
    sealId,
    documentId,
    placements,
    purpose,
    policy,
    level,
    certify = 'none',
    lock = 'none',
    form = 'seal',
  } = request;
  const isShown = form === 'seal';
  if (placements.length > maxPlacements || placements.length > 0 !== isShown) {
    const wanted = isShown ? `1 to ${maxPlacements} placements` : 'no placement: it shows no seal';
    throw new TrustError('malformed-request', `such a stamping has ${wanted}`);
  }
  if (!isPlainText(purpose, maxPurposeLength)) {
    throw new TrustError('malformed-request', `a purpose has 1 to ${maxPurposeLength} visible characters`);
  }
  for (const placement of placements) requireSound(placement);
  if (placements.filter(({ kind }) => kind === 'field').length > 1)
    throw new TrustError('malformed-request', 'one signature signs one field');
  requireFieldNames(lock);
  return { sealId, documentId, placements, purpose, policy, level, certify, lock, form };
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

const maxTextLength = 100;
/** Of the name of a field with all its parents. */
const maxNameLength = 500;
/** The pages of one seal; the least slice makes it fewer. */
const mostPagesOfSeal = 1_000;

function requireSound(placement: Placement): void {
  switch (placement.kind) {
    case 'position':
      requirePosition(placement);
      return;
    case 'keyword':
      requireKeyword(placement);
      return;
    case 'seam':
      requireSeam(placement);
      return;
    default:
      if (placement.name === '' || placement.name.length > maxNameLength)
        throw new TrustError('malformed-request', `the name of a field has 1 to ${maxNameLength} characters`);
  }
}

function requirePosition({ page, xMm, yMm }: PositionPlacement): void {
  if (!Number.isSafeInteger(page) || page < 1 || !Number.isFinite(xMm) || !Number.isFinite(yMm)) {
    throw new TrustError('placement-outside-page', 'a position is a page from 1 and two finite distances', {
      details: { page },
    });
  }
}

function requireKeyword({ text, occurrence, dxMm, dyMm }: KeywordPlacement): void {
  if (!isPlainText(text, maxTextLength))
    throw new TrustError('malformed-request', `a keyword has 1 to ${maxTextLength} visible characters`);
  const counted = occurrence === 'all' || (Number.isSafeInteger(occurrence) && occurrence >= 1);
  if (!counted || !Number.isFinite(dxMm) || !Number.isFinite(dyMm))
    throw new TrustError('malformed-request', 'an occurrence counts from 1, and an offset is finite');
}

function requireSeam({ edge, every, facing = false, offsetMm = 0 }: SeamPlacement): void {
  if (!edges.includes(edge)) throw new TrustError('malformed-request', 'a seam is across an edge of pages');
  if (every !== undefined && (facing || !Number.isSafeInteger(every) || every < 2 || every > mostPagesOfSeal))
    throw new TrustError('malformed-request', 'a seal goes over 2 pages or more, and facing pages are always two');
  if (!Number.isFinite(offsetMm)) throw new TrustError('malformed-request', 'an offset is finite');
}
