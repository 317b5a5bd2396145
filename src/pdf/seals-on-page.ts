// Where seals already stand on a page: the visible widgets of signature fields and stamp annotations (ISO 32000-2, 12.5.6.12).

import { toShown } from './geometry.ts';
import type { ShownRectangle } from './geometry.ts';
import { PdfDict, PdfRef, isName } from './objects.ts';
import { rectangleOf } from './pages.ts';
import type { PdfPage } from './pages.ts';
import type { PdfDocument } from './reader.ts';

/** Two seals whose boxes touch are not yet one over the other. */
export const overlapToleranceMm = 0.5;

export function sealsOn(document: PdfDocument, page: PdfPage): ShownRectangle[] {
  const { file, fields } = document;
  const signed = fields.filter((field) => field.type === 'Sig' && file.resolve(field.value) !== null);
  const widgets = new Set(signed.flatMap((field) => field.widgets.map((widget) => widget.ref.number)));
  return (file.array(page.dict, 'Annots')?.items ?? []).flatMap((item) => {
    const annotation = file.resolve(item);
    if (!(annotation instanceof PdfDict)) return [];
    const isSeal =
      isName(file.get(annotation, 'Subtype'), 'Stamp') || (item instanceof PdfRef && widgets.has(item.number));
    const box = isSeal ? rectangleOf(file, annotation.get('Rect')) : undefined;
    return box === undefined ? [] : [toShown(page, box)];
  });
}
