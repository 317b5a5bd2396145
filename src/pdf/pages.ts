// The page tree as a flat list of pages with their inherited attributes (ISO 32000-2, 7.7.3).

import type { PdfFile } from './file.ts';
import { shownSizeMm } from './geometry.ts';
import type { Rectangle, Rotation } from './geometry.ts';
import { malformed, maxDepth, maxPages, tooLarge } from './limits.ts';
import { PdfArray, PdfDict, PdfRef, isName } from './objects.ts';
import type { PdfObject } from './objects.ts';

export interface PdfPage {
  /** 1-based. */
  readonly number: number;
  readonly objectRef: PdfRef;
  readonly mediaBox: Rectangle;
  /** Cut to the media box. */
  readonly cropBox: Rectangle;
  readonly rotate: Rotation;
  readonly userUnit: number;
  /** As shown: cropped and rotated. */
  readonly widthMm: number;
  readonly heightMm: number;
  readonly dict: PdfDict;
}

interface Inherited {
  readonly mediaBox: PdfObject;
  readonly cropBox: PdfObject;
  readonly rotate: PdfObject;
}

interface Node {
  readonly ref: PdfRef;
  readonly inherited: Inherited;
  readonly depth: number;
}

export function readPages(file: PdfFile): PdfPage[] {
  const root = file.catalog().get('Pages');
  if (!(root instanceof PdfRef)) throw malformed('the catalog has no page tree');
  const pages: PdfPage[] = [];
  const seen = new Set<number>();
  const stack: Node[] = [{ ref: root, inherited: { mediaBox: null, cropBox: null, rotate: null }, depth: 0 }];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const dict = file.resolve(node.ref);
    if (!(dict instanceof PdfDict)) throw malformed(`the page tree names object ${node.ref.number}, which is no page`);
    if (seen.has(node.ref.number)) throw malformed('the page tree names a node twice');
    if (node.depth > maxDepth || seen.size > 2 * maxPages) throw tooLarge('the page tree is too deep or too large');
    seen.add(node.ref.number);
    const inherited = inherit(file, dict, node.inherited);
    if (isName(file.get(dict, 'Type'), 'Page')) {
      if (pages.length === maxPages) throw tooLarge(`more than ${maxPages} pages`);
      pages.push(readPage(file, node.ref, dict, inherited, pages.length + 1));
    } else stack.push(...kidsOf(file, dict, { ...node, inherited }));
  }
  const count = file.get(pagesRoot(file, root), 'Count');
  // Readers that trust /Count and readers that walk the tree must see the same document.
  if (count !== pages.length) throw malformed(`the page tree has ${pages.length} pages and says another number`);
  if (pages.length === 0) throw malformed('it has no page');
  return pages;
}

function pagesRoot(file: PdfFile, root: PdfRef): PdfDict {
  const dict = file.resolve(root);
  if (!(dict instanceof PdfDict) || !isName(file.get(dict, 'Type'), 'Pages'))
    throw malformed('the root of the page tree is wrong');
  return dict;
}

function kidsOf(file: PdfFile, dict: PdfDict, node: Node): Node[] {
  if (!isName(file.get(dict, 'Type'), 'Pages'))
    throw malformed(`object ${node.ref.number} of the page tree has a wrong type`);
  const kids = file.array(dict, 'Kids');
  if (kids === undefined) throw malformed(`object ${node.ref.number} of the page tree has no kids`);
  if (kids.items.length > maxPages) throw tooLarge(`more than ${maxPages} pages`);
  return kids.items
    .map((kid) => {
      if (!(kid instanceof PdfRef)) throw malformed('a page is not an indirect object');
      return { ref: kid, inherited: node.inherited, depth: node.depth + 1 };
    })
    .reverse(); // the stack gives them back in document order
}

function inherit(file: PdfFile, dict: PdfDict, above: Inherited): Inherited {
  return {
    mediaBox: file.get(dict, 'MediaBox') ?? above.mediaBox,
    cropBox: file.get(dict, 'CropBox') ?? above.cropBox,
    rotate: file.get(dict, 'Rotate') ?? above.rotate,
  };
}

function readPage(file: PdfFile, objectRef: PdfRef, dict: PdfDict, inherited: Inherited, number: number): PdfPage {
  const mediaBox = rectangleOf(file, inherited.mediaBox);
  if (mediaBox === undefined) throw malformed(`page ${number} has no media box`);
  const cropBox = intersection(mediaBox, inherited.cropBox === null ? mediaBox : rectangleOf(file, inherited.cropBox));
  const rotate = rotationOf(inherited.rotate);
  const userUnit = file.get(dict, 'UserUnit') ?? 1;
  if (cropBox === undefined) throw malformed(`page ${number} shows nothing of its media box`);
  if (rotate === undefined) throw malformed(`page ${number} has a rotation that is no quarter turn`);
  if (typeof userUnit !== 'number' || !(userUnit > 0 && userUnit <= 75_000))
    throw malformed(`page ${number} has a bad user unit`);
  const geometry = { mediaBox, cropBox, rotate, userUnit };
  return { number, objectRef, ...geometry, ...shownSizeMm(geometry), dict };
}

/** A rectangle with its corners put in order (7.9.5); undefined when it is none or has no area. */
export function rectangleOf(file: PdfFile, object: PdfObject): Rectangle | undefined {
  const array = file.resolve(object);
  if (!(array instanceof PdfArray) || array.items.length !== 4) return undefined;
  const [a, b, c, d] = array.items.map((item) => file.resolve(item));
  if (typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number' || typeof d !== 'number')
    return undefined;
  const box = { left: Math.min(a, c), bottom: Math.min(b, d), right: Math.max(a, c), top: Math.max(b, d) };
  return box.right > box.left && box.top > box.bottom ? box : undefined;
}

function intersection(a: Rectangle, b: Rectangle | undefined): Rectangle | undefined {
  if (b === undefined) return undefined;
  const box = {
    left: Math.max(a.left, b.left),
    bottom: Math.max(a.bottom, b.bottom),
    right: Math.min(a.right, b.right),
    top: Math.min(a.top, b.top),
  };
  return box.right > box.left && box.top > box.bottom ? box : undefined;
}

function rotationOf(object: PdfObject): Rotation | undefined {
  if (object === null) return 0;
  if (typeof object !== 'number') return undefined;
  const turned = ((object % 360) + 360) % 360;
  return turned === 0 || turned === 90 || turned === 180 || turned === 270 ? turned : undefined;
}
