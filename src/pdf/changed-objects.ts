// Which objects mean something else in a later view of a file, and how often the earlier view referred to them.

import type { PdfFile } from './file.ts';
import { PdfRef, childrenOf, sameObject } from './objects.ts';
import type { PdfObject } from './objects.ts';

/** Numbers whose object differs between the views: changed, added or freed. */
export function changedObjects(before: PdfFile, after: PdfFile): Set<number> {
  const candidates = new Set<number>();
  for (const section of [...sectionsSince(before, after)].flatMap((newer) => [newer, newer.hybrid ?? newer])) {
    for (const number of section.entries.keys()) candidates.add(number);
  }
  // An object inside a stream changes with its stream, though its own entry stays what it was.
  for (const [number, entry] of after.entries)
    if (entry.kind === 'packed' && candidates.has(entry.container)) candidates.add(number);
  const changed = new Set<number>();
  for (const number of candidates) {
    const sameNumber = before.generationOf(number) === after.generationOf(number);
    if (!sameNumber || !sameObject(before.load(number), after.load(number))) changed.add(number);
  }
  return changed;
}

export function sectionsSince(before: PdfFile, after: PdfFile): PdfFile['sections'] {
  const known = after.sections.findIndex((section) => section.offset === before.newest.offset);
  return after.sections.slice(0, known < 0 ? undefined : known);
}

/**
 * How many times the objects reachable from the trailer refer to each of `wanted`, also when there is nothing under that
 * number yet: a reference into the void that a later revision fills is an old trick.
 */
export function countReferences(file: PdfFile, wanted: ReadonlySet<number>): Map<number, number> {
  const counts = new Map<number, number>();
  const seen = new Set<number>();
  const stack: PdfObject[] = [file.catalogRef, file.newest.trailer.get('Info')];
  for (let object = stack.pop(); object !== undefined; object = stack.pop()) {
    if (object instanceof PdfRef) {
      if (wanted.has(object.number)) counts.set(object.number, (counts.get(object.number) ?? 0) + 1);
      if (seen.has(object.number)) continue;
      seen.add(object.number);
      stack.push(file.resolve(object));
    } else for (const child of childrenOf(object)) if (typeof child === 'object' && child !== null) stack.push(child);
  }
  return counts;
}
