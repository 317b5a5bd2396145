// zlib data (RFC 1950 around RFC 1951) inflated under a cap, with one accepted spelling of everything around the compressed blocks.

import { inflateSync } from 'fflate';
import { equalBytes } from '../kernel/bytes.ts';

/**
 * The content of zlib data, or `undefined` when it is damaged or would be longer than `maxSizeBytes`. The output buffer is
 * made beforehand and never grows, so a bomb costs its own length and no more.
 */
export function inflateZlib(data: Uint8Array, maxSizeBytes: number): Uint8Array | undefined {
  if (data.length < 8 || data[0] !== 0x78) return undefined;
  const flags = data[1] ?? 0;
  if ((0x7800 + flags) % 31 !== 0 || (flags & 0x20) !== 0) return undefined; // FCHECK wrong, or a preset dictionary
  const body = data.slice(2, -4);
  if (!isFirstBlockSound(body)) return undefined;
  const content = inflateRaw(body, maxSizeBytes);
  if (content === undefined) return undefined;
  const checksum = new DataView(data.buffer, data.byteOffset + data.length - 4, 4).getUint32(0);
  if (checksum !== adler32(content)) return undefined;
  return hasUnusedTail(body, content) ? undefined : content;
}

function inflateRaw(body: Uint8Array, maxSizeBytes: number): Uint8Array | undefined {
  if (body.length === 0) return undefined; // fflate would answer with the whole empty buffer
  try {
    const content = inflateSync(body, { out: new Uint8Array(maxSizeBytes + 1) });
    return content.length > maxSizeBytes ? undefined : content;
  } catch {
    return undefined;
  }
}

/** RFC 1951 section 3.2.4: a stored block begins with five idle bits, its length and the complement of it, which fflate skips. */
function isFirstBlockSound(body: Uint8Array): boolean {
  const [header = 0, length0 = 0, length1 = 0, complement0 = 0, complement1 = 0] = body;
  if ((header & 6) !== 0) return true;
  return header >> 3 === 0 && (length0 ^ complement0) === 0xff && (length1 ^ complement1) === 0xff;
}

/**
 * Whether bits after the last block are set, or whole bytes follow it. The decoder stops reading there and would accept any
 * value: dropping the last byte, or clearing its highest set bit, must therefore change the outcome.
 */
function hasUnusedTail(body: Uint8Array, content: Uint8Array): boolean {
  const shorter = body.subarray(0, -1);
  const cleared = body.slice();
  const last = cleared[cleared.length - 1] ?? 0;
  cleared[cleared.length - 1] = last === 0 ? 0 : last & ~(1 << (31 - Math.clz32(last)));
  const candidates = last === 0 ? [shorter] : [shorter, cleared];
  return candidates.some((candidate) => {
    const again = inflateRaw(candidate, content.length);
    return again !== undefined && equalBytes(again, content);
  });
}

/** RFC 1950 section 8.2. */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}
