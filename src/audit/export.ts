// An export of the audit log: what a search finds, page by page along its index, each entry with its proof under one checkpoint.

import type { AuditEntry } from './audit-entry.ts';
import type { AuditLog } from './audit-log.ts';
import type { Asked } from './audited-reading.ts';
import type { AuditProofs, InclusionProof, ProvenTree } from './proofs.ts';
import { uuidFromId } from '../kernel/ids.ts';

export interface ExportedEntry {
  readonly entry: AuditEntry;
  readonly proof: InclusionProof;
}

export interface ExportSources {
  readonly audit: Pick<AuditLog, 'entries' | 'indexOf'>;
  readonly proofs: Pick<AuditProofs, 'tree'>;
}

export interface Export {
  readonly tree: ProvenTree;
  /** Newest first. Held in memory: one page. */
  readonly pages: AsyncIterable<readonly ExportedEntry[]>;
}

const pageSize = 200;
const waitMs = 1500;

/**
 * Everything that is under the newest checkpoint, waiting a moment so that what was done just now is. What is sequenced later belongs to a
 * later export. `audit-entry-not-sequenced` while there is no checkpoint at all.
 */
export async function startExport(
  { audit, proofs }: ExportSources,
  asked: Asked,
  signal: AbortSignal,
): Promise<Export> {
  const first = await audit.entries({ ...asked, limit: pageSize });
  const newest = first.items[0] === undefined ? undefined : uuidFromId('entry', first.items[0].entryId);
  const index = newest === undefined ? null : await audit.indexOf(newest, { waitMs });
  const tree = await proofs.tree({ size: index === null ? 0 : index + 1, waitMs });
  async function* pages() {
    // The first page once more: places that were not known above are by now.
    for (let cursor: string | undefined; !signal.aborted; ) {
      const page = await audit.entries({ ...asked, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) });
      const covered = page.items.flatMap((entry) =>
        entry.index !== null && entry.index < tree.size ? [{ entry, index: entry.index }] : [],
      );
      const proven = await tree.inclusions(covered.map((one) => one.index));
      yield covered.flatMap(({ entry }, place) => {
        const proof = proven[place];
        return proof === undefined ? [] : [{ entry, proof }];
      });
      if (page.nextCursor === null) return;
      cursor = page.nextCursor;
    }
  }
  return { tree, pages: pages() };
}
