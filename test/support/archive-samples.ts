// What is put behind a signed PDF to keep it provable, written by hand for tests: a security store, a document time stamp; ETSI EN 319 142-1, 5.4.

import { sha256 } from '../../src/crypto/digest.ts';
import { concatBytes } from '../../src/kernel/bytes.ts';
import { addToForm, unusedFieldName } from '../../src/pdf/form-update.ts';
import { dictOf, PdfArray, PdfName, PdfStream } from '../../src/pdf/objects.ts';
import { AnnotationUpdate } from '../../src/pdf/page-update.ts';
import { openPdf } from '../../src/pdf/reader.ts';
import { textString } from '../../src/pdf/text.ts';
import { IncrementalUpdate } from '../../src/pdf/update.ts';

export interface Store {
  readonly Certs?: readonly Uint8Array[];
  readonly CRLs?: readonly Uint8Array[];
  readonly OCSPs?: readonly Uint8Array[];
}

/** A revision with a store that takes the place of the one before; all it is to hold is given. */
export function storeBehind(pdf: Uint8Array, store: Store): Uint8Array {
  const { file } = openPdf(pdf);
  const update = new IncrementalUpdate({ file });
  const arrays = Object.entries(store).map(([key, values]: [string, readonly Uint8Array[]]) => [
    key,
    new PdfArray(values.map((value) => update.add(new PdfStream(dictOf({}), value)))),
  ]);
  const ref = update.add(dictOf({ Type: new PdfName('DSS'), ...Object.fromEntries(arrays) }));
  update.put(file.catalogRef, file.catalog().with({ DSS: ref }));
  return concatBytes(pdf, update.append().tail);
}

/** A revision with a document time stamp; `token`: over a SHA-256 digest. */
export async function timeStampBehind(
  pdf: Uint8Array,
  token: (imprint: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const document = openPdf(pdf);
  const update = new IncrementalUpdate({ file: document.file });
  const signature = update.allocate();
  const [page] = document.pages;
  if (page === undefined) throw new Error('the sample has no page');
  const widget = update.add(
    dictOf({
      Type: new PdfName('Annot'),
      Subtype: new PdfName('Widget'),
      FT: new PdfName('Sig'),
      T: textString(unusedFieldName(document, undefined)),
      F: 132,
      P: page.objectRef,
      V: signature,
      Rect: new PdfArray([0, 0, 0, 0]),
    }),
  );
  const annotations = new AnnotationUpdate({ document, update });
  annotations.add(page, widget);
  annotations.finish();
  addToForm({ document, update, fieldRef: widget });
  const room = 4_000;
  const head = '<</Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange ';
  const range = (numbers: number[]): string => `[${numbers.map((n) => String(n).padStart(10, '0')).join(' ')}]`;
  const blank = range([0, 0, 0, 0]);
  update.putRaw(signature, Buffer.from(`${head}${blank} /Contents <${'0'.repeat(2 * room)}>>>`, 'latin1'));
  const { tail, bodyOffsets } = update.append();
  const bytes = Buffer.concat([pdf, tail]);
  const start = bodyOffsets.get(signature.number) ?? 0;
  const gap = start + head.length + blank.length + ' /Contents '.length;
  const end = gap + 2 * room + 2;
  bytes.write(range([0, gap, end, bytes.length - end]), start + head.length, 'latin1');
  const imprint = sha256(concatBytes(bytes.subarray(0, gap), bytes.subarray(end)));
  bytes.write(Buffer.from(await token(imprint)).toString('hex'), gap + 1, 'latin1');
  return bytes;
}
