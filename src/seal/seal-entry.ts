// Entering a seal that was made into the register, as its first edition or in the place of the former one.

import type { Transaction } from '../db/database.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Id, type Uuid, uuidFromId } from '../kernel/ids.ts';
import type { SealState } from './life/deeds.ts';
import type { SealFace } from './picture/face.ts';
import {
  type FurtherKey,
  type SealRecord,
  type SealRow,
  type SealType,
  type SigningPolicy,
  sealRecord,
} from './seal-record.ts';

/** `gm`: keys and certificates in SM2. `both`: such a seal with a key and certificate of the international suite beside them. */
export const sealSuites = ['both', 'intl', 'gm'] as const;
export type SealSuite = (typeof sealSuites)[number];

const policiesOf: Readonly<Record<SealSuite, readonly SigningPolicy[]>> = {
  intl: ['intl'],
  gm: ['gm'],
  both: ['gm', 'intl', 'dual'],
};

/** The suite of a seal that is in the register. */
export function suiteOf(policies: readonly SigningPolicy[]): SealSuite {
  if (policies.includes('dual')) return 'both';
  return policies.includes('gm') ? 'gm' : 'intl';
}

export interface MadeSeal {
  readonly sealUuid: Uuid;
  readonly edition: number;
  readonly sealCode: string;
  readonly name: string;
  readonly type: SealType;
  readonly organisation: { readonly organisationId: Id<'organisation'>; readonly name: string; readonly uscc: string };
  readonly suite?: SealSuite;
  readonly face: SealFace;
  readonly keyName: string;
  readonly sesSeal: Uint8Array;
  readonly certificateSha256: Uint8Array;
  /** Of a seal of both suites: the key of the international one. */
  readonly further?: FurtherKey;
  readonly createdAt: Date;
  readonly validFrom: Date;
  readonly validUntil: Date;
  /** Audit entry of its making. */
  readonly entryId: Uuid;
}

/** After the row of its history, to which its state refers. */
export async function enterSeal(
  tx: Transaction,
  made: MadeSeal,
  state: { status: SealState; version: number },
): Promise<SealRecord> {
  const row: SealRow = {
    seal_id: made.sealUuid,
    seal_code: made.sealCode,
    name: made.name,
    type: made.type,
    organisation_id: uuidFromId('organisation', made.organisation.organisationId) ?? '',
    organisation_name: made.organisation.name,
    organisation_uscc: made.organisation.uscc,
    policies: policiesOf[made.suite ?? 'intl'],
    status: state.status,
    status_version: state.version,
    valid_from: made.validFrom,
    valid_until: made.validUntil,
    width_mm: made.face.picture.widthMm,
    height_mm: made.face.picture.heightMm,
    key_name: made.keyName,
    certificate_sha256: made.certificateSha256,
    edition: made.edition,
  };
  await tx.query({
    name: 'seal-insert',
    text: `INSERT INTO seal.seal (
        seal_id, seal_code, name, type, organisation_id, organisation_name, organisation_uscc, policies, status,
        status_version, valid_from, valid_until, width_mm, height_mm, key_name, certificate_sha256, edition, ses_seal, face,
        created_at
      ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    values: [
      row.seal_id,
      row.seal_code,
      row.name,
      row.type,
      row.organisation_id,
      row.organisation_name,
      row.organisation_uscc,
      row.policies,
      row.status,
      row.status_version,
      row.valid_from,
      row.valid_until,
      row.width_mm,
      row.height_mm,
      row.key_name,
      row.certificate_sha256,
      row.edition,
      made.sesSeal,
      made.face.stored,
      made.createdAt,
    ],
  });
  await enterFurther(tx, made);
  return sealRecord(row, made.createdAt);
}

/** Kept of every edition: signatures under it are judged by this seal's history. */
async function enterFurther(tx: Transaction, { sealUuid, edition, further }: MadeSeal): Promise<void> {
  if (further === undefined) return;
  await tx.query({
    name: 'seal-further-certificate-insert',
    text: `INSERT INTO seal.further_certificate (seal_id, edition, key_name, certificate_sha256) VALUES ($1, $2, $3, $4)`,
    values: [sealUuid, edition, further.keyName, further.certificateSha256],
  });
}

/** The former edition is kept: signatures under its certificate are still judged by this seal's history. */
export async function replaceEdition(tx: Transaction, made: MadeSeal, version: number): Promise<void> {
  const kept = await tx.query({
    name: 'seal-former-edition',
    text: `INSERT INTO seal.former_edition
        (certificate_sha256, seal_id, edition, key_name, ses_seal, face, valid_from, valid_until, superseded_at)
      SELECT certificate_sha256, seal_id, edition, key_name, ses_seal, face, valid_from, valid_until, $3
      FROM seal.seal WHERE seal_id = $1 AND edition = $2`,
    values: [made.sealUuid, made.edition - 1, made.createdAt],
  });
  if (kept.rowCount !== 1) throw new TrustError('seal-transition-forbidden', 'the seal was renewed meanwhile');
  await tx.query({
    name: 'seal-next-edition',
    text: `UPDATE seal.seal SET edition = $2, key_name = $3, certificate_sha256 = $4, ses_seal = $5, valid_from = $6,
        valid_until = $7, status_version = $8
      WHERE seal_id = $1`,
    values: [
      made.sealUuid,
      made.edition,
      made.keyName,
      made.certificateSha256,
      made.sesSeal,
      made.validFrom,
      made.validUntil,
      version,
    ],
  });
  await enterFurther(tx, made);
}

/** As it is made: the entry of its making tells of them. */
export async function letToSystems(
  tx: Transaction,
  start: { sealUuid: Uuid; systems: readonly string[] | 'all'; at: Date; entryId: Uuid },
): Promise<void> {
  const { sealUuid, systems, at, entryId } = start;
  if (systems === 'all')
    await tx.query({ text: `UPDATE seal.seal SET system_use = 'all' WHERE seal_id = $1`, values: [sealUuid] });
  else
    for (const clientId of systems)
      await tx.query({
        text: `INSERT INTO seal.system_grant (seal_id, client_id, purpose, granted_at, entry_id) VALUES ($1, $2, 'made', $3, $4)`,
        values: [sealUuid, clientId, at, entryId],
      });
}
