// The state of one comparison of a signed revision with a later one: changed objects, those a rule has cleared, the changes found.

import { changedObjects, countReferences } from './changed-objects.ts';
import type { ShownRectangle } from './geometry.ts';
import { maxComparisons, tooLarge } from './limits.ts';
import { PdfRef, childrenOf } from './objects.ts';
import type { PdfObject } from './objects.ts';
import type { PdfPage } from './pages.ts';
import type { PdfDocument } from './reader.ts';
import { sealsOn } from './seals-on-page.ts';
import type { PdfSignature } from './signatures.ts';

export type ChangeKind =
  | 'byte-range'
  | 'structure'
  | 'catalog'
  | 'page-tree'
  | 'page'
  | 'form'
  | 'field'
  | 'form-fill'
  | 'annotation'
  | 'overlap'
  | 'overlay'
  | 'content'
  | 'resource'
  | 'font'
  | 'picture'
  | 'appearance'
  | 'optional-content'
  | 'structure-tree'
  | 'attachment'
  | 'action'
  | 'navigation'
  | 'object'
  | 'signature'
  | 'document-time-stamp'
  | 'stamp'
  | 'validation-data'
  | 'metadata'
  | 'unused-object';

export interface Change {
  readonly kind: ChangeKind;
  readonly permitted: boolean;
  readonly object?: number;
  /** 1-based. */
  readonly page?: number;
  readonly detail: string;
}

export interface Place {
  readonly object?: number;
  readonly page?: number;
}

export class Comparison {
  readonly before: PdfDocument;
  readonly after: PdfDocument;
  readonly changes: Change[] = [];
  /** Signatures that the later revisions add, well formed ones only. */
  readonly newSignatures: ReadonlyMap<number, PdfSignature>;
  /** Widgets of the signature fields that were added or filled in. */
  readonly signatureWidgets = new Set<number>();
  private readonly changed: ReadonlySet<number>;
  private readonly references: ReadonlyMap<number, number>;
  private readonly cleared = new Set<number>();
  private readonly seals = new Map<number, readonly ShownRectangle[]>();
  private comparisons = 0;

  constructor({ before, after }: { before: PdfDocument; after: PdfDocument }) {
    this.before = before;
    this.after = after;
    this.changed = changedObjects(before.file, after.file);
    this.references = countReferences(before.file, this.changed);
    const sound = after.signatures.filter((signature) =>
      signature.findings.every((finding) => finding.severity !== 'error'),
    );
    this.newSignatures = new Map(sound.filter((s) => s.revisionEnd > before.sizeBytes).map((s) => [s.objectNumber, s]));
  }

  permit(kind: ChangeKind, detail: string, place: Place = {}): void {
    this.changes.push({ kind, permitted: true, detail, ...place });
  }

  refuse(kind: ChangeKind, detail: string, place: Place = {}): void {
    this.changes.push({ kind, permitted: false, detail, ...place });
  }

  /** Of so many with one more. Throws unsupported-pdf: many pictures beside many seals cost their product. */
  spend(comparisons: number): void {
    this.comparisons += comparisons;
    if (this.comparisons > maxComparisons) throw tooLarge('comparing its revisions takes too much work');
  }

  /** The seals that stood on a page when it was signed. */
  sealsBefore(page: PdfPage): readonly ShownRectangle[] {
    const seals = this.seals.get(page.number) ?? sealsOn(this.before, page);
    this.seals.set(page.number, seals);
    return seals;
  }

  isChanged(object: PdfObject): boolean {
    return object instanceof PdfRef && this.changed.has(object.number);
  }

  referencesBefore(number: number): number {
    return this.references.get(number) ?? 0;
  }

  uncleared(): number[] {
    return [...this.changed].filter((number) => !this.cleared.has(number));
  }

  /** An object whose every difference has been judged by itself: a page, the catalog, a field. */
  clearJudged(ref: PdfRef): void {
    this.cleared.add(ref.number);
  }

  /**
   * A container whose content has been judged in one role. It is cleared when it is new, or when it has had this role
   * before and no other: the same object may be an array of annotations here and the content of a page there.
   */
  clearHolder(before: PdfObject, after: PdfObject): void {
    if (!(after instanceof PdfRef)) return;
    const hadThisRoleOnly =
      before instanceof PdfRef && before.number === after.number && this.referencesBefore(after.number) === 1;
    if (hadThisRoleOnly || this.isNew(after)) this.cleared.add(after.number);
  }

  /** New: nothing was there, and the signed revision did not point there either. */
  isNew(object: PdfObject): object is PdfRef {
    return (
      object instanceof PdfRef &&
      this.changed.has(object.number) &&
      this.before.file.load(object.number) === null &&
      this.referencesBefore(object.number) === 0
    );
  }

  /** Clears what is new below `object`; stops at everything the signed revision already had. */
  clearNew(object: PdfObject): void {
    const stack: PdfObject[] = [object];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next instanceof PdfRef) {
        if (!this.isNew(next) || this.cleared.has(next.number)) continue;
        this.cleared.add(next.number);
        stack.push(this.after.file.resolve(next));
      } else for (const child of childrenOf(next)) stack.push(child);
    }
  }
}
