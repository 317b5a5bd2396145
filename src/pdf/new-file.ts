// A PDF from nothing (ISO 32000-2, 7.5): header, objects, cross-reference table, trailer.

import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { dictOf, PdfArray, PdfName, PdfRef, PdfStream, PdfString } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { serialise } from './serialise.ts';

export class NewPdf {
  readonly #bodies: (Buffer | undefined)[] = [];

  /** An object number; give it a body with `put`. */
  allocate(): PdfRef {
    return new PdfRef(this.#bodies.push(undefined), 0);
  }

  put(ref: PdfRef, object: PdfObject): void {
    this.#bodies[ref.number - 1] = serialise(object);
  }

  add(object: PdfObject): PdfRef {
    const ref = this.allocate();
    this.put(ref, object);
    return ref;
  }

  /** Deflated. */
  addStream(data: Uint8Array, entries: Readonly<Record<string, PdfObject>> = {}): PdfRef {
    return this.add(new PdfStream(dictOf({ ...entries, Filter: new PdfName('FlateDecode') }), deflateSync(data)));
  }

  /** The same objects give the same file. */
  bytes({ catalog, info }: { catalog: PdfRef; info: PdfRef }): Uint8Array {
    const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
    const hash = createHash('sha256');
    let position = parts[0]?.length ?? 0;
    const rows = ['0000000000 65535 f \n'];
    for (const [index, body] of this.#bodies.entries()) {
      if (body === undefined) throw new RangeError(`object ${index + 1} has no body`);
      rows.push(`${String(position).padStart(10, '0')} 00000 n \n`);
      const object = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]);
      hash.update(object);
      parts.push(object);
      position += object.length;
    }
    const id = new PdfString(new Uint8Array(hash.digest().subarray(0, 16)));
    const trailer = dictOf({ Size: rows.length, Root: catalog, Info: info, ID: new PdfArray([id, id]) });
    const table = `xref\n0 ${rows.length}\n${rows.join('')}trailer\n${serialise(trailer).toString('latin1')}\n`;
    parts.push(Buffer.from(`${table}startxref\n${position}\n%%EOF\n`, 'latin1'));
    return Buffer.concat(parts);
  }
}
