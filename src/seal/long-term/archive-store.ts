// Rows of PDFs with an archive time stamp of ours: until when it holds, and what took its place.

import type { Queryable, Transaction } from '../../db/database.ts';
import type { Uuid } from '../../kernel/ids.ts';

export interface ArchivedRow {
  readonly document_id: Uuid;
  readonly owner: string;
  readonly holds_until: Date;
  readonly renewed_as: Uuid | null;
}

/** Renewals of decades; a longer chain is a damaged table. */
const maxRenewals = 100;

export async function enterArchived(
  tx: Transaction,
  row: { documentId: Uuid; owner: string; holdsUntil: Date },
): Promise<void> {
  await tx.query({
    name: 'seal-archived-enter',
    text: 'INSERT INTO seal.archived_document (document_id, owner, holds_until) VALUES ($1, $2, $3)',
    values: [row.documentId, row.owner, row.holdsUntil],
  });
}

/** False when somebody renewed it before. A document that was not archived here has no row, and needs none. */
export async function setRenewed(tx: Transaction, documentId: Uuid, renewedAs: Uuid): Promise<boolean> {
  const { rows } = await tx.query<{ renewed_as: Uuid | null }>({
    name: 'seal-archived-hold',
    text: 'SELECT renewed_as FROM seal.archived_document WHERE document_id = $1 FOR UPDATE',
    values: [documentId],
  });
  if (rows[0] === undefined) return true;
  if (rows[0].renewed_as !== null) return false;
  await tx.query({
    name: 'seal-archived-renewed',
    text: 'UPDATE seal.archived_document SET renewed_as = $2 WHERE document_id = $1',
    values: [documentId, renewedAs],
  });
  return true;
}

/** The last renewal of a document, itself when there was none; `undefined` when it was not archived here. */
export async function newestOf(on: Queryable, owner: string, documentId: Uuid): Promise<ArchivedRow | undefined> {
  let next: Uuid | null = documentId;
  let found: ArchivedRow | undefined;
  for (let count = 0; next !== null && count < maxRenewals; count++) {
    const { rows }: { rows: ArchivedRow[] } = await on.query<ArchivedRow>({
      name: 'seal-archived-find',
      text: `SELECT document_id, owner, holds_until, renewed_as FROM seal.archived_document
        WHERE document_id = $1 AND owner = $2`,
      values: [next, owner],
    });
    found = rows[0] ?? found;
    next = rows[0]?.renewed_as ?? null;
  }
  return found;
}

/** Those that end before `before`, for one process until `claimedUntil`. One statement, so of many nodes each gets others. */
export async function claimDue(
  on: Queryable,
  claim: { now: Date; before: Date; claimedUntil: Date; limit: number },
): Promise<ArchivedRow[]> {
  const { rows } = await on.query<ArchivedRow>({
    name: 'seal-archived-claim',
    text: `UPDATE seal.archived_document SET claimed_until = $3 WHERE document_id IN (
        SELECT document_id FROM seal.archived_document
        WHERE renewed_as IS NULL AND holds_until < $2 AND (claimed_until IS NULL OR claimed_until < $1)
        ORDER BY holds_until, document_id LIMIT $4 FOR UPDATE SKIP LOCKED)
      RETURNING document_id, owner, holds_until, renewed_as`,
    values: [claim.now, claim.before, claim.claimedUntil, claim.limit],
  });
  return rows;
}
