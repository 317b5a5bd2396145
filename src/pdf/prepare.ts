// Preparing a signature: the update that adds field, stamps and an empty Contents (ISO 32000-2, 12.7.5.5 and 12.8; ETSI
// EN 319 142-1, 5.3), ready to be hashed by the caller and filled in once.

import { TrustError } from '../kernel/errors.ts';
import type { VectorPicture } from '../codec/picture.ts';
import { pictureForm, rounded, stampAppearance } from './appearance.ts';
import { blankSignature, signatureToFill } from './blank-signature.ts';
import type { SignatureToFill } from './blank-signature.ts';
import { addToForm, unusedFieldName } from './form-update.ts';
import { overlaps, userRectangle } from './geometry.ts';
import type { Rotation, ShownRectangle } from './geometry.ts';
import { PdfArray, PdfName, PdfRef, dictOf } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { AnnotationUpdate } from './page-update.ts';
import type { PdfPage } from './pages.ts';
import { isFieldLocked } from './permissions.ts';
import { readReachable } from './reachable.ts';
import type { PdfDocument } from './reader.ts';
import { overlapToleranceMm, sealsOn } from './seals-on-page.ts';
import { dateString, textString } from './text.ts';
import { IncrementalUpdate } from './update.ts';

export interface StampPlacement {
  /** 1-based. */
  readonly page: number;
  /** Centre of the picture, from the top left of the page as shown. */
  readonly xMm: number;
  readonly yMm: number;
}

export interface SignatureRequest {
  readonly document: PdfDocument;
  /** A new name without dots; one is chosen when absent. */
  readonly fieldName?: string;
  /** The first is the field's widget, the others are stamp annotations of the same revision; none makes it invisible. */
  readonly stamps: readonly StampPlacement[];
  readonly picture: VectorPicture;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
  readonly signingTime: Date;
  /** Room for the DER value. */
  readonly contentsSizeBytes: number;
}

export interface PreparedSignature extends SignatureToFill {
  readonly fieldName: string;
}

export const maxStamps = 1_000;
/** Certificates, a time stamp and its chain take about 12 kB; revocation data belongs into the DSS. */
const maxContentsBytes = 1_000_000;

/** Throws malformed-pdf, locked-pdf, placement-outside-page, placement-occupied, placement-not-supported, unsupported-pdf, malformed-request. */
export function prepareSignature(request: SignatureRequest): PreparedSignature {
  const { document, contentsSizeBytes } = request;
  if (!Number.isInteger(contentsSizeBytes) || contentsSizeBytes < 1 || contentsSizeBytes > maxContentsBytes) {
    throw new RangeError('contentsSizeBytes is out of range');
  }
  const fieldName = unusedFieldName(document, request.fieldName);
  refuseWhenLocked(document, fieldName);
  // A document that readers would have to repair may look different in each of them: such a thing is not sealed.
  readReachable(document.file, () => undefined);
  const places = placeStamps(request);

  const update = new IncrementalUpdate({ file: document.file });
  const signatureRef = update.allocate();
  const widgetRef = addAnnotations({ request, update, places, fieldName, signatureRef });
  addToForm({ document, update, fieldRef: widgetRef });
  const blank = blankSignature(request);
  update.putRaw(signatureRef, blank.body);
  return { fieldName, ...signatureToFill({ file: document.file, update: update.append(), signatureRef, blank }) };
}

/** 12.8.2.2: after a certification that allows nothing, and for fields that a signature has locked. */
function refuseWhenLocked(document: PdfDocument, fieldName: string): void {
  const { docMdp, fieldLocks } = document.permissions;
  if (docMdp === 1) throw new TrustError('locked-pdf', 'PDF: a signature of the document allows no further change');
  if (isFieldLocked(fieldLocks, fieldName))
    throw new TrustError('locked-pdf', `PDF: a signature has locked the field ${fieldName}`);
}

interface Place {
  readonly page: PdfPage;
  readonly placement: StampPlacement;
}

/** Rounding of a caller's millimetres may put a stamp a hair over the edge. */
const edgeToleranceMm = 0.01;

