// Between a page as it is shown (millimetres from its top left) and its user space (ISO 32000-2, 8.3.2.3, 14.11.2 and table 31).

export interface Rectangle {
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

/** In millimetres from the top left of the page as shown, y downwards. */
export interface ShownRectangle {
  readonly xMm: number;
  readonly yMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

export type Rotation = 0 | 90 | 180 | 270;

export interface PageGeometry {
  /** What is shown: the crop box cut to the media box, in user space. */
  readonly cropBox: Rectangle;
  /** Clockwise, when shown. */
  readonly rotate: Rotation;
  /** Size of a user space unit in 1/72 inch. */
  readonly userUnit: number;
}

const mmPerPoint = 25.4 / 72;

export function unitsPerMm(page: PageGeometry): number {
  return 1 / (mmPerPoint * page.userUnit);
}

export function shownSizeMm(page: PageGeometry): { widthMm: number; heightMm: number } {
  const width = (page.cropBox.right - page.cropBox.left) / unitsPerMm(page);
  const height = (page.cropBox.top - page.cropBox.bottom) / unitsPerMm(page);
  return page.rotate % 180 === 0 ? { widthMm: width, heightMm: height } : { widthMm: height, heightMm: width };
}

/** The point of user space that is shown at this place. */
export function toUserSpace(page: PageGeometry, xMm: number, yMm: number): { x: number; y: number } {
  const x = xMm * unitsPerMm(page);
  const y = yMm * unitsPerMm(page);
  const { left, bottom, right, top } = page.cropBox;
  const points: Record<Rotation, { x: number; y: number }> = {
    0: { x: left + x, y: top - y },
    90: { x: left + y, y: bottom + x },
    180: { x: right - x, y: bottom + y },
    270: { x: right - y, y: top - x },
  };
  return points[page.rotate];
}

/** Where a rectangle of user space is seen. */
export function toShown(page: PageGeometry, rectangle: Rectangle): ShownRectangle {
  const { cropBox, rotate } = page;
  const scale = unitsPerMm(page);
  const offsets: Record<Rotation, [number, number]> = {
    0: [rectangle.left - cropBox.left, cropBox.top - rectangle.top],
    90: [rectangle.bottom - cropBox.bottom, rectangle.left - cropBox.left],
    180: [cropBox.right - rectangle.right, rectangle.bottom - cropBox.bottom],
    270: [cropBox.top - rectangle.top, cropBox.right - rectangle.right],
  };
  const [x, y] = offsets[rotate];
  const width = (rectangle.right - rectangle.left) / scale;
  const height = (rectangle.top - rectangle.bottom) / scale;
  const upright = rotate % 180 === 0;
  return { xMm: x / scale, yMm: y / scale, widthMm: upright ? width : height, heightMm: upright ? height : width };
}

/** The rectangle of user space that is shown `widthMm` wide and `heightMm` high around this centre. */
export function userRectangle(
  page: PageGeometry,
  xMm: number,
  yMm: number,
  widthMm: number,
  heightMm: number,
): Rectangle {
  const a = toUserSpace(page, xMm - widthMm / 2, yMm - heightMm / 2);
  const b = toUserSpace(page, xMm + widthMm / 2, yMm + heightMm / 2);
  return { left: Math.min(a.x, b.x), bottom: Math.min(a.y, b.y), right: Math.max(a.x, b.x), top: Math.max(a.y, b.y) };
}

/** Overlap of more than `toleranceMm` both ways. */
export function overlaps(a: ShownRectangle, b: ShownRectangle, toleranceMm: number): boolean {
  const across = Math.min(a.xMm + a.widthMm, b.xMm + b.widthMm) - Math.max(a.xMm, b.xMm);
  const down = Math.min(a.yMm + a.heightMm, b.yMm + b.heightMm) - Math.max(a.yMm, b.yMm);
  return across > toleranceMm && down > toleranceMm;
}
