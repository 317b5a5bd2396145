// What the register tells about a seal (印章), and how a row of it is read.

import { type Id, idFromUuid, type Uuid } from '../kernel/ids.ts';
import type { SealState } from './life/deeds.ts';

/** 法定名称章, 财务专用章, 合同专用章, 发票专用章, 法定代表人名章, other 专用章, 个人名章. */
export const sealTypes = [
  'unit',
  'finance',
  'contract',
  'invoice',
  'legal-representative',
  'special',
  'person',
] as const;
export type SealType = (typeof sealTypes)[number];

/** As shown: a seal in use whose validity is over is `expired`. */
export type SealStatus = SealState | 'expired';

export type SigningPolicy = 'intl' | 'gm' | 'dual';

/** The key of the international suite that a seal of both suites has beside its SM2 key. */
export interface FurtherKey {
  readonly keyName: string;
  readonly certificateSha256: Uint8Array;
}

export interface SealRecord {
  readonly sealId: Id<'seal'>;
  /** 印章编码, 14 digits. */
  readonly sealCode: string;
  readonly name: string;
  readonly type: SealType;
  readonly organisation: { readonly organisationId: Id<'organisation'>; readonly name: string; readonly uscc: string };
  readonly status: SealStatus;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly widthMm: number;
  readonly heightMm: number;
  readonly policies: readonly SigningPolicy[];
  /** Of the key store; each edition has a key and a certificate of its own. */
  readonly keyName: string;
  /** 1 when it was made, one more with each renewal (续期). */
  readonly edition: number;
}

export interface SealRow {
  readonly seal_id: Uuid;
  readonly seal_code: string;
  readonly name: string;
  readonly type: SealType;
  readonly organisation_id: Uuid;
  readonly organisation_name: string;
  readonly organisation_uscc: string;
  readonly policies: readonly SigningPolicy[];
  readonly status: SealState;
  readonly status_version: number;
  readonly valid_from: Date;
  readonly valid_until: Date;
  readonly width_mm: number;
  readonly height_mm: number;
  readonly key_name: string;
  readonly certificate_sha256: Uint8Array;
  readonly edition: number;
}

export const sealColumns = `seal_id, seal_code, name, type, organisation_id, organisation_name, organisation_uscc, policies,
  status, status_version, valid_from, valid_until, width_mm, height_mm, key_name, certificate_sha256, edition`;

export function sealRecord(row: SealRow, at: Date): SealRecord {
  const over = row.status === 'active' && at.getTime() >= row.valid_until.getTime();
  return {
    sealId: idFromUuid('seal', row.seal_id),
    sealCode: row.seal_code,
    name: row.name,
    type: row.type,
    organisation: {
      organisationId: idFromUuid('organisation', row.organisation_id),
      name: row.organisation_name,
      uscc: row.organisation_uscc,
    },
    status: over ? 'expired' : row.status,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    widthMm: row.width_mm,
    heightMm: row.height_mm,
    policies: row.policies,
    keyName: row.key_name,
    edition: row.edition,
  };
}
