// A font as far as the reading of text needs it: encoding, widths and map to Unicode, and no font program (ISO 32000-2, 9.6 to 9.10).

import type { PdfFile } from '../file.ts';
import { PdfArray, PdfDict, PdfName, PdfStream, PdfString, asDict, dictOf } from '../objects.ts';
import type { PdfObject } from '../objects.ts';
import type { ContentData } from './content-data.ts';

export interface TextFont {
  /** Complete in itself but for the streams below, which stand under their keys. */
  readonly dict: PdfDict;
  readonly streams: Readonly<Record<string, Uint8Array>>;
  /** The codes of a shown string as this dictionary has them. */
  codes(shown: Uint8Array): Uint8Array;
  /** Its codes lead to no characters. */
  readonly mute: boolean;
  /** It writes downwards, which is not read. */
  readonly vertical: boolean;
}

const maxItems = 70_000;
const maxDepth = 6;
const simpleKeys = ['Type', 'Subtype', 'BaseFont', 'FirstChar', 'LastChar', 'Widths', 'Encoding'];
const descendantKeys = ['Type', 'Subtype', 'BaseFont', 'DW', 'W'];
/** Of an em: fonts say of themselves what they like, and the middle of an ideograph is here. */
const [ascent, descent] = [880, -120];

/** Predefined maps of codes (table 116) whose codes are those of a character set. */
const characterSets: readonly (readonly [RegExp, string])[] = [
  [/^Uni(?:GB|CNS|JIS|JIS2004|KS)-(?:UCS2|UTF16)-(?:HW-)?[HV]$/, 'utf-16be'],
  [/^GB(?:pc)?-EUC-[HV]$|^GBKp?-EUC-[HV]$|^GBK2K-[HV]$/, 'gb18030'],
  [/^(?:B5pc|ETen-B5|ETenms-B5|HKscs-B5)-[HV]$/, 'big5'],
  [/^(?:83pv|90ms|90msp|90pv|Add|Ext)-RKSJ-[HV]$/, 'shift_jis'],
  [/^EUC-[HV]$/, 'euc-jp'],
  [/^KSC(?:ms-UHC|ms-UHC-HW|pc-EUC|-EUC)-[HV]$/, 'euc-kr'],
];

/** Every code is its own glyph number, yet none is a character: those are told by ToUnicode alone. */
const plainMap = Buffer.from(
  '/CMapName /Plain def 1 begincodespacerange <0000> <FFFF> endcodespacerange 1 begincidrange <0000> <FFFF> 0 endcidrange',
  'latin1',
);

export function textFont(file: PdfFile, font: PdfDict, data: ContentData): TextFont {
  const copy = (dict: PdfDict, keys: readonly string[]): Record<string, PdfObject> =>
    Object.fromEntries(keys.map((key) => [key, copied(file, dict.get(key), 0)]));
  const toUnicode = data.of(font.get('ToUnicode'));
  const streams = toUnicode === undefined ? {} : { ToUnicode: toUnicode };
  const subtype = file.get(font, 'Subtype');
  if (!(subtype instanceof PdfName) || subtype.value !== 'Type0') {
    const scale = subtype instanceof PdfName && subtype.value === 'Type3' ? typeThreeScale(file, font) : 1;
    const simple = copy(font, simpleKeys);
    if (scale !== 1) simple['Widths'] = scaled(simple['Widths'] ?? null, scale);
    const dict = dictOf({ ...simple, FontDescriptor: descriptorOf(file, font) });
    return { dict, streams, codes: (shown) => shown, mute: false, vertical: false };
  }
  const descendants = file.get(font, 'DescendantFonts');
  const descendant = asDict(file.resolve((descendants instanceof PdfArray ? descendants.items[0] : undefined) ?? null));
  const own: Record<string, PdfObject> =
    descendant === undefined
      ? {}
      : { ...copy(descendant, descendantKeys), FontDescriptor: descriptorOf(file, descendant) };
  const composite = (encoding: PdfObject, more: Record<string, PdfObject> = {}) =>
    dictOf({
      ...copy(font, ['Type', 'Subtype', 'BaseFont']),
      Encoding: encoding,
      DescendantFonts: new PdfArray([dictOf({ ...own, ...more })]),
    });
  const encoding = file.get(font, 'Encoding');
  const name = encoding instanceof PdfName ? encoding.value : '';
  const vertical = name.endsWith('-V') || isVertical(file, encoding);
  const set = characterSets.find(([names]) => names.test(name))?.[1];
  if (set === undefined) {
    const map = encoding instanceof PdfStream ? data.of(encoding) : undefined;
    return {
      dict: composite(null),
      streams: { ...streams, Encoding: map ?? plainMap },
      codes: (shown) => shown,
      mute: toUnicode === undefined,
      vertical,
    };
  }
  // The codes become UTF-16, which the identity stands for. Widths are known by glyph number alone: Latin letters of the four
  // collections have numbers from 1 in the order of ASCII, all else has the width that most glyphs have.
  return {
    dict: composite(new PdfName('Identity-H'), { W: latinWidths(own['W'] ?? null) }),
    streams: {},
    codes: set === 'utf-16be' ? (shown) => shown : recoded(set),
    mute: false,
    vertical,
  };
}

