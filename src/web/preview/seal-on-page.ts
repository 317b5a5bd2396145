// The picture of a seal at its exact place on a page that is shown: in parts of the page, so that it stays there at any size.

export interface PlacedSeal {
  readonly page: number;
  /** Centre of the whole seal, from the top left of the page. */
  readonly xMm: number;
  readonly yMm: number;
  /** What of it is shown, from its own top left. */
  readonly clip?: { readonly xMm: number; readonly yMm: number; readonly widthMm: number; readonly heightMm: number };
}

export interface SealPicture {
  readonly url: string;
  readonly name: string;
  readonly widthMm: number;
  readonly heightMm: number;
}

interface PageSize {
  readonly widthMm: number;
  readonly heightMm: number;
}

export function sealElement(page: PageSize, seal: PlacedSeal, picture: SealPicture): HTMLElement {
  const part = seal.clip ?? { xMm: 0, yMm: 0, widthMm: picture.widthMm, heightMm: picture.heightMm };
  const frame = document.createElement('span');
  frame.className = 'placed-seal';
  moveTo(frame, page, {
    leftMm: seal.xMm - picture.widthMm / 2 + part.xMm,
    topMm: seal.yMm - picture.heightMm / 2 + part.yMm,
    widthMm: part.widthMm,
    heightMm: part.heightMm,
  });
  const image = document.createElement('img');
  image.src = picture.url;
  image.alt = picture.name;
  moveTo(image, part, { leftMm: -part.xMm, topMm: -part.yMm, widthMm: picture.widthMm, heightMm: picture.heightMm });
  frame.append(image);
  return frame;
}

interface Box {
  readonly leftMm: number;
  readonly topMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
}

/** Through the object model: a style in the markup is what our pages refuse. */
export function moveTo(element: HTMLElement, within: PageSize, { leftMm, topMm, widthMm, heightMm }: Box): void {
  element.style.left = `${(leftMm / within.widthMm) * 100}%`;
  element.style.top = `${(topMm / within.heightMm) * 100}%`;
  element.style.width = `${(widthMm / within.widthMm) * 100}%`;
  element.style.height = `${(heightMm / within.heightMm) * 100}%`;
}
