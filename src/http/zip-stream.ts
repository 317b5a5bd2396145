// Files as one ZIP that is made while it is sent, stored as they are; PKWARE APPNOTE 6.3.10, 4.3 and 4.5.3 (ZIP64).

import { crc32 } from '../codec/crc32.ts';
import { utf8 } from '../kernel/bytes.ts';

export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const most16 = 0xffff;
const most32 = 0xffffffff;
const needsZip64 = 45;
const needsNames = 20;
/** Names are UTF-8. */
const flags = 0x0800;
/** 1980-01-01: when a file was put in says nothing. */
const dosDate = 0x21;

interface Entry {
  readonly name: Uint8Array;
  readonly sizeBytes: number;
  readonly crc: number;
  readonly offset: number;
}

/** Yields each file as soon as it is there; one at a time is held. Names must differ. */
export async function* zipStream(files: AsyncIterable<ZipFile>): AsyncGenerator<Uint8Array> {
  const entries: Entry[] = [];
  let offset = 0;
  for await (const { name, bytes } of files) {
    const entry = { name: utf8(name), sizeBytes: bytes.length, crc: crc32(bytes), offset };
    entries.push(entry);
    const header = fields([4, 0x04034b50], [2, needsNames], ...shared(entry), [2, 0]);
    yield Buffer.concat([header, entry.name]);
    yield bytes;
    offset += header.length + entry.name.length + bytes.length;
  }
  const directory = Buffer.concat(entries.map(centralHeader));
  yield directory;
  yield ending(entries.length, directory.length, offset);
}

type Field = readonly [sizeBytes: 2 | 4 | 8, value: number];

function shared({ name, sizeBytes, crc }: Entry): Field[] {
  return [
    [2, flags],
    [2, 0],
    [2, 0],
    [2, dosDate],
    [4, crc],
    [4, sizeBytes],
    [4, sizeBytes],
    [2, name.length],
  ];
}

/** An entry that begins after the first 4 GiB says where in its extra field. */
function centralHeader(entry: Entry): Buffer {
  const { name, offset } = entry;
  const far = offset >= most32;
  const extra = far ? fields([2, 1], [2, 8], [8, offset]) : Buffer.alloc(0);
  const header = fields(
    [4, 0x02014b50],
    [2, far ? needsZip64 : needsNames],
    [2, far ? needsZip64 : needsNames],
    ...shared(entry),
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, far ? most32 : offset],
  );
  return Buffer.concat([header, name, extra]);
}

function ending(count: number, sizeBytes: number, offset: number): Buffer {
  const end = fields(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, Math.min(count, most16)],
    [2, Math.min(count, most16)],
    [4, Math.min(sizeBytes, most32)],
    [4, Math.min(offset, most32)],
    [2, 0],
  );
  if (count < most16 && sizeBytes < most32 && offset < most32) return end;
  const far = fields(
    [4, 0x06064b50],
    [8, 44],
    [2, needsZip64],
    [2, needsZip64],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, sizeBytes],
    [8, offset],
  );
  const locator = fields([4, 0x07064b50], [4, 0], [8, offset + sizeBytes], [4, 1]);
  return Buffer.concat([far, locator, end]);
}

function fields(...list: readonly Field[]): Buffer {
  const buffer = Buffer.alloc(list.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of list) {
    if (size === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, size);
    at += size;
  }
  return buffer;
}
