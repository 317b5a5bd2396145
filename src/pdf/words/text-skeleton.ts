// The text of a PDF and nothing else, as a new small PDF for a reader of text: pages of shown strings, fonts without programs (ISO 32000-2, 9.4).

import type { PdfFile } from '../file.ts';
import { PdfArray, PdfDict, PdfName, PdfRef, PdfStream, asDict, dictOf } from '../objects.ts';
import type { PdfObject } from '../objects.ts';
import type { PdfPage } from '../pages.ts';
import type { PdfDocument } from '../reader.ts';
import { numberText, serialise } from '../serialise.ts';
import { ContentData } from './content-data.ts';
import { ContentReader, Name } from './content-reader.ts';
import type { Operand, Operation } from './content-reader.ts';
import { textFont } from './text-font.ts';
import type { TextFont } from './text-font.ts';

export interface TextSkeleton {
  /** A PDF of its own. */
  readonly bytes: Uint8Array;
  /** For each of its pages, the page of the document it has text of. A long page is several. */
  readonly pages: readonly number[];
  /** Some text is in fonts that do not say which characters they show. */
  readonly mute: boolean;
}

type Matrix = readonly [number, number, number, number, number, number];

/** 9.3.1: what of the graphics state text has. */
interface State {
  readonly matrix: Matrix;
  readonly font: string | undefined;
  readonly size: number;
  /** Operators of the other parameters with their operand. */
  readonly parameters: Readonly<Record<string, number>>;
}

const initial: State = { matrix: [1, 0, 0, 1, 0, 0], font: undefined, size: 0, parameters: {} };
const parameterOperators = new Set(['Tc', 'Tw', 'Tz', 'TL', 'Ts']);
const movingOperators = new Set(['Td', 'TD', 'Tm', 'T*']);

/** Of operators in all pages together, and of shown bytes; a book of 1,000 pages has some 2 million of either. */
const maxOperations = 4_000_000;
const maxShownBytes = 4_000_000;
const maxForms = 5_000;
const maxFormDepth = 8;
const maxStates = 256;
const maxFonts = 2_000;
/** Readers of text compare the glyphs of a page with one another: a page of the skeleton has about so many. */
const glyphsOfPage = 1_000;

/** Throws RangeError beyond the limits. */
export function textSkeleton(document: PdfDocument, pages: readonly number[]): TextSkeleton {
  const builder = new SkeletonBuilder(document.file);
  for (const number of pages) {
    const page = document.pages[number - 1];
    if (page !== undefined) builder.addPage(page);
  }
  return builder.finish();
}

class SkeletonBuilder {
  readonly #file: PdfFile;
  readonly #data: ContentData;
  readonly #fonts = new Map<PdfDict, { readonly name: string; readonly font: TextFont }>();
  readonly #byName = new Map<string, TextFont>();
  readonly #contents: { readonly page: number; readonly content: string }[] = [];
  #operations = 0;
  #shownBytes = 0;
  #forms = 0;
  #mute = false;
  #blocks: string[] = [];
  #glyphs = 0;
  #page = 0;

  constructor(file: PdfFile) {
    this.#file = file;
    this.#data = new ContentData(file);
  }

