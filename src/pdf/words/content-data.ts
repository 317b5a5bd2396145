// The decoded data of content streams, fonts' maps and the like (ISO 32000-2, 7.4), under one limit for a whole document.

import { inflateSync } from 'node:zlib';
import type { PdfFile } from '../file.ts';
import { PdfArray, PdfName, PdfStream } from '../objects.ts';
import type { PdfObject } from '../objects.ts';

const maxBytes = 96 * 1024 * 1024;
const maxStreamBytes = 32 * 1024 * 1024;

export class ContentData {
  readonly #file: PdfFile;
  #bytesLeft = maxBytes;

  constructor(file: PdfFile) {
    this.#file = file;
  }

  /** `undefined` for what is no stream, is damaged, too large, or has a filter that no text has. Throws RangeError beyond the limit of all. */
  of(object: PdfObject): Uint8Array | undefined {
    const stream = this.#file.resolve(object);
    if (!(stream instanceof PdfStream) || stream.sizeBytes > maxStreamBytes) return undefined;
    const given = this.#file.get(stream.dict, 'Filter');
    const filters = given instanceof PdfArray ? given.items.map((item) => this.#file.resolve(item)) : [given];
    let data: Uint8Array | undefined = stream.data;
    for (const filter of filters) {
      if (filter === null || data === undefined) continue;
      data = filter instanceof PdfName ? decoded(filter.value, data) : undefined;
    }
    this.#bytesLeft -= data?.length ?? 0;
    if (this.#bytesLeft < 0) throw new RangeError('the streams of the document are too large');
    return data;
  }
}

function decoded(filter: string, data: Uint8Array): Uint8Array | undefined {
  switch (filter) {
    case 'FlateDecode':
    case 'Fl':
      return inflated(data);
    case 'ASCIIHexDecode':
    case 'AHx':
      return Buffer.from(
        latin1(data)
          .replace(/>.*$/s, '')
          .replace(/[^\da-fA-F]/g, ''),
        'hex',
      );
    case 'ASCII85Decode':
    case 'A85':
      return ascii85(latin1(data));
    default:
      return undefined;
  }
}

function latin1(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1');
}

function inflated(data: Uint8Array): Uint8Array | undefined {
  try {
    // Some programs cut the checksum off; what came before it is read.
    return inflateSync(data, { maxOutputLength: maxStreamBytes, finishFlush: 2 });
  } catch {
    return undefined;
  }
}

/** 7.4.3: five characters for four bytes, `z` for four zeros, `~>` at the end. */
function ascii85(text: string): Uint8Array {
  const digits = text
    .replace(/~.*$/s, '')
    .replace(/[^!-uz]/g, '')
    .replaceAll('z', '!!!!!');
  const out = Buffer.alloc(Math.ceil(digits.length / 5) * 4);
  for (let at = 0; at < digits.length; at += 5) {
    let value = 0;
    for (let n = 0; n < 5; n++) value = value * 85 + ((digits.charCodeAt(at + n) || 0x75) - 33);
    out.writeUInt32BE(value % 2 ** 32, (at / 5) * 4);
  }
  const missing = (5 - (digits.length % 5)) % 5;
  return out.subarray(0, out.length - missing);
}
