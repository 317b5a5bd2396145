// The small types that seals and their signatures share in every version of SES; GM/T 0031-2014, GB/T 38540-2020, GM/T 0031-2025.

import type { DerElement } from '../../codec/der.ts';
import { malformed } from '../../codec/der.ts';
import {
  bitStringOctetsOf,
  booleanOf,
  DerCursor,
  expectTag,
  octetsOf,
  oidOf,
  stringOf,
  tags,
  timeOf,
} from '../../codec/der-value.ts';
import { boolean, octetString, oid, sequence } from '../../codec/der-write.ts';
import { fromUtf8 } from '../../kernel/bytes.ts';
import { moment } from '../../kernel/clock.ts';

/** 1: GM/T 0031-2014; 4: GB/T 38540-2020; 5: GM/T 0031-2025. */
export type SesVersion = 1 | 4 | 5;

/** ExtData: SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
export interface SesExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** A picture may be large, the structure around it is small. */
export const sesLimits = { maxBytes: 2 * 1024 * 1024, maxDepth: 12, maxElements: 1000 };

/** DER forbids to write a DEFAULT value. */
export function encodeExtension({ oid: id, critical, value }: SesExtension): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** Vendors write FALSE although it is the default, which DER forbids; both are accepted. */
export function parseExtension(element: DerElement): SesExtension {
  const extension = new DerCursor(element, 'ExtData');
  const id = oidOf(extension.any());
  const critical = extension.optional(tags.boolean);
  const value = octetsOf(extension.any());
  extension.end();
  return { oid: id, critical: critical !== undefined && booleanOf(critical), value };
}

export function ia5Of(element: DerElement): string {
  return stringOf(expectTag(element, tags.ia5String, 'IA5String'));
}

const generalized = /^(?<digits>\d{14})(?:\.(?<fraction>\d{1,9}))?(?<zone>Z|[+-]\d{4})$/;

/** UTCTime of version 1 or GeneralizedTime; makers also write fractions as they like, and offsets. */
export function sesTimeOf(element: DerElement): Date {
  if (element.tag !== tags.generalizedTime) return timeOf(element);
  const { digits, fraction = '', zone = 'Z' } = generalized.exec(fromUtf8(element.content) ?? '')?.groups ?? {};
  if (digits === undefined) throw malformed('no such time');
  return calendarTime(digits, fraction.slice(0, 3).padEnd(3, '0'), zone.replace(/(\d\d)$/, ':$1'));
}

function calendarTime(digits: string, fraction: string, zone: string): Date {
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, `$1-$2-$3T$4:$5:$6.${fraction}${zone}`);
  try {
    return moment(iso);
  } catch {
    throw malformed('no such time');
  }
}

/** The signer's and the maker's part: certificate, algorithm, value. */
export function takeSigned(cursor: DerCursor): {
  certificate: Uint8Array;
  algorithmOid: string;
  signature: Uint8Array;
} {
  const certificate = octetsOf(cursor.any());
  const algorithmOid = oidOf(cursor.any());
  const signature = bitStringOctetsOf(cursor.any());
  return { certificate, algorithmOid, signature };
}

/** timeStamp [0] BIT STRING: EXPLICIT, or IMPLICIT as the text can be read too. */
export function timeStampOf(element: DerElement | undefined): Uint8Array | undefined {
  if (element === undefined) return undefined;
  const [inner] = element.children;
  if (inner !== undefined) return bitStringOctetsOf(inner);
  if (element.content[0] !== 0) throw malformed('timeStamp is no whole number of octets');
  return element.content.subarray(1);
}
