// The signed checkpoints of the log: stored once, cosigned by witnesses, and shown when the policy allows it; C2SP tlog-checkpoint.

import type { Queryable } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { encodeVerifierKey, type NoteKey } from '../tlog/note.ts';
import { logId, signerName, type StoredCheckpoint } from './tree-store.ts';

export function cosignerName(key: NoteKey): string {
  return signerName(encodeVerifierKey(key));
}

/** The newest that was ever signed, shown or not, without cosignatures; with a signer the newest of that one. */
export async function latestSigned(database: Queryable, signer?: string): Promise<StoredCheckpoint | undefined> {
  const { rows } = await database.query<StoredCheckpoint>({
    name: 'audit-checkpoint-signed',
    text: `SELECT size, root, note FROM audit.log_checkpoint WHERE log_id = $1 AND ($2::text IS NULL OR signer = $2)
           ORDER BY size DESC LIMIT 1`,
    values: [logId, signer ?? null],
  });
  return rows[0];
}

/** Who signed a size: one tree may be signed under several names. */
export async function signersOf(database: Queryable, size: number): Promise<string[]> {
  const { rows } = await database.query<{ signer: string }>({
    name: 'audit-checkpoint-signers',
    text: 'SELECT signer FROM audit.log_checkpoint WHERE log_id = $1 AND size = $2',
    values: [logId, size],
  });
  return rows.map(({ signer }) => signer);
}

/** Two that publish at once store one note. `audit-fork`: the size was signed with another root. */
export async function storeCheckpoint(
  tx: Queryable,
  { size, root }: Checkpoint,
  { signer, note, clock }: { signer: string; note: string; clock: Clock },
): Promise<void> {
  await tx.query({
    name: 'audit-checkpoint-insert',
    text: `INSERT INTO audit.log_checkpoint (log_id, size, signer, root, note, published_at)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    values: [logId, size, signer, root, note, clock.now()],
  });
  const { rows } = await tx.query<{ root: Uint8Array }>({
    name: 'audit-checkpoint-roots',
    text: 'SELECT root FROM audit.log_checkpoint WHERE log_id = $1 AND size = $2',
    values: [logId, size],
  });
  if (!rows.every((row) => equalBytes(row.root, root)))
    throw new TrustError('audit-fork', `another root was signed for size ${size}`);
}

/** From now on it is shown, once `cosignatures` of these witnesses stand under it. True when they do. */
export async function showCheckpoint(
  database: Queryable,
  { size, signer }: { size: number; signer: string },
  { cosignatures, cosigners }: { cosignatures: number; cosigners: readonly string[] },
): Promise<boolean> {
  const { rows } = await database.query<{ enough: boolean }>({
    name: 'audit-checkpoint-show',
    text: `WITH found AS (
             SELECT count(*) >= $5 AS enough FROM audit.log_cosignature
             WHERE log_id = $1 AND size = $2 AND signer = $3 AND cosigner = ANY ($4::text[])),
           shown AS (
             INSERT INTO audit.log_published (log_id, size, signer)
             SELECT $1, $2, $3 FROM found WHERE enough ON CONFLICT DO NOTHING)
           SELECT enough FROM found`,
    values: [logId, size, signer, [...cosigners], cosignatures],
  });
  return rows[0]?.enough === true;
}

/** Stored once for each witness: the first line stays. */
export async function storeCosignature(
  database: Queryable,
  { size, signer, cosigner, line, at }: { size: number; signer: string; cosigner: string; line: string; at: Date },
): Promise<void> {
  await database.query({
    name: 'audit-cosignature-insert',
    text: `INSERT INTO audit.log_cosignature (log_id, size, signer, cosigner, line, cosigned_at)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    values: [logId, size, signer, cosigner, line, at],
  });
}

/** What each witness cosigned last of what this signer signed, by its name; 0 where there is nothing. */
export async function lastCosigned(
  database: Queryable,
  signer: string,
  cosigners: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await database.query<{ cosigner: string; size: number }>({
    name: 'audit-cosignature-last',
    text: `SELECT cosigner, coalesce((SELECT max(s.size) FROM audit.log_cosignature s
             WHERE s.log_id = $1 AND s.signer = $2 AND s.cosigner = wanted.cosigner), 0) AS size
           FROM unnest($3::text[]) AS wanted (cosigner)`,
    values: [logId, signer, [...cosigners]],
  });
  return new Map(rows.map(({ cosigner, size }) => [cosigner, size]));
}
