// Proposals of deeds on authorities in the schema `pki`: each change of state is one statement that only one caller gets.

import type { Queryable, Transaction } from '../db/database.ts';
import type { Uuid } from '../kernel/ids.ts';

export interface ProposalRow {
  readonly proposal_id: Uuid;
  readonly deed: string;
  readonly deed_sha256: Uint8Array;
  readonly state: 'open' | 'rejected' | 'executing' | 'executed' | 'failed';
  readonly proposed_by: string;
  readonly proposed_at: Date;
  readonly expires_at: Date;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly result: string | null;
  readonly certificate_id: Uuid | null;
}

export interface Decision {
  readonly state: 'executing' | 'rejected';
  readonly decidedBy: string;
  readonly at: Date;
  /** What an approver has read. */
  readonly deedSha256?: Uint8Array | undefined;
}

export interface Conclusion {
  readonly state: 'executed' | 'failed';
  readonly result: string;
}

const columns = `proposal_id, deed, deed_sha256, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, result,
  certificate_id`;

export class ProposalStore {
  async insert(
    tx: Transaction,
    row: Pick<ProposalRow, 'proposal_id' | 'deed' | 'deed_sha256' | 'proposed_by' | 'proposed_at' | 'expires_at'>,
  ): Promise<void> {
    await tx.query({
      name: 'pki-propose',
      text: `INSERT INTO pki.proposal (proposal_id, deed, deed_sha256, state, proposed_by, proposed_at, expires_at)
        VALUES ($1, $2, $3, 'open', $4, $5, $6)`,
      values: [row.proposal_id, row.deed, row.deed_sha256, row.proposed_by, row.proposed_at, row.expires_at],
    });
  }

  async find(db: Queryable, id: Uuid): Promise<ProposalRow | undefined> {
    const { rows } = await db.query<ProposalRow>({
      name: 'pki-proposal',
      text: `SELECT ${columns} FROM pki.proposal WHERE proposal_id = $1`,
      values: [id],
    });
    return rows[0];
  }

  /** Newest first; `before` is exclusive. */
  async page(db: Queryable, before: Uuid | undefined, limit: number): Promise<ProposalRow[]> {
    const { rows } = await db.query<ProposalRow>({
      name: 'pki-proposals',
      text: `SELECT ${columns} FROM pki.proposal WHERE $1::uuid IS NULL OR proposal_id < $1
        ORDER BY proposal_id DESC LIMIT $2`,
      values: [before ?? null, limit],
    });
    return rows;
  }

  /** Of two who decide at once one gets the row; nobody approves what they proposed, or another digest. */
  async decide(tx: Transaction, id: Uuid, decision: Decision): Promise<ProposalRow | undefined> {
    const { state, decidedBy, at, deedSha256 } = decision;
    const { rows } = await tx.query<ProposalRow>({
      name: 'pki-decide',
      text: `UPDATE pki.proposal SET state = $2, decided_by = $3, decided_at = $4
        WHERE proposal_id = $1 AND state = 'open' AND expires_at > $4
          AND ($2 = 'rejected' OR (proposed_by <> $3 AND deed_sha256 = $5)) RETURNING ${columns}`,
      values: [id, state, decidedBy, at, deedSha256 ?? null],
    });
    return rows[0];
  }

  /** False when the deed was concluded, or given up, meanwhile. */
  async intend(tx: Transaction, id: Uuid, certificateId: Uuid): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-proposal-intends',
      text: `UPDATE pki.proposal SET certificate_id = $2 WHERE proposal_id = $1 AND state = 'executing'`,
      values: [id, certificateId],
    });
    return rowCount === 1;
  }

  /** False when the deed was concluded, or given up, meanwhile. */
  async conclude(tx: Transaction, id: Uuid, { state, result }: Conclusion): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-conclude',
      text: `UPDATE pki.proposal SET state = $2, result = $3 WHERE proposal_id = $1 AND state = 'executing'`,
      values: [id, state, result],
    });
    return rowCount === 1;
  }

  /** Deeds that were begun before a moment and have no outcome. */
  async begunBefore(db: Queryable, at: Date, limit: number): Promise<Uuid[]> {
    const { rows } = await db.query<{ proposal_id: Uuid }>({
      name: 'pki-proposals-begun',
      text: `SELECT proposal_id FROM pki.proposal WHERE state = 'executing' AND decided_at < $1 ORDER BY decided_at LIMIT $2`,
      values: [at, limit],
    });
    return rows.map((row) => row.proposal_id);
  }
}