/** Every font gets one, and is as high as every other. */
function descriptorOf(file: PdfFile, font: PdfDict): PdfDict {
  const descriptor = asDict(file.get(font, 'FontDescriptor'));
  const missing = descriptor === undefined ? null : file.get(descriptor, 'MissingWidth');
  return dictOf({
    Type: new PdfName('FontDescriptor'),
    FontName: new PdfName('Skeleton'),
    Flags: 32,
    Ascent: ascent,
    Descent: descent,
    MissingWidth: typeof missing === 'number' ? missing : null,
  });
}

/** Without references and streams; what is too deep or too long is left out. */
function copied(file: PdfFile, object: PdfObject, depth: number): PdfObject {
  const value = file.resolve(object);
  if (value instanceof PdfStream || value instanceof PdfString) return null;
  if (value instanceof PdfArray) {
    if (depth > maxDepth || value.items.length > maxItems) return null;
    return new PdfArray(value.items.map((item) => copied(file, item, depth + 1)));
  }
  if (!(value instanceof PdfDict)) return value;
  if (depth > maxDepth) return null;
  return new PdfDict(Array.from(value.entries, ([key, entry]) => [key, copied(file, entry, depth + 1)] as const));
}

/** 9.6.4: a font of drawings has a scale of its own. */
function typeThreeScale(file: PdfFile, font: PdfDict): number {
  const matrix = file.get(font, 'FontMatrix');
  const scale = matrix instanceof PdfArray ? file.resolve(matrix.items[0] ?? null) : null;
  return typeof scale === 'number' && scale !== 0 ? scale * 1000 : 1;
}

function scaled(widths: PdfObject, scale: number): PdfObject {
  if (!(widths instanceof PdfArray)) return widths;
  return new PdfArray(widths.items.map((item) => (typeof item === 'number' ? item * scale : item)));
}

function isVertical(file: PdfFile, encoding: PdfObject): boolean {
  return encoding instanceof PdfStream && file.get(encoding.dict, 'WMode') === 1;
}

/** Table 115, W: `c [w …]` and `c c w`; of glyphs 1 to 95, as widths of the codes 32 to 126. */
function latinWidths(given: PdfObject): PdfArray {
  const widths = new Map<number, number>();
  const items = given instanceof PdfArray ? given.items : [];
  for (let at = 0; at < items.length; ) {
    const [first, second, third] = items.slice(at, at + 3);
    if (typeof first !== 'number') break;
    if (second instanceof PdfArray) {
      second.items.slice(0, 95).forEach((width, n) => typeof width === 'number' && widths.set(first + n, width));
      at += 2;
    } else {
      if (typeof second !== 'number' || typeof third !== 'number') break;
      for (let glyph = Math.max(1, first); glyph <= Math.min(95, second); glyph++) widths.set(glyph, third);
      at += 3;
    }
  }
  return new PdfArray([32, new PdfArray(Array.from({ length: 95 }, (_, n) => widths.get(n + 1) ?? 500))]);
}

function recoded(set: string): (shown: Uint8Array) => Uint8Array {
  const decoder = new TextDecoder(set);
  return (shown) => Buffer.from(decoder.decode(shown), 'utf16le').swap16();
}
