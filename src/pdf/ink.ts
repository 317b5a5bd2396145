// Whether an appearance is ink: it darkens what lies under it and cannot hide it (ISO 32000-2, 11.3.5, blend modes, and 12.5.5).

import { isTrustError } from '../kernel/errors.ts';
import type { PdfFile } from './file.ts';
import { decodeStream } from './filters.ts';
import { ReadBudget } from './limits.ts';
import { PdfDict, PdfName, PdfStream, isName } from './objects.ts';
import type { PdfObject } from './objects.ts';

/** What sets up a picture is short; the picture itself is a form of its own. */
const maxContentBytes = 16 * 1024;
const maxForms = 50;
/** Blend modes whose result is never lighter than what was there. */
const darkening = new Set(['Multiply', 'Darken', 'ColorBurn']);

/** False when in doubt: other states than the normal one, unknown operators, too much to read. */
export function isInk(file: PdfFile, annotation: PdfDict): boolean {
  try {
    const appearances = file.get(annotation, 'AP');
    if (appearances === null) return annotation.get('MK') === null;
    if (!(appearances instanceof PdfDict) || [...appearances.entries.keys()].some((key) => key !== 'N')) return false;
    const normal = file.get(appearances, 'N');
    return normal instanceof PdfStream && paintsUnderBlend(file, normal);
  } catch (error) {
    if (isTrustError(error)) return false;
    throw error;
  }
}

/**
 * The content sets a darkening mode before anything else, in plain operators, and nothing takes it back: no other mode, and no `Q` that
 * returns to the state before. What is drawn under it may be anything.
 */
function paintsUnderBlend(file: PdfFile, form: PdfStream): boolean {
  // As a group it would be put together by itself, where there is nothing to darken, and then laid over the page (11.4.5).
  if (form.dict.get('Group') !== null) return false;
  const resources = file.dict(form.dict, 'Resources') ?? new PdfDict([]);
  if (form.sizeBytes > maxContentBytes || !modesDarken(file, resources)) return false;
  const content = decodeStream(form, (object) => file.resolve(object), new ReadBudget());
  if (content.length > maxContentBytes) return false;
  const words = content.toString('latin1').trim().split(/\s+/);
  const first = words.indexOf('gs');
  const before = words.slice(0, first - 1).join(' ');
  if (first < 1 || !/^(?:q ?)?$/.test(before) || !setsMode(file, resources, words[first - 1])) return false;
  return staysInside(words.slice(first + 1), before === 'q') && formsDarken(file, resources);
}

/** Only words that stand for themselves: in strings, dictionaries and inline images an operator could hide. */
function staysInside(words: readonly string[], saved: boolean): boolean {
  let depth = saved ? 1 : 0;
  for (const [index, word] of words.entries()) {
    if (!/^(?:[A-Za-z]{1,3}\*?|\/[\w.-]+|[+-]?[\d.]+)$/.test(word) || word === 'BI') return false;
    if (word === 'q') depth++;
    if (word === 'Q' && --depth < 1) return saved && depth === 0 && index === words.length - 1;
  }
  return true;
}

function setsMode(file: PdfFile, resources: PdfDict, operand = ''): boolean {
  const states = file.dict(resources, 'ExtGState');
  const state = states === undefined ? null : file.get(states, operand.slice(1));
  return state instanceof PdfDict && isDarkening(file.get(state, 'BM'));
}

function isDarkening(mode: PdfObject): boolean {
  return mode instanceof PdfName && darkening.has(mode.value);
}

function modesDarken(file: PdfFile, resources: PdfDict): boolean {
  return valuesOf(file, resources, 'ExtGState').every((state) => {
    if (!(state instanceof PdfDict)) return false;
    const mode = file.get(state, 'BM');
    return mode === null || isDarkening(mode);
  });
}

/** A form that is a group is put together first and blended as one; one that is none could set another mode inside. */
function formsDarken(file: PdfFile, resources: PdfDict): boolean {
  const open: PdfDict[] = [resources];
  for (let count = 0, next = open.pop(); next !== undefined; next = open.pop()) {
    if (drawsElsewhere(file, next)) return false;
    for (const value of valuesOf(file, next, 'XObject')) {
      if (!(value instanceof PdfStream) || ++count > maxForms) return false;
      if (isName(file.get(value.dict, 'Subtype'), 'Image')) continue;
      const group = file.get(value.dict, 'Group');
      if (group instanceof PdfDict && isName(file.get(group, 'S'), 'Transparency')) continue;
      const inner = file.dict(value.dict, 'Resources') ?? new PdfDict([]);
      if (!modesDarken(file, inner)) return false;
      open.push(inner);
    }
  }
  return true;
}

/** Tiles and drawn glyphs have content and resources of their own, in which some readers let another mode be set (8.7.3, 9.6.4). */
function drawsElsewhere(file: PdfFile, resources: PdfDict): boolean {
  const fonts = valuesOf(file, resources, 'Font');
  return (
    valuesOf(file, resources, 'Pattern').length > 0 ||
    fonts.some((font) => !(font instanceof PdfDict) || isName(file.get(font, 'Subtype'), 'Type3'))
  );
}

function valuesOf(file: PdfFile, resources: PdfDict, key: string): PdfObject[] {
  return [...(file.dict(resources, key)?.entries.values() ?? [])].map((value) => file.resolve(value));
}
