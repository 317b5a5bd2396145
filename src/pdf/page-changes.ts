// Rules for changes of pages: the same pages in the same order, to which only widgets and stamps of new signatures were added.

import type { Comparison } from './comparison.ts';
import { differingKeys, itemsOf, startsWith } from './form-changes.ts';
import { PdfDict, PdfName, PdfRef, isName } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { judgePicture } from './overlays.ts';
import type { PdfPage } from './pages.ts';
import { kindOfEntry } from './roles.ts';

export function pageChanges(comparison: Comparison): void {
  const { before, after } = comparison;
  if (before.pages.length !== after.pages.length) {
    comparison.refuse('page-tree', `the document had ${before.pages.length} pages and has ${after.pages.length}`);
    return;
  }
  for (const [index, old] of before.pages.entries()) {
    const now = after.pages[index];
    if (now === undefined || now.objectRef.number !== old.objectRef.number)
      comparison.refuse('page-tree', 'a page was put in place of another', { page: old.number });
    else samePage(comparison, old, now);
  }
}

function samePage(comparison: Comparison, old: PdfPage, now: PdfPage): void {
  for (const key of differingKeys(old.dict, now.dict)) {
    if (key !== 'Annots')
      comparison.refuse(kindOfEntry(key) ?? 'page', `the page's /${key.slice(0, 40)} was changed`, {
        page: now.number,
        object: now.objectRef.number,
      });
  }
  comparison.clearJudged(now.objectRef);
  const held = itemsOf(comparison.before.file.get(old.dict, 'Annots'));
  const holder = now.dict.get('Annots');
  const holds = itemsOf(comparison.after.file.resolve(holder));
  // Growth through an array that the signed revision uses only here; one that is shared stays uncleared.
  comparison.clearHolder(old.dict.get('Annots'), holder);
  if (!startsWith(holds, held)) {
    comparison.refuse('annotation', 'annotations of the signed revision were removed or reordered', {
      page: now.number,
    });
    return;
  }
  for (const annotation of holds.slice(held.length)) addedAnnotation(comparison, now, old, annotation);
}

function addedAnnotation(comparison: Comparison, page: PdfPage, old: PdfPage, ref: PdfObject): void {
  const dict = comparison.after.file.resolve(ref);
  const place = { page: page.number, ...(ref instanceof PdfRef ? { object: ref.number } : {}) };
  if (!(ref instanceof PdfRef) || !(dict instanceof PdfDict))
    comparison.refuse('annotation', 'an annotation was added that is no object of its own', place);
  else if (comparison.signatureWidgets.has(ref.number))
    judgePicture(comparison, { page: old, dict, place, foreseen: false });
  else if (isSignedStamp(comparison, ref, dict)) {
    comparison.permit('stamp', 'a stamp was added together with a signature', place);
    comparison.clearNew(ref);
    judgePicture(comparison, { page: old, dict, place, foreseen: false });
  } else if (comparison.before.permissions.docMdp === 3 && isComment(comparison, ref, dict)) {
    comparison.permit('annotation', 'a comment was added, as the certification allows', place);
    comparison.clearNew(ref);
  } else comparison.refuse('annotation', 'an annotation was added that belongs to no signature', place);
}

/** Entries of a stamp that show or do nothing by themselves (tables 166, 172 and 184). */
const stampKeys = new Set('Type Subtype Rect Contents P NM M F AP AS Border C Name T CA CreationDate Subj'.split(' '));

/** New, of this kind only, and inside what one of the new signatures signs. */
function isSignedStamp(comparison: Comparison, ref: PdfRef, dict: PdfDict): boolean {
  const entry = comparison.after.file.entries.get(ref.number);
  const offset =
    entry?.kind === 'packed'
      ? offsetOfContainer(comparison, entry.container)
      : entry?.kind === 'plain'
        ? entry.offset
        : undefined;
  return (
    comparison.isNew(ref) &&
    isName(dict.get('Subtype'), 'Stamp') &&
    [...dict.entries.keys()].every((key) => stampKeys.has(key)) &&
    offset !== undefined &&
    [...comparison.newSignatures.values()].some(
      (signature) => signature.type === 'Sig' && offset < signature.revisionEnd,
    )
  );
}

/** Table 171: remarks on text, and the windows of remarks. */
const commentTypes = new Set(['Text', 'Popup', 'Highlight', 'Underline', 'Squiggly', 'StrikeOut']);
const commentKeys = new Set(
  'Type Subtype Rect Contents P NM M F C Name T CA CreationDate Subj QuadPoints Popup Parent Open IRT RT State StateModel'.split(
    ' ',
  ),
);

/**
 * What a certification with P 3 allows here: a remark that the reader itself draws. Text, pictures and boxes, and remarks that bring an
 * appearance of their own, could show another document (evil annotation attack, EAA).
 */
function isComment(comparison: Comparison, ref: PdfRef, dict: PdfDict): boolean {
  const type = dict.get('Subtype');
  return (
    comparison.isNew(ref) &&
    type instanceof PdfName &&
    commentTypes.has(type.value) &&
    [...dict.entries.keys()].every((key) => commentKeys.has(key))
  );
}

function offsetOfContainer(comparison: Comparison, container: number): number | undefined {
  const entry = comparison.after.file.entries.get(container);
  return entry?.kind === 'plain' ? entry.offset : undefined;
}
