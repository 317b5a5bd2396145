// The text of a page as glyphs with their places: text objects of the page and its templates; GB/T 33190-2016, 7.7 (pages), 8.5 (matrices) and 11.3 (TextCode).

import type { PlacedGlyph } from '../codec/placed-text.ts';
import type { OfdDocument, OfdFile } from './document.ts';
import { maxXmlDepth } from './limits.ts';
import { numbersOf } from './values.ts';
import { childOf, childrenOf, type XmlElement } from './xml.ts';

/** a b c d e f of 8.5: x' = a·x + c·y + e, y' = b·x + d·y + f. */
type Matrix = readonly [number, number, number, number, number, number];

const identity: Matrix = [1, 0, 0, 1, 0, 0];
/** Of an em: how far glyphs reach above the baseline, and below it. */
const ascent = 0.88;
const descent = 0.12;

/** `page` from 1; in the order of drawing. What is damaged in a text object leaves it out. Throws malformed-ofd, unsupported-ofd. */
export function pageGlyphs(file: OfdFile, page: number): PlacedGlyph[] {
  const [document] = file.documents;
  const found = document?.pages[page - 1];
  if (document === undefined || found === undefined) return [];
  const { root } = file.package.xml(found.file);
  const templates = childrenOf(root, 'Template').flatMap((used) => templateOf(file, document, used) ?? []);
  return [...templates, root].flatMap((one) =>
    childrenOf(childOf(one, 'Content'), 'Layer').flatMap((layer) => glyphsIn(layer, 0)),
  );
}

function templateOf(file: OfdFile, document: OfdDocument, used: XmlElement): XmlElement | undefined {
  const id = used.attributes.get('TemplateID')?.trim();
  const listed = childrenOf(childOf(document.root, 'CommonData'), 'TemplatePage');
  const location = listed.find(({ attributes }) => attributes.get('ID')?.trim() === id)?.attributes.get('BaseLoc');
  const name = location === undefined ? undefined : file.package.resolve(document.file, location);
  return name === undefined ? undefined : file.package.xml(name).root;
}

/** Layers hold text objects, and blocks that hold more of them. */
function glyphsIn(block: XmlElement, depth: number): PlacedGlyph[] {
  if (depth > maxXmlDepth) return [];
  return block.children.flatMap((child) => {
    if (child.name === 'PageBlock') return glyphsIn(child, depth + 1);
    return child.name === 'TextObject' && child.attributes.get('Visible') !== 'false' ? glyphsOf(child) : [];
  });
}

function glyphsOf(object: XmlElement): PlacedGlyph[] {
  const boundary = boundaryOf(object);
  const size = Number(object.attributes.get('Size'));
  const scale = Number(object.attributes.get('HScale') ?? 1);
  if (boundary === undefined || !(size > 0) || !(scale > 0)) return [];
  const matrix = matrixOf(object.attributes.get('CTM'));
  const toPage = (x: number, y: number): [number, number] => [
    boundary.xMm + matrix[0] * x + matrix[2] * y + matrix[4],
    boundary.yMm + matrix[1] * x + matrix[3] * y + matrix[5],
  ];
  const glyphs: PlacedGlyph[] = [];
  let [x, y] = [0, 0];
  for (const code of childrenOf(object, 'TextCode')) {
    // A run without a start begins where the one before it began.
    x = numberOf(code.attributes.get('X')) ?? x;
    y = numberOf(code.attributes.get('Y')) ?? y;
    const characters = Array.from(code.text);
    const deltaX = deltasOf(code.attributes.get('DeltaX'), characters.length);
    const deltaY = deltasOf(code.attributes.get('DeltaY'), characters.length);
    let [atX, atY] = [x, y];
    for (const [index, text] of characters.entries()) {
      const width = size * scale * (isWide(text) ? 1 : 0.5);
      glyphs.push({ text, box: around(toPage, [atX, atY - ascent * size], [atX + width, atY + descent * size]) });
      atX += deltaX[index] ?? (deltaY.length > 0 ? 0 : width);
      atY += deltaY[index] ?? 0;
    }
  }
  return glyphs;
}

function boundaryOf(object: XmlElement): PlacedGlyph['box'] | undefined {
  const numbers = numbersOf(object.attributes.get('Boundary') ?? '');
  const [xMm, yMm, widthMm, heightMm] = numbers ?? [];
  if (xMm === undefined || yMm === undefined || widthMm === undefined || heightMm === undefined) return undefined;
  return { xMm, yMm, widthMm, heightMm };
}

function matrixOf(text: string | undefined): Matrix {
  const [a, b, c, d, e, f] = text === undefined ? identity : (numbersOf(text) ?? identity);
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined || f === undefined)
    return identity;
  return [a, b, c, d, e, f];
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : numbersOf(text)?.[0];
}

/** 11.3: distances from glyph to glyph, `g n d` standing for n times d. No more than there are glyphs. */
function deltasOf(text: string | undefined, most: number): number[] {
  const tokens = text?.trim().split(/\s+/) ?? [];
  const deltas: number[] = [];
  for (let at = 0; at < tokens.length && deltas.length < most; at++) {
    if (tokens[at] === 'g') {
      const [count = 0, delta = 0] = [numberOf(tokens[at + 1]), numberOf(tokens[at + 2])];
      for (let n = 0; n < count && deltas.length < most; n++) deltas.push(delta);
      at += 2;
    } else deltas.push(numberOf(tokens[at]) ?? 0);
  }
  return deltas;
}

/** Ideographs, kana, hangul and full-width forms take a whole em, as far as one can say without the font. */
function isWide(text: string): boolean {
  return /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(
    text,
  );
}

type Point = readonly [number, number];

function around(toPage: (x: number, y: number) => Point, from: Point, to: Point): PlacedGlyph['box'] {
  const corners = [toPage(...from), toPage(to[0], from[1]), toPage(...to), toPage(from[0], to[1])];
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [xMm, yMm] = [Math.min(...xs), Math.min(...ys)];
  return { xMm, yMm, widthMm: Math.max(...xs) - xMm, heightMm: Math.max(...ys) - yMm };
}
