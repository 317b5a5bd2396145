// The rows of licences: reserved numbers, the guarded change of status, and the look-ups, all over schema `licence`.

import { statusListSize } from '../credential/el1-claims.ts';
import { licenceIdentifier } from '../credential/licence-identifier.ts';
import type { Queryable, Transaction } from '../db/database.ts';
import { equalBytes, toHex } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { bucketOf, type Uuid } from '../kernel/ids.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { HolderKey } from './holder.ts';
import { licenceColumns, type LicenceRow, type LicenceStatus, licenceTables } from './licence-record.ts';

export type StatusAct = 'intend' | 'issue' | 'void' | 'suspend' | 'resume' | 'revoke';

/** So many occupied places in a row mean that a list is more than half full; then the next one is opened. */
const attemptsPerList = 8;
const maxAttempts = 64;
const serialRandomCharacters = 7;

export async function licenceById(database: Queryable, uuid: Uuid): Promise<LicenceRow | undefined> {
  const { rows } = await database.query<LicenceRow>({
    name: 'licence-by-id',
    text: `SELECT ${licenceColumns} FROM ${licenceTables} WHERE l.bucket = $1 AND l.licence_id = $2`,
    values: [bucketOf(uuid), uuid],
  });
  return rows[0];
}

/** Newest first, without those that never came into being. */
export async function licencesOfHolder(
  database: Queryable,
  holder: HolderKey,
  page: { limit: number; before: Uuid },
): Promise<LicenceRow[]> {
  const { rows } = await database.query<LicenceRow>({
    name: 'licences-of-holder',
    text: `SELECT ${licenceColumns} FROM ${licenceTables}
      WHERE l.bucket = $1 AND l.holder_index = $2 AND l.licence_id < $3 AND l.issued_at IS NOT NULL
      ORDER BY l.licence_id DESC LIMIT $4`,
    values: [holder.bucket, holder.index, page.before, page.limit],
  });
  return rows;
}

/** Intended before `before` and still without outcome, oldest first. */
export async function licencesInDoubt(database: Queryable, before: Date, limit: number): Promise<Uuid[]> {
  const { rows } = await database.query<{ licence_id: Uuid }>({
    name: 'licences-in-doubt',
    text: `SELECT licence_id FROM licence.licence WHERE status = 'intended' AND intended_at < $1
      ORDER BY intended_at LIMIT $2`,
    values: [before, limit],
  });
  return rows.map((row) => row.licence_id);
}

/** The register's word on a place in a status list. */
export interface RegisteredStatus {
  readonly licenceId: Uuid;
  readonly identifier: string;
  readonly status: LicenceStatus;
  readonly holderIndex: Uint8Array;
}

