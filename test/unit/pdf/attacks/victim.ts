// The document that is attacked: two pages with everything a reader shows or does, and a way to append a signature as any program would.

import { digest } from '../../../../src/crypto/digest.ts';
import { buildSignedData } from '../../../../src/pki/cms.ts';
import { appendUpdate, assemble, objectText } from '../../../support/pdf-samples.ts';
import type { Identity } from '../../pki/sandbox-pki.ts';

export const stream = (data: string, entries = ''): string =>
  `<< ${entries} /Length ${data.length} >>\nstream\n${data}\nendstream`;
const picture = (data: string): string =>
  stream(data, '/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 4 0 R >> >>');

/** Objects by number; the tests name them by these numbers. */
export const victimObjects: Readonly<Record<number, string>> = {
  1: `<< /Type /Catalog /Pages 2 0 R /AcroForm 20 0 R /Outlines 30 0 R /PageLabels << /Nums [0 << /S /D >>] >>
 /Names 31 0 R /OCProperties 33 0 R /StructTreeRoot 34 0 R /MarkInfo << /Marked true >> /Metadata 35 0 R /Lang (zh)
 /ViewerPreferences << /DisplayDocTitle true >> /PageMode /UseNone /Collection << /View /D >> /Threads [36 0 R] >>`,
  2: '<< /Type /Pages /Kids [10 0 R 11 0 R] /Count 2 /MediaBox [0 0 595 842] >>',
  3: '<< /Producer (sample) /Title (Contract) >>',
  4: '<< /Type /Font /Subtype /TrueType /BaseFont /Song /FirstChar 48 /LastChar 57 /Widths 42 0 R /Encoding 41 0 R /ToUnicode 43 0 R /FontDescriptor 44 0 R >>',
  5: stream('BT /F1 24 Tf 72 700 Td (Pay 100) Tj ET /X1 Do /OC /Hidden BDC (shadow) Tj EMC'),
  6: stream('BT /F1 12 Tf 72 600 Td (Signed here) Tj ET'),
  7: stream('abc', '/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8'),
  8: picture('BT /F1 9 Tf (Annex) Tj ET'),
  9: '<< /Type /Annot /Subtype /Link /Rect [10 10 50 20] /Border [0 0 0] /A << /S /URI /URI (https://good.invalid) >> >>',
  10: '<< /Type /Page /Parent 2 0 R /Resources 15 0 R /Contents [5 0 R 6 0 R] /Annots [9 0 R 21 0 R 22 0 R 25 0 R] /StructParents 0 >>',
  11: '<< /Type /Page /Parent 2 0 R /Resources 15 0 R /Contents 6 0 R /Annots 16 0 R >>',
  15: '<< /Font << /F1 4 0 R >> /XObject << /X1 8 0 R /Im 7 0 R >> /ExtGState << /G 17 0 R >> /Properties << /Hidden 37 0 R >> >>',
  16: '[ ]',
  17: '<< /Type /ExtGState /ca 1 >>',
  20: '<< /Fields [21 0 R 22 0 R 25 0 R] /DA (/F1 9 Tf) /DR << /Font << /F1 4 0 R >> >> /SigFlags 0 >>',
  21: '<< /Type /Annot /Subtype /Widget /FT /Tx /T (Sum) /V (100) /DA (/F1 9 Tf) /Rect [72 500 272 520] /AP << /N 24 0 R >> /P 10 0 R >>',
  22: '<< /Type /Annot /Subtype /Widget /FT /Btn /T (Agreed) /V /Off /AS /Off /Rect [72 460 92 480] /AP << /N << /Yes 8 0 R /Off 23 0 R >> >> /P 10 0 R >>',
  23: picture(''),
  24: picture('BT /F1 9 Tf (100) Tj ET'),
  25: '<< /Type /Annot /Subtype /Widget /FT /Ch /T (Town) /V (North) /Opt [(North) (South)] /Rect [72 420 272 440] /P 10 0 R >>',
  30: '<< /Type /Outlines /First 38 0 R /Last 38 0 R /Count 1 >>',
  31: '<< /Dests << /Names [(start) [10 0 R /Fit]] >> /EmbeddedFiles << /Names [(a.txt) 39 0 R] >> >>',
  33: '<< /OCGs [37 0 R] /D << /ON [] /OFF [37 0 R] >> >>',
  34: '<< /Type /StructTreeRoot /K 45 0 R >>',
  35: stream('<x:xmpmeta/>', '/Type /Metadata /Subtype /XML'),
  36: '<< /F 46 0 R >>',
  37: '<< /Type /OCG /Name (Hidden) >>',
  38: '<< /Title (Chapter) /Parent 30 0 R /Dest [10 0 R /Fit] >>',
  39: '<< /Type /Filespec /F (a.txt) /EF << /F 40 0 R >> >>',
  40: stream('harmless', '/Type /EmbeddedFile'),
  41: '<< /Type /Encoding /BaseEncoding /WinAnsiEncoding >>',
  42: '[500 500 500 500 500 500 500 500 500 500]',
  43: stream('1 beginbfchar <31> <0031> endbfchar'),
  44: '<< /Type /FontDescriptor /FontName /Song /FontFile2 47 0 R >>',
  45: '<< /Type /StructElem /S /P /P 34 0 R /ActualText (Pay 100) /Pg 10 0 R /K 0 >>',
  46: '<< /T 36 0 R /P 10 0 R /R [0 0 100 100] >>',
  47: stream('glyphs'),
  // Prepared for shadows: nothing shows them yet.
  60: '<< /Type /Pages /Kids [61 0 R 11 0 R] /Count 2 /MediaBox [0 0 595 842] >>',
  61: '<< /Type /Page /Parent 60 0 R /Resources 15 0 R /Contents 62 0 R >>',
  62: stream('BT /F1 24 Tf 72 700 Td (Pay 900) Tj ET'),
};

