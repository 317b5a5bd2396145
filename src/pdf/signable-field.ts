// The signature fields that a document already has, and one of them made ready to be signed (ISO 32000-2, 12.7.5.5).

import type { VectorPicture } from '../codec/picture.ts';
import { TrustError } from '../kernel/errors.ts';
import type { PdfField } from './fields.ts';
import type { PdfFile } from './file.ts';
import { toShown } from './geometry.ts';
import type { ShownRectangle } from './geometry.ts';
import { maxDepth } from './limits.ts';
import { PdfDict, PdfRef } from './objects.ts';
import { rectangleOf } from './pages.ts';
import type { PdfPage } from './pages.ts';
import { isFieldLocked } from './permissions.ts';
import type { PdfDocument } from './reader.ts';
import { unmetSeedValue } from './seed-values.ts';
import type { SigningManner } from './seed-values.ts';
import { pageFinder } from './signatures.ts';
import type { StampPlace } from './stamp-places.ts';

/** `locked`: read-only, or an earlier signature has locked it. `unusable`: it has several widgets or none on a page. */
export type FieldState = 'empty' | 'signed' | 'locked' | 'unusable';

export interface SignatureField {
  /** Fully qualified. */
  readonly name: string;
  readonly state: FieldState;
  /** 1-based; `undefined` when it stands on no page. */
  readonly page: number | undefined;
  /** As shown, from the top left of the page; `undefined` when it shows nothing. */
  readonly box: ShownRectangle | undefined;
}

export interface SignableField {
  readonly name: string;
  readonly ref: PdfRef;
  readonly dict: PdfDict;
  readonly widget: PdfField['widgets'][number];
  /** The picture in its true size in the middle of the field's rectangle. */
  readonly place: StampPlace;
}

export function signatureFields(document: PdfDocument): SignatureField[] {
  const pageOf = pageFinder(document.file, document.pages);
  return document.fields
    .filter(({ type }) => type === 'Sig')
    .map((field) => {
      const { page, box } = whereabouts(document.file, field, pageOf);
      return { name: field.name, state: stateOf(document, field, page), page: page?.number, box };
    });
}

type PageFinder = ReturnType<typeof pageFinder>;

function whereabouts(
  file: PdfFile,
  { widgets }: PdfField,
  pageOf: PageFinder,
): { page: PdfPage | undefined; box: ShownRectangle | undefined } {
  const [widget] = widgets;
  const page = widget === undefined ? undefined : pageOf(widget.ref, widget.dict);
  const rectangle = widget === undefined ? undefined : rectangleOf(file, widget.dict.get('Rect'));
  return { page, box: page === undefined || rectangle === undefined ? undefined : toShown(page, rectangle) };
}

function stateOf({ file, permissions }: PdfDocument, field: PdfField, page: PdfPage | undefined): FieldState {
  if (file.resolve(field.value) !== null) return 'signed';
  if (permissions.docMdp === 1 || isReadOnly(file, field) || isFieldLocked(permissions.fieldLocks, field.name))
    return 'locked';
  return field.widgets.length === 1 && page !== undefined ? 'empty' : 'unusable';
}

/** Table 227, bit 1; inherited from the nearest ancestor that says (12.7.4.1). */
function isReadOnly(file: PdfFile, { dict }: PdfField): boolean {
  let node: PdfDict | undefined = dict;
  for (let depth = 0; node !== undefined && depth < maxDepth; depth++) {
    const flags = file.get(node, 'Ff');
    if (typeof flags === 'number') return (flags & 1) !== 0;
    node = file.dict(node, 'Parent');
  }
  return false;
}

/**
 * Throws field-not-found, field-filled, locked-pdf, field-too-small (details.widthMm, details.heightMm: of the field), field-not-usable
 * (details.demand: what of its seed values is not met).
 */
export function signableField(
  document: PdfDocument,
  name: string,
  { picture, manner }: { picture: VectorPicture; manner: SigningManner },
): SignableField {
  const { file, fields, pages } = document;
  const [field, second] = fields.filter((one) => one.type === 'Sig' && one.name === name);
  if (field === undefined) throw new TrustError('field-not-found', 'the document has no signature field of this name');
  const { page, box } = whereabouts(file, field, pageFinder(file, pages));
  const state = stateOf(document, field, page);
  if (state === 'signed') throw new TrustError('field-filled', 'the field has been signed already');
  if (state === 'locked') throw new TrustError('locked-pdf', 'PDF: the field is locked');
  const [widget] = field.widgets;
  if (second !== undefined || state === 'unusable' || widget === undefined || page === undefined)
    throw new TrustError('field-not-usable', 'the field does not stand on exactly one page');
  const demand = unmetSeedValue(file, field.dict, manner);
  if (demand !== undefined)
    throw new TrustError('field-not-usable', `the field demands another ${demand}`, { details: { demand } });
  const size = { widthMm: box?.widthMm ?? 0, heightMm: box?.heightMm ?? 0 };
  if (
    box === undefined ||
    picture.widthMm > size.widthMm + toleranceMm ||
    picture.heightMm > size.heightMm + toleranceMm
  )
    throw new TrustError('field-too-small', 'the seal is larger than the field', { details: size });
  const window = {
    xMm: (picture.widthMm - box.widthMm) / 2,
    yMm: (picture.heightMm - box.heightMm) / 2,
    ...size,
  };
  return { name, ref: field.ref, dict: field.dict, widget, place: { page, window, box } };
}

/** Programs round the rectangles of fields to points. */
const toleranceMm = 0.5;
