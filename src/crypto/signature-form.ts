// Two-integer signatures between their two spellings: DER SEQUENCE { r INTEGER, s INTEGER } (RFC 3279, 2.2.3) and r‖s (RFC 7518, 3.4).

/** r‖s → DER. `undefined` when the length is odd or empty, or an integer does not fit the short form. */
export function rawToDerSignature(raw: Uint8Array): Uint8Array | undefined {
  const half = raw.length / 2;
  if (!Number.isInteger(half) || half === 0 || half > 48) return undefined;
  const r = positiveInteger(raw.subarray(0, half));
  const s = positiveInteger(raw.subarray(half));
  const out = new Uint8Array(2 + r.length + s.length); // at most 2 + 51 + 51: always the short form
  out.set([0x30, r.length + s.length]);
  out.set(r, 2);
  out.set(s, 2 + r.length);
  return out;
}

/** DER → r‖s of exactly `sizeBytes`. `undefined` unless it is minimal DER of two positive integers and nothing else. */
export function derToRawSignature(der: Uint8Array, sizeBytes: number): Uint8Array | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 0x7f) return undefined;
  const out = new Uint8Array(sizeBytes);
  const half = sizeBytes / 2;
  let offset = 2;
  for (let part = 0; part < 2; part++) {
    const length = der[offset + 1] ?? 0;
    const value = der.subarray(offset + 2, offset + 2 + length);
    if (der[offset] !== 2 || length === 0 || value.length !== length) return undefined;
    const first = value[0] ?? 0;
    if (first & 0x80 || (first === 0 && length > 1 && !((value[1] ?? 0) & 0x80))) return undefined;
    const digits = first === 0 ? value.subarray(1) : value;
    if (digits.length > half) return undefined;
    out.set(digits, (part + 1) * half - digits.length);
    offset += 2 + length;
  }
  return offset === der.length ? out : undefined;
}

function positiveInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  const pad = (digits[0] ?? 0) & 0x80 ? 1 : 0;
  const out = new Uint8Array(2 + pad + digits.length);
  out.set([2, pad + digits.length]);
  out.set(digits, 2 + pad);
  return out;
}
