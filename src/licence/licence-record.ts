// A licence as callers see it, and the row behind it.

import { type Id, idFromUuid, type Uuid } from '../kernel/ids.ts';
import type { Claims, Title } from './claim-schema.ts';
import { type Holder, type HolderKind, maskedNumber, type PersonalPart } from './holder.ts';

export type LicenceStatus = 'intended' | 'active' | 'suspended' | 'revoked' | 'voided';

export interface LicenceRecord {
  readonly licenceId: Id<'licence'>;
  /** GB/T 36904. */
  readonly identifier: string;
  readonly typeCode: string;
  readonly typeName: Title;
  readonly issuerName: string;
  /** The number is masked. */
  readonly holder: Holder;
  readonly claims: Claims;
  /** Calendar days in China; the last one counts. Null: without end. */
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly status: LicenceStatus;
  readonly version: number;
  /** When it was signed; of an intended one, when that was intended. */
  readonly issuedAt: Date;
  readonly auditIndex: number | null;
}

export interface LicenceRow {
  readonly bucket: number;
  readonly licence_id: Uuid;
  readonly owner: string;
  readonly type_code: string;
  readonly type_version: number;
  readonly issuer_code: string;
  readonly identifier: string;
  readonly serial_number: string;
  readonly version: number;
  readonly holder_kind: HolderKind;
  readonly holder_index: Uint8Array;
  readonly sealed: Uint8Array;
  readonly valid_from: string;
  readonly valid_until: string | null;
  readonly status_list: number;
  readonly status_index: number;
  readonly status: LicenceStatus;
  readonly status_version: number;
  readonly intended_at: Date;
  readonly issued_at: Date | null;
  readonly sealed_code: Uint8Array | null;
  readonly entry_id: Uuid;
  readonly type_name: Title;
  readonly issuer_name: string;
}

export const licenceColumns = `l.bucket, l.licence_id, l.owner, l.type_code, l.type_version, l.issuer_code, l.identifier,
  l.serial_number, l.version, l.holder_kind, l.holder_index, l.sealed, l.valid_from, l.valid_until, l.status_list, l.status_index,
  l.status, l.status_version, l.intended_at, l.issued_at, l.sealed_code, l.entry_id,
  v.definition -> 'name' AS type_name, i.name_zh AS issuer_name`;

export const licenceTables = `licence.licence l
  JOIN licence.licence_type_version v ON v.type_code = l.type_code AND v.version = l.type_version
  JOIN licence.issuer i ON i.issuer_code = l.issuer_code`;

export function licenceRecord(
  row: LicenceRow,
  { holder, claims }: PersonalPart,
  auditIndex: number | null,
): LicenceRecord {
  return {
    licenceId: idFromUuid('licence', row.licence_id),
    identifier: row.identifier,
    typeCode: row.type_code,
    typeName: row.type_name,
    issuerName: row.issuer_name,
    holder: { ...holder, idNumber: maskedNumber(holder.idNumber) },
    claims,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    status: row.status,
    version: row.version,
    issuedAt: row.issued_at ?? row.intended_at,
    auditIndex,
  };
}
