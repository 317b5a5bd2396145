// The central directory of a ZIP file, read strictly: every entry lies where it says, and both of its headers say the same; PKWARE APPNOTE 6.3.9, 4.3.

import { malformed, maxEntries, maxFileBytes, unsupported } from './limits.ts';

export interface ZipEntry {
  /** As it stands in the file. */
  readonly rawName: Uint8Array;
  readonly utf8Name: boolean;
  readonly method: 'stored' | 'deflated';
  readonly crc32: number;
  readonly sizeBytes: number;
  /** The octets that hold the content, as they came. */
  readonly data: Uint8Array;
  /** From its header to what follows its data, and its record in the directory: what a copy of the entry is. */
  readonly whole: Uint8Array;
  readonly record: Uint8Array;
}

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Octets before the first entry; some makers of seals put them there. */
  readonly prefixBytes: number;
}

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const descriptorSignature = 0x08074b50;
const endBytes = 22;
const maxCommentBytes = 0xffff;
/** General purpose bits, 4.4.4: 0, 6 and 13 encryption; 3 sizes after the data; 5 patched data; 11 UTF-8. */
const encryptedBits = 0x2041;
const descriptorBit = 0x0008;
const utf8Bit = 0x0800;
/** Bits 1 and 2 tell how hard the packer tried. */
const knownBits = descriptorBit | utf8Bit | 0x0006;

