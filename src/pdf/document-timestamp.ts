// Preparing a document time stamp: a field of its own that shows nothing, over the whole file with its validation data; ETSI EN 319 142-1, 5.4.3.

import { blankTimestamp, signatureToFill } from './blank-signature.ts';
import type { SignatureToFill } from './blank-signature.ts';
import { addToForm, unusedFieldName } from './form-update.ts';
import { malformed } from './limits.ts';
import { PdfArray, PdfName, dictOf } from './objects.ts';
import { AnnotationUpdate } from './page-update.ts';
import { readReachable } from './reachable.ts';
import type { PdfDocument } from './reader.ts';
import { textString } from './text.ts';
import { IncrementalUpdate } from './update.ts';

/** Print and locked (ISO 32000-2, 12.5.3). */
const widgetFlags = 4 | 128;

/**
 * Permitted whatever signatures have locked: also after a certification that allows nothing else (5.5). Throws malformed-pdf,
 * unsupported-pdf.
 */
export function prepareDocumentTimestamp(document: PdfDocument, contentsSizeBytes: number): SignatureToFill {
  const { file } = document;
  const [page] = document.pages;
  if (page === undefined) throw malformed('there is no page');
  readReachable(file, () => undefined);
  const update = new IncrementalUpdate({ file });
  const signatureRef = update.allocate();
  const widgetRef = update.add(
    dictOf({
      Type: new PdfName('Annot'),
      Subtype: new PdfName('Widget'),
      FT: new PdfName('Sig'),
      T: textString(unusedFieldName(document, undefined, 'Timestamp')),
      F: widgetFlags,
      P: page.objectRef,
      V: signatureRef,
      Rect: new PdfArray([0, 0, 0, 0]),
    }),
  );
  const annotations = new AnnotationUpdate({ document, update });
  annotations.add(page, widgetRef);
  annotations.finish();
  addToForm({ document, update, fieldRef: widgetRef });
  const blank = blankTimestamp(contentsSizeBytes);
  update.putRaw(signatureRef, blank.body);
  return signatureToFill({ file, update: update.append(), signatureRef, blank });
}
