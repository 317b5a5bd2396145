// Which entry of the audit log a path names, by index or by identifier, and where it stands in the tree.

import type { AuditEntry } from '../audit/audit-entry.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { uuidFromId } from '../kernel/ids.ts';

type Log = Pick<AuditLog, 'entry' | 'byId' | 'indexOf'>;

/** `audit-entry-not-found`, `audit-entry-archived`. Its index is null while it is not in the tree. */
export async function entryNamed(audit: Log, named: string): Promise<AuditEntry> {
  const uuid = uuidFromId('entry', named);
  if (uuid === undefined) return audit.entry(Number(named));
  const entry = await audit.byId(uuid);
  const index = entry === undefined ? await audit.indexOf(uuid, { waitMs: 0 }) : null;
  if (index !== null) return audit.entry(index); // archived: it says so
  if (entry === undefined) throw new TrustError('audit-entry-not-found', `there is no entry ${named}`);
  return { ...entry, index: await audit.indexOf(uuid, { waitMs: 0 }) };
}

/** Index and bytes of what a path names; without the bytes where its month lies in files that this node does not have. */
export async function leafNamed(
  audit: Log,
  named: string,
  { waitMs }: { waitMs: number },
): Promise<{ index: number; leaf: Uint8Array | null }> {
  try {
    const entry = await entryNamed(audit, named);
    return { index: await placeOf(audit, entry, { waitMs }), leaf: entry.leaf };
  } catch (error) {
    // Tiles stay in the database, so the proof is there for whoever kept the entry.
    if (!isTrustError(error, 'audit-entry-archived') || typeof error.details?.index !== 'number') throw error;
    return { index: error.details.index, leaf: null };
  }
}

/** The index of an entry, waiting for it so long. `audit-entry-not-sequenced`. */
export async function placeOf(
  audit: Pick<AuditLog, 'indexOf'>,
  { entryId, index }: AuditEntry,
  { waitMs }: { waitMs: number },
): Promise<number> {
  const uuid = uuidFromId('entry', entryId);
  const place = index ?? (uuid === undefined ? null : await audit.indexOf(uuid, { waitMs }));
  if (place !== null) return place;
  throw new TrustError('audit-entry-not-sequenced', `entry ${entryId} is not in the tree yet`, {
    details: { retryAfterSeconds: 1 },
  });
}
