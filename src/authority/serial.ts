// Serial numbers nobody can guess: 127 random bits, so that the INTEGER is positive and 16 octets or fewer; RFC 5280, 4.1.2.2, RFC 3161, 2.4.2.

import { integerContent } from '../codec/der-write.ts';
import { toHex } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { serialHexOf } from '../pki/certificate.ts';

export interface Serial {
  /** Unsigned big-endian. */
  readonly octets: Uint8Array;
  /** As `Certificate.serialHex` spells it. */
  readonly hex: string;
}

export function newSerial(): Serial {
  const octets = randomBytes(16);
  octets[0] = (octets[0] ?? 0) & 0x7f;
  return { octets, hex: serialHexOf(integerContent(BigInt(`0x${toHex(octets)}`))) };
}
