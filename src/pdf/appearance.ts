// A vector picture as PDF form XObjects: real filled paths (ISO 32000-2, 8.5), blended so that the text under the seal stays readable.

import { deflateSync } from 'node:zlib';
import type { PathSegment, PictureShape, PixelPicture, VectorPicture } from '../codec/picture.ts';
import type { Rotation, ShownRectangle } from './geometry.ts';
import { PdfArray, PdfName, PdfRef, PdfStream, dictOf } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { numberText } from './serialise.ts';
import type { IncrementalUpdate } from './update.ts';

const pointsPerMm = 72 / 25.4;

/** A thousandth of a point is finer than any printer and keeps a seal of twenty glyphs near 20 kB. */
export function rounded(points: number): number {
  return Math.round(points * 1000) / 1000;
}

/**
 * The picture itself, in points from its bottom left. It is an isolated transparency group (11.4.5): the shapes are put
 * together first and blended with the page as one, so shapes that overlap do not darken one another.
 */
export function addPicture(update: IncrementalUpdate, picture: VectorPicture): PdfRef {
  const { pixels } = picture;
  const [width, height] = sizeInPoints(picture);
  const content = contents.get(picture) ?? drawn(picture);
  contents.set(picture, content);
  const dict = dictOf({
    Type: new PdfName('XObject'),
    Subtype: new PdfName('Form'),
    BBox: new PdfArray([0, 0, width, height]),
    Group: dictOf({
      Type: new PdfName('Group'),
      S: new PdfName('Transparency'),
      CS: new PdfName('DeviceRGB'),
      I: true,
    }),
    Resources: dictOf(pixels === undefined ? {} : { XObject: dictOf({ Pixels: addPixels(update, pixels) }) }),
    Filter: new PdfName('FlateDecode'),
  });
  return update.add(new PdfStream(dict, content));
}

/** Ten thousand numbers are written out and deflated: four times the work of all the rest of a stamp. They go with their picture. */
const contents = new WeakMap<VectorPicture, Buffer>();

function drawn(picture: VectorPicture): Buffer {
  const [width, height] = sizeInPoints(picture);
  const shapes = picture.shapes.map((shape) => shapeOperators(shape, height));
  const image =
    picture.pixels === undefined ? [] : [`q ${numberText(width)} 0 0 ${numberText(height)} 0 0 cm /Pixels Do Q`];
  return deflateSync(Buffer.from([...image, ...shapes].join('\n'), 'latin1'));
}

function sizeInPoints({ widthMm, heightMm }: VectorPicture): [number, number] {
  return [rounded(widthMm * pointsPerMm), rounded(heightMm * pointsPerMm)];
}

/** 8.9.5 and 11.6.5.2: the colours, and a soft mask of the coverage. */
function addPixels(update: IncrementalUpdate, { widthPx, heightPx, colours, coverage }: PixelPicture): PdfRef {
  const image = (space: string, data: Uint8Array, more: Record<string, PdfObject> = {}): PdfRef =>
    update.add(
      new PdfStream(
        dictOf({
          Type: new PdfName('XObject'),
          Subtype: new PdfName('Image'),
          Width: widthPx,
          Height: heightPx,
          ColorSpace: new PdfName(space),
          BitsPerComponent: 8,
          Filter: new PdfName('FlateDecode'),
          ...more,
        }),
        Buffer.from(data),
      ),
    );
  return image('DeviceRGB', colours, { SMask: image('DeviceGray', coverage) });
}

/**
 * The appearance stream that shows a window of the picture upright on a page with this rotation. Its box cuts the picture, which may
 * also be smaller than the window. It has no group of its own, so its blend mode meets the page's content. The reader maps its turned
 * box onto the annotation's rectangle (12.5.5), which also makes up for UserUnit.
 */
export function stampAppearance(stamp: {
  readonly picture: VectorPicture;
  /** The picture's own form. */
  readonly form: PdfRef;
  readonly rotate: Rotation;
  /** From the top left of the picture. */
  readonly window: ShownRectangle;
}): PdfStream {
  const { picture, form, rotate, window } = stamp;
  const turn: Record<Rotation, readonly number[]> = {
    0: [1, 0, 0, 1, 0, 0],
    90: [0, 1, -1, 0, 0, 0],
    180: [-1, 0, 0, -1, 0, 0],
    270: [0, -1, 1, 0, 0, 0],
  };
  const { xMm, yMm, widthMm, heightMm } = window;
  const box = [xMm, picture.heightMm - yMm - heightMm, xMm + widthMm, picture.heightMm - yMm];
  const dict = dictOf({
    Type: new PdfName('XObject'),
    Subtype: new PdfName('Form'),
    BBox: new PdfArray(box.map((mm) => rounded(mm * pointsPerMm))),
    Matrix: new PdfArray(turn[rotate]),
    Resources: dictOf({
      ExtGState: dictOf({ Seal: dictOf({ Type: new PdfName('ExtGState'), BM: new PdfName('Multiply') }) }),
      XObject: dictOf({ Face: form }),
    }),
  });
  return new PdfStream(dict, Buffer.from('q /Seal gs /Face Do Q', 'latin1'));
}

function shapeOperators(shape: PictureShape, height: number): string {
  const colour = [shape.fill.red, shape.fill.green, shape.fill.blue].map((part) =>
    numberText(rounded(Math.min(255, Math.max(0, part)) / 255)),
  );
  const lines = shape.path.map((segment) => segmentOperator(segment, height));
  return [`${colour.join(' ')} rg`, ...lines, shape.rule === 'evenodd' ? 'f*' : 'f'].join('\n');
}

function segmentOperator(segment: PathSegment, height: number): string {
  const n = (value: number): string => numberText(rounded(value));
  const at = (x: number, y: number): string => `${n(x * pointsPerMm)} ${n(height - y * pointsPerMm)}`;
  switch (segment.kind) {
    case 'M':
      return `${at(segment.x, segment.y)} m`;
    case 'L':
      return `${at(segment.x, segment.y)} l`;
    case 'C':
      return `${at(segment.x1, segment.y1)} ${at(segment.x2, segment.y2)} ${at(segment.x, segment.y)} c`;
    default:
      return 'h';
  }
}