export async function statusOfEntry(
  database: Queryable,
  entry: { list: number; index: number },
): Promise<RegisteredStatus | undefined> {
  const { rows } = await database.query<{
    licence_id: Uuid;
    identifier: string;
    status: LicenceStatus;
    holder_index: Uint8Array;
  }>({
    name: 'licence-status-of-entry',
    text: `SELECT l.licence_id, l.identifier, l.status, l.holder_index FROM licence.status_entry e
      JOIN licence.licence l ON l.bucket = e.bucket AND l.licence_id = e.licence_id
      WHERE e.list = $1 AND e.index = $2`,
    values: [entry.list, entry.index],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { licence_id: licenceId, identifier, status, holder_index: holderIndex } = row;
  return { licenceId, identifier, status, holderIndex };
}

/**
 * Takes the request key for this licence, or answers the licence that already has it. A second caller with the same key
 * waits here for the first one's transaction. Throws idempotency-key-reused.
 */
export async function claimRequest(tx: Transaction, owner: string, requestKey: RequestKey, uuid: Uuid): Promise<Uuid> {
  const { rowCount } = await tx.query({
    name: 'licence-request-claim',
    text: `INSERT INTO licence.request (owner, request_key, body_sha256, bucket, licence_id)
      VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    values: [owner, requestKey.key, requestKey.bodySha256, bucketOf(uuid), uuid],
  });
  if (rowCount === 1) return uuid;
  const { rows } = await tx.query<{ body_sha256: Uint8Array; licence_id: Uuid }>({
    name: 'licence-request-read',
    text: 'SELECT body_sha256, licence_id FROM licence.request WHERE owner = $1 AND request_key = $2',
    values: [owner, requestKey.key],
  });
  const [earlier] = rows;
  if (earlier === undefined || !equalBytes(earlier.body_sha256, requestKey.bodySha256)) {
    throw new TrustError('idempotency-key-reused', 'the key was used for another request');
  }
  return earlier.licence_id;
}

/** A serial and with it an identifier (GB/T 36904) that no other licence has: the year and random characters. */
export async function reserveIdentifier(
  tx: Transaction,
  uuid: Uuid,
  parts: { typeCode: string; issuerCode: string; year: string; version: number },
): Promise<{ serial: string; identifier: string }> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const serial = parts.year + randomSerial();
    const identifier = licenceIdentifier({ ...parts, serial });
    const { rowCount } = await tx.query({
      name: 'licence-identifier-reserve',
      text: `INSERT INTO licence.identifier (identifier, bucket, licence_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      values: [identifier, bucketOf(uuid), uuid],
    });
    if (rowCount === 1) return { serial, identifier };
  }
  throw new TrustError('internal', 'no free serial was found');
}

/** A free place in the open status list, drawn at random: the order of issue must not show. */
export async function reserveStatusEntry(tx: Transaction, uuid: Uuid): Promise<{ list: number; index: number }> {
  const { rows } = await tx.query<{ open: number }>({
    name: 'licence-status-list-open',
    text: 'SELECT coalesce(max(list), 0) AS open FROM licence.status_entry',
  });
  const open = rows[0]?.open ?? 0;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const list = open + Math.floor(attempt / attemptsPerList);
    const index = randomIndex();
    const { rowCount } = await tx.query({
      name: 'licence-status-entry-reserve',
      text: `INSERT INTO licence.status_entry (list, index, bucket, licence_id) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING`,
      values: [list, index, bucketOf(uuid), uuid],
    });
    if (rowCount === 1) return { list, index };
  }
  throw new TrustError('internal', 'no free place in a status list was found');
}

export type NewLicence = Omit<
  LicenceRow,
  'status' | 'status_version' | 'issued_at' | 'sealed_code' | 'type_name' | 'issuer_name'
>;

export async function insertIntended(tx: Transaction, row: NewLicence): Promise<void> {
  await tx.query({
    name: 'licence-history-begin',
    text: `INSERT INTO licence.status_history
        (bucket, licence_id, version, act, from_status, to_status, effective_at, entry_id)
      VALUES ($1, $2, 1, 'intend', 'none', 'intended', $3, $4)`,
    values: [row.bucket, row.licence_id, row.intended_at, row.entry_id],
  });
  await tx.query({
    name: 'licence-insert',
    text: `INSERT INTO licence.licence (bucket, licence_id, owner, type_code, type_version, issuer_code, identifier, serial_number,
        version, holder_kind, holder_index, sealed, valid_from, valid_until, status_list, status_index, status,
        status_version, intended_at, entry_id)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'intended', 1, $17, $18)`,
    values: [
      row.bucket,
      row.licence_id,
      row.owner,
      row.type_code,
      row.type_version,
      row.issuer_code,
      row.identifier,
      row.serial_number,
      row.version,
      row.holder_kind,
      row.holder_index,
      row.sealed,
      row.valid_from,
      row.valid_until,
      row.status_list,
      row.status_index,
      row.intended_at,
      row.entry_id,
    ],
  });
}

export interface StatusStep {
  readonly version: number;
  readonly from: string;
  readonly to: string;
  readonly holderIndex: Uint8Array;
  readonly typeCode: string;
}

/**
 * The step that an act would be from the status the licence has now, or `undefined` when the transition table has none.
 * The row is held until the transaction ends, so of two acts at once the second one sees what the first one did.
 */
export async function holdStep(tx: Transaction, uuid: Uuid, act: StatusAct): Promise<StatusStep | undefined> {
  const { rows } = await tx.query<StatusStep>({
    name: 'licence-step-hold',
    text: `SELECT l.status_version + 1 AS version, t.from_status AS from, t.to_status AS to, l.holder_index AS "holderIndex",
        l.type_code AS "typeCode"
      FROM licence.licence l JOIN licence.status_transition t ON t.from_status = l.status
      WHERE l.bucket = $1 AND l.licence_id = $2 AND t.act = $3 FOR UPDATE OF l`,
    values: [bucketOf(uuid), uuid, act],
  });
  return rows[0];
}

export interface StepToTake extends StatusStep {
  readonly act: StatusAct;
  readonly at: Date;
  readonly entryId: Uuid;
  readonly issuedAt?: Date;
  readonly sealedCode?: Uint8Array;
}

/** History and licence in one statement; its foreign keys refuse a change that the transition table does not have. */
export async function takeStep(tx: Transaction, uuid: Uuid, step: StepToTake): Promise<void> {
  await tx.query({
    name: 'licence-step-take',
    text: `WITH taken AS (
        INSERT INTO licence.status_history
          (bucket, licence_id, version, act, from_status, to_status, effective_at, entry_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING bucket, licence_id, version, act, to_status, effective_at, entry_id
      )
      UPDATE licence.licence l SET status = taken.to_status, status_version = taken.version, entry_id = taken.entry_id,
        issued_at = coalesce($9, l.issued_at), sealed_code = coalesce($10, l.sealed_code),
        intended_at = CASE WHEN taken.act = 'intend' THEN taken.effective_at ELSE l.intended_at END
      FROM taken WHERE l.bucket = taken.bucket AND l.licence_id = taken.licence_id`,
    values: [
      bucketOf(uuid),
      uuid,
      step.version,
      step.act,
      step.from,
      step.to,
      step.at,
      step.entryId,
      step.issuedAt ?? null,
      step.sealedCode ?? null,
    ],
  });
}

function randomSerial(): string {
  const value = BigInt(`0x${toHex(randomBytes(12))}`) % 36n ** BigInt(serialRandomCharacters);
  return value.toString(36).toUpperCase().padStart(serialRandomCharacters, '0');
}

function randomIndex(): number {
  const [a = 0, b = 0, c = 0] = randomBytes(3);
  return ((a << 16) | (b << 8) | c) % statusListSize; // 2^24 is a multiple of 2^20: no index is likelier than another
}
