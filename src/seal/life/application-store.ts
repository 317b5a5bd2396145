// Rows of applications for seals, from when they are made until there is a seal.

import type { Queryable, Transaction } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { ApplicationState } from './deeds.ts';
import { nameOf, type SealWish } from './wish.ts';

export interface SealApplication {
  /** Of the seal that it will become. */
  readonly sealId: Id<'seal'>;
  readonly name: string;
  readonly wish: SealWish;
  readonly organisation: { readonly organisationId: Id<'organisation'>; readonly name: string; readonly uscc: string };
  /** Account that applied. */
  readonly applicant: string;
  /** `made`: it is in the register. */
  readonly status: ApplicationState | 'made';
  /** From its approval on. */
  readonly sealCode: string | null;
  readonly appliedAt: Date;
  /** Of the picture that was brought for it; null: its face is drawn. */
  readonly pictureSha256: Uint8Array | null;
}

export interface ApplicationRow {
  readonly seal_id: Uuid;
  readonly organisation_id: Uuid;
  readonly organisation_name: string;
  readonly organisation_uscc: string;
  readonly applicant: string;
  readonly body_sha256: Uint8Array;
  readonly wish: SealWish;
  readonly status: SealApplication['status'];
  readonly status_version: number;
  readonly applied_at: Date;
  readonly seal_code: string | null;
  readonly picture_sha256: Uint8Array | null;
}

export const applicationColumns = `a.seal_id, a.organisation_id, a.organisation_name, a.organisation_uscc, a.applicant, a.body_sha256, a.wish,
  a.status, a.status_version, a.applied_at, a.picture_sha256, (SELECT c.seal_code FROM seal.seal_code c WHERE c.seal_id = a.seal_id) AS seal_code`;

/** Throws `seal-not-found`. */
export async function applicationRow(on: Queryable, sealId: string): Promise<ApplicationRow> {
  return existing(on, sealId, { name: 'seal-application', suffix: '' });
}

/** The same, held until `tx` ends. */
export async function heldApplication(tx: Transaction, sealId: string): Promise<ApplicationRow> {
  return existing(tx, sealId, { name: 'seal-application-hold', suffix: ' FOR UPDATE OF a' });
}

async function existing(on: Queryable, sealId: string, { name, suffix }: { name: string; suffix: string }) {
  const { rows } = await on.query<ApplicationRow>({
    name,
    text: `SELECT ${applicationColumns} FROM seal.application a WHERE a.seal_id = $1${suffix}`,
    values: [uuidFromId('seal', sealId) ?? null],
  });
  const [row] = rows;
  if (row === undefined) throw new TrustError('seal-not-found', 'there is no such application');
  return row;
}

export function applicationOf(row: ApplicationRow): SealApplication {
  const { wish, organisation_name: name } = row;
  return {
    sealId: idFromUuid('seal', row.seal_id),
    name: nameOf(wish, name),
    wish,
    organisation: {
      organisationId: idFromUuid('organisation', row.organisation_id),
      name,
      uscc: row.organisation_uscc,
    },
    applicant: row.applicant,
    status: row.status,
    sealCode: row.seal_code,
    appliedAt: row.applied_at,
    pictureSha256: row.picture_sha256,
  };
}
