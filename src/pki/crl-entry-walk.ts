// One entry of revokedCertificates in the bytes of the list, by offsets alone: a million entries are a million of these walks; RFC 5280, 5.1.2.6.

import { malformed, readDer } from '../codec/der.ts';
import { tags, timeOf } from '../codec/der-value.ts';

/** Offsets in the list. */
export interface EntryPlaces {
  readonly start: number;
  /** Content of the INTEGER. */
  readonly serialStart: number;
  readonly serialEnd: number;
  /** The time follows the serial number. */
  readonly timeEnd: number;
  /** Where the extensions end, and the entry; the same as `timeEnd` when it has none. */
  readonly end: number;
}

/** RFC 5280, 4.1.2.2 allows 20 octets; longer ones exist and are read, but not without end. */
const maxSerialBytes = 64;
/** An entry has a serial number, a time and a few small extensions. */
const maxEntryBytes = 16 * 1024;

/** Checks all of the entry at `start` but what its extensions hold. Throws `malformed-der`. */
export function entryAt(list: Uint8Array, start: number): EntryPlaces {
  if (list[start] !== tags.sequence) throw malformed('revokedCertificate is no SEQUENCE');
  const entry = contentOf(list, start, list.length);
  if (entry.end - entry.start > maxEntryBytes) throw malformed('revokedCertificate too long');
  if (list[entry.start] !== tags.integer) throw malformed('userCertificate is no INTEGER');
  const serial = contentOf(list, entry.start, entry.end);
  checkSerial(list, serial.start, serial.end);
  const time = contentOf(list, serial.end, entry.end);
  if (!isPlainTime(list, serial.end, time.end)) timeOf(readDer(list.subarray(serial.end, time.end)));
  if (time.end < entry.end) {
    if (list[time.end] !== tags.sequence) throw malformed('crlEntryExtensions is no SEQUENCE');
    if (contentOf(list, time.end, entry.end).end !== entry.end) throw malformed('revokedCertificate has other members');
  }
  return { start, serialStart: serial.start, serialEnd: serial.end, timeEnd: time.end, end: entry.end };
}

/** X.690, 10.1: the length in the fewest octets. */
function contentOf(list: Uint8Array, start: number, limit: number): { start: number; end: number } {
  if (start + 2 > limit) throw malformed('an element ends early');
  let length = list[start + 1] ?? 0;
  let content = start + 2;
  if (length >= 0x80) {
    const octets = length & 0x7f;
    if (octets < 1 || octets > 3 || content + octets > limit) throw malformed('length too long or indefinite');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (list[content + i] ?? 0);
    if (length < 0x80 || length < 256 ** (octets - 1)) throw malformed('length not minimal');
    content += octets;
  }
  if (content + length > limit) throw malformed('content ends early');
  return { start: content, end: content + length };
}

function checkSerial(list: Uint8Array, start: number, end: number): void {
  const [first = 0, second = 0] = [list[start], list[start + 1]];
  if (end === start || end - start > maxSerialBytes) throw malformed('serial number empty or too long');
  const padded = end - start > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw malformed('INTEGER not minimal');
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A UTCTime that needs no further look; any other is read with all care. */
function isPlainTime(list: Uint8Array, start: number, end: number): boolean {
  if (list[start] !== tags.utcTime || end - start !== 15 || list[start + 14] !== 0x5a) return false;
  for (let i = start + 2; i < start + 14; i++) {
    const octet = list[i] ?? 0;
    if (octet < 0x30 || octet > 0x39) return false;
  }
  const pair = (index: number): number =>
    ((list[start + index] ?? 0) - 0x30) * 10 + (list[start + index + 1] ?? 0) - 0x30;
  const [month, day] = [pair(4), pair(6)];
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= (monthDays[month - 1] ?? 0) &&
    pair(8) < 24 &&
    pair(10) < 60 &&
    pair(12) < 60
  );
}
