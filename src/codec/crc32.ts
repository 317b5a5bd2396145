// CRC-32 as ZIP and PNG use it; ISO 3309, PKWARE APPNOTE 4.4.7. Eight octets a step, by eight tables.

const tables = eightTables();

/** As an unsigned number of 32 bits. */
export function crc32(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const whole = bytes.length - (bytes.length % 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = 0xffffffff;
  for (let at = 0; at < whole; at += 8) {
    const low = view.getUint32(at, true) ^ crc;
    const high = view.getUint32(at + 4, true);
    crc =
      entry(t7, low) ^
      entry(t6, low >>> 8) ^
      entry(t5, low >>> 16) ^
      entry(t4, low >>> 24) ^
      entry(t3, high) ^
      entry(t2, high >>> 8) ^
      entry(t1, high >>> 16) ^
      entry(t0, high >>> 24);
  }
  for (let at = whole; at < bytes.length; at++) crc = entry(t0, crc ^ view.getUint8(at)) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function entry(table: Uint32Array, index: number): number {
  return table[index & 0xff] ?? 0;
}

type Eight<T> = readonly [T, T, T, T, T, T, T, T];

/** The first is of one octet; each further one is of an octet that stands one place earlier. */
function eightTables(): Eight<Uint32Array> {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  const next = (table: Uint32Array) => table.map((value) => entry(first, value) ^ (value >>> 8));
  const second = next(first);
  const third = next(second);
  const fourth = next(third);
  const fifth = next(fourth);
  const sixth = next(fifth);
  const seventh = next(sixth);
  return [first, second, third, fourth, fifth, sixth, seventh, next(seventh)];
}
