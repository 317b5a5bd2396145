// Preparing a signature: the update that adds field, stamps and an empty Contents (ISO 32000-2, 12.7.5.5 and 12.8; ETSI
// EN 319 142-1, 5.3), ready to be hashed by the caller and filled in once.

import type { VectorPicture } from '../codec/picture.ts';
import { blankSignature, signatureSubFilter, signatureToFill } from './blank-signature.ts';
import type { SignatureToFill } from './blank-signature.ts';
import { addToForm, unusedFieldName } from './form-update.ts';
import { PdfDict, dictOf } from './objects.ts';
import { readReachable } from './reachable.ts';
import type { PdfDocument } from './reader.ts';
import { lockDictionary, referenceEntry, refuseWhenLocked, requirePossible } from './restrictions.ts';
import type { Restrictions } from './restrictions.ts';
import { signableField } from './signable-field.ts';
import type { SignableField } from './signable-field.ts';
import { addStampAnnotations } from './stamp-annotations.ts';
import { placeStamps } from './stamp-places.ts';
import type { StampPlacement } from './stamp-places.ts';
import { IncrementalUpdate } from './update.ts';

export interface SignatureRequest extends Restrictions {
  readonly document: PdfDocument;
  /** A new name without dots; one is chosen when absent. */
  readonly fieldName?: string;
  /** The name of an empty signature field of the document, which is signed instead of a new one and shows the seal. */
  readonly existingField?: string;
  /** The first is the field's widget unless `existingField` is, the others are stamp annotations of the same revision; none makes it invisible. */
  readonly stamps: readonly StampPlacement[];
  readonly picture: VectorPicture;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
  readonly signingTime: Date;
  /** The value will carry a time stamp, which a field may demand. */
  readonly timestamped?: boolean;
  /** Room for the DER value. */
  readonly contentsSizeBytes: number;
}

export interface PreparedSignature extends SignatureToFill {
  readonly fieldName: string;
}

/** Certificates, a time stamp and its chain take about 12 kB; revocation data belongs into the DSS. */
const maxContentsBytes = 1_000_000;

/** Throws malformed-pdf, locked-pdf, placement-outside-page, placement-occupied, placement-not-supported, field-…, unsupported-pdf, malformed-request, certification-not-first. */
export function prepareSignature(request: SignatureRequest): PreparedSignature {
  const { document, contentsSizeBytes } = request;
  if (!Number.isInteger(contentsSizeBytes) || contentsSizeBytes < 1 || contentsSizeBytes > maxContentsBytes) {
    throw new RangeError('contentsSizeBytes is out of range');
  }
  const field = existingFieldOf(request);
  const fieldName = field?.name ?? unusedFieldName(document, request.fieldName);
  requirePossible(document, request);
  refuseWhenLocked(document, fieldName, request.stamps.length + (field === undefined ? 0 : 1));
  // A document that readers would have to repair may look different in each of them: such a thing is not sealed.
  readReachable(document.file, () => undefined);
  const places = placeStamps({ ...request, field: field?.place });

  const update = new IncrementalUpdate({ file: document.file });
  const signatureRef = update.allocate();
  const lockRef = request.lock === undefined ? null : update.add(lockDictionary(request.lock));
  const fieldRef = addStampAnnotations({ ...request, update, places, fieldName, signatureRef, lockRef, field });
  const catalog = addToForm({ document, update, fieldRef });
  if (request.certify !== undefined) {
    const perms = document.file.dict(catalog, 'Perms') ?? dictOf({});
    update.put(document.file.catalogRef, catalog.with({ Perms: perms.with({ DocMDP: signatureRef }) }));
  }
  const fieldLock = field === undefined ? null : document.file.get(field.dict, 'Lock');
  const reference = referenceEntry(document, request, fieldLock instanceof PdfDict ? fieldLock : undefined);
  const blank = blankSignature({ ...request, reference });
  update.putRaw(signatureRef, blank.body);
  return { fieldName, ...signatureToFill({ file: document.file, update: update.append(), signatureRef, blank }) };
}

function existingFieldOf(request: SignatureRequest): SignableField | undefined {
  const { document, existingField, picture, reason, timestamped = false, certify } = request;
  if (existingField === undefined) return undefined;
  const manner = {
    subFilter: signatureSubFilter,
    digestMethod: 'SHA256',
    reason,
    timestamped,
    ...(certify === undefined ? {} : { certifies: certify }),
  };
  return signableField(document, existingField, { picture, manner });
}
