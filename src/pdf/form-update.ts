// Adding a field to a document's form (ISO 32000-2, 12.7.3), touching as few objects as the form's spelling allows.

import { TrustError } from '../kernel/errors.ts';
import { PdfArray, PdfRef, dictOf } from './objects.ts';
import type { PdfDict, PdfObject } from './objects.ts';
import type { PdfDocument } from './reader.ts';
import type { IncrementalUpdate } from './update.ts';

/** The wanted name when it is free, else the first of Seal1, Seal2, … (or another stem) that is. malformed-request when the wanted one is not. */
export function unusedFieldName(document: PdfDocument, wanted: string | undefined, stem = 'Seal'): string {
  const names = new Set(document.fields.flatMap((field) => [field.name, field.name.split('.')[0]]));
  if (wanted !== undefined) {
    // 12.7.4.2: a full stop parts the names of a hierarchy and may not stand in one of them.
    if (wanted === '' || wanted.length > 100 || wanted.includes('.'))
      throw new TrustError('malformed-request', 'a field name is 1 to 100 characters without a full stop');
    if (names.has(wanted)) throw new TrustError('malformed-request', 'the document already has a field of this name');
    return wanted;
  }
  for (let n = 1; ; n++) if (!names.has(`${stem}${n}`)) return `${stem}${n}`;
}

/** SigFlags 3 (table 225): there are signatures, and the file may only be appended to. */
const signaturesExistAppendOnly = 3;

/** Without `fieldRef` only the flags are set: the field that is signed stands in the form already. Gives the catalog as it is now. */
export function addToForm({
  document,
  update,
  fieldRef,
}: {
  document: PdfDocument;
  update: IncrementalUpdate;
  fieldRef: PdfRef | undefined;
}): PdfDict {
  const { file } = document;
  const catalog = file.catalog();
  const held = catalog.get('AcroForm');
  const form = file.dict(catalog, 'AcroForm') ?? dictOf({});
  // Readers that know XFA show its form instead of the pages, so the seal would stand on something nobody sees.
  if (form.get('XFA') !== null) throw new TrustError('unsupported-pdf', 'PDF: it holds an XFA form');
  const fields = new PdfArray([
    ...(file.array(form, 'Fields')?.items ?? []),
    ...(fieldRef === undefined ? [] : [fieldRef]),
  ]);
  const heldFields = form.get('Fields');
  const flags = file.get(form, 'SigFlags');
  const nextFlags = (typeof flags === 'number' ? flags : 0) | signaturesExistAppendOnly;
  if (fieldRef === undefined && flags === nextFlags) return catalog;
  let nextFields: PdfObject = fields;
  if (heldFields instanceof PdfRef && file.resolve(heldFields) !== null) {
    update.put(heldFields, fields);
    nextFields = heldFields;
    if (flags === nextFlags) return catalog;
  }
  const next = form.with({ Fields: nextFields, SigFlags: nextFlags });
  if (held instanceof PdfRef && file.resolve(held) !== null) {
    update.put(held, next);
    return catalog;
  }
  const changed = catalog.with({ AcroForm: held === null ? update.add(next) : next });
  update.put(file.catalogRef, changed);
  return changed;
}
