// Signatures found in the bytes of a file without reading its structure: a damaged or doctored file must not pass for an unsigned one.

import type { PdfSignature } from '../pdf/signatures.ts';

const marker = '/ByteRange';
/** What every signature dictionary holds; no single damaged byte takes away more than one of them. */
const marks = ['ByteRange', 'Adobe.PPKLite', 'ETSI.CAdES.detached', 'adbe.pkcs7'];
/** More than a document of ours can have; what comes after is not looked at, the file is bad by then. */
const maxMarkers = 200;
/** `/ByteRange [0 … … …]` with generous spaces. */
const maxRangeLength = 120;

type Range = readonly [number, number, number, number];

/** The file carries a mark of a signature somewhere. */
export function claimsSignature(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return marks.some((mark) => buffer.includes(mark, 0, 'latin1'));
}

/**
 * How many byte ranges fit this very file around a hexadecimal string, though no signature field shows them; a second dictionary with
 * the range of one that is shown is one too. A signed PDF that is attached to another has ranges of its own file, which do not fit.
 */
export function hiddenSignatures(bytes: Uint8Array, shown: readonly PdfSignature[]): number {
  const known = new Set(shown.map(({ byteRange }) => byteRange.join(' ')));
  return rangesThatFit(bytes).filter((range) => !known.delete(range.join(' '))).length;
}

/**
 * Whether the gap holds hexadecimal digits of one case and nothing else, as every writer makes it. The gap is not signed:
 * without this rule its digits could be respelled, or parted by spaces, in very many ways that all verify.
 */
export function contentsSpelledOneWay(bytes: Uint8Array, { byteRange }: PdfSignature): boolean {
  const [, start = 0, end = 0] = byteRange;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end);
  return /^<(?:[0-9a-f]*|[0-9A-F]*)>$/.test(text);
}

function rangesThatFit(bytes: Uint8Array): Range[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ranges: Range[] = [];
  let at = buffer.indexOf(marker, 0, 'latin1');
  for (let count = 0; at >= 0 && count < maxMarkers; count++) {
    const text = buffer.toString('latin1', at, at + maxRangeLength);
    const [, first, second, third, fourth] = /^\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/.exec(text) ?? [];
    const range: Range = [Number(first), Number(second), Number(third), Number(fourth)];
    if (fits(buffer, range)) ranges.push(range);
    at = buffer.indexOf(marker, at + marker.length, 'latin1');
  }
  return ranges;
}

function fits(buffer: Buffer, [start, a, b, c]: Range): boolean {
  const whole = start === 0 && a > 0 && b > a + 2 && b + c <= buffer.length; // false for NaN
  return whole && buffer[a] === 0x3c && buffer[b - 1] === 0x3e;
}
