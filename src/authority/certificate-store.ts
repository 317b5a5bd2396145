// Certificates, their status and the certificate bound to each key, in the schema `pki`.

import type { Queryable, Transaction } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Certificate } from '../pki/certificate.ts';
import { parseCertificate } from '../pki/certificate.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import { isCertificateProfile } from '../pki/profiles.ts';
import type { RevocationReason } from '../pki/revocation.ts';
import { reasonOf } from './status-store.ts';
import { TrustError } from '../kernel/errors.ts';

export interface Revocation {
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
}

export interface StoredCertificate {
  readonly certificateId: Uuid;
  readonly issuerName: string;
  readonly profile: CertificateProfile;
  readonly keyName: string | undefined;
  readonly certificate: Certificate;
  readonly issuedAt: Date;
  /** Also of a suspended certificate, whose reason is `certificateHold`. */
  readonly revocation: Revocation | undefined;
  readonly renews: Uuid | undefined;
}

export interface CertificateFilter {
  readonly issuerName?: string | undefined;
  readonly profile?: string | undefined;
  readonly keyName?: string | undefined;
  /** Only certificates made before this one. */
  readonly before?: Uuid | undefined;
  readonly limit: number;
}

interface CertificateRow {
  readonly certificate_id: Uuid;
  readonly issuer_name: string;
  readonly profile: string;
  readonly key_name: string | null;
  readonly der: Uint8Array;
  readonly issued_at: Date;
  readonly revoked_at: Date | null;
  readonly revocation_reason: string | null;
  readonly renews: Uuid | null;
}

/** Certificates never change, so a parsed one is good for ever; the bound is for deployments with many seals. */
const maxCachedCertificates = 2000;
const columns = `c.certificate_id, c.issuer_name, c.profile, c.key_name, c.der, c.issued_at, c.revoked_at,
  c.revocation_reason, c.renews`;

export class CertificateStore {
  readonly #parsed = new Map<Uuid, Certificate>();

  /** Binds the key to a certificate that replaces the one before. */
  async bind(tx: Transaction, keyName: string, certificateId: Uuid, at: Date): Promise<void> {
    await tx.query({
      name: 'pki-bind',
      text: `INSERT INTO pki.key_binding (key_name, certificate_id, bound_at) VALUES ($1, $2, $3)
        ON CONFLICT (key_name) DO UPDATE SET certificate_id = excluded.certificate_id, bound_at = excluded.bound_at`,
      values: [keyName, certificateId, at],
    });
  }

