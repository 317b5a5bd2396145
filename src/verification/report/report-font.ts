// The typeface of a report inside its PDF: a composite font whose text can be searched and copied; ISO 32000-2, 9.7.4, 9.8 and 9.10.3.

import { dictOf, PdfArray, PdfName, PdfRef } from '../../pdf/objects.ts';
import type { NewPdf } from '../../pdf/new-file.ts';
import { textString } from '../../pdf/text.ts';
import { type TextFont, type TextGlyph, textFontName } from '../../seal/picture/text-font.ts';

/** Nonsymbolic and serif (table 121). */
const fontFlags = 2 | 32;
const stemWidth = 80;
const name = new PdfName(`YXREPT+${textFontName}`);

/** After all text was laid out: the program holds what was used. */
export function addFont(pdf: NewPdf, font: TextFont): PdfRef {
  const program = font.program();
  const { ascent, descent, capHeight, box } = font.metrics();
  const descriptor = pdf.add(
    dictOf({
      Type: new PdfName('FontDescriptor'),
      FontName: name,
      Flags: fontFlags,
      FontBBox: new PdfArray(box),
      ItalicAngle: 0,
      Ascent: ascent,
      Descent: descent,
      CapHeight: capHeight,
      StemV: stemWidth,
      FontFile2: pdf.addStream(program, { Length1: program.length }),
    }),
  );
  const used = font.used();
  const descendant = pdf.add(
    dictOf({
      Type: new PdfName('Font'),
      Subtype: new PdfName('CIDFontType2'),
      BaseFont: name,
      CIDSystemInfo: dictOf({ Registry: textString('Adobe'), Ordering: textString('Identity'), Supplement: 0 }),
      FontDescriptor: descriptor,
      DW: 1000,
      W: new PdfArray(used.flatMap(({ code, width }) => [code, new PdfArray([width])])),
      CIDToGIDMap: new PdfName('Identity'),
    }),
  );
  return pdf.add(
    dictOf({
      Type: new PdfName('Font'),
      Subtype: new PdfName('Type0'),
      BaseFont: name,
      Encoding: new PdfName('Identity-H'),
      DescendantFonts: new PdfArray([descendant]),
      ToUnicode: pdf.addStream(Buffer.from(unicodeMap(used), 'latin1')),
    }),
  );
}

/** 9.10.3; at most a hundred entries in one section. */
function unicodeMap(used: readonly TextGlyph[]): string {
  const lines = used.map(({ code, text }) => `<${hex16(code)}> <${[...utf16(text)].map(hex16).join('')}>`);
  const sections: string[] = [];
  for (let start = 0; start < lines.length; start += 100) {
    const part = lines.slice(start, start + 100);
    sections.push(`${part.length} beginbfchar\n${part.join('\n')}\nendbfchar\n`);
  }
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${sections.join('')}endcmap
CMapName currentdict /CMap defineresource pop
end
end
`;
}

function utf16(text: string): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

export function hex16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
