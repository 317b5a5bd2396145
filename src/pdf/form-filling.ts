// Filling in a form after signing: what a certification with P 2 or 3 allows (ISO 32000-2, 12.8.2.2), and it alone.

import type { Comparison } from './comparison.ts';
import type { PdfField } from './fields.ts';
import { PdfDict, PdfRef, PdfStream, sameObject } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { isFieldLocked } from './permissions.ts';

const fillable = new Set(['Tx', 'Btn', 'Ch']);
/** Value, appearance, state, index of a list, date. */
const filledKeys = new Set(['V', 'AP', 'AS', 'I', 'M']);

/** A field is cleared when its value is another, nothing but value and look differ, and no signature has locked it. */
export function filledForm(comparison: Comparison): void {
  const { before, after } = comparison;
  if (before.permissions.docMdp === undefined || before.permissions.docMdp === 1) return;
  const lockedNames = before.permissions.fieldLocks.reduce((count, { fields }) => count + fields.length, 0);
  const byNumber = new Map(after.fields.map((field) => [field.ref.number, field]));
  for (const old of before.fields) {
    const now = byNumber.get(old.ref.number);
    if (now === undefined || !fillable.has(old.type ?? '') || now.type !== old.type || now.name !== old.name) continue;
    // An appearance that changes under the same value shows what the field does not say.
    if (sameObject(old.value, now.value) || isObject(now.value)) continue;
    comparison.spend(1 + lockedNames);
    const place = { object: old.ref.number };
    if (isFieldLocked(before.permissions.fieldLocks, old.name))
      comparison.refuse('field', `${old.name} was filled in, though it is locked`, place);
    else if (clearFilled(comparison, old)) comparison.permit('form-fill', `${old.name} was filled in`, place);
  }
}

/** A value of its own: an object elsewhere could be anything. */
function isObject(value: PdfObject): boolean {
  return value instanceof PdfRef || value instanceof PdfDict || value instanceof PdfStream;
}

function clearFilled(comparison: Comparison, { ref, dict, widgets }: PdfField): boolean {
  const parts = [{ ref, dict }, ...widgets].map((part) => ({ ...part, now: comparison.after.file.resolve(part.ref) }));
  const onlyFilled = parts.every(({ dict: old, now }) => now instanceof PdfDict && differOnlyIn(old, now, filledKeys));
  if (!onlyFilled) return false;
  for (const { ref: part, dict: old, now } of parts) {
    comparison.clearJudged(part);
    if (now instanceof PdfDict) clearAppearance(comparison, old.get('AP'), now.get('AP'));
  }
  return true;
}

function differOnlyIn(old: PdfDict, now: PdfDict, keys: ReadonlySet<string>): boolean {
  return [...old.entries.keys(), ...now.entries.keys()].every(
    (key) => keys.has(key) || sameObject(old.get(key), now.get(key)),
  );
}

/** 12.5.5: the normal appearance, as one stream or one for each state: new objects, or the field's own ones that nothing else uses. */
function clearAppearance(comparison: Comparison, held: PdfObject, holds: PdfObject): void {
  const old = comparison.before.file.resolve(held);
  const now = comparison.after.file.resolve(holds);
  comparison.clearHolder(held, holds);
  if (!(now instanceof PdfDict)) return;
  for (const [key, value] of now.entries) {
    const was = old instanceof PdfDict ? old.get(key) : null;
    const content = comparison.after.file.resolve(value);
    if (content instanceof PdfDict) clearAppearance(comparison, was, value);
    comparison.clearNew(value);
    comparison.clearHolder(was, value);
    if (content instanceof PdfStream) comparison.clearNew(content.dict.get('Resources'));
  }
}
