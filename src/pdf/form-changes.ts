// Rules for changes of the form: signature fields may be added or filled in, nothing else may change (ISO 32000-2, 12.7.3).

import type { Comparison } from './comparison.ts';
import type { PdfField } from './fields.ts';
import { filledForm } from './form-filling.ts';
import { PdfArray, PdfDict, PdfRef, sameObject } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { judgePicture } from './overlays.ts';
import { isFieldLocked } from './permissions.ts';
import type { PdfSignature } from './signatures.ts';

export function formChanges(comparison: Comparison, held: PdfObject, holds: PdfObject): void {
  const old = dictOrEmpty(comparison.before.file.resolve(held));
  const now = dictOrEmpty(comparison.after.file.resolve(holds));
  comparison.clearHolder(held, holds);
  for (const key of new Set([...old.entries.keys(), ...now.entries.keys()])) {
    if (key === 'Fields') addedFields(comparison, old.get(key), now.get(key));
    else if (!isFormEntryAllowed(comparison, key, old.get(key), now.get(key))) {
      comparison.refuse('form', `the form's /${key.slice(0, 40)} was changed`);
    }
  }
  filledFields(comparison);
  filledForm(comparison);
}

function isFormEntryAllowed(comparison: Comparison, key: string, old: PdfObject, now: PdfObject): boolean {
  if (sameObject(old, now)) return true;
  if (key === 'SigFlags') return typeof now === 'number' && (typeof old !== 'number' || (now & old) === old);
  // Defaults for text fields, added by programs that sign; where they were set they decide how fields look.
  if ((key === 'DA' || key === 'DR') && old === null) {
    comparison.clearNew(now);
    return true;
  }
  return false;
}

function addedFields(comparison: Comparison, held: PdfObject, holds: PdfObject): void {
  const old = itemsOf(comparison.before.file.resolve(held));
  const now = itemsOf(comparison.after.file.resolve(holds));
  comparison.clearHolder(held, holds);
  if (!startsWith(now, old)) {
    comparison.refuse('form', 'fields of the signed revision were removed or reordered');
    return;
  }
  const added = now.slice(old.length);
  const byNumber = new Map(comparison.after.fields.map((field) => [field.ref.number, field]));
  const known = new Set(comparison.before.fields.map(({ name }) => name));
  for (const ref of added) {
    const field = ref instanceof PdfRef && comparison.isNew(ref) ? byNumber.get(ref.number) : undefined;
    if (field === undefined) comparison.refuse('field', 'something that is not a new field was added to the form');
    else addedField(comparison, field, known);
  }
}

/** Entries of a signature field and its widget that show or do nothing by themselves (tables 166, 191, 226 and 235). */
const fieldKeys = new Set(
  'Type Subtype FT T TU TM Ff F P Rect AP AS V Lock SV MK DA Q BS Border M NM Contents C DR Kids Parent H'.split(' '),
);

function addedField(comparison: Comparison, field: PdfField, known: ReadonlySet<string>): void {
  const place = { object: field.ref.number };
  const signature = newSignatureOf(comparison, field);
  const dicts = [field.dict, ...field.widgets.map((widget) => widget.dict)];
  const strange = dicts.flatMap((dict) => [...dict.entries.keys()]).find((key) => !fieldKeys.has(key));
  if (field.type !== 'Sig' || signature === undefined)
    comparison.refuse('field', `the field ${field.name} was added without a sound signature`, place);
  else if (strange !== undefined)
    comparison.refuse('field', `the added field ${field.name} has /${strange.slice(0, 40)}`, place);
  else if (known.has(field.name)) comparison.refuse('field', `a second field ${field.name} was added`, place);
  else {
    permitSignature(comparison, field, signature);
    comparison.clearNew(field.ref);
  }
}

/** What signing an empty field that was there may change in it. */
const filledKeys = new Set(['V', 'AP', 'AS', 'MK', 'M', 'F', 'DA']);

function filledFields(comparison: Comparison): void {
  const byNumber = new Map(comparison.after.fields.map((field) => [field.ref.number, field]));
  for (const old of comparison.before.fields) {
    const now = byNumber.get(old.ref.number);
    if (now === undefined || old.type !== 'Sig' || comparison.before.file.resolve(old.value) !== null) continue;
    const signature = newSignatureOf(comparison, now);
    const pairs = [old, ...old.widgets].map((part) => ({
      ref: part.ref,
      old: part.dict,
      now: comparison.after.file.resolve(part.ref),
    }));
    const onlyFilled = pairs.every(
      (pair) => pair.now instanceof PdfDict && differingKeys(pair.old, pair.now).every((key) => filledKeys.has(key)),
    );
    if (signature === undefined || now.name !== old.name || !onlyFilled) continue; // its objects stay uncleared
    permitSignature(comparison, now, signature);
    for (const { ref, now: dict } of pairs) {
      comparison.clearJudged(ref);
      if (!(dict instanceof PdfDict)) continue;
      for (const key of filledKeys) comparison.clearNew(dict.get(key));
      for (const { page: number } of signature.widgets) {
        const page = comparison.before.pages[number - 1];
        const place = { object: ref.number, page: number };
        if (page !== undefined) judgePicture(comparison, { page, dict, place, foreseen: true });
      }
    }
  }
}

function permitSignature(comparison: Comparison, field: PdfField, signature: PdfSignature): void {
  const place = { object: field.ref.number };
  for (const widget of field.widgets) comparison.signatureWidgets.add(widget.ref.number);
  // Anybody gets a time stamp, and nobody answers for what it would show.
  if (signature.type === 'DocTimeStamp' && signature.widgets.length > 0)
    comparison.refuse('document-time-stamp', `the document time stamp ${field.name} shows a picture`, place);
  else if (signature.type === 'DocTimeStamp')
    comparison.permit('document-time-stamp', `the document time stamp ${field.name} was added`, place);
  else if (isFieldLocked(comparison.before.permissions.fieldLocks, field.name)) {
    comparison.refuse('signature', `${field.name} was signed, though it is locked`, place);
  } else comparison.permit('signature', `the signature ${field.name} was added`, place);
  if (signature.docMdp !== undefined && comparison.before.signatures.length > 0) {
    comparison.refuse('signature', `${field.name} certifies a document that was signed before`, place);
  }
}

function newSignatureOf(comparison: Comparison, field: PdfField): PdfSignature | undefined {
  return comparison.isNew(field.value) ? comparison.newSignatures.get(field.value.number) : undefined;
}

export function startsWith(list: readonly PdfObject[], beginning: readonly PdfObject[]): boolean {
  return list.length >= beginning.length && beginning.every((item, i) => sameObject(item, list[i] ?? null));
}

export function itemsOf(object: PdfObject): readonly PdfObject[] {
  return object instanceof PdfArray ? object.items : [];
}

export function differingKeys(old: PdfDict, now: PdfDict): string[] {
  return [...new Set([...old.entries.keys(), ...now.entries.keys()])].filter(
    (key) => !sameObject(old.get(key), now.get(key)),
  );
}

function dictOrEmpty(object: PdfObject): PdfDict {
  return object instanceof PdfDict ? object : new PdfDict([]);
}
