// What an organisation applies for (刻制申请): the class of the seal, its words, and how long it is to be valid.

import { TrustError } from '../../kernel/errors.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { SealSuite } from '../seal-entry.ts';
import type { SealType } from '../seal-record.ts';

export interface SealWish {
  readonly type: SealType;
  /** What a seal for a special purpose is for, e.g. 报关专用章; for `special` only. */
  readonly title?: string;
  /** Whose name a seal of a person bears; for `legal-representative` and `person` only. */
  readonly bearer?: string;
  /** Of the face; the usual one of the class where none is said (picture/seal-face.ts). */
  readonly form?: 'round' | 'oval' | 'square' | 'rectangle';
  /** Diameter, width of an oval, or height of a name seal, in millimetres. */
  readonly sizeMm?: number;
  /** `intl` for PDF, `gm` (SM2) for OFD and PDF, `both` for all. Default: `intl`. */
  readonly suite?: SealSuite;
  readonly validDays: number;
  /** Code of the seal that this one stands under (上级印章编码). */
  readonly parentSealCode?: string;
}

const titles: Readonly<Partial<Record<SealType, string>>> = {
  finance: '财务专用章',
  contract: '合同专用章',
  invoice: '发票专用章',
};
const maxDays = 5 * 366;
const maxBearerLength = 20;
const maxReasonLength = 200;

/** Throws `malformed-request` for what the class of the seal does not have, or must have. */
export function requireWish(wish: SealWish): void {
  const { type, title, bearer, validDays, parentSealCode } = wish;
  const isOfPerson = type === 'legal-representative' || type === 'person';
  if ((type === 'special') !== (title !== undefined))
    throw malformed('a title is for seals of special purposes, which have one');
  if (isOfPerson !== (bearer !== undefined)) throw malformed('a bearer is for seals of persons, which have one');
  if (bearer !== undefined && !isPlainText(bearer, maxBearerLength))
    throw malformed(`a bearer has 1 to ${maxBearerLength} characters`);
  requireValidDays(validDays);
  if (parentSealCode !== undefined && !/^[0-9]{14}$/.test(parentSealCode)) throw malformed('a seal code has 14 digits');
}

/** Throws `malformed-request`. */
export function requireValidDays(validDays: number): void {
  if (!Number.isSafeInteger(validDays) || validDays < 1 || validDays > maxDays)
    throw malformed(`a seal is valid for 1 to ${maxDays} days`);
}

/** Of a step in the life of a seal. Throws `malformed-request`. */
export function requireReason(reason: string): void {
  if (!isPlainText(reason, maxReasonLength)) throw malformed(`a reason has 1 to ${maxReasonLength} visible characters`);
}

/** The line in the face that says what the seal is for. */
export function titleOf({ type, title }: Pick<SealWish, 'type' | 'title'>): string | undefined {
  return title ?? titles[type];
}

/** The name in the register: of the organisation with what the seal is for, or of the person. */
export function nameOf(wish: Pick<SealWish, 'type' | 'title' | 'bearer'>, organisationName: string): string {
  return wish.bearer ?? `${organisationName}${titleOf(wish) ?? ''}`;
}

function malformed(message: string): TrustError {
  return new TrustError('malformed-request', message);
}
