// Small PDFs made by hand in code: every spelling of the structure that the reader and the signer must know, and updates by attackers.

import { deflateSync } from 'node:zlib';

export interface SampleOptions {
  /** Form of the cross-reference. `packed` puts everything it can into an object stream; `hybrid` hides half in one. */
  readonly xref?: 'table' | 'stream' | 'packed' | 'hybrid';
  readonly pageCount?: number;
  /** Entries of every page dictionary, e.g. `/Rotate 90 /UserUnit 2`. */
  readonly page?: string;
  readonly mediaBox?: string;
  /** The pages hang under this many intermediate nodes, which carry MediaBox and `inherited`. */
  readonly nesting?: number;
  readonly inherited?: string;
  readonly annots?: 'none' | 'direct' | 'indirect' | 'shared';
  readonly form?: 'none' | 'direct' | 'indirect' | 'indirect-fields';
  /** Entries of the catalog. */
  readonly catalog?: string;
  readonly trailer?: string;
  readonly version?: string;
  readonly content?: string;
}

/** Objects 1 catalog, 2 root of the page tree, 3 information, 4 font, 5 content; pages from 10 on. */
export function samplePdf(options: SampleOptions = {}): Uint8Array {
  const { pageCount = 1, nesting = 0, annots = 'none', form = 'none' } = options;
  const box = `/MediaBox ${options.mediaBox ?? '[0 0 595 842]'} ${options.inherited ?? ''}`;
  const objects = new Map<number, string | Buffer>();
  const pages = Array.from({ length: pageCount }, (_, i) => 10 + i);
  const nodes = Array.from({ length: nesting }, (_, i) => 100 + i);
  const lastNode = nodes.at(-1) ?? 2;
  const formText = {
    none: '',
    direct: `/AcroForm << /Fields [] >>`,
    indirect: '/AcroForm 6 0 R',
    'indirect-fields': '/AcroForm 6 0 R',
  }[form];
  objects.set(1, `<< /Type /Catalog /Pages 2 0 R ${formText} ${options.catalog ?? ''} >>`);
  for (const [i, number] of [2, ...nodes].entries()) {
    const kids = nodes[i] === undefined ? pages.map((page) => `${page} 0 R`).join(' ') : `${nodes[i]} 0 R`;
    const parent = i === 0 ? '' : `/Parent ${i === 1 ? 2 : nodes[i - 2]} 0 R`;
    objects.set(
      number,
      `<< /Type /Pages /Kids [ ${kids} ] /Count ${pageCount} ${parent} ${number === lastNode ? box : ''} >>`,
    );
  }
  objects.set(3, '<< /Producer (sample) /Title <FEFF5370> >>');
  objects.set(4, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  const content = options.content ?? 'BT /F1 24 Tf 72 300 Td (Under the seal) Tj ET';
  objects.set(5, Buffer.from(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`, 'latin1'));
  if (form === 'indirect') objects.set(6, '<< /Fields [] /SigFlags 0 >>');
  if (form === 'indirect-fields') objects.set(6, '<< /Fields 7 0 R >>').set(7, '[ ]');
  if (annots !== 'none') objects.set(8, '<< /Type /Annot /Subtype /Link /Rect [10 10 50 20] /Border [0 0 0] >>');
  if (annots === 'indirect' || annots === 'shared') objects.set(9, '[ 8 0 R ]');
  const annotsText = { none: '', direct: '/Annots [ 8 0 R ]', indirect: '/Annots 9 0 R', shared: '/Annots 9 0 R' }[
    annots
  ];
  for (const page of pages) {
    const mine = annots === 'shared' || page === 10 ? annotsText : '';
    objects.set(
      page,
      `<< /Type /Page /Parent ${lastNode} 0 R /Resources << /Font << /F1 4 0 R >> >> /Contents 5 0 R ${mine} ${options.page ?? ''} >>`,
    );
  }
  return assemble(objects, options);
}

/** Any objects as a file; object 1 is the catalog, 3 the information dictionary when there is one. */
export function assemble(objects: ReadonlyMap<number, string | Buffer>, options: SampleOptions = {}): Uint8Array {
  const form = options.xref ?? 'table';
  const out: Buffer[] = [Buffer.from(`%PDF-${options.version ?? '1.7'}\n%\xe2\xe3\xcf\xd3\n`, 'latin1')];
  const rows = new Map<number, Row>();
  const highest = Math.max(...objects.keys());
  const size = highest + { table: 1, stream: 2, packed: 3, hybrid: 3 }[form];
  const packing = form === 'packed' || form === 'hybrid';
  // A reader without streams must find the catalog and the pages of a hybrid file in its table.
  const packed = packing
    ? [...objects].filter(([n, body]) => typeof body === 'string' && (form === 'packed' || n === 3 || n === 4))
    : [];
  const write = (number: number, body: string | Buffer): void => {
    rows.set(number, [1, lengthOf(out), 0]);
    out.push(Buffer.from(`${number} 0 obj\n`, 'latin1'), Buffer.from(body), Buffer.from('\nendobj\n', 'latin1'));
  };
  for (const [number, body] of objects) if (!packed.some(([n]) => n === number)) write(number, body);
  const container = size - 2;
  if (packed.length > 0) write(container, objectStream(packed));
  const hidden = new Map<number, Row>(packed.map(([number], i) => [number, [2, container, i]]));
  const info = objects.has(3) ? '/Info 3 0 R' : '';
  const trailer = `/Size ${size} /Root 1 0 R ${info} /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] ${options.trailer ?? ''}`;
  let start = lengthOf(out);
  if (form === 'table') out.push(xrefTable(rows, trailer));
  else if (form === 'hybrid') {
    rows.set(size - 1, [1, start, 0]);
    out.push(xrefStream(size - 1, hidden, `/Size ${size}`));
    const hybridAt = start;
    start = lengthOf(out);
    for (const number of hidden.keys()) rows.set(number, [0, 0, 65535]);
    out.push(xrefTable(rows, `${trailer} /XRefStm ${hybridAt}`));
  } else {
    for (const [number, row] of hidden) rows.set(number, row);
    rows.set(size - 1, [1, start, 0]);
    out.push(xrefStream(size - 1, rows, trailer));
  }
  out.push(Buffer.from(`startxref\n${start}\n%%EOF\n`, 'latin1'));
  return Uint8Array.from(Buffer.concat(out));
}

/** An update as an attacker (or another program) would append it, with a table. `null` frees the object. */
export function appendUpdate(
  bytes: Uint8Array,
  objects: Readonly<Record<number, string | Buffer | null>>,
  trailer?: string,
): Uint8Array {
  const before = Buffer.from(bytes);
  const text = before.toString('latin1');
  const previous = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1]);
  const sizes = [...text.matchAll(/\/Size (\d+)/g)].map((match) => Number(match[1]));
  const size = Math.max(...sizes, ...Object.keys(objects).map((key) => Number(key) + 1));
  const out: Buffer[] = [before];
  const rows = new Map<number, Row>();
  for (const [key, body] of Object.entries(objects)) {
    if (body === null) rows.set(Number(key), [0, 0, 65535]);
    else {
      rows.set(Number(key), [1, lengthOf(out), 0]);
      out.push(Buffer.from(`${key} 0 obj\n`, 'latin1'), Buffer.from(body), Buffer.from('\nendobj\n', 'latin1'));
    }
  }
  const start = lengthOf(out);
  out.push(xrefTable(rows, trailer ?? `/Size ${size} /Root 1 0 R /Info 3 0 R /Prev ${previous}`));
  out.push(Buffer.from(`startxref\n${start}\n%%EOF\n`, 'latin1'));
  return Uint8Array.from(Buffer.concat(out));
}

/** The text of an object as it stands in the file, for attackers who change a part of it. */
export function objectText(bytes: Uint8Array, number: number): string {
  const text = Buffer.from(bytes).toString('latin1');
  const all = [...text.matchAll(new RegExp(`(?<=[\\r\\n])${number} 0 obj\\s([\\s\\S]*?)\\sendobj`, 'g'))];
  const last = all.at(-1)?.[1];
  if (last === undefined) throw new Error(`the sample has no object ${number}`);
  return last;
}

/** Type, second and third field of a cross-reference stream entry (ISO 32000-2, table 18). */
type Row = readonly [number, number, number];

function lengthOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function objectStream(packed: readonly (readonly [number, string | Buffer])[]): Buffer {
  let body = '';
  const index = packed.map(([number, text]) => {
    const pair = `${number} ${body.length}`;
    body += `${String(text)} `;
    return pair;
  });
  const head = `${index.join(' ')} `;
  const data = deflateSync(Buffer.from(head + body, 'latin1'));
  const dict = `<< /Type /ObjStm /N ${packed.length} /First ${head.length} /Filter /FlateDecode /Length ${data.length} >>\nstream\n`;
  return Buffer.concat([Buffer.from(dict, 'latin1'), data, Buffer.from('\nendstream', 'latin1')]);
}

function xrefTable(rows: ReadonlyMap<number, Row>, trailer: string): Buffer {
  const all = new Map<number, Row>([[0, [0, 0, 65535]], ...rows]);
  const lines = [...all]
    .sort((a, b) => a[0] - b[0])
    .map(
      ([n, [type, offset, generation]]) =>
        `${n} 1\n${String(offset).padStart(10, '0')} ${String(generation).padStart(5, '0')} ${type === 0 ? 'f' : 'n'} \n`,
    );
  return Buffer.from(`xref\n${lines.join('')}trailer\n<< ${trailer} >>\n`, 'latin1');
}

/** With the PNG "up" predictor, as the usual writers make it. */
function xrefStream(number: number, rows: ReadonlyMap<number, Row>, entries: string): Buffer {
  const sorted = [...rows].sort((a, b) => a[0] - b[0]);
  let above = Buffer.alloc(7);
  const data = sorted.map(([, [type, second, third]]) => {
    const row = Buffer.alloc(7);
    row[0] = type;
    row.writeUInt32BE(second, 1);
    row.writeUInt16BE(third, 5);
    const predicted = Buffer.from([2, ...row.map((byte, i) => byte - (above[i] ?? 0))]);
    above = row;
    return predicted;
  });
  const packed = deflateSync(Buffer.concat(data));
  const index = sorted.map(([n]) => `${n} 1`).join(' ');
  const dict = `/Type /XRef /W [1 4 2] /Index [${index}] /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 7 >>`;
  const head = `${number} 0 obj\n<< ${dict} /Length ${packed.length} ${entries} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), packed, Buffer.from('\nendstream\nendobj\n', 'latin1')]);
}
