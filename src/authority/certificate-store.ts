// Certificates, their status and the certificate bound to each key, in the schema `pki`.

import type { Queryable, Transaction } from '../db/database.ts';
import { fromHex } from '../kernel/bytes.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Certificate } from '../pki/certificate.ts';
import { parseCertificate } from '../pki/certificate.ts';
import type { CrlEntry } from '../pki/crl.ts';
import { isReason } from '../pki/crl.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import type { RevocationAnswer, RevocationReason } from '../pki/revocation.ts';

export interface IntendedCertificate {
  readonly certificateId: Uuid;
  readonly serialHex: string;
  readonly issuerName: string;
  readonly profile: CertificateProfile;
  readonly keyName: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly intendedAt: Date;
}

export interface RevokedSerial extends CrlEntry {
  readonly serial: Uint8Array;
}

interface RevocationRow {
  readonly revoked_at: Date | null;
  readonly revocation_reason: string | null;
}

/** Certificates never change, so a parsed one is good for ever; the bound is for deployments with many seals. */
const maxCachedCertificates = 2000;

export class CertificateStore {
  readonly #parsed = new Map<Uuid, Certificate>();

  async insertIntended(tx: Transaction, row: IntendedCertificate): Promise<void> {
    await tx.query({
      name: 'pki-certificate-intended',
      text: `INSERT INTO pki.certificate
          (certificate_id, serial_hex, issuer_name, profile, key_name, state, not_before, not_after, intended_at)
        VALUES ($1, $2, $3, $4, $5, 'intended', $6, $7, $8)`,
      values: [
        row.certificateId,
        row.serialHex,
        row.issuerName,
        row.profile,
        row.keyName,
        row.notBefore,
        row.notAfter,
        row.intendedAt,
      ],
    });
  }

  async markIssued(tx: Transaction, certificateId: Uuid, der: Uint8Array, at: Date): Promise<void> {
    await tx.query({
      name: 'pki-certificate-issued',
      text: `UPDATE pki.certificate SET state = 'issued', der = $2, issued_at = $3 WHERE certificate_id = $1 AND state = 'intended'`,
      values: [certificateId, der, at],
    });
  }

  async markVoided(tx: Transaction, certificateId: Uuid): Promise<void> {
    await tx.query({
      name: 'pki-certificate-voided',
      text: `UPDATE pki.certificate SET state = 'voided', der = NULL, issued_at = NULL WHERE certificate_id = $1`,
      values: [certificateId],
    });
  }

  /** Binds the key to a certificate that replaces the one before. */
  async bind(tx: Transaction, keyName: string, certificateId: Uuid, at: Date): Promise<void> {
    await tx.query({
      name: 'pki-bind',
      text: `INSERT INTO pki.key_binding (key_name, certificate_id, bound_at) VALUES ($1, $2, $3)
        ON CONFLICT (key_name) DO UPDATE SET certificate_id = excluded.certificate_id, bound_at = excluded.bound_at`,
      values: [keyName, certificateId, at],
    });
  }

  /** Binds the key unless it is bound; false when somebody was first. */
  async bindFirst(tx: Transaction, keyName: string, certificateId: Uuid, at: Date): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-bind-first',
      text: `INSERT INTO pki.key_binding (key_name, certificate_id, bound_at) VALUES ($1, $2, $3)
        ON CONFLICT (key_name) DO NOTHING`,
      values: [keyName, certificateId, at],
    });
    return rowCount === 1;
  }

  async boundTo(db: Queryable, keyName: string): Promise<Certificate | undefined> {
    const { rows } = await db.query<{ certificate_id: Uuid; der: Uint8Array }>({
      name: 'pki-bound',
      text: `SELECT certificate_id, der FROM pki.key_binding JOIN pki.certificate USING (certificate_id)
        WHERE pki.key_binding.key_name = $1`,
      values: [keyName],
    });
    const [row] = rows;
    return row === undefined ? undefined : this.#parse(row.certificate_id, row.der);
  }

  /** Revokes an issued certificate; the first revocation stands (RFC 5280, 5.3.1 knows no second). False when none was changed. */
  async revoke(tx: Transaction, serialHex: string, reason: RevocationReason, at: Date): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-revoke',
      text: `UPDATE pki.certificate SET revoked_at = $2, revocation_reason = $3
        WHERE serial_hex = $1 AND state = 'issued' AND revoked_at IS NULL`,
      values: [serialHex, at, reason],
    });
    return rowCount === 1;
  }

  /** The status at `at` of a certificate of ours; one we do not know is unknown, never good. */
  async statusAt(db: Queryable, serialHex: string, at: Date): Promise<RevocationAnswer> {
    const { rows } = await db.query<RevocationRow>({
      name: 'pki-status',
      text: `SELECT revoked_at, revocation_reason FROM pki.certificate WHERE serial_hex = $1 AND state = 'issued'`,
      values: [serialHex],
    });
    const [row] = rows;
    if (row === undefined) return { status: 'unknown', detail: 'no certificate of this authority' };
    const { revoked_at: revokedAt } = row;
    if (revokedAt === null || revokedAt > at) return { status: 'good' };
    return { status: 'revoked', revokedAt, reason: reasonOf(row.revocation_reason) };
  }

  async revokedCount(db: Queryable, issuerName: string): Promise<number> {
    const { rows } = await db.query<{ count: number }>({
      name: 'pki-revoked-count',
      text: 'SELECT count(*) AS count FROM pki.certificate WHERE issuer_name = $1 AND revoked_at IS NOT NULL',
      values: [issuerName],
    });
    return rows[0]?.count ?? 0;
  }

  async revokedOf(db: Queryable, issuerName: string): Promise<RevokedSerial[]> {
    const { rows } = await db.query<{ serial_hex: string; revoked_at: Date; revocation_reason: string }>({
      name: 'pki-revoked',
      text: `SELECT serial_hex, revoked_at, revocation_reason FROM pki.certificate
        WHERE issuer_name = $1 AND revoked_at IS NOT NULL ORDER BY serial_hex`,
      values: [issuerName],
    });
    return rows.map((row) => ({
      serial: fromHex(row.serial_hex) ?? new Uint8Array(),
      revokedAt: row.revoked_at,
      reason: reasonOf(row.revocation_reason),
    }));
  }

  #parse(certificateId: Uuid, der: Uint8Array): Certificate {
    const known = this.#parsed.get(certificateId);
    if (known !== undefined) return known;
    const certificate = parseCertificate(Uint8Array.from(der));
    if (this.#parsed.size >= maxCachedCertificates) this.#parsed.clear();
    this.#parsed.set(certificateId, certificate);
    return certificate;
  }
}

function reasonOf(text: string | null): RevocationReason {
  return text !== null && isReason(text) ? text : 'unspecified';
}
