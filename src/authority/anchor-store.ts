// Trust anchors of others in the schema `pki`: in force until they are withdrawn; RFC 5280, 6.1.1 (d).

import type { Queryable, Transaction } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Certificate } from '../pki/certificate.ts';
import { parseCertificate } from '../pki/certificate.ts';
import type { AnchorPurpose } from '../pki/trust-anchor.ts';
import { isAnchorPurpose } from '../pki/trust-anchor.ts';

export interface StoredAnchor {
  readonly anchorId: Uuid;
  readonly certificate: Certificate;
  readonly purposes: readonly AnchorPurpose[];
  readonly proposedBy: string;
  readonly approvedBy: string;
  readonly addedAt: Date;
}

export interface NewAnchor extends Pick<StoredAnchor, 'anchorId' | 'purposes' | 'approvedBy' | 'addedAt'> {
  readonly der: Uint8Array;
  readonly certificateSha256: Uint8Array;
  /** Digest of the deed that is being done: who proposed it is told by its proposal. */
  readonly deedSha256: Uint8Array;
}

interface AnchorRow {
  readonly anchor_id: Uuid;
  readonly der: Uint8Array;
  readonly purposes: readonly string[];
  readonly proposed_by: string;
  readonly approved_by: string;
  readonly added_at: Date;
}

export class AnchorStore {
  /** Rows never change but for their withdrawal, which takes them out of what is asked first. */
  #known: ReadonlyMap<Uuid, StoredAnchor> = new Map();

  /** Those in force, oldest first: which they are is asked every time, what they are once. */
  async inForce(db: Queryable): Promise<StoredAnchor[]> {
    const { rows } = await db.query<{ anchor_id: Uuid }>({
      name: 'pki-anchors-in-force',
      text: 'SELECT anchor_id FROM pki.trust_anchor WHERE withdrawn_at IS NULL ORDER BY anchor_id',
    });
    const ids = rows.map(({ anchor_id: id }) => id);
    const missing = ids.filter((id) => !this.#known.has(id));
    const read = missing.length === 0 ? [] : await this.#read(db, missing);
    const known = new Map([...this.#known, ...read.map((anchor) => [anchor.anchorId, anchor] as const)]);
    const found = ids.flatMap((id) => known.get(id) ?? []);
    if (missing.length > 0) this.#known = new Map(found.map((anchor) => [anchor.anchorId, anchor]));
    return found;
  }

  /** False when the certificate is an anchor already. Only an approved deed that is being done can add one. */
  async add(tx: Transaction, anchor: NewAnchor): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-anchor-add',
      text: `INSERT INTO pki.trust_anchor (anchor_id, certificate_sha256, der, purposes, proposed_by, approved_by, added_at)
        SELECT $1, $2, $3, $4, p.proposed_by, $5, $6 FROM pki.proposal p
        WHERE p.state = 'executing' AND p.decided_by = $5 AND p.deed_sha256 = $7 ORDER BY p.proposal_id DESC LIMIT 1
        ON CONFLICT (certificate_sha256) WHERE withdrawn_at IS NULL DO NOTHING`,
      values: [
        anchor.anchorId,
        anchor.certificateSha256,
        anchor.der,
        anchor.purposes,
        anchor.approvedBy,
        anchor.addedAt,
        anchor.deedSha256,
      ],
    });
    return rowCount === 1;
  }

  /** False when it is not in force. */
  async withdraw(tx: Transaction, certificateSha256: Uint8Array, by: string, at: Date): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-anchor-withdraw',
      text: `UPDATE pki.trust_anchor SET withdrawn_by = $2, withdrawn_at = $3
        WHERE certificate_sha256 = $1 AND withdrawn_at IS NULL`,
      values: [certificateSha256, by, at],
    });
    return rowCount === 1;
  }

  async #read(db: Queryable, ids: readonly Uuid[]): Promise<StoredAnchor[]> {
    const { rows } = await db.query<AnchorRow>({
      name: 'pki-anchors',
      text: `SELECT anchor_id, der, purposes, proposed_by, approved_by, added_at FROM pki.trust_anchor
        WHERE anchor_id = ANY ($1::uuid[])`,
      values: [ids],
    });
    return rows.map((row) => ({
      anchorId: row.anchor_id,
      certificate: parseCertificate(Uint8Array.from(row.der)),
      purposes: row.purposes.filter(isAnchorPurpose),
      proposedBy: row.proposed_by,
      approvedBy: row.approved_by,
      addedAt: row.added_at,
    }));
  }
}
