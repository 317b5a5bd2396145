// What is asked for when many documents are to be stamped alike (批量签章), and what of it can be judged before the first one is begun.

import { TrustError } from '../../kernel/errors.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import { type Placement, stampOrder, type StampRequest } from '../stamp-request.ts';

export const mostBatchDocuments = 10_000;

/** What all documents of a batch have alike. */
export type BatchTerms = Omit<StampRequest, 'documentId'>;

export interface BatchDocument {
  readonly documentId: string;
  /** What the caller calls it; for people. */
  readonly name?: string | undefined;
  /** Instead of those of the batch. */
  readonly placements?: readonly Placement[] | undefined;
}

export interface BatchRequest extends BatchTerms {
  readonly documents: readonly BatchDocument[];
}

const maxNameLength = 200;

/** Throws what stamping itself would throw for every one of them, and malformed-request for a document that is named twice. */
export function requireGoodBatch({ documents, ...terms }: BatchRequest): void {
  if (documents.length < 1 || documents.length > mostBatchDocuments)
    throw new TrustError('malformed-request', `a batch has 1 to ${mostBatchDocuments} documents`);
  stampOrder({ ...terms, documentId: '' });
  const seen = new Set<string>();
  for (const { documentId, name, placements } of documents) {
    if (seen.has(documentId))
      throw new TrustError('malformed-request', 'a document stands in a batch once', { details: { documentId } });
    seen.add(documentId);
    if (placements !== undefined) stampOrder({ ...terms, documentId, placements });
    if (name !== undefined && !isPlainText(name, maxNameLength))
      throw new TrustError('malformed-request', `a name has 1 to ${maxNameLength} visible characters`, {
        details: { documentId },
      });
  }
}
