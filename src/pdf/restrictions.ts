// What a new signature forbids everybody after it, and what earlier ones forbid it: certification and field locks (ISO 32000-2, 12.8.2.2, 12.8.2.4, tables 235, 256 to 258).

import { TrustError } from '../kernel/errors.ts';
import { PdfArray, PdfDict, PdfName, dictOf } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { isFieldLocked } from './permissions.ts';
import type { FieldLock, MdpLevel } from './permissions.ts';
import type { PdfDocument } from './reader.ts';
import { textString } from './text.ts';

export interface Restrictions {
  /** Makes it a certification; only the first signature of a document can be one. */
  readonly certify?: MdpLevel | undefined;
  /** Form fields that exist, by their full names. */
  readonly lock?: FieldLock | undefined;
}

/**
 * 12.8.2.2: after a certification that allows nothing, for fields that a signature has locked, and for further stamps where only forms may
 * be filled in and signed: a stamp is an annotation. Throws locked-pdf.
 */
export function refuseWhenLocked(document: PdfDocument, fieldName: string, stampCount: number): void {
  const { docMdp, fieldLocks } = document.permissions;
  if (docMdp === 1) throw new TrustError('locked-pdf', 'PDF: a signature of the document allows no further change');
  if (docMdp === 2 && stampCount > 1)
    throw new TrustError('locked-pdf', 'PDF: a signature of the document allows no annotation beside the field');
  if (isFieldLocked(fieldLocks, fieldName))
    throw new TrustError('locked-pdf', `PDF: a signature has locked the field ${fieldName}`);
}

/** Throws certification-not-first, field-not-found. */
export function requirePossible(document: PdfDocument, { certify, lock }: Restrictions): void {
  if (certify !== undefined && (document.signatures.length > 0 || document.permissions.certified))
    throw new TrustError('certification-not-first', 'PDF: only the first signature of a document can certify it');
  const names = new Set(document.fields.map(({ name }) => name));
  const missing = lock?.fields.find((wanted) => ![...names].some((name) => covers(wanted, name)));
  if (missing !== undefined)
    throw new TrustError('field-not-found', 'PDF: a field to be locked is not there', { details: { name: missing } });
}

/** A name stands for the fields below it too. */
function covers(wanted: string, name: string): boolean {
  return name === wanted || name.startsWith(`${wanted}.`);
}

/** /Reference of the signature dictionary; null when it forbids nothing. `fieldLock`: of the existing field that is signed (12.7.5.5). */
export function referenceEntry(
  { file }: PdfDocument,
  { certify, lock }: Restrictions,
  fieldLock: PdfDict | undefined,
): PdfArray | null {
  const references = [
    ...(certify === undefined ? [] : [reference('DocMDP', { P: certify })]),
    ...(lock === undefined ? [] : [reference('FieldMDP', lockEntries(lock), file.catalogRef)]),
    ...(fieldLock === undefined
      ? []
      : [
          reference(
            'FieldMDP',
            { Action: fieldLock.get('Action'), Fields: file.get(fieldLock, 'Fields') },
            file.catalogRef,
          ),
        ]),
  ];
  return references.length === 0 ? null : new PdfArray(references);
}

function reference(method: string, parameters: Record<string, PdfObject>, data: PdfObject = null): PdfDict {
  const type = new PdfName('TransformParams');
  return dictOf({
    Type: new PdfName('SigRef'),
    TransformMethod: new PdfName(method),
    Data: data,
    TransformParams: dictOf({ Type: type, ...parameters, V: new PdfName('1.2') }),
  });
}

/** Table 235: what the field itself says of the lock, for readers that look there. */
export function lockDictionary(lock: FieldLock): PdfDict {
  return dictOf({ Type: new PdfName('SigFieldLock'), ...lockEntries(lock) });
}

function lockEntries({ action, fields }: FieldLock): Record<string, PdfObject> {
  return {
    Action: new PdfName(action),
    Fields: action === 'All' ? null : new PdfArray(fields.map(textString)),
  };
}
