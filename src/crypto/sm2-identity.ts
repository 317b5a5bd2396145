// The value Z that SM2 signs before the message; GM/T 0003.2-2012, 5.5: Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA).

import { concatBytes, utf8 } from '../kernel/bytes.ts';
import { digest } from './digest.ts';

/** GM/T 0009-2012, 10: the user identity when nothing else is agreed. */
const defaultUserId = utf8('1234567812345678');

const curve = Buffer.from(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc' +
    '28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93' +
    '32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7' +
    'bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  'hex',
);

/** `point`: the uncompressed public point without its leading 04, 64 bytes. */
export function sm2Z(point: Uint8Array): Uint8Array {
  const idBits = defaultUserId.length * 8;
  return digest('SM3', concatBytes(Uint8Array.of(idBits >> 8, idBits & 0xff), defaultUserId, curve, point));
}
