// Documents that were uploaded to be stamped, and the products of stampings; each belongs to the caller who brought it.

import type { AuditLog } from '../audit/audit-log.ts';
import { sha256 } from '../crypto/digest.ts';
import type { Database, Transaction } from '../db/database.ts';
import { equalBytes, fromUtf8 } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import { readOfd } from '../ofd/document.ts';
import { isOfd, OfdPackage } from '../ofd/package.ts';
import { openPdf } from '../pdf/reader.ts';
import { accountOfOwner, ownerOf, requireScope } from '../kernel/permissions.ts';

export interface DocumentRecord {
  readonly documentId: Id<'document'>;
  readonly sha256: Uint8Array;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly pageCount: number;
}

export interface Upload {
  readonly bytes: Uint8Array;
  /** As declared by the caller; the content decides. */
  readonly mediaType: string;
}

export interface DocumentStoreOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Largest document taken, in bytes. */
  readonly maxDocumentBytes: number;
}

interface DocumentRow {
  readonly document_id: Uuid;
  readonly body_sha256: Uint8Array | null;
  readonly sha256: Uint8Array;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly page_count: number;
}

const pdf = 'application/pdf';
const ofd = 'application/ofd';
/** What a caller says who leaves it to the content. */
const unnamed = 'application/octet-stream';
const columns = 'document_id, body_sha256, sha256, media_type, size_bytes, page_count';

export class DocumentStore {
  readonly #database: Database;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #maxDocumentBytes: number;

  constructor(options: DocumentStoreOptions) {
    this.#database = options.database;
    this.#audit = options.audit;
    this.#clock = options.clock;
    this.#maxDocumentBytes = options.maxDocumentBytes;
    this.#audit.findOwnersBy('document', (documentId) => this.#ownerOf(documentId));
  }