function placeStamps({ document, stamps, picture }: SignatureRequest): Place[] {
  const { widthMm, heightMm } = picture;
  if (!(widthMm > 0 && heightMm > 0 && widthMm < 1_000 && heightMm < 1_000))
    throw new RangeError('the picture has no usable size');
  if (stamps.length > maxStamps)
    throw new TrustError('placement-not-supported', `more than ${maxStamps} stamps in one signature`);
  const taken = new Map<number, ShownRectangle[]>();
  return stamps.map((placement) => {
    const { xMm, yMm } = placement;
    const page = document.pages[placement.page - 1];
    if (page === undefined) throw outside(`there is no page ${placement.page}`);
    const box = { xMm: xMm - widthMm / 2, yMm: yMm - heightMm / 2, widthMm, heightMm };
    const inside =
      box.xMm >= -edgeToleranceMm &&
      box.yMm >= -edgeToleranceMm &&
      xMm + widthMm / 2 <= page.widthMm + edgeToleranceMm &&
      yMm + heightMm / 2 <= page.heightMm + edgeToleranceMm;
    if (!inside) throw outside(`the stamp does not lie on page ${placement.page}`);
    const others = taken.get(page.number) ?? sealsOn(document, page);
    if (others.some((other) => overlaps(other, box, overlapToleranceMm))) {
      throw new TrustError('placement-occupied', `the stamp would lie over another seal of page ${placement.page}`);
    }
    taken.set(page.number, [...others, box]);
    return { page, placement };
  });
}

function outside(reason: string): TrustError {
  return new TrustError('placement-outside-page', `PDF: ${reason}`);
}

/** Print and locked (12.5.3); stamps are read-only as well, so that no reader offers to move them. */
const widgetFlags = 4 | 128;
const stampFlags = 4 | 64 | 128;

interface Annotations {
  readonly request: SignatureRequest;
  readonly update: IncrementalUpdate;
  readonly places: readonly Place[];
  readonly fieldName: string;
  readonly signatureRef: PdfRef;
}

/** The merged field and widget, and a stamp annotation for each further place. Gives the widget. */
function addAnnotations({ request, update, places, fieldName, signatureRef }: Annotations): PdfRef {
  const { document, picture } = request;
  const annotations = new AnnotationUpdate({ document, update });
  const appearances = new Map<Rotation, PdfRef>();
  let face: PdfRef | undefined;
  const appearance = (rotate: Rotation): PdfObject => {
    face ??= update.add(pictureForm(picture));
    const form = appearances.get(rotate) ?? update.add(stampAppearance(picture, face, rotate));
    appearances.set(rotate, form);
    return dictOf({ N: form });
  };
  const shown = (place: Place | undefined): Record<string, PdfObject> => {
    if (place === undefined) return { Rect: new PdfArray([0, 0, 0, 0]) };
    const box = userRectangle(place.page, place.placement.xMm, place.placement.yMm, picture.widthMm, picture.heightMm);
    return {
      Rect: new PdfArray([box.left, box.bottom, box.right, box.top].map(rounded)),
      AP: appearance(place.page.rotate),
    };
  };
  const [first, ...others] = places;
  const firstPage = first?.page ?? document.pages[0];
  if (firstPage === undefined) throw outside('there is no page');
  const widget = dictOf({
    Type: new PdfName('Annot'),
    Subtype: new PdfName('Widget'),
    FT: new PdfName('Sig'),
    T: textString(fieldName),
    F: widgetFlags,
    P: firstPage.objectRef,
    V: signatureRef,
    ...shown(first),
  });
  const widgetRef = update.add(widget);
  annotations.add(firstPage, widgetRef);
  for (const [index, place] of others.entries()) {
    const stamp = dictOf({
      Type: new PdfName('Annot'),
      Subtype: new PdfName('Stamp'),
      NM: textString(`${fieldName}-${index + 2}`),
      F: stampFlags,
      P: place.page.objectRef,
      M: dateString(request.signingTime),
      ...shown(place),
    });
    annotations.add(place.page, update.add(stamp));
  }
  annotations.finish();
  return widgetRef;
}
