// A ZIP with some entries more or in place of others: every other entry is copied octet by octet, compressed as it came; PKWARE APPNOTE 6.3.9, 4.3.

import { crc32 } from '../codec/crc32.ts';
import { concatBytes, utf8 } from '../kernel/bytes.ts';
import { maxEntries, maxFileBytes, unsupported } from './limits.ts';
import type { ZipDirectory, ZipEntry } from './zip-directory.ts';

export interface NewEntry {
  readonly name: string;
  readonly content: Uint8Array;
  /** The entry whose place it takes. */
  readonly replaces?: ZipEntry;
}

const version = 20;
const utf8Bit = 0x0800;
const headerBytes = 26;
const recordOffset = 42;

/** `at`: what stands in the file as the time of the new entries. Throws unsupported-ofd when it becomes too large. */
export function updatedZip(directory: ZipDirectory, entries: readonly NewEntry[], at: Date): Uint8Array {
  const replaced = new Set(entries.map(({ replaces }) => replaces));
  const kept = directory.entries.filter((entry) => !replaced.has(entry));
  const locals: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let offset = 0;
  const put = (whole: readonly Uint8Array[], record: Uint8Array): void => {
    new DataView(record.buffer).setUint32(recordOffset, offset, true);
    records.push(record);
    for (const part of whole) {
      locals.push(part);
      offset += part.length;
    }
  };
  for (const { whole, record } of kept) put([whole], Uint8Array.from(record));
  for (const { name, content } of entries) {
    const bytes = utf8(name);
    const header = commonHeader(bytes, content, at);
    put(
      [Uint8Array.of(0x50, 0x4b, 3, 4), header, bytes, content],
      concatBytes(Uint8Array.of(0x50, 0x4b, 1, 2, version, 0), header, new Uint8Array(14), bytes),
    );
  }
  const list = concatBytes(...records);
  if (offset + list.length > maxFileBytes || records.length > maxEntries) throw unsupported('it becomes too large');
  return concatBytes(...locals, list, endRecord(records.length, list.length, offset));
}

/** From "version needed" to the length of extra fields, the same in both headers: 4.3.7 and 4.3.12. New entries are stored. */
function commonHeader(name: Uint8Array, content: Uint8Array, at: Date): Uint8Array {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  view.setUint16(0, version, true);
  view.setUint16(2, utf8Bit, true);
  view.setUint32(6, dosTime(at), true);
  view.setUint32(10, crc32(content), true);
  view.setUint32(14, content.length, true);
  view.setUint32(18, content.length, true);
  view.setUint16(22, name.length, true);
  return header;
}

/** 4.4.6: two-second steps since 1980. */
function dosTime(at: Date): number {
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}

function endRecord(count: number, sizeBytes: number, offset: number): Uint8Array {
  const end = new Uint8Array(22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, sizeBytes, true);
  view.setUint32(16, offset, true);
  return end;
}
