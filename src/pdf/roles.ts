// What an object of the signed revision was there for: the way that leads to it from the catalog says so (ISO 32000-2, 7.7.2 and 7.8.3).

import type { ChangeKind } from './comparison.ts';
import type { PdfFile } from './file.ts';
import { PdfArray, PdfRef, asDict } from './objects.ts';
import type { PdfObject } from './objects.ts';
import type { PdfDocument } from './reader.ts';

export interface Role {
  readonly kind: ChangeKind;
  /** 1-based; absent for what belongs to no page. */
  readonly page?: number;
}

const kinds: ReadonlyMap<string, ChangeKind> = new Map([
  ['Contents', 'content'],
  ['Resources', 'resource'],
  ['Font', 'font'],
  ['XObject', 'picture'],
  ['Pattern', 'picture'],
  ['Shading', 'picture'],
  ['ExtGState', 'resource'],
  ['ColorSpace', 'resource'],
  ['Properties', 'optional-content'],
  ['OCProperties', 'optional-content'],
  ['OC', 'optional-content'],
  ['Annots', 'annotation'],
  ['AP', 'appearance'],
  ['MK', 'appearance'],
  ['DR', 'form'],
  ['AcroForm', 'form'],
  ['StructTreeRoot', 'structure-tree'],
  ['EmbeddedFiles', 'attachment'],
  ['AF', 'attachment'],
  ['FS', 'attachment'],
  ['JavaScript', 'action'],
  ['OpenAction', 'action'],
  ['AA', 'action'],
  ['A', 'action'],
  ['Outlines', 'navigation'],
  ['Dests', 'navigation'],
  ['Threads', 'navigation'],
  ['PageLabels', 'navigation'],
  ['Metadata', 'metadata'],
]);

/** What an entry of this name holds, when that can be told by the name. */
export function kindOfEntry(key: string): ChangeKind | undefined {
  return kinds.get(key);
}

/** They lead back or aside: what they name has its role from elsewhere. */
const aside = new Set(['Parent', 'P', 'Pg', 'Dest', 'Prev', 'Last', 'Popup', 'Pages', 'Lock']);

/** The first role of each of `wanted`; pages come first, because what they show counts most. */
export function rolesOf({ file, pages }: PdfDocument, wanted: ReadonlySet<number>): Map<number, Role> {
  const found = new Map<number, Role>();
  const seen = new Set<number>();
  for (const { objectRef, number, dict } of pages) {
    seen.add(objectRef.number);
    walk(file, dict, { kind: 'page', page: number }, { wanted, seen, found });
  }
  walk(file, file.catalog(), { kind: 'catalog' }, { wanted, seen, found });
  return found;
}

interface Walk {
  readonly wanted: ReadonlySet<number>;
  readonly seen: Set<number>;
  readonly found: Map<number, Role>;
}

function walk(file: PdfFile, root: PdfObject, first: Role, { wanted, seen, found }: Walk): void {
  const stack: { readonly object: PdfObject; readonly role: Role }[] = [{ object: root, role: first }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { object, role } = next;
    if (object instanceof PdfRef) {
      if (wanted.has(object.number) && !found.has(object.number)) found.set(object.number, role);
      if (seen.has(object.number)) continue;
      seen.add(object.number);
      stack.push({ object: file.resolve(object), role });
    } else if (object instanceof PdfArray) for (const item of object.items) stack.push({ object: item, role });
    else {
      // Backwards, so that what stands first is looked at first: pages name their content before their annotations.
      for (const [key, value] of [...(asDict(object)?.entries ?? [])].reverse()) {
        if (aside.has(key) || typeof value !== 'object' || value === null) continue;
        stack.push({ object: value, role: { ...role, kind: kinds.get(key) ?? role.kind } });
      }
    }
  }
}
