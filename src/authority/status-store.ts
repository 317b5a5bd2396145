// The status of certificates in the schema `pki`: changed and counted for the issuer, told for one, listed for CRLs; RFC 5280, 5.3.

import type { Queryable, Transaction } from '../db/database.ts';
import { moment } from '../kernel/clock.ts';
import type { Uuid } from '../kernel/ids.ts';
import { isReason } from '../pki/crl.ts';
import type { RevocationAnswer, RevocationReason } from '../pki/revocation.ts';

/** A line of a CRL; without `revokedAt` it is a certificate that was released. */
export interface RevokedSerial {
  readonly serialHex: string;
  readonly revokedAt: Date | undefined;
  readonly reason: RevocationReason | 'removeFromCRL';
}

export interface ChangedSerial extends RevokedSerial {
  readonly changedRevision: number;
}

/** `release`: only a suspension can be undone (RFC 5280, 5.3.1). */
export type StatusChange =
  | { readonly kind: 'revoke'; readonly reason: Exclude<RevocationReason, 'certificateHold'>; readonly at: Date }
  | { readonly kind: 'suspend'; readonly at: Date }
  | { readonly kind: 'release' };

interface ChangedRow {
  readonly serial_hex: string;
  readonly revoked_seconds: number | null;
  readonly revocation_reason: string | null;
  readonly changed_revision: number;
}

interface RevokedPageRow {
  readonly serials: string | null;
  readonly seconds: string | null;
  readonly reasons: string | null;
  readonly last: Uuid | null;
  readonly count: number;
}

export interface StatusRow {
  readonly serial_hex: string;
  readonly revoked_at: Date | null;
  readonly revocation_reason: string | null;
}

/** A certificate of the register, for comparison octet by octet, and its status. */
export interface RegisteredStatus {
  readonly serialHex: string;
  readonly der: Uint8Array;
  readonly revocation: { readonly revokedAt: Date; readonly reason: RevocationReason } | undefined;
}

export class StatusStore {
  /**
   * Changes the status of an issued certificate and counts the change for its issuer, whose row stays locked until the commit.
   * The first revocation stands; one that follows a suspension keeps the suspension's date, for nothing signed since is good.
   * False when the certificate is not in a state that the change applies to.
   */
  async changeStatus(tx: Transaction, serialHex: string, change: StatusChange): Promise<boolean> {
    const { rows } = await tx.query<{ certificate_id: Uuid; issuer_name: string }>(statusStatement(serialHex, change));
    const [row] = rows;
    if (row === undefined) return false;
    await tx.query({
      name: 'pki-count-change',
      text: `WITH counted AS (
          INSERT INTO pki.issuer (issuer_name, revision) VALUES ($1, 1)
          ON CONFLICT (issuer_name) DO UPDATE SET revision = pki.issuer.revision + 1 RETURNING revision)
        UPDATE pki.certificate SET changed_revision = counted.revision FROM counted WHERE certificate_id = $2`,
      values: [row.issuer_name, row.certificate_id],
    });
    return true;
  }

  /** Lists of the issuer are due and answers forgotten, though no certificate has changed. */
  async countChange(tx: Transaction, issuerName: string): Promise<void> {
    await tx.query({
      name: 'pki-count',
      text: `INSERT INTO pki.issuer (issuer_name, revision) VALUES ($1, 1)
        ON CONFLICT (issuer_name) DO UPDATE SET revision = pki.issuer.revision + 1`,
      values: [issuerName],
    });
  }

  /** The status at `at` of a certificate of ours; one we do not know is unknown, never good. */
  async statusAt(db: Queryable, serialHex: string, at: Date): Promise<RevocationAnswer> {
    const { rows } = await db.query<StatusRow>({
      name: 'pki-status',
      text: `SELECT serial_hex, revoked_at, revocation_reason FROM pki.certificate WHERE serial_hex = $1 AND state = 'issued'`,
      values: [serialHex],
    });
    return answerOf(rows[0], at);
  }

  /** Those of these certificates that we have issued, with their status, in one statement by the index of serial numbers. */
  async registered(db: Queryable, serials: readonly string[]): Promise<RegisteredStatus[]> {
    if (serials.length === 0) return [];
    const { rows } = await db.query<StatusRow & { readonly der: Uint8Array }>({
      name: 'pki-registered',
      text: `SELECT serial_hex, der, revoked_at, revocation_reason FROM pki.certificate WHERE serial_hex = ANY ($1::text[]) AND state = 'issued'`,
      values: [serials],
    });
    return rows.map(({ serial_hex: serialHex, der, revoked_at: revokedAt, revocation_reason: reason }) => ({
      serialHex,
      der,
      revocation: revokedAt === null ? undefined : { revokedAt, reason: reasonOf(reason) },
    }));
  }

  /** Status rows of an issuer's certificates; what is missing was not issued by it. */
  async statuses(db: Queryable, issuerName: string, serials: readonly string[]): Promise<StatusRow[]> {
    const { rows } = await db.query<StatusRow>({
      name: 'pki-statuses',
      text: `SELECT serial_hex, revoked_at, revocation_reason FROM pki.certificate
        WHERE serial_hex = ANY ($2::text[]) AND issuer_name = $1 AND state = 'issued'`,
      values: [issuerName, serials],
    });
    return rows;
  }

