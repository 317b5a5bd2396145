// What stands in the file behind a signed revision: whole updates, each byte of which some cross-reference accounts for.

import type { PdfFile } from './file.ts';
import { sectionsSince } from './changed-objects.ts';
import { isSpace } from './parser.ts';
import type { XrefSection } from './xref.ts';

/** Faults in plain words; none when the tail is nothing but well-formed updates on top of `before`. */
export function tailFaults(before: PdfFile, after: PdfFile): string[] {
  if (!after.sections.some((section) => section.offset === before.newest.offset))
    return ['the later cross-references do not build on the signed revision'];
  const newer = sectionsSince(before, after);
  if (newer.some((section) => section.offset < before.end || (section.hybrid?.offset ?? before.end) < before.end)) {
    return ['a later cross-reference stands inside the signed revision'];
  }
  const taken = new Map<number, number>();
  for (const section of newer) {
    taken.set(section.offset, endOfMarker(after, section));
    if (section.hybrid !== undefined) taken.set(section.hybrid.offset, section.hybrid.end);
    for (const part of [section, section.hybrid]) {
      for (const [number, entry] of part?.entries ?? []) {
        if (entry.kind !== 'plain' || entry.offset < before.end || taken.has(entry.offset)) continue;
        taken.set(entry.offset, after.endOfObjectAt(number, entry.offset, entry.generation));
      }
    }
  }
  return unaccounted(after, before.end, taken);
}

/** Behind the section: `startxref`, a number, `%%EOF`. */
function endOfMarker(file: PdfFile, section: XrefSection): number {
  const parser = file.parserAt(section.end);
  parser.expect('startxref');
  parser.integer();
  const rest = file.source.range(parser.position, Math.min(parser.position + 16, file.end)).toString('latin1');
  const match = /^[ \t]*(?:\r\n|\r|\n)%%EOF/.exec(rest);
  return match === null ? section.end : parser.position + match[0].length;
}

/** An object that no cross-reference names is invisible here, but not to a reader that repairs files. */
function unaccounted(file: PdfFile, from: number, taken: ReadonlyMap<number, number>): string[] {
  const faults: string[] = [];
  let position = from;
  for (const [start, end] of [...taken, [file.end, file.end] as const].sort((a, b) => a[0] - b[0])) {
    if (start < position) faults.push(`objects overlap at byte ${start}`);
    const stray = firstUnspaced(file, position, start);
    if (stray !== undefined) faults.push(`no cross-reference accounts for the bytes from ${stray} on`);
    position = Math.max(position, end);
    if (faults.length > 8) break;
  }
  return faults;
}

/** A gap may be a gigabyte of white space, and every signature looks at it again. */
const stride = 64 * 1024;

function firstUnspaced(file: PdfFile, from: number, to: number): number | undefined {
  for (let at = from; at < to; ) {
    const { bytes, start } = file.source.block(at);
    const until = Math.min(to, start + bytes.length, at + stride);
    file.spend((until - at) >> 4);
    for (; at < until; at++) if (!isSpace(bytes[at - start])) return at;
  }
  return undefined;
}
