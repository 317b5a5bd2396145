// HKDF (RFC 5869) with an empty salt and the extraction done once: where each row has a key of its own, a key costs one HMAC.

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { utf8 } from '../kernel/bytes.ts';

const digestSizeBytes = 32;
const maxBlocks = 255;

export class Hkdf {
  readonly #hash: 'sha256' | 'sm3';
  readonly #extracted: KeyObject;

  constructor(hash: 'sha256' | 'sm3', root: Uint8Array) {
    this.#hash = hash;
    this.#extracted = createSecretKey(createHmac(hash, new Uint8Array(digestSizeBytes)).update(root).digest());
  }

  /** Throws RangeError for less than 1 and more than 8,160 bytes. */
  derive(info: string, sizeBytes: number): Uint8Array {
    if (sizeBytes < 1 || sizeBytes > maxBlocks * digestSizeBytes)
      throw new RangeError('HKDF gives 1 byte to 255 blocks');
    const name = utf8(info);
    const out = new Uint8Array(sizeBytes);
    let block: Uint8Array = new Uint8Array();
    for (let at = 0, number = 1; at < sizeBytes; at += digestSizeBytes, number++) {
      const mac = createHmac(this.#hash, this.#extracted).update(block).update(name);
      block = mac.update(Uint8Array.of(number)).digest();
      out.set(block.subarray(0, sizeBytes - at), at);
    }
    return out;
  }
}
