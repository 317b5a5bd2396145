// The receipt (回执) of an entry as a file, with what its caller may show of it; C2SP tlog-proof.

import type { AuditLog } from '../audit/audit-log.ts';
import type { AuditProofs } from '../audit/proofs.ts';
import { encodeReceipt } from '../audit/receipt.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { Principal } from '../kernel/principal.ts';
import type { FileReply } from './api.ts';
import { entryNamed, placeOf } from './audit-entry-place.ts';
import { type HolderNames, openingsOf, shownParts } from './receipt-parts.ts';

export interface ReceiptServices {
  readonly audit: Pick<AuditLog, 'entry' | 'byId' | 'indexOf'>;
  readonly proofs: Pick<AuditProofs, 'inclusion'>;
  readonly licences: HolderNames;
}

/** A deed that was just done is in a checkpoint about a second later: whoever asks for its proof at once waits that long. */
export const proofWaitMs = 1500;

/** `named`: index or identifier. `audit-entry-not-found`, `audit-entry-archived`, `audit-entry-not-sequenced`. */
export async function receiptFile(
  { audit, proofs, licences }: ReceiptServices,
  principal: Principal,
  named: string,
): Promise<FileReply> {
  const entry = await entryNamed(audit, named);
  const waiting = { waitMs: proofWaitMs };
  const proof = await proofs.inclusion(await placeOf(audit, entry, waiting), waiting);
  const parts = await shownParts(principal, entry, licences);
  const file = encodeReceipt({ proof, leaf: entry.leaf, opened: openingsOf(entry, parts) });
  return { bytes: utf8(file), mediaType: 'text/plain', fileName: `${entry.entryId}.tlog-proof`, isDownload: true };
}
