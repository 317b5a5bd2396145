// The holder of a licence (持证主体): identity document checked, sealed at rest, found by a blind index, masked for display.

import { isHolderName } from '../credential/el1-claims.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import { fromUtf8, toBase64url, utf8 } from '../kernel/bytes.ts';
import { parseResidentId, parseSocialCreditCode } from '../kernel/chinese-identifiers.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Claims } from './claim-schema.ts';

/** `resident-id`: GB 11643, code 111 in GB/T 36903; `uscc`: GB 32100, code 001. */
export type HolderIdType = 'resident-id' | 'uscc';
export type HolderKind = 'person' | 'organisation';

export interface HolderNumber {
  readonly idType: HolderIdType;
  readonly idNumber: string;
}

export interface Holder extends HolderNumber {
  readonly kind: HolderKind;
  readonly name: string;
}

/** What is sealed of a licence. */
export interface PersonalPart {
  readonly holder: Holder;
  readonly claims: Claims;
}

/** Who an account is. Identity knows; this room is only told. */
export interface HolderDirectory {
  /** The proven number of an account, or `undefined` when none is proven. */
  holderOf(accountId: string): Promise<HolderNumber | undefined>;
}

/** The holder with number and name in canonical spelling. Throws holder-identifier-invalid. */
export function checkedHolder(holder: Holder, expectedKind: HolderKind): Holder {
  const idType = holder.kind === 'person' ? 'resident-id' : 'uscc';
  if (holder.kind !== expectedKind) throw invalid('/holder/kind', `this licence type is for a ${expectedKind}`);
  if (holder.idType !== idType) throw invalid('/holder/idType', `a ${holder.kind} is identified by ${idType}`);
  const name = holder.name.trim().normalize('NFC');
  if (!isHolderName(name)) throw invalid('/holder/name', 'not a name');
  const idNumber =
    idType === 'uscc' ? parseSocialCreditCode(holder.idNumber)?.code : parseResidentId(holder.idNumber)?.number;
  if (idNumber === undefined) throw invalid('/holder/idNumber', 'wrong length, characters or check character');
  return { kind: holder.kind, name, idType, idNumber };
}

/** Where licences of a holder lie: `bucket` for distribution, `index` for equality search. */
export interface HolderKey {
  readonly bucket: number;
  readonly index: Uint8Array;
}

export function holderKey(cipher: FieldCipher, { idType, idNumber }: HolderNumber): HolderKey {
  const value = `${idType}:${idNumber}`;
  // Two keyed hashes: the bucket stands in public identifiers and must not be a piece of the index.
  const [high = 0, low = 0] = cipher.blindIndex(value, 'licence.bucket');
  return { bucket: ((high << 8) | low) & 0xfff, index: cipher.blindIndex(value, 'licence.licence.holder_index') };
}

/** How the audit log calls a holder, who need not have an account: the blind index, so that no number is ever spelled. */
export function holderSubject(index: Uint8Array): string {
  return `holder_${toBase64url(index)}`;
}

export function sealPersonalPart(cipher: FieldCipher, licenceUuid: string, part: PersonalPart): Uint8Array {
  return cipher.seal(utf8(JSON.stringify(part)), `licence.licence.sealed ${licenceUuid}`);
}

/** Throws key-unavailable when the field was altered. */
export function openPersonalPart(cipher: FieldCipher, licenceUuid: string, sealed: Uint8Array): PersonalPart {
  const part: PersonalPart = JSON.parse(fromUtf8(cipher.open(sealed, `licence.licence.sealed ${licenceUuid}`)) ?? '');
  return part;
}

/** 张三 → 张*; the number of stars says nothing about the length. */
export function maskedName(name: string): string {
  return `${Array.from(name)[0] ?? ''}*`;
}

/** First and last four characters. */
export function maskedNumber(idNumber: string): string {
  return `${idNumber.slice(0, 4)}${'*'.repeat(Math.max(idNumber.length - 8, 4))}${idNumber.slice(-4)}`;
}

function invalid(pointer: string, reason: string): TrustError {
  return new TrustError('holder-identifier-invalid', `${pointer}: ${reason}`, { details: { pointer, reason } });
}