export function victim(
  change: Readonly<Record<number, string>> = {},
  options: Parameters<typeof assemble>[1] = {},
): Uint8Array {
  const objects = Object.entries({ ...victimObjects, ...change });
  return assemble(new Map(objects.map(([number, body]) => [Number(number), body])), options);
}

/** The objects that hold these pieces exchanged, as an update; `more` are further objects, `null` frees one. */
export function edit(
  bytes: Uint8Array,
  changes: readonly (readonly [number: number, from: string | RegExp, to: string])[],
  more: Readonly<Record<number, string | Buffer | null>> = {},
): Uint8Array {
  const objects: Record<number, string | Buffer | null> = { ...more };
  for (const [number, from, to] of changes) {
    const held = objects[number];
    const text = typeof held === 'string' ? held : objectText(bytes, number);
    const next = text.replace(from, to);
    if (next === text) throw new Error(`object ${number} has no ${String(from)}`);
    objects[number] = next;
  }
  return appendUpdate(bytes, objects);
}

export interface ForeignSignature {
  readonly signer: Identity;
  readonly chain: readonly Identity[];
  /** Everything of the update but the signature dictionary. */
  readonly objects: Readonly<Record<number, string>>;
  /** Its object number. */
  readonly number: number;
  /** Further entries of the signature dictionary. */
  readonly entries?: string;
  /** Its type and format, and what makes its value; a signature of PAdES when absent. */
  readonly other?: { readonly head: string; readonly value: (sha256: Uint8Array) => Promise<Uint8Array> };
}

export interface HandMade extends Pick<ForeignSignature, 'signer' | 'chain' | 'entries' | 'other'> {
  readonly name: string;
  /** Of the field that is also the widget; `number + 1` is the signature dictionary, `number + 2` the appearance. */
  readonly number: number;
  readonly rect?: string;
  /** The normal appearance; none when absent. */
  readonly appearance?: string;
  /** 132 when absent: print and locked. */
  readonly flags?: number;
  readonly field?: string;
  readonly catalog?: string;
  readonly more?: Readonly<Record<number, string>>;
}

/** A signature with a field on the first page, as other programs make it. */
export async function signedByHand(bytes: Uint8Array, order: HandMade): Promise<Uint8Array> {
  const {
    name,
    number,
    rect = '[0 0 0 0]',
    appearance,
    flags = 132,
    field = '',
    catalog = '',
    more = {},
    ...signature
  } = order;
  const look = appearance === undefined ? '' : `/AP << /N ${number + 2} 0 R >>`;
  const shown = appearance === undefined ? {} : { [number + 2]: appearance };
  return appendSigned(bytes, {
    ...signature,
    number: number + 1,
    objects: {
      1: objectText(bytes, 1).replace('/Type', `${catalog} /Type`),
      20: objectText(bytes, 20)
        .replace(/\/Fields ?\[/, `/Fields [${number} 0 R `)
        .replace(/\/Fields \[(\d+ 0 R) ([^\]]*)\]/, '/Fields [$2 $1]')
        .replace(/\/SigFlags \d/, '/SigFlags 3'),
      10: objectText(bytes, 10).replace(/\/Annots ?\[([^\]]*)\]/, `/Annots [$1 ${number} 0 R]`),
      [number]: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (${name}) /F ${flags} /P 10 0 R /Rect ${rect} /V ${number + 1} 0 R ${look} ${field} >>`,
      ...shown,
      ...more,
    },
  });
}

const room = 4_000;

/** An update with a signature over the whole file, written by hand: whatever stands in `objects` is signed along. */
export async function appendSigned(bytes: Uint8Array, order: ForeignSignature): Promise<Uint8Array> {
  const { signer, chain, objects, number, entries = '', other } = order;
  const blank = '[0 0000000000 0000000000 0000000000]';
  const { head = '/Type /Sig /SubFilter /ETSI.CAdES.detached' } = other ?? {};
  const dict = `<< ${head} /Filter /Adobe.PPKLite /M (D:20260601000000Z) /ByteRange ${blank} /Contents <${'0'.repeat(room)}> ${entries} >>`;
  const text = Buffer.from(appendUpdate(bytes, { ...objects, [number]: dict }));
  const start = text.indexOf('<0000', text.lastIndexOf(blank));
  const end = start + room + 2;
  const range = [start, end, text.length - end].map((n) => String(n).padStart(10, '0'));
  text.write(`[0 ${range.join(' ')}]`, text.lastIndexOf(blank), 'latin1');
  const contentDigest = digest('SHA-256', text.subarray(0, start), text.subarray(end));
  const certificates = chain.map(({ certificate }) => certificate);
  const order256 = { contentDigest, digestAlgorithm: 'SHA-256', ...signer, chain: certificates } as const;
  const cms = await (other === undefined ? buildSignedData(order256) : other.value(contentDigest));
  text.write(Buffer.from(cms).toString('hex'), start + 1, 'latin1');
  return Uint8Array.from(text);
}
