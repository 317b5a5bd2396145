// Text strings and dates (ISO 32000-2, 7.9.2.2 and 7.9.4) to and from PDF strings.

import { moment } from '../kernel/clock.ts';
import { fromUtf8, utf8 } from '../kernel/bytes.ts';
import { PdfString } from './objects.ts';
import type { PdfObject } from './objects.ts';

/** PDFDocEncoding where it differs from Latin-1 (annex D.3): 0x18-0x1f and 0x80-0x9e, 0xa0. */
const low = '˘ˇˆ˙˝˛˚˜';
const high = '•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž';

export function textOf(object: PdfObject): string | undefined {
  if (!(object instanceof PdfString)) return undefined;
  const bytes = object.bytes;
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    let out = '';
    for (let i = 2; i + 1 < bytes.length; i += 2)
      out += String.fromCharCode(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
    return out;
  }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return fromUtf8(bytes.subarray(3));
  return Array.from(bytes, docEncoded).join('');
}

function docEncoded(byte: number): string {
  if (byte >= 0x18 && byte <= 0x1f) return low[byte - 0x18] ?? '';
  if (byte >= 0x80 && byte <= 0x9e) return high[byte - 0x80] ?? '';
  return byte === 0xa0 ? '€' : String.fromCharCode(byte);
}

/** ASCII as it is, anything else in UTF-16BE, which readers of every version know. */
export function textString(text: string): PdfString {
  if (/^[\x20-\x7e]*$/.test(text)) return new PdfString(utf8(text));
  const out = new Uint8Array(2 + 2 * text.length);
  out.set([0xfe, 0xff]);
  for (let i = 0; i < text.length; i++) {
    out[2 + 2 * i] = text.charCodeAt(i) >> 8;
    out[3 + 2 * i] = text.charCodeAt(i) & 0xff;
  }
  return new PdfString(out);
}

/** `D:YYYYMMDDHHmmSSZ`. */
export function dateString(date: Date): PdfString {
  return new PdfString(utf8(`D:${date.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`));
}

/** A date that has at least a year; a missing zone is taken as UTC. Undefined when it is none. */
export function dateOf(object: PdfObject): Date | undefined {
  const match = /^D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-])(\d\d)'?(?:(\d\d)'?)?)?(?:00'?00'?)?$/.exec(
    textOf(object) ?? '',
  );
  if (match === null) return undefined;
  const [
    ,
    year,
    month = '01',
    day = '01',
    hour = '00',
    minute = '00',
    second = '00',
    sign,
    zoneHour,
    zoneMinute = '00',
  ] = match;
  const zone = sign === undefined ? 'Z' : `${sign}${zoneHour}:${zoneMinute}`;
  try {
    return moment(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  } catch {
    return undefined;
  }
}
