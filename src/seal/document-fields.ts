// The signature fields that a document brings along, for those who want to stamp into one (ISO 32000-2, 12.7.5.5).

import { openPdf } from '../pdf/reader.ts';
import { type SignatureField, signatureFields } from '../pdf/signable-field.ts';
import { isPdf } from './documents.ts';

/** None for what is no PDF. `document` has been read strictly when it was put. */
export function fieldsOf(document: Uint8Array): SignatureField[] {
  return isPdf(document) ? signatureFields(openPdf(document)) : [];
}
