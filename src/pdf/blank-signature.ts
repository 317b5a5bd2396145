// A signature dictionary with room for its value (ISO 32000-2, 12.8.1, table 255): written blank, hashed around its gap, filled in once.

import { TrustError } from '../kernel/errors.ts';
import { chained } from './byte-source.ts';
import type { PdfFile } from './file.ts';
import { dictOf } from './objects.ts';
import type { PdfDict, PdfObject, PdfRef } from './objects.ts';
import { serialise } from './serialise.ts';
import { dateString, textString } from './text.ts';
import type { AppendedUpdate } from './update.ts';

export interface BlankSignature {
  readonly body: Buffer;
  /** Within the body. */
  readonly byteRangeAt: number;
  readonly contentsAt: number;
  /** Room for the DER value. */
  readonly contentsSizeBytes: number;
}

export interface SignatureToFill {
  readonly byteRange: readonly [number, number, number, number];
  /** What is to be hashed, in order and in parts; can be gone through again. */
  readonly signedParts: Iterable<Uint8Array>;
  /** What goes behind the file, with the value in its place. Throws product-not-verified when the value does not fit. */
  tail(cms: Uint8Array): Uint8Array;
  /** The finished file in memory, source and tail. Throws as `tail` does, and unsupported-pdf when the source is no file to hold in memory. */
  embed(cms: Uint8Array): Uint8Array;
}

/** EN 319 142-1, 5.3: what the value is. */
export const signatureSubFilter = 'ETSI.CAdES.detached';

/** Reason stands here, so the CMS must not carry a commitment type (EN 319 142-1, 5.3). */
export function blankSignature(request: {
  readonly signingTime: Date;
  readonly name?: string;
  readonly reason?: string;
  readonly location?: string;
  /** What the signature forbids (12.8.1, table 255); null or absent for nothing. */
  readonly reference?: PdfObject;
  readonly contentsSizeBytes: number;
}): BlankSignature {
  const { contentsSizeBytes } = request;
  const entries = dictOf({
    M: dateString(request.signingTime),
    Name: request.name === undefined ? null : textString(request.name),
    Reason: request.reason === undefined ? null : textString(request.reason),
    Location: request.location === undefined ? null : textString(request.location),
    Reference: request.reference ?? null,
  });
  return blank(`/Type /Sig /Filter /Adobe.PPKLite /SubFilter /${signatureSubFilter}`, { entries, contentsSizeBytes });
}

/** A document time stamp says nothing but its token (EN 319 142-1, 5.4.3). */
export function blankTimestamp(contentsSizeBytes: number): BlankSignature {
  const kind = '/Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161';
  return blank(kind, { entries: dictOf({}), contentsSizeBytes });
}

function blank(
  kind: string,
  { entries, contentsSizeBytes }: { entries: PdfDict; contentsSizeBytes: number },
): BlankSignature {
  const head = `<<${kind} /ByteRange `;
  const range = byteRangeText([0, 0, 0, 0]);
  const key = ' /Contents ';
  const contents = `<${'0'.repeat(2 * contentsSizeBytes)}>`;
  const rest = serialise(entries).toString('latin1').slice(2);
  const body = Buffer.from(`${head}${range}${key}${contents} ${rest}`, 'latin1');
  return {
    body,
    byteRangeAt: head.length,
    contentsAt: head.length + range.length + key.length,
    contentsSizeBytes,
  };
}

/** The byte range is written, the value has its place. The file is read for hashing; nothing of it is written again. */
export function signatureToFill({
  file,
  update: { start, tail, bodyOffsets },
  signatureRef,
  blank,
}: {
  file: PdfFile;
  update: AppendedUpdate;
  signatureRef: PdfRef;
  blank: BlankSignature;
}): SignatureToFill {
  const { contentsSizeBytes } = blank;
  const body = (bodyOffsets.get(signatureRef.number) ?? start) - start;
  const gapStart = body + blank.contentsAt;
  const gapEnd = gapStart + 2 * contentsSizeBytes + 2;
  const byteRange = [0, start + gapStart, start + gapEnd, tail.length - gapEnd] as const;
  tail.write(byteRangeText(byteRange), body + blank.byteRangeAt, 'latin1');
  const filled = (cms: Uint8Array): Buffer => {
    if (cms.length === 0 || cms.length > contentsSizeBytes) {
      throw new TrustError(
        'product-not-verified',
        `the signature has ${cms.length} bytes, ${contentsSizeBytes} were reserved`,
      );
    }
    const copy = Buffer.from(tail);
    copy.write(Buffer.from(cms).toString('hex'), gapStart + 1, 'latin1');
    return copy;
  };
  const [before, after] = [tail.subarray(0, gapStart), tail.subarray(gapEnd)];
  return {
    byteRange,
    signedParts: {
      [Symbol.iterator]: () => chained(file.source.parts(0, start), [before, after])[Symbol.iterator](),
    },
    tail: filled,
    embed: (cms) => {
      const end = filled(cms);
      return Buffer.concat([file.source.range(0, start), end]);
    },
  };
}

/** Fixed width: it is written over once the offsets are known. */
function byteRangeText(numbers: readonly number[]): string {
  return `[${numbers.map((n) => String(n).padStart(10, '0')).join(' ')}]`;
}
