// What happened to a document after it was signed: later revisions compared object by object with the signed one, everything
// refused that no rule allows (ISO 32000-2, 12.8.2.2; ETSI EN 319 142-1, 5.4 and 5.5 for long-term data).

import { isTrustError } from '../kernel/errors.ts';
import { catalogChanges } from './catalog-changes.ts';
import { Comparison } from './comparison.ts';
import type { Change } from './comparison.ts';
import { isName } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { asDict } from './objects.ts';
import { pageChanges } from './page-changes.ts';
import { revisionOf } from './reader.ts';
import type { PdfDocument } from './reader.ts';
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
  for (const number of comparison.uncleared()) {
    const before = comparison.before.file.load(number);
    const after = comparison.after.file.load(number);
    const kind = kindOf(before ?? after);
    if (kind === 'structure') continue;
    if (comparison.referencesBefore(number) > 0) {
      comparison.refuse(
        kind,
        after === null
          ? 'an object of the signed revision was deleted'
          : 'an object of the signed revision was changed',
        { object: number },
      );
    } else comparison.permit('unused-object', 'an object that the signed revision does not use', { object: number });
  }
}

function kindOf(object: PdfObject): Change['kind'] {
  const dict = asDict(object);
  if (dict === undefined) return 'object';
  const type = dict.get('Type');
  if (isName(type, 'XRef') || isName(type, 'ObjStm')) return 'structure';
  if (isName(type, 'Pages')) return 'page-tree';
  if (isName(type, 'Page')) return 'page';
  if (isName(type, 'Catalog')) return 'catalog';
  if (dict.get('FT') !== null) return 'field';
  if (isName(type, 'Annot') || dict.get('Rect') !== null) return 'annotation';
  return isName(type, 'Sig') ? 'signature' : 'object';
}

/** After a certification with P 1 only long-term data may follow (EN 319 142-1, 5.5 note). */
function underLocks(change: Change, before: PdfDocument): Change {
  const harmless = ['validation-data', 'document-time-stamp', 'metadata', 'unused-object'].includes(change.kind);
  if (!change.permitted || harmless || before.permissions.docMdp !== 1) return change;
  return { ...change, permitted: false, detail: `${change.detail}, though the certification allows no change` };
}

function report(changes: readonly Change[]): ChangeReport {
  if (changes.length === 0) return { changes, verdict: 'none' };
  return { changes, verdict: changes.every((change) => change.permitted) ? 'permitted' : 'suspicious' };
}
