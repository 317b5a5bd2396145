// Rules for changes of the catalog and the trailer: the form may grow by signatures, validation data and metadata may change.

import type { Comparison } from './comparison.ts';
import { formChanges } from './form-changes.ts';
import type { PdfFile } from './file.ts';
import { kindOfEntry } from './roles.ts';
import { PdfArray, PdfDict, PdfName, PdfRef, PdfStream, childrenOf, isName, sameObject } from './objects.ts';
import type { PdfObject } from './objects.ts';

export function catalogChanges(comparison: Comparison): void {
  const before = comparison.before.file;
  const after = comparison.after.file;
  if (!sameObject(before.catalogRef, after.catalogRef)) {
    comparison.refuse('catalog', 'another catalog was put in place', { object: after.catalogRef.number });
    return;
  }
  metadata(comparison, before.newest.trailer.get('Info'), after.newest.trailer.get('Info'), isPlainInfo);
  const [old, now] = [before.catalog(), after.catalog()];
  for (const key of new Set([...old.entries.keys(), ...now.entries.keys()]))
    catalogEntry(comparison, key, old.get(key), now.get(key));
  comparison.clearJudged(after.catalogRef);
}

function catalogEntry(comparison: Comparison, key: string, old: PdfObject, now: PdfObject): void {
  switch (key) {
    case 'AcroForm':
      formChanges(comparison, old, now);
      return;
    case 'DSS':
      validationData(comparison, old, now);
      return;
    case 'Metadata':
      metadata(comparison, old, now, isPlainMetadata);
      return;
    case 'Version':
    case 'Extensions':
      // EN 319 142-1, 5.6: signing software states the extension it uses. Neither entry shows anything.
      if (!sameObject(old, now) && (key === 'Version' ? now instanceof PdfName : now instanceof PdfDict)) {
        comparison.permit('metadata', `the catalog's /${key} was changed`);
        return;
      }
  }
  if (!sameObject(old, now))
    comparison.refuse(
      key === 'Pages' ? 'page-tree' : (kindOfEntry(key) ?? 'catalog'),
      `the catalog's /${key.slice(0, 40)} was changed`,
      {
        object: comparison.after.file.catalogRef.number,
      },
    );
}

/** Information dictionary and metadata stream describe the document; they are not shown on a page. */
function metadata(
  comparison: Comparison,
  old: PdfObject,
  now: PdfObject,
  isPlain: (comparison: Comparison, object: PdfObject) => boolean,
): void {
  if (sameObject(old, now) && !comparison.isChanged(now)) return;
  const value = comparison.after.file.resolve(now);
  if (value === null || !isPlain(comparison, value)) {
    comparison.refuse('metadata', 'the metadata was replaced by something else');
    return;
  }
  comparison.permit('metadata', 'the metadata was changed', now instanceof PdfRef ? { object: now.number } : {});
  comparison.clearHolder(old, now);
}

/** Strings and names only: a reference could lead to what a page shows. */
function isPlainInfo(comparison: Comparison, object: PdfObject): boolean {
  return (
    object instanceof PdfDict &&
    [...object.entries.values()].every(
      (value) => !(value instanceof PdfArray || value instanceof PdfDict || comparison.isChanged(value)),
    )
  );
}

function isPlainMetadata(comparison: Comparison, object: PdfObject): boolean {
  return (
    object instanceof PdfStream &&
    isName(object.dict.get('Type'), 'Metadata') &&
    [...object.dict.entries.values()].every((value) => !comparison.isChanged(value))
  );
}

/** EN 319 142-1, 5.4.2: /DSS holds arrays of streams, and /VRI holds dictionaries of such arrays. Deeper nothing is cleared. */
const dssDepth = 6;

function validationData(comparison: Comparison, old: PdfObject, now: PdfObject): void {
  if (now === null) {
    comparison.refuse('validation-data', 'the validation data was removed');
    return;
  }
  const had = new Map<number, number>();
  walkValidationData(comparison.before.file, old, (ref) => had.set(ref.number, (had.get(ref.number) ?? 0) + 1));
  let changed = !sameObject(old, now);
  walkValidationData(comparison.after.file, now, (ref) => {
    if (!comparison.isChanged(ref)) return;
    changed = true;
    // An object that the signed revision used outside its DSS too, say as page content, is not cleared by this role.
    const hadThisRoleOnly = had.has(ref.number) && had.get(ref.number) === comparison.referencesBefore(ref.number);
    if (hadThisRoleOnly || comparison.isNew(ref)) comparison.clearJudged(ref);
  });
  if (changed) comparison.permit('validation-data', 'certificates or revocation data were added');
}

/** Visits every reference below, and goes down each once: the objects may refer to one another in any pattern. */
function walkValidationData(file: PdfFile, root: PdfObject, visit: (ref: PdfRef) => void): void {
  const seen = new Set<number>();
  const walk = (object: PdfObject, depth: number): void => {
    if (depth > dssDepth) return;
    const value = file.resolve(object);
    const type = value instanceof PdfDict ? value.get('Type') : null;
    if (type !== null && !isName(type, 'DSS') && !isName(type, 'VRI')) return;
    if (object instanceof PdfRef) {
      visit(object);
      if (seen.has(object.number)) return;
      seen.add(object.number);
    }
    if (value instanceof PdfArray || value instanceof PdfDict)
      for (const child of childrenOf(value)) walk(child, depth + 1);
  };
  walk(root, 0);
}
