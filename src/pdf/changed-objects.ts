// Which objects mean something else in a later view of a file, and how often the earlier view referred to them.

import type { PdfFile } from './file.ts';
import { PdfStream, sameObject } from './objects.ts';
import { readReachable } from './reachable.ts';

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
    const [old, now] = [before.load(number), after.load(number)];
    if (old instanceof PdfStream) before.spend(old.sizeBytes >> 10); // its data may have to be read
    if (!sameNumber || !sameObject(old, now)) changed.add(number);
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
  readReachable(file, (ref) => {
    if (wanted.has(ref.number)) counts.set(ref.number, (counts.get(ref.number) ?? 0) + 1);
  });
  return counts;
}