  addPage(page: PdfPage): void {
    this.#page = page.number;
    const contents = this.#file.get(page.dict, 'Contents');
    const streams = contents instanceof PdfArray ? contents.items : [page.dict.get('Contents')];
    const parts = streams.flatMap((stream) => this.#data.of(stream) ?? []);
    this.#walk(
      Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')])),
      resourcesOf(this.#file, page.dict),
      initial,
      0,
    );
    this.#endPage();
  }

  finish(): TextSkeleton {
    return { bytes: this.#write(), pages: this.#contents.map(({ page }) => page), mute: this.#mute };
  }

  #walk(content: Uint8Array, resources: PdfDict | undefined, from: State, depth: number): void {
    let state = from;
    const states: State[] = [];
    let block: string[] | undefined;
    for (const operation of new ContentReader(content).operations()) {
      if (++this.#operations > maxOperations) throw new RangeError('the pages have too many operators');
      const { operator, operands } = operation;
      if (operator === 'q' && states.length < maxStates) states.push(state);
      else if (operator === 'Q') state = states.pop() ?? state;
      else if (operator === 'cm') state = { ...state, matrix: times(matrixOf(operands), state.matrix) };
      else if (operator === 'BT') block = opening(state);
      else if (operator === 'ET') {
        if (block !== undefined) this.#endBlock(block);
        block = undefined;
      } else if (operator === 'Do') this.#form(operands, resources, state, depth);
      else {
        state = this.#changed(state, operation, resources);
        if (block !== undefined) this.#text(block, operation, state);
      }
    }
    if (block !== undefined) this.#endBlock(block);
  }

  #changed(state: State, { operator, operands }: Operation, resources: PdfDict | undefined): State {
    const [first, second] = operands;
    if (operator === 'Tf' && first instanceof Name)
      return { ...state, font: this.#font(resources, first.value), size: numberOf(second) };
    if (parameterOperators.has(operator))
      return { ...state, parameters: { ...state.parameters, [operator]: numberOf(first) } };
    if (operator === 'TD') return { ...state, parameters: { ...state.parameters, TL: -numberOf(second) } };
    if (operator === '"')
      return { ...state, parameters: { ...state.parameters, Tw: numberOf(first), Tc: numberOf(second) } };
    return state;
  }

  /** Operators of text, their fonts under names of the skeleton. */
  #text(block: string[], { operator, operands }: Operation, state: State): void {
    if (operator === 'Tf') {
      if (state.font !== undefined) block.push(fontOperator(state.font, state.size));
    } else if (parameterOperators.has(operator) || movingOperators.has(operator)) {
      block.push([...operands.map((operand) => numberText(numberOf(operand))), operator].join(' '));
    } else if (operator === 'Tj') block.push(`${this.#shown(operands[0], state)} Tj`);
    else if (operator === 'TJ' && Array.isArray(operands[0])) {
      const items = operands[0].map((item: Operand) =>
        item instanceof Uint8Array ? this.#shown(item, state) : numberText(numberOf(item)),
      );
      block.push(`[${items.join(' ')}] TJ`);
    } else if (operator === "'") block.push(`T* ${this.#shown(operands[0], state)} Tj`);
    else if (operator === '"') {
      const { Tw = 0, Tc = 0 } = state.parameters;
      block.push(`${numberText(Tw)} Tw ${numberText(Tc)} Tc T* ${this.#shown(operands[2], state)} Tj`);
    }
  }

  #shown(operand: Operand, { font: name }: State): string {
    const font = name === undefined ? undefined : this.#byName.get(name);
    if (!(operand instanceof Uint8Array) || font === undefined) return '<>';
    this.#shownBytes += operand.length;
    if (this.#shownBytes > maxShownBytes) throw new RangeError('the pages have too much text');
    this.#glyphs += operand.length;
    if (font.mute || font.vertical) this.#mute = true;
    return font.vertical ? '<>' : `<${Buffer.from(font.codes(operand)).toString('hex')}>`;
  }

  #form(operands: readonly Operand[], resources: PdfDict | undefined, state: State, depth: number): void {
    const [name] = operands;
    const forms = resources === undefined ? undefined : asDict(this.#file.get(resources, 'XObject'));
    const form = name instanceof Name && forms !== undefined ? this.#file.get(forms, name.value) : null;
    if (!(form instanceof PdfStream) || depth >= maxFormDepth) return;
    const subtype = this.#file.get(form.dict, 'Subtype');
    if (!(subtype instanceof PdfName) || subtype.value !== 'Form') return;
    if (++this.#forms > maxForms) throw new RangeError('the pages have too many forms');
    const given = this.#file.get(form.dict, 'Matrix');
    const numbers = given instanceof PdfArray ? given.items.map((item) => this.#file.resolve(item)) : [];
    const matrix =
      numbers.length === 6 ? matrixOf(numbers.map((item) => (typeof item === 'number' ? item : 0))) : initial.matrix;
    const own = asDict(this.#file.get(form.dict, 'Resources')) ?? resources;
    const data = this.#data.of(form);
    if (data !== undefined) this.#walk(data, own, { ...state, matrix: times(matrix, state.matrix) }, depth + 1);
  }

  #font(resources: PdfDict | undefined, name: string): string | undefined {
    const fonts = resources === undefined ? undefined : asDict(this.#file.get(resources, 'Font'));
    const dict = fonts === undefined ? null : this.#file.get(fonts, name);
    if (!(dict instanceof PdfDict)) return undefined;
    const known = this.#fonts.get(dict);
    if (known !== undefined) return known.name;
    if (this.#fonts.size === maxFonts) throw new RangeError('the pages have too many fonts');
    const made = { name: `F${this.#fonts.size}`, font: textFont(this.#file, dict, this.#data) };
    this.#fonts.set(dict, made);
    this.#byName.set(made.name, made.font);
    return made.name;
  }

  #endBlock(block: readonly string[]): void {
    this.#blocks.push(...block, 'ET', 'Q');
    if (this.#glyphs > glyphsOfPage) this.#endPage();
  }

  #endPage(): void {
    if (this.#blocks.length > 0) this.#contents.push({ page: this.#page, content: this.#blocks.join('\n') });
    this.#blocks = [];
    this.#glyphs = 0;
  }

  /** Objects: 1 catalog, 2 page tree, then fonts with their streams, then pages with their contents. */
  #write(): Uint8Array {
    const objects: PdfObject[] = [];
    const add = (object: PdfObject): PdfRef => {
      objects.push(object);
      return new PdfRef(objects.length + 2, 0);
    };
    const stream = (bytes: Uint8Array): PdfRef => add(new PdfStream(dictOf({}), bytes));
    const fonts = Array.from(this.#fonts.values(), ({ name, font }): [string, PdfObject] => {
      const streams = Object.entries(font.streams).map(([key, bytes]) => [key, stream(bytes)] as const);
      return [name, add(font.dict.with(Object.fromEntries(streams)))];
    });
    const resources = add(dictOf({ Font: new PdfDict(fonts) }));
    const kids = this.#contents.map(({ content }) =>
      add(
        dictOf({
          Type: new PdfName('Page'),
          Parent: new PdfRef(2, 0),
          MediaBox: new PdfArray([0, 0, 1000, 1000]),
          Resources: resources,
          Contents: stream(Buffer.from(content, 'latin1')),
        }),
      ),
    );
    const catalog = dictOf({ Type: new PdfName('Catalog'), Pages: new PdfRef(2, 0) });
    const tree = dictOf({ Type: new PdfName('Pages'), Kids: new PdfArray(kids), Count: kids.length });
    return assembled([catalog, tree, ...objects]);
  }
}

function assembled(objects: readonly PdfObject[]): Uint8Array {
  const parts = [Buffer.from('%PDF-1.7\n', 'latin1')];
  let at = parts[0]?.length ?? 0;
  const rows = objects.map((object, index) => {
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), serialise(object), Buffer.from('\nendobj\n')]);
    const row = `${String(at).padStart(10, '0')} 00000 n \n`;
    parts.push(part);
    at += part.length;
    return row;
  });
  const size = objects.length + 1;
  const tail = `xref\n0 ${size}\n0000000000 65535 f \n${rows.join('')}trailer\n<</Size ${size} /Root 1 0 R>>\nstartxref\n${at}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(tail, 'latin1')]);
}

/** 7.8.3: of the page, else of its nearest ancestor. */
function resourcesOf(file: PdfFile, page: PdfDict): PdfDict | undefined {
  let node: PdfDict | undefined = page;
  for (let depth = 0; node !== undefined && depth < 64; depth++) {
    const resources = asDict(file.get(node, 'Resources'));
    if (resources !== undefined) return resources;
    node = asDict(file.get(node, 'Parent'));
  }
  return undefined;
}

function opening({ matrix, font, size, parameters }: State): string[] {
  const lines = ['q', `${matrix.map(numberText).join(' ')} cm`, 'BT'];
  if (font !== undefined) lines.push(fontOperator(font, size));
  // Readers keep parameters from one block to the next: each block says all of them.
  for (const [operator, fallback] of [
    ['Tc', 0],
    ['Tw', 0],
    ['Tz', 100],
    ['TL', 0],
    ['Ts', 0],
  ] as const)
    lines.push(`${numberText(parameters[operator] ?? fallback)} ${operator}`);
  return lines;
}

function fontOperator(font: string, size: number): string {
  return `/${font} ${numberText(size)} Tf`;
}

function numberOf(operand: Operand): number {
  return typeof operand === 'number' ? operand : 0;
}

function matrixOf(operands: readonly Operand[]): Matrix {
  const [a, b, c, d, e, f] = operands.map(numberOf);
  return [a ?? 1, b ?? 0, c ?? 0, d ?? 1, e ?? 0, f ?? 0];
}

/** The first is applied first; what grows beyond all numbers shows nothing. */
function times([a, b, c, d, e, f]: Matrix, [A, B, C, D, E, F]: Matrix): Matrix {
  const product: Matrix = [
    a * A + b * C,
    a * B + b * D,
    c * A + d * C,
    c * B + d * D,
    e * A + f * C + E,
    e * B + f * D + F,
  ];
  return product.every(Number.isFinite) ? product : [0, 0, 0, 0, 0, 0];
}