  /** Binds the key unless it is bound to another than `replaces`; false when somebody was first. */
  async bindFirst(
    tx: Transaction,
    keyName: string,
    certificateId: Uuid,
    { at, replaces }: { at: Date; replaces: Uuid | undefined },
  ): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-bind-first',
      text: `INSERT INTO pki.key_binding (key_name, certificate_id, bound_at) VALUES ($1, $2, $3)
        ON CONFLICT (key_name) DO UPDATE SET certificate_id = excluded.certificate_id, bound_at = excluded.bound_at
          WHERE pki.key_binding.certificate_id = $4::uuid`,
      values: [keyName, certificateId, at, replaces ?? null],
    });
    return rowCount === 1;
  }

  async boundTo(db: Queryable, keyName: string): Promise<StoredCertificate | undefined> {
    const { rows } = await db.query<CertificateRow>({
      name: 'pki-bound',
      text: `SELECT ${columns} FROM pki.key_binding b JOIN pki.certificate c ON c.certificate_id = b.certificate_id
        WHERE b.key_name = $1`,
      values: [keyName],
    });
    return rows[0] === undefined ? undefined : this.#stored(rows[0]);
  }

  /** In the order of the keys; keys without a certificate are left out. */
  async boundToAll(db: Queryable, keyNames: readonly string[]): Promise<StoredCertificate[]> {
    const { rows } = await db.query<CertificateRow>({
      name: 'pki-bound-all',
      text: `SELECT ${columns} FROM unnest($1::text[]) WITH ORDINALITY AS k (name, place)
        JOIN pki.key_binding b ON b.key_name = k.name JOIN pki.certificate c ON c.certificate_id = b.certificate_id
        ORDER BY k.place`,
      values: [keyNames],
    });
    return rows.map((row) => this.#stored(row));
  }

  /** Certificates by the keys that they are bound to now. */
  async certificatesOf<K extends string>(db: Queryable, keyNames: readonly K[]): Promise<Map<K, StoredCertificate>> {
    const bound = await this.boundToAll(db, keyNames);
    return new Map(
      keyNames.flatMap((name) => {
        const found = bound.find(({ keyName }) => keyName === name);
        return found === undefined ? [] : [[name, found]];
      }),
    );
  }

  async bySerial(db: Queryable, serialHex: string): Promise<StoredCertificate | undefined> {
    const { rows } = await db.query<CertificateRow>({
      name: 'pki-by-serial',
      text: `SELECT ${columns} FROM pki.certificate c WHERE c.serial_hex = $1 AND c.state = 'issued'`,
      values: [serialHex],
    });
    return rows[0] === undefined ? undefined : this.#stored(rows[0]);
  }

  /** Newest first. */
  async page(
    db: Queryable,
    { issuerName, profile, keyName, before, limit }: CertificateFilter,
  ): Promise<StoredCertificate[]> {
    const values: unknown[] = [limit];
    const conditions = [`c.state = 'issued'`];
    const where = (column: string, operator: string, value: unknown) => {
      if (value === undefined) return;
      values.push(value);
      conditions.push(`c.${column} ${operator} $${values.length}`);
    };
    where('issuer_name', '=', issuerName);
    where('profile', '=', profile);
    where('key_name', '=', keyName);
    where('certificate_id', '<', before);
    const { rows } = await db.query<CertificateRow>({
      text: `SELECT ${columns} FROM pki.certificate c WHERE ${conditions.join(' AND ')}
        ORDER BY c.certificate_id DESC LIMIT $1`,
      values,
    });
    return rows.map((row) => this.#stored(row));
  }

  /** The keys of these (SHA-256 in hex) over which a certificate was revoked because somebody else may have the key. */
  async compromised(db: Queryable, keys: readonly string[]): Promise<Map<string, true>> {
    const { rows } = await db.query<{ key: string }>({
      name: 'pki-compromised-keys',
      text: `SELECT DISTINCT encode(spki_sha256, 'hex') AS key FROM pki.certificate
        WHERE spki_sha256 = ANY ($1::bytea[]) AND revocation_reason IN ('keyCompromise', 'cACompromise')`,
      values: [keys.map((key) => Buffer.from(key, 'hex'))],
    });
    return new Map(rows.map(({ key }) => [key, true]));
  }

  /** Whether we have certified this key as that of an authority, be it ours or one under us. */
  async isAuthorityKey(db: Queryable, spkiSha256: Uint8Array): Promise<boolean> {
    const { rows } = await db.query({
      name: 'pki-authority-key',
      text: `SELECT 1 FROM pki.certificate WHERE profile IN ('root-ca', 'issuing-ca', 'mdoc-root') AND state = 'issued'
        AND spki_sha256 = $1 LIMIT 1`,
      values: [Buffer.from(spkiSha256)],
    });
    return rows.length > 0;
  }

  /** Whether a certificate of this issuer, not over its own key, is still within its validity. */
  async hasLiving(db: Queryable, issuerName: string, at: Date): Promise<boolean> {
    const { rows } = await db.query({
      name: 'pki-living',
      text: `SELECT 1 FROM pki.certificate WHERE issuer_name = $1 AND state = 'issued' AND not_after > $2
        AND key_name IS DISTINCT FROM $1 AND profile <> 'ocsp-responder' LIMIT 1`,
      values: [issuerName, at],
    });
    return rows.length > 0;
  }

  #stored(row: CertificateRow): StoredCertificate {
    if (!isCertificateProfile(row.profile))
      throw new TrustError('internal', `stored profile ${row.profile} is unknown`);
    return {
      certificateId: row.certificate_id,
      issuerName: row.issuer_name,
      profile: row.profile,
      keyName: row.key_name ?? undefined,
      certificate: this.#parse(row.certificate_id, row.der),
      issuedAt: row.issued_at,
      revocation:
        row.revoked_at === null ? undefined : { revokedAt: row.revoked_at, reason: reasonOf(row.revocation_reason) },
      renews: row.renews ?? undefined,
    };
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
