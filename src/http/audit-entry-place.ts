// Which entry of the audit log a path names, by index or by identifier, and where it stands in the tree.

import type { AuditEntry } from '../audit/audit-entry.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { TrustError } from '../kernel/errors.ts';
import { uuidFromId } from '../kernel/ids.ts';

type Log = Pick<AuditLog, 'entry' | 'byId' | 'indexOf'>;

/** `audit-entry-not-found`. Its index is null while it is not in the tree. */
export async function entryNamed(audit: Log, named: string): Promise<AuditEntry> {
  const uuid = uuidFromId('entry', named);
  if (uuid === undefined) return audit.entry(Number(named));
  const entry = await audit.byId(uuid);
  if (entry === undefined) throw new TrustError('audit-entry-not-found', `there is no entry ${named}`);
  return { ...entry, index: await audit.indexOf(uuid, { waitMs: 0 }) };
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
