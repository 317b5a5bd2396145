// Where a seal comes to lie on a page, whatever the format of the document: what placements are resolved to before anything is signed.

/** In millimetres from a top left corner, y downwards. */
export interface Area {
  readonly xMm: number;
  readonly yMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

export interface Size {
  readonly widthMm: number;
  readonly heightMm: number;
}

/** A page as it is shown. */
export type PageFace = Size;

/** The pages of a document; each is looked at only when something is placed on it. */
export interface Pages {
  readonly pageCount: number;
  /** `page` from 1 to `pageCount`. */
  readonly face: (page: number) => PageFace;
}

export interface Place {
  /** 1 is the first page. */
  readonly page: number;
  /** Centre of the whole seal, from the top left of the page as shown; with a clip it may lie outside the page. */
  readonly xMm: number;
  readonly yMm: number;
  /** What of the seal is shown, from the seal's own top left; all of it when absent. */
  readonly clip?: Area;
}

/** One signature shows its seal at this many places at most; more is an attack on the file's size. */
export const maxPlaces = 1_000;