  /**
   * Reads the document strictly and keeps it. The same request key with the same body answers with the stored record.
   * Throws scope-missing, request-too-large, unsupported-media-type, malformed-pdf, encrypted-pdf, unsupported-pdf,
   * malformed-ofd, unsupported-ofd, idempotency-key-reused.
   */
  async put(principal: Principal, upload: Upload, requestKey: RequestKey): Promise<DocumentRecord> {
    requireScope(principal, 'seal.stamp');
    const owner = ownerOf(principal);
    const { bytes } = upload;
    if (bytes.length > this.#maxDocumentBytes) {
      throw new TrustError('request-too-large', `a document has at most ${this.#maxDocumentBytes} bytes`);
    }
    const mediaType = mediaTypeOf(bytes);
    if (mediaType === undefined || ![mediaType, unnamed].includes(upload.mediaType)) {
      const details = { mediaTypes: [pdf, ofd] };
      throw new TrustError(
        'unsupported-media-type',
        'the content is neither a PDF nor an OFD, or not what it is called',
        {
          details,
        },
      );
    }
    const pageCount = mediaType === pdf ? openPdf(bytes).pages.length : ofdPages(bytes);
    return this.#database.transaction(async (tx) => {
      const made = await this.insert(tx, { owner, bytes, pageCount, requestKey });
      if (made === undefined) return this.#sameUpload(tx, owner, requestKey);
      await this.#audit.record(tx, principal, {
        action: 'document.uploaded',
        outcome: 'done',
        objectId: made.documentId,
        objectSha256: made.sha256,
        facts: { sizeBytes: made.sizeBytes, pageCount },
      });
      return made;
    });
  }

  /** The bytes of one of the caller's own documents; `document-not-found` for all others, so that nobody learns what exists. */
  async get(principal: Principal, documentId: string): Promise<Uint8Array> {
    return this.ofOwner(ownerOf(principal), documentId);
  }

  /** The same with an entry in the audit log. Throws scope-missing, document-not-found. */
  async download(principal: Principal, documentId: string): Promise<Uint8Array> {
    requireScope(principal, 'seal.stamp');
    const bytes = await this.get(principal, documentId);
    await this.#audit.append(principal, {
      action: 'document.downloaded',
      outcome: 'done',
      objectId: documentId,
      objectSha256: sha256(bytes),
    });
    return bytes;
  }

  /** The same by its owner, for whoever was let see it otherwise. */
  async ofOwner(owner: string, documentId: string): Promise<Uint8Array> {
    const uuid = uuidFromId('document', documentId);
    const { rows } = await this.#database.query<{ content: Uint8Array; sha256: Uint8Array }>({
      name: 'seal-document-content',
      text: 'SELECT content, sha256 FROM seal.document WHERE document_id = $1 AND owner = $2',
      values: [uuid ?? null, owner],
    });
    const [row] = rows;
    if (row === undefined) throw new TrustError('document-not-found', 'there is no such document');
    // What was signed or released must be what was stored; anything else is a damaged database.
    if (!equalBytes(sha256(row.content), row.sha256)) throw new TrustError('internal', 'a stored document was altered');
    return row.content;
  }

  /** Of those of these documents that are the caller's own, each kind once. */
  async mediaTypes(principal: Principal, documentIds: readonly string[]): Promise<string[]> {
    const { rows } = await this.#database.query<{ media_type: string }>({
      name: 'seal-document-media-types',
      text: 'SELECT DISTINCT media_type FROM seal.document WHERE document_id = ANY ($1::uuid[]) AND owner = $2',
      values: [documentIds.map((documentId) => uuidFromId('document', documentId) ?? null), ownerOf(principal)],
    });
    return rows.map((row) => row.media_type);
  }

  /** Which of these are no documents of the caller. */
  async missing(principal: Principal, documentIds: readonly string[]): Promise<string[]> {
    const uuids = documentIds.map((documentId) => uuidFromId('document', documentId));
    const { rows } = await this.#database.query<{ document_id: Uuid }>({
      name: 'seal-documents-own',
      text: 'SELECT document_id FROM seal.document WHERE document_id = ANY ($1::uuid[]) AND owner = $2',
      values: [uuids.filter((uuid) => uuid !== undefined), ownerOf(principal)],
    });
    const own = new Set(rows.map(({ document_id: uuid }) => uuid));
    return documentIds.filter((_documentId, place) => !own.has(uuids[place] ?? ''));
  }

  /** The account whose document it is, as the audit log asks for it. */
  async #ownerOf(documentId: string): Promise<string | undefined> {
    const { rows } = await this.#database.query<{ owner: string }>({
      name: 'seal-document-owner',
      text: 'SELECT owner FROM seal.document WHERE document_id = $1',
      values: [uuidFromId('document', documentId) ?? null],
    });
    return accountOfOwner(rows[0]?.owner);
  }

  /** Stores within a transaction of this room; `undefined` when the request key is taken. Products have no request key. */
  async insert(
    tx: Transaction,
    document: { owner: string; bytes: Uint8Array; pageCount: number; requestKey?: RequestKey },
  ): Promise<DocumentRecord | undefined> {
    const { owner, bytes, pageCount, requestKey } = document;
    const { rows } = await tx.query<DocumentRow>({
      name: 'seal-document-insert',
      text: `INSERT INTO seal.document
        (document_id, owner, request_key, body_sha256, sha256, media_type, size_bytes, page_count, content, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (owner, request_key) DO NOTHING
        RETURNING ${columns}`,
      values: [
        newUuid(this.#clock),
        owner,
        requestKey?.key ?? null,
        requestKey?.bodySha256 ?? null,
        sha256(bytes),
        mediaTypeOf(bytes) ?? pdf,
        bytes.length,
        pageCount,
        bytes,
        this.#clock.now(),
      ],
    });
    return rows[0] === undefined ? undefined : recordOf(rows[0]);
  }

  /** What was stored under a request key; `undefined`: nothing. Throws idempotency-key-reused. */
  async madeUnder(owner: string, requestKey: RequestKey): Promise<DocumentRecord | undefined> {
    const { rows } = await this.#database.query<DocumentRow>({
      name: 'seal-document-by-key',
      text: `SELECT ${columns} FROM seal.document WHERE owner = $1 AND request_key = $2`,
      values: [owner, requestKey.key],
    });
    return rows[0] === undefined ? undefined : sameRequest(rows[0], requestKey);
  }

  async #sameUpload(tx: Transaction, owner: string, requestKey: RequestKey): Promise<DocumentRecord> {
    const { rows } = await tx.query<DocumentRow>({
      name: 'seal-document-by-key',
      text: `SELECT ${columns} FROM seal.document WHERE owner = $1 AND request_key = $2`,
      values: [owner, requestKey.key],
    });
    const [row] = rows;
    if (row === undefined) throw new TrustError('internal', 'a taken request key has no document');
    return sameRequest(row, requestKey);
  }
}

function sameRequest(row: DocumentRow, { bodySha256 }: RequestKey): DocumentRecord {
  if (row.body_sha256 === null || !equalBytes(row.body_sha256, bodySha256))
    throw new TrustError('idempotency-key-reused', 'this Idempotency-Key was used for another document');
  return recordOf(row);
}

/** By content: the name and the declared type are the caller's word. */
export function isPdf(bytes: Uint8Array): boolean {
  return fromUtf8(bytes.subarray(0, 5)) === '%PDF-';
}

/** `undefined` for what is neither. */
export function mediaTypeOf(bytes: Uint8Array): string | undefined {
  if (isPdf(bytes)) return pdf;
  return isOfd(bytes) ? ofd : undefined;
}

function ofdPages(bytes: Uint8Array): number {
  return readOfd(OfdPackage.open(bytes)).documents.reduce((count, { pages }) => count + pages.length, 0);
}

function recordOf(row: DocumentRow): DocumentRecord {
  return {
    documentId: idFromUuid('document', row.document_id),
    sha256: row.sha256,
    mediaType: row.media_type,
    sizeBytes: row.size_bytes,
    pageCount: row.page_count,
  };
}
