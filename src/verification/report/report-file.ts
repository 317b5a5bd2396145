// A report as a tagged PDF: text that can be read aloud, searched and copied, in the language it says; ISO 32000-2, 14.7 to 14.9.

import { dictOf, PdfArray, PdfName, type PdfObject, PdfRef } from '../../pdf/objects.ts';
import { NewPdf } from '../../pdf/new-file.ts';
import { dateString, textString } from '../../pdf/text.ts';
import { TextFont, type TextGlyph } from '../../seal/picture/text-font.ts';
import { addFont, hex16 } from './report-font.ts';
import { labelWidth, laidOut, type Line, page, type Paragraph, type Rgb, widthOf } from './report-layout.ts';

export interface ReportText {
  readonly title: string;
  /** BCP 47. */
  readonly language: string;
  readonly madeAt: Date;
  readonly paragraphs: readonly Paragraph[];
  /** At the foot of every page. */
  readonly footer: (number: number, count: number) => string;
}

const footerSize = 8;
const grey: Rgb = [0.35, 0.35, 0.35];

export function reportFile(report: ReportText): Uint8Array {
  const font = new TextFont();
  const pages = laidOut(report.paragraphs, font);
  const footers = pages.map((_, index) => font.glyphs(report.footer(index + 1, pages.length)));
  const pdf = new NewPdf();
  const fontRef = addFont(pdf, font);
  const pagesRef = pdf.allocate();
  const pageRefs = pages.map((lines, index) => {
    const content = Buffer.from(contentOf(lines, footers[index] ?? []), 'latin1');
    return pdf.add(
      dictOf({
        Type: new PdfName('Page'),
        Parent: pagesRef,
        MediaBox: new PdfArray([0, 0, page.width, page.height]),
        Resources: dictOf({ Font: dictOf({ F1: fontRef }) }),
        Contents: pdf.addStream(content),
        StructParents: index,
        Tabs: new PdfName('S'),
      }),
    );
  });
  pdf.put(pagesRef, dictOf({ Type: new PdfName('Pages'), Kids: new PdfArray(pageRefs), Count: pageRefs.length }));
  const catalog = pdf.add(
    dictOf({
      Type: new PdfName('Catalog'),
      Pages: pagesRef,
      Lang: textString(report.language),
      MarkInfo: dictOf({ Marked: true }),
      ViewerPreferences: dictOf({ DisplayDocTitle: true }),
      StructTreeRoot: structure(pdf, report, pages, pageRefs),
    }),
  );
  const title = { Title: textString(report.title), Producer: textString('Yinxin') };
  return pdf.bytes({ catalog, info: pdf.add(dictOf({ ...title, CreationDate: dateString(report.madeAt) })) });
}

/** One piece of marked content a line, numbered on each page in order. */
function contentOf(lines: readonly Line[], footer: readonly TextGlyph[]): string {
  const marked = lines.map(({ glyphs, label, size, color, x, y }, id) => {
    const head = label.length === 0 ? '' : shown(label, { size, color: grey, x: x - labelWidth, y });
    return `/P <</MCID ${id}>> BDC\n${head}${shown(glyphs, { size, color, x, y })}EMC\n`;
  });
  const x = page.width - page.margin - (widthOf(footer) * footerSize) / 1000;
  const foot = shown(footer, { size: footerSize, color: grey, x, y: page.bottom / 2 });
  return `${marked.join('')}/Artifact BMC\n${foot}EMC\n`;
}

function shown(
  glyphs: readonly TextGlyph[],
  { size, color, x, y }: { size: number; color: Rgb; x: number; y: number },
): string {
  const text = glyphs.map(({ code }) => hex16(code)).join('');
  return `BT /F1 ${size} Tf ${color.join(' ')} rg 1 0 0 1 ${x.toFixed(2)} ${y.toFixed(2)} Tm <${text}> Tj ET\n`;
}

/** 14.7.2: the document with its paragraphs, each the lines that it has on one page or several. */
function structure(
  pdf: NewPdf,
  { paragraphs, language }: ReportText,
  pages: readonly (readonly Line[])[],
  pageRefs: readonly PdfRef[],
): PdfRef {
  const root = pdf.allocate();
  const document = pdf.allocate();
  const elements = paragraphs.map(() => pdf.allocate());
  const kids = paragraphs.map((): PdfObject[] => []);
  for (const [number, lines] of pages.entries()) {
    for (const [id, { paragraph }] of lines.entries()) {
      kids[paragraph]?.push(dictOf({ Type: new PdfName('MCR'), Pg: pageRefs[number] ?? null, MCID: id }));
    }
  }
  for (const [index, { role }] of paragraphs.entries()) {
    const element = elements[index];
    if (element === undefined) continue;
    const K = new PdfArray(kids[index] ?? []);
    pdf.put(element, dictOf({ Type: new PdfName('StructElem'), S: new PdfName(role), P: document, K }));
  }
  const whole = { Type: new PdfName('StructElem'), S: new PdfName('Document'), P: root, K: new PdfArray(elements) };
  pdf.put(document, dictOf({ ...whole, Lang: textString(language) }));
  const ofPages = pages.flatMap((lines, number): PdfObject[] => [
    number,
    new PdfArray(lines.flatMap(({ paragraph }) => elements[paragraph] ?? [])),
  ]);
  const parents = pdf.add(dictOf({ Nums: new PdfArray(ofPages) }));
  pdf.put(root, dictOf({ Type: new PdfName('StructTreeRoot'), K: document, ParentTree: parents }));
  return root;
}
