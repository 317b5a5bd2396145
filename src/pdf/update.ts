// An incremental update (ISO 32000-2, 7.5.6): new and replaced objects behind the file, never a byte of it touched.

import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { PdfFile } from './file.ts';
import { maxFileBytes, maxObjectNumber, tooLarge } from './limits.ts';
import { PdfArray, PdfDict, PdfName, PdfRef, PdfStream, PdfString } from './objects.ts';
import type { PdfObject } from './objects.ts';
import { serialise } from './serialise.ts';
import { sizeOf } from './xref.ts';

export interface AppendedUpdate {
  /** Where the file ends and the tail begins. */
  readonly start: number;
  /** What goes behind the file. */
  readonly tail: Buffer;
  /** Where in the file the body of each written object begins, just after `obj` and its line end. */
  readonly bodyOffsets: ReadonlyMap<number, number>;
}

interface Written {
  readonly generation: number;
  readonly body: Buffer;
}

export class IncrementalUpdate {
  private readonly file: PdfFile;
  private readonly objects = new Map<number, Written>();
  private nextNumber: number;

  constructor(options: { file: PdfFile }) {
    this.file = options.file;
    this.nextNumber = sizeOf(options.file.newest.trailer);
  }

  /** A new object number; give it a body with `put` or `putRaw`. */
  allocate(): PdfRef {
    if (this.nextNumber > maxObjectNumber - 1) throw tooLarge('no object number is left');
    return new PdfRef(this.nextNumber++, 0);
  }

  add(object: PdfObject): PdfRef {
    const ref = this.allocate();
    this.put(ref, object);
    return ref;
  }

  put(ref: PdfRef, object: PdfObject): void {
    this.putRaw(ref, serialise(object));
  }

  putRaw(ref: PdfRef, body: Buffer): void {
    this.objects.set(ref.number, { generation: ref.generation, body });
  }

  /** In the style of the last section: readers without cross-reference streams must find what they found before. */
  append(): AppendedUpdate {
    const { source, end: start } = this.file;
    const parts: Buffer[] = [];
    let position = start;
    const write = (part: Buffer | string): void => {
      const bytes = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
      parts.push(bytes);
      position += bytes.length;
    };
    const last = source.range(start - 1, start)[0];
    if (last !== 10 && last !== 13) write('\n');
    const offsets = new Map<number, number>();
    const bodyOffsets = new Map<number, number>();
    for (const [number, { generation, body }] of this.objects) {
      offsets.set(number, position);
      write(`${number} ${generation} obj\n`);
      bodyOffsets.set(number, position);
      write(body);
      write('\nendobj\n');
    }
    const xrefOffset = position;
    if (this.file.newest.form === 'table') write(this.table(offsets));
    else write(this.stream(offsets, xrefOffset));
    write(`startxref\n${xrefOffset}\n%%EOF\n`);
    if (position > maxFileBytes) throw tooLarge(`with its update it has more than ${maxFileBytes} bytes`);
    return { start, tail: Buffer.concat(parts), bodyOffsets };
  }

  private table(offsets: ReadonlyMap<number, number>): string {
    const lines = ['xref\n'];
    for (const run of runsOf(offsets)) {
      lines.push(`${run[0]?.[0] ?? 0} ${run.length}\n`);
      for (const [number, offset] of run)
        lines.push(`${pad(offset, 10)} ${pad(this.objects.get(number)?.generation ?? 0, 5)} n \n`);
    }
    return `${lines.join('')}trailer\n${serialise(this.trailer()).toString('latin1')}\n`;
  }

  private stream(offsets: ReadonlyMap<number, number>, xrefOffset: number): Buffer {
    const ref = this.allocate();
    const runs = runsOf(new Map(offsets).set(ref.number, xrefOffset));
    const rows = runs.flat().map(([number, offset]) => {
      const row = Buffer.alloc(7);
      row[0] = 1;
      row.writeUInt32BE(offset, 1);
      row.writeUInt16BE(this.objects.get(number)?.generation ?? 0, 5);
      return row;
    });
    const dict = this.trailer().with({
      Type: new PdfName('XRef'),
      W: new PdfArray([1, 4, 2]),
      Index: new PdfArray(runs.flatMap((run) => [run[0]?.[0] ?? 0, run.length])),
      Filter: new PdfName('FlateDecode'),
    });
    const body = serialise(new PdfStream(dict, deflateSync(Buffer.concat(rows))));
    return Buffer.concat([Buffer.from(`${ref.number} 0 obj\n`, 'latin1'), body, Buffer.from('\nendobj\n', 'latin1')]);
  }

  private trailer(): PdfDict {
    const old = this.file.newest.trailer;
    const id = this.file.resolve(old.get('ID'));
    return new PdfDict([
      ['Size', this.nextNumber],
      ['Root', this.file.catalogRef],
      ['Prev', this.file.newest.offset],
    ]).with({ Info: old.get('Info'), ID: id instanceof PdfArray ? this.nextIdentifier(id) : null });
  }

  /** 14.4: the first identifier stays, the second says which revision; made from its content, so the same update is the same file. */
  private nextIdentifier(old: PdfArray): PdfArray {
    const hash = createHash('sha256');
    for (const { body } of this.objects.values()) hash.update(body);
    return new PdfArray([old.items[0] ?? null, new PdfString(Uint8Array.from(hash.digest().subarray(0, 16)))]);
  }
}

/** Ascending runs of consecutive numbers. */
function runsOf(offsets: ReadonlyMap<number, number>): [number, number][][] {
  const runs: [number, number][][] = [];
  for (const entry of [...offsets].sort((a, b) => a[0] - b[0])) {
    const run = runs.at(-1);
    if (run !== undefined && (run.at(-1)?.[0] ?? -1) + 1 === entry[0]) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
