// The annotations that show a seal: the signature field's one widget, and a stamp for each further place (ISO 32000-2, 12.5.6.12, 12.7.5.5).

import type { VectorPicture } from '../codec/picture.ts';
import { addPicture, rounded, stampAppearance } from './appearance.ts';
import { userRectangle } from './geometry.ts';
import { PdfArray, PdfName, PdfRef, dictOf } from './objects.ts';
import type { PdfDict, PdfObject } from './objects.ts';
import { AnnotationUpdate } from './page-update.ts';
import type { PdfDocument } from './reader.ts';
import type { SignableField } from './signable-field.ts';
import { outside } from './stamp-places.ts';
import type { StampPlace } from './stamp-places.ts';
import { dateString, textString } from './text.ts';
import type { IncrementalUpdate } from './update.ts';

/** Print and locked (12.5.3); stamps are read-only as well, so that no reader offers to move them. */
const widgetFlags = 4 | 128;
const stampFlags = 4 | 64 | 128;

export interface StampAnnotations {
  readonly document: PdfDocument;
  readonly update: IncrementalUpdate;
  readonly picture: VectorPicture;
  /** The first belongs to the field's widget. */
  readonly places: readonly StampPlace[];
  readonly fieldName: string;
  readonly signatureRef: PdfRef;
  readonly signingTime: Date;
  /** What a new field says that its signature locks; an existing field keeps what it says. */
  readonly lockRef: PdfRef | null;
  /** The existing field that is signed; a new one is made when absent. */
  readonly field: SignableField | undefined;
}

/** Gives the new field, which is its own widget, or `undefined` when an existing field was filled in. */
export function addStampAnnotations(request: StampAnnotations): PdfRef | undefined {
  const { document, update, places, fieldName, signingTime, field } = request;
  const annotations = new AnnotationUpdate({ document, update });
  const appearance = appearances(request);
  const [first, ...others] = places;
  let widgetRef: PdfRef | undefined;
  if (field === undefined) {
    const page = first?.page ?? document.pages[0];
    if (page === undefined) throw outside('there is no page');
    const shown = first === undefined ? { Rect: new PdfArray([0, 0, 0, 0]) } : shownAt(first, appearance);
    widgetRef = update.add(newWidget(request, page.objectRef, shown));
    annotations.add(page, widgetRef);
  } else fill(request, field, first === undefined ? null : appearance(first));
  for (const [index, place] of others.entries()) {
    const stamp = dictOf({
      Type: new PdfName('Annot'),
      Subtype: new PdfName('Stamp'),
      NM: textString(`${fieldName}-${index + 2}`),
      F: stampFlags,
      P: place.page.objectRef,
      M: dateString(signingTime),
      ...shownAt(place, appearance),
    });
    annotations.add(place.page, update.add(stamp));
  }
  annotations.finish();
  return widgetRef;
}

function newWidget(request: StampAnnotations, page: PdfRef, shown: Record<string, PdfObject>): PdfDict {
  return dictOf({
    Type: new PdfName('Annot'),
    Subtype: new PdfName('Widget'),
    FT: new PdfName('Sig'),
    T: textString(request.fieldName),
    F: widgetFlags,
    P: page,
    V: request.signatureRef,
    Lock: request.lockRef,
    ...shown,
  });
}

/** The field gets its value, its widget the appearance; where they are and everything else about them stays. */
function fill({ update, signatureRef }: StampAnnotations, field: SignableField, appearance: PdfObject): void {
  const { ref, dict, widget } = field;
  const shown = { F: widgetFlags, AP: appearance, AS: null };
  if (widget.ref.number === ref.number) update.put(ref, dict.with({ V: signatureRef, ...shown }));
  else {
    update.put(ref, dict.with({ V: signatureRef }));
    update.put(widget.ref, widget.dict.with(shown));
  }
}

function shownAt(place: StampPlace, appearance: (place: StampPlace) => PdfObject): Record<string, PdfObject> {
  const { page, box } = place;
  const centre = [box.xMm + box.widthMm / 2, box.yMm + box.heightMm / 2] as const;
  const user = userRectangle(page, ...centre, box.widthMm, box.heightMm);
  return {
    Rect: new PdfArray([user.left, user.bottom, user.right, user.top].map(rounded)),
    AP: appearance(place),
  };
}

/** One picture for all of them, and one appearance for each way of showing it. */
function appearances({ update, picture }: StampAnnotations): (place: StampPlace) => PdfObject {
  const made = new Map<string, PdfRef>();
  let face: PdfRef | undefined;
  return ({ page, window }) => {
    face ??= addPicture(update, picture);
    const { xMm, yMm, widthMm, heightMm } = window;
    const key = [page.rotate, xMm, yMm, widthMm, heightMm].join(' ');
    const form = made.get(key) ?? update.add(stampAppearance({ picture, form: face, rotate: page.rotate, window }));
    made.set(key, form);
    return dictOf({ N: form });
  };
}
