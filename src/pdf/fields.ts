// Form fields with inherited attributes and their widgets (ISO 32000-2, 12.7.4), from the AcroForm of one view of a file.

import type { PdfFile } from './file.ts';
import { malformed, maxDepth, maxFields, tooLarge } from './limits.ts';
import { PdfDict, PdfName, PdfRef } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { textOf } from './text.ts';

export interface PdfField {
  readonly ref: PdfRef;
  readonly dict: PdfDict;
  /** Fully qualified (12.7.4.2). */
  readonly name: string;
  /** Btn, Tx, Ch or Sig; undefined when neither it nor an ancestor says. */
  readonly type: string | undefined;
  /** /V, of its own or inherited, not resolved. */
  readonly value: PdfObject;
  /** The field itself when field and annotation are merged, else its kids. */
  readonly widgets: readonly { readonly ref: PdfRef; readonly dict: PdfDict }[];
}

interface Node {
  readonly ref: PdfObject;
  readonly names: readonly string[];
  readonly type: string | undefined;
  readonly value: PdfObject;
}

/** Terminal fields in the order of the form. */
export function readFields(file: PdfFile): PdfField[] {
  const form = file.dict(file.catalog(), 'AcroForm');
  const top = form === undefined ? undefined : file.array(form, 'Fields');
  const stack: Node[] = (top?.items ?? []).map((ref) => ({ ref, names: [], type: undefined, value: null })).reverse();
  const fields: PdfField[] = [];
  const seen = new Set<number>();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const { ref, dict } = dictAt(file, node.ref);
    if (seen.has(ref.number)) throw malformed('the form names a field twice');
    if (seen.size === maxFields || node.names.length > maxDepth) throw tooLarge('the form has too many fields');
    seen.add(ref.number);
    const partial = textOf(file.get(dict, 'T'));
    const names = partial === undefined ? node.names : [...node.names, partial];
    const own = file.get(dict, 'FT');
    const type = own instanceof PdfName ? own.value : node.type;
    const value = dict.get('V') ?? node.value;
    const kidRefs = file.array(dict, 'Kids')?.items ?? [];
    if (kidRefs.length > maxFields) throw tooLarge('the form has too many fields');
    const kids = kidRefs.map((kid) => dictAt(file, kid));
    // 12.7.4.1: kids with a partial name are fields, kids without are this field's widgets.
    const children = kids.filter((kid) => kid.dict.get('T') !== null);
    if (children.length > 0) {
      if (children.length !== kids.length) throw malformed('a field has both fields and widgets as kids');
      stack.push(...children.map((kid) => ({ ref: kid.ref, names, type, value })).reverse());
    } else {
      for (const kid of kids) {
        if (seen.has(kid.ref.number)) throw malformed('the form names a widget twice');
        seen.add(kid.ref.number);
      }
      fields.push({ ref, dict, name: names.join('.'), type, value, widgets: kids.length > 0 ? kids : [{ ref, dict }] });
    }
  }
  return fields;
}

function dictAt(file: PdfFile, ref: PdfObject): { ref: PdfRef; dict: PdfDict } {
  const dict = file.resolve(ref);
  if (!(ref instanceof PdfRef) || !(dict instanceof PdfDict))
    throw malformed('a form field is not an indirect dictionary');
  return { ref, dict };
}
