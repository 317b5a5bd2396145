// Signatures of a document: the form's signature fields with their dictionaries, byte ranges and widgets (ISO 32000-2, 12.8).

import { finding } from '../kernel/report.ts';
import type { Finding } from '../kernel/report.ts';
import { chained } from './byte-source.ts';
import { byteRangeFindings, contentsOf } from './byte-range.ts';
import type { PdfField } from './fields.ts';
import type { PdfFile } from './file.ts';
import { toShown } from './geometry.ts';
import type { ShownRectangle } from './geometry.ts';
import { maxSignatures, tooLarge } from './limits.ts';
import { PdfDict, PdfName, PdfRef, asDict } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { rectangleOf } from './pages.ts';
import type { PdfPage } from './pages.ts';
import { signatureLocks } from './permissions.ts';
import type { SignatureLocks } from './permissions.ts';
import { dateOf, textOf } from './text.ts';

export interface SignatureWidget {
  /** 1-based. */
  readonly page: number;
  /** As shown, from the top left. */
  readonly rectMm: ShownRectangle;
}

export interface PdfSignature extends SignatureLocks {
  readonly fieldName: string;
  /** The signature dictionary's object number. */
  readonly objectNumber: number;
  /** `DocTimeStamp` for a document time stamp, else `Sig`. */
  readonly type: 'Sig' | 'DocTimeStamp';
  readonly filter: string | undefined;
  readonly subFilter: string | undefined;
  /** Four numbers as found; whatever is wrong with them stands in `findings`. */
  readonly byteRange: readonly number[];
  /** The DER value without its padding; empty when it is unusable. */
  readonly contents: Uint8Array;
  /** The whole value with padding, as VRI keys hash it (ETSI EN 319 142-1, 5.4.2.3). */
  readonly paddedContents: Uint8Array;
  /** The signed bytes in order, in two parts or more; none when the byte range is unusable, so that nothing can verify. */
  signedBytes(): Iterable<Uint8Array>;
  /** The signed range ends with the file. */
  readonly coversWholeFile: boolean;
  /** Where the signed revision ends in the file; 0 when the byte range is unusable. */
  readonly revisionEnd: number;
  /** /M: a claim, proven by nothing. */
  readonly signingTimeClaimed: Date | undefined;
  readonly reason: string | undefined;
  readonly location: string | undefined;
  readonly name: string | undefined;
  /** Certificates stand in the dictionary, where PAdES has none (ETSI EN 319 142-1, 6.3). */
  readonly hasCert: boolean;
  readonly widgets: readonly SignatureWidget[];
  /** Faults of form; with one of severity `error` the signature must not count as good. */
  readonly findings: readonly Finding[];
}

/** In the order of their revisions. */
export function readSignatures(file: PdfFile, fields: readonly PdfField[], pages: readonly PdfPage[]): PdfSignature[] {
  const signed = fields.filter((field) => field.type === 'Sig' && file.resolve(field.value) !== null);
  if (signed.length > maxSignatures) throw tooLarge(`more than ${maxSignatures} signatures`);
  const pageOf = pageFinder(file, pages);
  const signatures = signed
    .map((field) => readSignature(file, field, pageOf))
    .sort((a, b) => a.revisionEnd - b.revisionEnd);
  return signatures.map((signature) => ({
    ...signature,
    findings: [...signature.findings, ...mutualFindings(signature, signatures)],
  }));
}

function readSignature(
  file: PdfFile,
  field: PdfField,
  pageOf: (widget: PdfRef, dict: PdfDict) => PdfPage | undefined,
): PdfSignature {
  const ref = field.value;
  const dict = asDict(file.resolve(ref)) ?? new PdfDict([]);
  const objectNumber = ref instanceof PdfRef ? ref.number : 0;
  const range = byteRangeFindings(file, ref, dict);
  const contents = contentsOf(dict.get('Contents'));
  const name = (key: string): string | undefined => nameValue(file.get(dict, key));
  const text = (key: string): string | undefined => textOf(file.get(dict, key));
  const [, a = 0, b = 0, c = 0] = range.numbers;
  return {
    fieldName: field.name,
    objectNumber,
    type: name('Type') === 'DocTimeStamp' ? 'DocTimeStamp' : 'Sig',
    filter: name('Filter'),
    subFilter: name('SubFilter'),
    byteRange: range.numbers,
    contents: contents.value,
    paddedContents: contents.padded,
    signedBytes: () => (range.usable ? chained(file.source.parts(0, a), file.source.parts(b, b + c)) : []),
    coversWholeFile: range.usable && b + c === file.source.length,
    revisionEnd: range.usable ? b + c : 0,
    signingTimeClaimed: dateOf(file.get(dict, 'M')),
    reason: text('Reason'),
    location: text('Location'),
    name: text('Name'),
    hasCert: dict.get('Cert') !== null,
    widgets: field.widgets.flatMap((widget) => widgetOf(file, widget.dict, pageOf(widget.ref, widget.dict))),
    ...signatureLocks(file, dict, field),
    findings: [...range.findings, ...contents.findings],
  };
}

function widgetOf(file: PdfFile, dict: PdfDict, page: PdfPage | undefined): SignatureWidget[] {
  const box = rectangleOf(file, dict.get('Rect'));
  return page === undefined || box === undefined ? [] : [{ page: page.number, rectMm: toShown(page, box) }];
}

/** By /P, which is optional, else by the page whose Annots name the widget. */
export function pageFinder(
  file: PdfFile,
  pages: readonly PdfPage[],
): (widget: PdfRef, dict: PdfDict) => PdfPage | undefined {
  const byNumber = new Map(pages.map((page) => [page.objectRef.number, page]));
  let byWidget: Map<number, PdfPage> | undefined;
  return (widget, dict) => {
    const stated = dict.get('P');
    const page = stated instanceof PdfRef ? byNumber.get(stated.number) : undefined;
    if (page !== undefined) return page;
    byWidget ??= new Map(
      pages.flatMap((candidate) =>
        (file.array(candidate.dict, 'Annots')?.items ?? []).flatMap((item): [number, PdfPage][] =>
          item instanceof PdfRef ? [[item.number, candidate]] : [],
        ),
      ),
    );
    return byWidget.get(widget.number);
  };
}

/** One value in two fields, or two signed revisions that do not contain one another, cannot come from honest signing. */
function mutualFindings(signature: PdfSignature, all: readonly PdfSignature[]): Finding[] {
  const out: Finding[] = [];
  const others = all.filter((other) => other !== signature);
  if (others.some((other) => other.objectNumber === signature.objectNumber)) {
    out.push(finding('signature-dictionary-shared', 'error', 'two fields name the same signature dictionary'));
  }
  const gap = signature.byteRange[1] ?? 0;
  const separate = others.filter((other) => other.objectNumber !== signature.objectNumber);
  if (
    signature.revisionEnd > 0 &&
    separate.some((other) => other.revisionEnd > gap && other.revisionEnd <= signature.revisionEnd)
  ) {
    out.push(
      finding('byte-range-overlap', 'error', 'its unsigned gap lies in what another signature claims to have signed'),
    );
  }
  return out;
}

function nameValue(object: PdfObject): string | undefined {
  return object instanceof PdfName ? object.value : undefined;
}
