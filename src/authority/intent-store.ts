// Intents of issuing and what became of them, in the schema `pki`: written before the key acts, ended once, by whoever comes first.

import type { Queryable, Transaction } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import type { CertificateProfile } from '../pki/profiles.ts';

export interface IntendedCertificate {
  readonly certificateId: Uuid;
  readonly serialHex: string;
  readonly issuerName: string;
  readonly profile: CertificateProfile;
  /** Absent when the key is not in our key store. */
  readonly keyName: string | undefined;
  readonly spkiSha256: Uint8Array;
  /** The certificate that this one follows. */
  readonly renews: Uuid | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly intendedAt: Date;
  /** Of an order that came over the API. */
  readonly requestKey: RequestKey | undefined;
}

export interface SignedCertificate {
  readonly certificateId: Uuid;
  readonly der: Uint8Array;
}

/** What the audit log says of an intent. */
export type AbandonedIntent = Pick<IntendedCertificate, 'certificateId' | 'serialHex' | 'issuerName' | 'keyName'> & {
  readonly profile: string;
};

interface AbandonedRow {
  readonly certificate_id: Uuid;
  readonly serial_hex: string;
  readonly issuer_name: string;
  readonly profile: string;
  readonly key_name: string | null;
}

interface RequestRow {
  readonly serial_hex: string;
  readonly state: string;
  readonly request_sha256: Uint8Array;
  readonly certificate_id: Uuid;
  readonly intended_at: Date;
}

export class IntentStore {
  /** Which of them were inserted: all but those whose request is already being served. */
  async insertIntended(tx: Transaction, rows: readonly IntendedCertificate[]): Promise<ReadonlySet<Uuid>> {
    const column = (value: (row: IntendedCertificate) => unknown) => rows.map((row) => value(row) ?? null);
    const inserted = await tx.query<{ certificate_id: Uuid }>({
      name: 'pki-certificates-intended',
      text: `INSERT INTO pki.certificate
          (certificate_id, serial_hex, issuer_name, profile, key_name, spki_sha256, renews, state, not_before, not_after,
            intended_at, request_owner, request_key, request_sha256)
        SELECT certificate_id, serial_hex, issuer_name, profile, key_name, spki_sha256, renews, 'intended', not_before, not_after,
          intended_at, request_owner, request_key, request_sha256
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::uuid[], $8::timestamptz[],
          $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::bytea[])
          AS t (certificate_id, serial_hex, issuer_name, profile, key_name, spki_sha256, renews, not_before, not_after,
            intended_at, request_owner, request_key, request_sha256)
        ON CONFLICT (request_owner, request_key) WHERE request_key IS NOT NULL DO NOTHING
        RETURNING certificate_id`,
      values: [
        column((row) => row.certificateId),
        column((row) => row.serialHex),
        column((row) => row.issuerName),
        column((row) => row.profile),
        column((row) => row.keyName),
        column((row) => Buffer.from(row.spkiSha256)),
        column((row) => row.renews),
        column((row) => row.notBefore),
        column((row) => row.notAfter),
        column((row) => row.intendedAt),
        column((row) => row.requestKey?.owner),
        column((row) => row.requestKey?.key),
        column((row) => row.requestKey && Buffer.from(row.requestKey.bodySha256)),
      ],
    });
    return idsOf(inserted.rows);
  }

  /** What certificates say of their issuer's CRL becomes part of the scope that the CRL states. */
  async rememberAddress(tx: Transaction, issuerName: string, url: string, at: Date): Promise<void> {
    await tx.query({
      name: 'pki-crl-address',
      text: `INSERT INTO pki.crl_address (issuer_name, url, first_used_at) VALUES ($1, $2, $3)
        ON CONFLICT (issuer_name, url) DO NOTHING`,
      values: [issuerName, url, at],
    });
  }

  /** Which of them are issued now: all but those whose intent was given up meanwhile. */
  async markIssued(tx: Transaction, signed: readonly SignedCertificate[], at: Date): Promise<ReadonlySet<Uuid>> {
    const { rows } = await tx.query<{ certificate_id: Uuid }>({
      name: 'pki-certificates-issued',
      text: `UPDATE pki.certificate c SET state = 'issued', der = t.der, issued_at = $3
        FROM unnest($1::uuid[], $2::bytea[]) AS t (certificate_id, der)
        WHERE c.certificate_id = t.certificate_id AND c.state = 'intended' RETURNING c.certificate_id`,
      values: [
        signed.map(({ certificateId }) => certificateId),
        signed.map(({ der }) => Buffer.from(der)), // the driver writes only Buffers as bytea inside an array
        at,
      ],
    });
    return idsOf(rows);
  }

  /** Of an intent, or of what this very transaction has issued. */
  async markVoided(tx: Transaction, certificateId: Uuid): Promise<void> {
    await tx.query({
      name: 'pki-certificate-voided',
      text: `UPDATE pki.certificate SET state = 'voided', der = NULL, issued_at = NULL, request_owner = NULL, request_key = NULL,
          request_sha256 = NULL WHERE certificate_id = $1`,
      values: [certificateId],
    });
  }

  /**
   * Gives up the oldest intents from before a moment: whoever comes back to one finds that it issues nothing any more. Those of deeds
   * of two people that are being done end with their proposal.
   */
  async voidAbandoned(tx: Transaction, before: Date, limit: number): Promise<AbandonedIntent[]> {
    const { rows } = await tx.query<AbandonedRow>({
      name: 'pki-intents-abandoned',
      text: `UPDATE pki.certificate SET state = 'voided', request_owner = NULL, request_key = NULL, request_sha256 = NULL
        WHERE state = 'intended' AND certificate_id IN (
          SELECT c.certificate_id FROM pki.certificate c WHERE c.state = 'intended' AND c.intended_at < $1 AND NOT EXISTS (
            SELECT 1 FROM pki.proposal p WHERE p.state = 'executing' AND p.certificate_id = c.certificate_id)
          ORDER BY c.intended_at LIMIT $2)
        RETURNING certificate_id, serial_hex, issuer_name, profile, key_name`,
      values: [before, limit],
    });
    return rows.map((row) => ({
      certificateId: row.certificate_id,
      serialHex: row.serial_hex,
      issuerName: row.issuer_name,
      profile: row.profile,
      keyName: row.key_name ?? undefined,
    }));
  }

  /** What became of an earlier request under this key. */
  async byRequest(
    db: Queryable,
    { owner, key }: RequestKey,
  ): Promise<
    { serialHex: string; state: string; sha256: Uint8Array; certificateId: Uuid; intendedAt: Date } | undefined
  > {
    const { rows } = await db.query<RequestRow>({
      name: 'pki-by-request',
      text: `SELECT serial_hex, state, request_sha256, certificate_id, intended_at FROM pki.certificate
        WHERE request_owner = $1 AND request_key = $2`,
      values: [owner, key],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const { serial_hex: serialHex, state, request_sha256: sha256, certificate_id: certificateId } = row;
    return { serialHex, state, sha256, certificateId, intendedAt: row.intended_at };
  }
}

function idsOf(rows: readonly { readonly certificate_id: Uuid }[]): ReadonlySet<Uuid> {
  return new Set(rows.map((row) => row.certificate_id));
}