/** Throws malformed-ofd, unsupported-ofd. */
export function readZipDirectory(file: Uint8Array): ZipDirectory {
  if (file.length > maxFileBytes) throw unsupported(`it has ${file.length} bytes, at most ${maxFileBytes} are read`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const offset = view.getUint32(end + 16, true);
  if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) throw unsupported('it is a ZIP64 file');
  if (view.getUint32(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) throw malformed('several disks');
  if (count > maxEntries) throw unsupported(`it has more than ${maxEntries} entries`);
  const start = end - size;
  // Offsets count from the first entry, or from the beginning of the file where something stands before it.
  const shift = start - offset;
  if (start < 0 || shift < 0) throw malformed('the central directory lies outside the file');
  const found: Located[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const located = readRecord(file, view, { at, end, shift });
    found.push(located);
    at = located.nextRecord;
  }
  if (at !== end) throw malformed('the central directory is not as long as it says');
  const prefixBytes = checkTiling(found, start, file);
  return { entries: found.map(({ entry }) => entry), prefixBytes };
}

/** The one end record whose comment ends with the file: two that fit would let two readers see two packages. */
function findEnd(view: DataView): number {
  const [end, second] = endsIn(view);
  if (end === undefined) throw malformed('it has no ZIP directory');
  if (second !== undefined) throw malformed('it has two ZIP directories');
  return end;
}

export function hasZipEnd(file: Uint8Array): boolean {
  return endsIn(new DataView(file.buffer, file.byteOffset, file.byteLength)).length > 0;
}

function endsIn(view: DataView): number[] {
  const places: number[] = [];
  const lowest = Math.max(0, view.byteLength - endBytes - maxCommentBytes);
  for (let at = view.byteLength - endBytes; at >= lowest; at--) {
    if (view.getUint32(at, true) !== endSignature) continue;
    if (at + endBytes + view.getUint16(at + 20, true) === view.byteLength) places.push(at);
  }
  return places;
}

interface Located {
  readonly entry: ZipEntry;
  readonly nextRecord: number;
  readonly start: number;
  readonly end: number;
}

function readRecord(
  file: Uint8Array,
  view: DataView,
  { at, end, shift }: { at: number; end: number; shift: number },
): Located {
  if (at + 46 > end || view.getUint32(at, true) !== centralSignature) throw malformed('a damaged directory record');
  const nameBytes = view.getUint16(at + 28, true);
  const nextRecord = at + 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (nextRecord > end) throw malformed('a damaged directory record');
  if (view.getUint16(at + 34, true) !== 0) throw malformed('several disks');
  const record = { view, at: at + 6, sizes: at + 16, name: file.subarray(at + 46, at + 46 + nameBytes) };
  const head = headOf(record);
  const start = view.getUint32(at + 42, true) + shift;
  const body = readLocal(file, view, { start, limit: end, central: head, name: record.name });
  const { method, crc32, sizeBytes, flags } = head;
  const entry: ZipEntry = {
    rawName: record.name,
    utf8Name: (flags & utf8Bit) !== 0,
    method: method === 0 ? 'stored' : 'deflated',
    crc32,
    sizeBytes,
    data: body.data,
    whole: file.subarray(start, body.end),
    record: file.subarray(at, nextRecord),
  };
  return { entry, nextRecord, start, end: body.end };
}

interface Head {
  readonly needed: number;
  readonly flags: number;
  readonly method: number;
  readonly time: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
}

/** The part that both headers have, from "version needed" on; 4.3.7 and 4.3.12. */
function headOf({ view, at, sizes }: { view: DataView; at: number; sizes: number }): Head {
  const [needed, flags, method] = [
    view.getUint16(at, true),
    view.getUint16(at + 2, true),
    view.getUint16(at + 4, true),
  ];
  const [crc32, packedBytes, sizeBytes] = [sizes, sizes + 4, sizes + 8].map((place) => view.getUint32(place, true));
  if (crc32 === undefined || packedBytes === undefined || sizeBytes === undefined) throw malformed('a damaged header');
  if ((flags & encryptedBits) !== 0) throw unsupported('it is encrypted');
  if ((flags & ~knownBits) !== 0) throw unsupported(`flags ${flags} of an entry`);
  if (method !== 0 && method !== 8) throw unsupported(`compression method ${method}`);
  if (packedBytes === 0xffffffff || sizeBytes === 0xffffffff) throw unsupported('it is a ZIP64 file');
  if (method === 0 && packedBytes !== sizeBytes) throw malformed('a stored entry of two sizes');
  return { needed, flags, method, time: view.getUint32(at + 6, true), crc32, packedBytes, sizeBytes };
}

function readLocal(
  file: Uint8Array,
  view: DataView,
  { start, limit, central, name }: { start: number; limit: number; central: Head; name: Uint8Array },
): { data: Uint8Array; end: number } {
  if (start + 30 > limit || view.getUint32(start, true) !== localSignature) throw malformed('an entry has no header');
  const nameBytes = view.getUint16(start + 26, true);
  const dataStart = start + 30 + nameBytes + view.getUint16(start + 28, true);
  const dataEnd = dataStart + central.packedBytes;
  if (dataEnd > limit) throw malformed('an entry ends outside the file');
  const ownName = file.subarray(start + 30, start + 30 + nameBytes);
  if (!sameOctets(ownName, name)) throw malformed('the headers of an entry have two names');
  const local = localHead(view, start, central);
  const agree =
    local.needed === central.needed &&
    local.flags === central.flags &&
    local.method === central.method &&
    local.time === central.time &&
    local.crc32 === central.crc32 &&
    local.packedBytes === central.packedBytes &&
    local.sizeBytes === central.sizeBytes;
  if (!agree) throw malformed('the headers of an entry disagree');
  const end = (central.flags & descriptorBit) === 0 ? dataEnd : descriptorEnd(view, dataEnd, limit, central);
  return { data: file.subarray(dataStart, dataEnd), end };
}

/** With sizes after the data, those in the header may be zero. */
function localHead(view: DataView, start: number, central: Head): Head {
  const described = (central.flags & descriptorBit) !== 0;
  const blank = [14, 18, 22].every((place) => view.getUint32(start + place, true) === 0);
  if (!described || !blank) return headOf({ view, at: start + 4, sizes: start + 14 });
  const [needed, flags, method] = [4, 6, 8].map((place) => view.getUint16(start + place, true));
  return {
    ...central,
    needed: needed ?? 0,
    flags: flags ?? 0,
    method: method ?? 0,
    time: view.getUint32(start + 10, true),
  };
}

/** 4.3.9: with or without its signature. */
function descriptorEnd(view: DataView, at: number, limit: number, { crc32, packedBytes, sizeBytes }: Head): number {
  for (const start of [at + 4, at]) {
    if (start + 12 > limit) continue;
    if (start > at && view.getUint32(at, true) !== descriptorSignature) continue;
    const values = [0, 4, 8].map((place) => view.getUint32(start + place, true));
    if (values[0] === crc32 && values[1] === packedBytes && values[2] === sizeBytes) return start + 12;
  }
  throw malformed('the sizes after an entry are not those of the directory');
}

/**
 * From the first entry to the directory there is nothing but entries, each once: what stands between them would be seen by readers
 * that go from header to header, and by nobody else.
 */
function checkTiling(found: readonly Located[], directory: number, file: Uint8Array): number {
  const inOrder = [...found].sort((a, b) => a.start - b.start);
  const first = inOrder[0]?.start ?? directory;
  let at = first;
  for (const { start, end } of inOrder) {
    if (start !== at) throw malformed(start < at ? 'two entries overlap' : 'something stands between two entries');
    at = end;
  }
  if (at !== directory) throw malformed('something stands before the directory');
  for (let place = 0; place + 4 <= first; place++) {
    const isHeader =
      file[place] === 0x50 && file[place + 1] === 0x4b && file[place + 2] === 0x03 && file[place + 3] === 0x04;
    if (isHeader) throw malformed('an entry stands before those of the directory');
  }
  return first;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
