// Base45 (RFC 9285), strict: bytes as text that a QR symbol stores in alphanumeric mode.

import { TrustError } from '../kernel/errors.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** RFC 9285 section 4: two bytes become three characters, a single last byte becomes two. */
export function toBase45(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 2) {
    const first = bytes[i] ?? 0;
    const second = bytes[i + 1];
    const value = second === undefined ? first : first * 256 + second;
    text += alphabet.charAt(value % 45) + alphabet.charAt(Math.floor(value / 45) % 45);
    if (second !== undefined) text += alphabet.charAt(Math.floor(value / 2025));
  }
  return text;
}

/**
 * The bytes of a base45 text. Every text has at most one meaning and every byte string exactly one text (RFC 9285
 * section 6): a foreign character, a lone last character, a triple over 65535 or a pair over 255 is `malformed-base45`.
 */
export function fromBase45(text: string): Uint8Array {
  if (text.length % 3 === 1) throw malformed('length');
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0));
  for (let i = 0, at = 0; i < text.length; i += 3) {
    const isPair = i + 2 === text.length;
    const value = digit(text, i) + 45 * digit(text, i + 1) + (isPair ? 0 : 2025 * digit(text, i + 2));
    if (value > (isPair ? 0xff : 0xffff)) throw malformed('value out of range');
    if (!isPair) bytes[at++] = value >> 8;
    bytes[at++] = value & 0xff;
  }
  return bytes;
}

function digit(text: string, index: number): number {
  const value = alphabet.indexOf(text.charAt(index));
  if (value < 0) throw malformed('character');
  return value;
}

function malformed(what: string): TrustError {
  return new TrustError('malformed-base45', `not base45: ${what}`);
}
