// Makes plain PDF files for tests: pages with a line of text, a classic cross-reference table, nothing else (ISO 32000-2, 7.5).

export interface PlainPdf {
  readonly pages?: number;
  /** Points; A4 when absent. */
  readonly widthPt?: number;
  readonly heightPt?: number;
  readonly text?: string;
}

export function plainPdf({
  pages = 1,
  widthPt = 595,
  heightPt = 842,
  text = 'Certificate',
}: PlainPdf = {}): Uint8Array {
  const bodies: string[] = [];
  const pageNumber = (i: number): number => 4 + 2 * i;
  const kids = Array.from({ length: pages }, (_, i) => `${pageNumber(i)} 0 R`).join(' ');
  bodies.push('<< /Type /Catalog /Pages 2 0 R >>');
  bodies.push(`<< /Type /Pages /Kids [${kids}] /Count ${pages} >>`);
  bodies.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (let i = 0; i < pages; i++) {
    const content = `BT /F1 24 Tf 72 ${heightPt - 100} Td (${text}, page ${i + 1}) Tj ET`;
    bodies.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${widthPt} ${heightPt}] /Contents ${pageNumber(i) + 1} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
    );
    bodies.push(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  let file = '%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n';
  const offsets = bodies.map((body, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const start = file.length;
  file += `xref\n0 ${bodies.length + 1}\n0000000000 65535 f \n`;
  for (const offset of offsets) file += `${String(offset).padStart(10, '0')} 00000 n \n`;
  file += `trailer\n<< /Size ${bodies.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Uint8Array.from(Buffer.from(file, 'latin1'));
}
