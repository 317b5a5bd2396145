// Opening a PDF (ISO 32000-2): strict, without repair. What a signature could be fooled by is refused or reported.

import type { ByteSource } from './byte-source.ts';
import { readFields } from './fields.ts';
import type { PdfField } from './fields.ts';
import { PdfFile } from './file.ts';
import { readPages } from './pages.ts';
import type { PdfPage } from './pages.ts';
import { readPermissions } from './permissions.ts';
import type { PdfPermissions } from './permissions.ts';
import { readSignatures } from './signatures.ts';
import type { PdfSignature } from './signatures.ts';

export interface PdfDocument {
  /** Of the header, e.g. `1.7`. */
  readonly version: string;
  readonly sizeBytes: number;
  readonly pages: readonly PdfPage[];
  readonly fields: readonly PdfField[];
  /** In the order of their revisions. */
  readonly signatures: readonly PdfSignature[];
  readonly permissions: PdfPermissions;
  readonly file: PdfFile;
}

/**
 * Reads structure, pages, form and signatures; page content is not looked at. Throws malformed-pdf (with the reason in
 * `details.reason`), encrypted-pdf, unsupported-pdf (beyond the limits). The bytes must not be changed afterwards.
 */
export function openPdf(content: Uint8Array | ByteSource): PdfDocument {
  return documentOf(PdfFile.open(content));
}

/** The document as it stood at the end of an earlier revision. */
export function revisionOf(document: PdfDocument, end: number): PdfDocument {
  return documentOf(document.file.revision(end));
}

function documentOf(file: PdfFile): PdfDocument {
  const pages = readPages(file);
  const fields = readFields(file);
  const signatures = readSignatures(file, fields, pages);
  const permissions = readPermissions(file, signatures);
  return { version: file.version, sizeBytes: file.end, pages, fields, signatures, permissions, file };
}
