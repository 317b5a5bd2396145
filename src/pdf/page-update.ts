// Adding annotations to pages (ISO 32000-2, 12.5.2): the array object where the page has one of its own, else the page.

import { PdfArray, PdfDict, PdfRef } from './objects.ts';
import type { PdfPage } from './pages.ts';
import type { PdfDocument } from './reader.ts';
import type { IncrementalUpdate } from './update.ts';

export class AnnotationUpdate {
  private readonly document: PdfDocument;
  private readonly update: IncrementalUpdate;
  private readonly added = new Map<PdfPage, PdfRef[]>();

  constructor(options: { document: PdfDocument; update: IncrementalUpdate }) {
    this.document = options.document;
    this.update = options.update;
  }

  add(page: PdfPage, annotation: PdfRef): void {
    const list = this.added.get(page);
    if (list === undefined) this.added.set(page, [annotation]);
    else list.push(annotation);
  }

  finish(): void {
    const { file, pages } = this.document;
    for (const [page, refs] of this.added) {
      const held = page.dict.get('Annots');
      const annotations = new PdfArray([...(file.array(page.dict, 'Annots')?.items ?? []), ...refs]);
      // An array that several pages share would show the stamp on all of them: this page gets its own.
      const shared = held instanceof PdfRef && pages.some((other) => other !== page && isRefTo(other.dict, held));
      if (held instanceof PdfRef && !shared && file.resolve(held) !== null) this.update.put(held, annotations);
      else this.update.put(page.objectRef, page.dict.with({ Annots: annotations }));
    }
  }
}

function isRefTo(page: PdfDict, ref: PdfRef): boolean {
  const other = page.get('Annots');
  return other instanceof PdfRef && other.number === ref.number;
}
