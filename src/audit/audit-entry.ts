// An entry as auditors read it: the leaf, what it says, and as much of the sealed part as can still be opened.

import { sha256 } from '../crypto/digest.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Id, idFromUuid } from '../kernel/ids.ts';
import { leafHash } from '../tlog/merkle.ts';
import type { PlainObject } from './canonical-json.ts';
import { openDetail } from './detail.ts';
import type { EntryRow } from './entry-search.ts';
import { parseLeaf } from './leaf.ts';

export interface AuditEntry {
  readonly entryId: Id<'entry'>;
  /** Leaf index; null while it is not in the tree. */
  readonly index: number | null;
  readonly at: Date;
  readonly action: string;
  readonly outcome: string;
  readonly clientId: string | null;
  readonly objectId: string | null;
  readonly code: string | null;
  readonly facts: PlainObject;
  /** From the sealed part; null when there was none or it was erased. */
  readonly accountId: string | null;
  readonly subjectId: string | null;
  readonly purpose: string | null;
  /** The bytes that were hashed; all the rest above the sealed part can be read from them. */
  readonly leaf: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** Throws `internal` when the row holds what this service never wrote. */
export function entryOf(cipher: FieldCipher, row: EntryRow, index: number | null): AuditEntry {
  const leaf = parseLeaf(row.leaf);
  if (leaf === undefined || leaf.entryId !== row.id)
    throw new TrustError('internal', 'an audit row holds no leaf of its own');
  const detail = openDetail(cipher, row.id, row.detail);
  return {
    entryId: idFromUuid('entry', row.id),
    index,
    at: leaf.at,
    action: leaf.action,
    outcome: leaf.outcome,
    clientId: leaf.clientId ?? null,
    objectId: detail?.objectId ?? leaf.object ?? null,
    code: leaf.code ?? null,
    facts: leaf.facts,
    accountId: detail?.accountId ?? null,
    subjectId: detail?.subjectId ?? null,
    purpose: detail?.purpose ?? null,
    leaf: row.leaf,
    leafHash: leafHash(sha256, row.leaf),
  };
}
