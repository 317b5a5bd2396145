// Base32 (RFC 4648 section 6) without padding, canonical only: bytes as text that is safe in a URL fragment and in QR alphanumeric mode.

import { TrustError } from '../kernel/errors.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= 5) {
      heldBits -= 5;
      text += alphabet.charAt((held >> heldBits) & 31);
    }
    held &= (1 << heldBits) - 1;
  }
  return heldBits === 0 ? text : text + alphabet.charAt((held << (5 - heldBits)) & 31);
}

/**
 * The bytes of an unpadded, upper-case base32 text. A foreign character, an impossible length, padding, or spare bits that
 * are not zero (RFC 4648 section 3.5: two texts for the same bytes) is `malformed-base32`.
 */
export function fromBase32(text: string): Uint8Array {
  if ([1, 3, 6].includes(text.length % 8)) throw malformed('length');
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) throw malformed('character');
    held = (held << 5) | value;
    heldBits += 5;
    if (heldBits < 8) continue;
    heldBits -= 8;
    bytes[at++] = held >> heldBits;
    held &= (1 << heldBits) - 1;
  }
  if (held !== 0) throw malformed('spare bits');
  return bytes;
}

function malformed(what: string): TrustError {
  return new TrustError('malformed-base32', `not base32: ${what}`);
}