  /**
   * One keyset page of an issuer's revoked certificates, in the order of their issue. `next`: where to go on, if anywhere. The rows
   * come as three texts: a million of them one by one cost the driver more than all the rest of a list, and their joining the
   * database. Seconds are counted in double precision, which is exact; as numeric they take longer than the reading of the row.
   */
  async revokedPage(
    db: Queryable,
    issuerName: string,
    { after, limit }: { after: Uuid; limit: number },
  ): Promise<{ entries: RevokedSerial[]; next: Uuid | undefined }> {
    const { rows } = await db.query<RevokedPageRow>({
      name: 'pki-revoked-page',
      text: `SELECT string_agg(serial_hex, ' ' ORDER BY certificate_id) AS serials,
          string_agg(seconds::text, ' ' ORDER BY certificate_id) AS seconds,
          string_agg(revocation_reason, ' ' ORDER BY certificate_id) AS reasons,
          (array_agg(certificate_id ORDER BY certificate_id))[count(*)] AS last, count(*) AS count
        FROM (
          SELECT certificate_id, serial_hex, floor(date_part('epoch', revoked_at))::bigint AS seconds, revocation_reason
          FROM pki.certificate WHERE issuer_name = $1 AND revoked_at IS NOT NULL AND certificate_id > $2
          ORDER BY certificate_id LIMIT $3) AS page`,
      values: [issuerName, after, limit],
    });
    const [row] = rows;
    if (row === undefined || row.count === 0) return { entries: [], next: undefined };
    return { entries: revokedSerials(row), next: row.count < limit ? undefined : (row.last ?? undefined) };
  }

  /** One keyset page of an issuer's certificates whose status changed after a revision, in the order of the changes. */
  async changedPage(
    db: Queryable,
    issuerName: string,
    after: { revision: number; serialHex: string },
    limit: number,
  ): Promise<ChangedSerial[]> {
    const { rows } = await db.query<ChangedRow>({
      name: 'pki-changed-page',
      text: `SELECT serial_hex, floor(extract(epoch FROM revoked_at))::bigint AS revoked_seconds, revocation_reason, changed_revision
        FROM pki.certificate
        WHERE issuer_name = $1 AND changed_revision > 0 AND (changed_revision, serial_hex) > ($2, $3)
        ORDER BY changed_revision, serial_hex LIMIT $4`,
      values: [issuerName, after.revision, after.serialHex, limit],
    });
    return rows.map(changedSerial);
  }
}

export function answerOf(row: StatusRow | undefined, at: Date): RevocationAnswer {
  if (row === undefined) return { status: 'unknown', detail: 'no certificate of this authority' };
  const { revoked_at: revokedAt } = row;
  if (revokedAt === null || revokedAt > at) return { status: 'good' };
  return { status: 'revoked', revokedAt, reason: reasonOf(row.revocation_reason) };
}

function statusStatement(serialHex: string, change: StatusChange) {
  switch (change.kind) {
    case 'revoke':
      return {
        name: 'pki-revoke',
        text: `UPDATE pki.certificate SET revoked_at = coalesce(revoked_at, $2), revocation_reason = $3
          WHERE serial_hex = $1 AND state = 'issued' AND (revoked_at IS NULL OR revocation_reason = 'certificateHold')
          RETURNING certificate_id, issuer_name`,
        values: [serialHex, change.at, change.reason],
      };
    case 'suspend':
      return {
        name: 'pki-suspend',
        text: `UPDATE pki.certificate SET revoked_at = $2, revocation_reason = 'certificateHold'
          WHERE serial_hex = $1 AND state = 'issued' AND revoked_at IS NULL RETURNING certificate_id, issuer_name`,
        values: [serialHex, change.at],
      };
    case 'release':
      return {
        name: 'pki-release',
        text: `UPDATE pki.certificate SET revoked_at = NULL, revocation_reason = NULL
          WHERE serial_hex = $1 AND state = 'issued' AND revocation_reason = 'certificateHold'
          RETURNING certificate_id, issuer_name`,
        values: [serialHex],
      };
  }
}

function revokedSerials({ serials, seconds, reasons }: RevokedPageRow): RevokedSerial[] {
  const times = (seconds ?? '').split(' ');
  const words = (reasons ?? '').split(' ');
  return (serials ?? '').split(' ').map((serialHex, place) => ({
    serialHex,
    revokedAt: moment(Number(times[place]) * 1000),
    reason: reasonOf(words[place] ?? null),
  }));
}

function changedSerial({
  serial_hex,
  revoked_seconds,
  revocation_reason,
  changed_revision,
}: ChangedRow): ChangedSerial {
  return {
    serialHex: serial_hex,
    revokedAt: revoked_seconds === null ? undefined : moment(revoked_seconds * 1000),
    reason: revoked_seconds === null ? 'removeFromCRL' : reasonOf(revocation_reason),
    changedRevision: changed_revision,
  };
}

/** What is stored and not of the list stands for no reason that we know. */
export function reasonOf(text: string | null): RevocationReason {
  return text !== null && isReason(text) ? text : 'unspecified';
}
