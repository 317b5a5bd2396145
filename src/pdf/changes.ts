// What happened to a document after it was signed: later revisions compared object by object with the signed one, everything
// refused that no rule allows (ISO 32000-2, 12.8.2.2; ETSI EN 319 142-1, 5.4 and 5.5 for long-term data).

import { isTrustError } from '../kernel/errors.ts';
import { catalogChanges } from './catalog-changes.ts';
import { Comparison } from './comparison.ts';
import type { Change, ChangeKind } from './comparison.ts';
import { isName } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { asDict } from './objects.ts';
import { pageChanges } from './page-changes.ts';
import { revisionOf } from './reader.ts';
import type { PdfDocument } from './reader.ts';
import { type Role, rolesOf } from './roles.ts';
import type { PdfSignature } from './signatures.ts';
import { tailFaults } from './tail.ts';

export interface ChangeReport {
  readonly changes: readonly Change[];
  /** `suspicious`: at least one change that is not permitted. */
  readonly verdict: 'none' | 'permitted' | 'suspicious';
}

/** Never throws for a bad document: what cannot be read is itself a suspicious change. */
export function changesAfter(document: PdfDocument, signature: PdfSignature): ChangeReport {
  const fault = signature.findings.find((finding) => finding.severity === 'error');
  if (fault !== undefined) return report([{ kind: 'byte-range', permitted: false, detail: fault.detail }]);
  if (signature.revisionEnd === document.sizeBytes) return report([]);
  try {
    const signed = revisionOf(document, signature.revisionEnd);
    const faults = tailFaults(signed.file, document.file);
    if (faults.length > 0) return report(faults.map((detail) => ({ kind: 'structure', permitted: false, detail })));
    return report(compareRevisions(signed, document));
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return report([{ kind: 'structure', permitted: false, detail: error.message }]);
  }
}

function compareRevisions(before: PdfDocument, after: PdfDocument): Change[] {
  const comparison = new Comparison({ before, after });
  catalogChanges(comparison);
  pageChanges(comparison);
  remainingChanges(comparison);
  return comparison.changes.map((change) => underLocks(change, before));
}

/** Default deny: what no rule has cleared and the signed revision used is a change to what was signed. */
function remainingChanges(comparison: Comparison): void {
  const left = comparison.uncleared();
  let roles: ReadonlyMap<number, Role> | undefined;
  for (const number of left) {
    const before = comparison.before.file.load(number);
    const after = comparison.after.file.load(number);
    if (isStructure(before ?? after)) continue;
    if (comparison.referencesBefore(number) > 0) {
      roles ??= rolesOf(comparison.before, new Set(left)); // for bad files only
      const { kind, page }: Role = roles.get(number) ?? { kind: 'object' };
      const detail = `an object of the signed revision was ${after === null ? 'deleted' : 'changed'}`;
      const place = { object: number, ...(page === undefined ? {} : { page }) };
      comparison.refuse(kindByType(before ?? after) ?? kind, detail, place);
    } else comparison.permit('unused-object', 'an object that the signed revision does not use', { object: number });
  }
}

function isStructure(object: PdfObject): boolean {
  const type = asDict(object)?.get('Type') ?? null;
  return isName(type, 'XRef') || isName(type, 'ObjStm');
}

/** What some objects are tells more than the way to them. */
function kindByType(object: PdfObject): ChangeKind | undefined {
  const dict = asDict(object);
  const type = dict?.get('Type') ?? null;
  if (dict === undefined) return undefined;
  if (isName(type, 'Pages')) return 'page-tree';
  if (isName(type, 'Page')) return 'page';
  if (isName(type, 'Catalog')) return 'catalog';
  if (isName(type, 'Sig')) return 'signature';
  if (isName(type, 'OCG')) return 'optional-content';
  if (isName(type, 'EmbeddedFile') || isName(type, 'Filespec')) return 'attachment';
  if (dict.get('FT') !== null) return 'field';
  return isName(type, 'Annot') || dict.get('Rect') !== null ? 'annotation' : undefined;
}

/** After a certification with P 1 only long-term data may follow (EN 319 142-1, 5.5 note); with P 2 no annotation but the fields' own. */
function underLocks(change: Change, before: PdfDocument): Change {
  const harmless = ['validation-data', 'document-time-stamp', 'metadata', 'unused-object'].includes(change.kind);
  const { docMdp } = before.permissions;
  if (!change.permitted || harmless || !(docMdp === 1 || (docMdp === 2 && change.kind === 'stamp'))) return change;
  return { ...change, permitted: false, detail: `${change.detail}, though the certification does not allow it` };
}

function report(changes: readonly Change[]): ChangeReport {
  if (changes.length === 0) return { changes, verdict: 'none' };
  return { changes, verdict: changes.every((change) => change.permitted) ? 'permitted' : 'suspicious' };
}
