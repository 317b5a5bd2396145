// The two rules a signature's place in the file must obey: ByteRange leaves out exactly Contents (ISO 32000-2, 12.8.1), and
// Contents holds one DER value and zeros. They close the known attacks: universal forgery, wrapping, data in the padding.

import { finding } from '../kernel/report.ts';
import type { Finding } from '../kernel/report.ts';
import { isTrustError } from '../kernel/errors.ts';
import type { PdfFile } from './file.ts';
import { PdfArray, PdfDict, PdfRef, PdfString } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { startOfXref } from './xref.ts';

export interface ByteRange {
  readonly numbers: readonly number[];
  /** The two parts are well defined, whatever they cover. */
  readonly usable: boolean;
  readonly findings: readonly Finding[];
}

export function byteRangeFindings(file: PdfFile, ref: PdfObject, dict: PdfDict): ByteRange {
  const array = dict.get('ByteRange');
  const numbers = array instanceof PdfArray ? array.items.slice(0, 16).filter((item) => typeof item === 'number') : [];
  const bad = (code: string, detail: string): ByteRange => ({
    numbers,
    usable: code === 'byte-range-end',
    findings: [finding(code, 'error', detail)],
  });
  if (
    !(ref instanceof PdfRef) ||
    file.entries.get(ref.number)?.kind !== 'plain' ||
    !(file.resolve(ref) instanceof PdfDict)
  ) {
    return bad('signature-dictionary-invalid', 'the signature dictionary is not a plain indirect object of the file');
  }
  const [start, a, b, c] = numbers;
  if (
    !(array instanceof PdfArray) ||
    array.items.length !== 4 ||
    start === undefined ||
    a === undefined ||
    b === undefined ||
    c === undefined
  ) {
    return bad('byte-range-invalid', 'ByteRange is not an array of four numbers');
  }
  if (
    !numbers.every((n) => Number.isSafeInteger(n)) ||
    start !== 0 ||
    a <= 0 ||
    b <= a ||
    c <= 0 ||
    b + c > file.source.length
  ) {
    return bad('byte-range-invalid', 'ByteRange does not name two parts of the file from its first byte on');
  }
  const contents = dict.get('Contents');
  if (!(contents instanceof PdfString) || contents.source?.form !== 'hex')
    return bad('signature-contents-invalid', 'Contents is not a hexadecimal string');
  if (contents.source.start !== a || contents.source.end !== b)
    return bad('byte-range-gap', 'the unsigned gap is not exactly the Contents of this signature');
  if (contents.bytes.length * 2 + 2 !== b - a)
    return bad('signature-contents-invalid', 'Contents holds something besides hexadecimal digits');
  if (!endsRevision(file, b + c))
    return bad('byte-range-end', 'the signed range does not end where a revision of the file ends');
  return { numbers, usable: true, findings: [] };
}

function endsRevision(file: PdfFile, end: number): boolean {
  try {
    return startOfXref(file.source, end) < end;
  } catch (error) {
    if (isTrustError(error)) return false;
    throw error;
  }
}

/** The DER value at the start of Contents; zeros only behind it. */
export function contentsOf(object: PdfObject): { value: Uint8Array; padded: Uint8Array; findings: Finding[] } {
  const padded = object instanceof PdfString ? object.bytes : new Uint8Array();
  const length = derLength(padded);
  const bad = (detail: string) => ({
    value: new Uint8Array(),
    padded,
    findings: [finding('signature-contents-invalid', 'error', detail)],
  });
  if (length === undefined || length > padded.length) return bad('Contents does not hold a DER sequence');
  if (padded.subarray(length).some((byte) => byte !== 0)) return bad('there is data in the padding of Contents');
  return { value: padded.subarray(0, length), padded, findings: [] };
}

/** Whole length of a SEQUENCE with definite, shortest length octets (X.690, 10.1). */
function derLength(bytes: Uint8Array): number | undefined {
  const [tag, first = 0] = bytes;
  if (tag !== 0x30 || bytes.length < 2) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count < 1 || count > 4) return undefined;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[2 + i] ?? 0);
  const shortest = length >= 0x80 && bytes[2] !== 0;
  return shortest ? 2 + count + length : undefined;
}
