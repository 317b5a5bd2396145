// Encryption of single database fields and blind indexes for equality search; NIST SP 800-38D (AES-GCM), RFC 5869 (HKDF).

import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { concatBytes, utf8 } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';

/** A sealed field is `v1` ‖ nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes). */
const version = utf8('v1');
const nonceBytes = 12;
const tagBytes = 16;

export class FieldCipher {
  readonly #keyEncryptionKey: Uint8Array;

  constructor({ keyEncryptionKey }: { keyEncryptionKey: Uint8Array }) {
    if (keyEncryptionKey.length !== 32)
      throw new TrustError('configuration-invalid', 'key-encryption key is not 32 bytes');
    this.#keyEncryptionKey = Uint8Array.from(keyEncryptionKey);
  }

  /** `context` says where the field stands (table, column, subject); the field opens under the same context only. */
  seal(plaintext: Uint8Array, context: string): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#derive('field', context), nonce, { authTagLength: tagBytes });
    cipher.setAAD(concatBytes(version, utf8(context)));
    const body = cipher.update(plaintext);
    return concatBytes(version, nonce, body, cipher.final(), cipher.getAuthTag());
  }

  /** Throws `key-unavailable` when the field was altered, belongs to another context, or was sealed under another key. */
  open(sealed: Uint8Array, context: string): Uint8Array {
    const known = sealed[0] === version[0] && sealed[1] === version[1];
    if (!known || sealed.length < version.length + nonceBytes + tagBytes) {
      throw new TrustError('key-unavailable', 'not a sealed field');
    }
    const nonce = sealed.subarray(version.length, version.length + nonceBytes);
    const key = this.#derive('field', context);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(concatBytes(version, utf8(context)));
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    try {
      const body = decipher.update(sealed.subarray(version.length + nonceBytes, -tagBytes));
      return concatBytes(body, decipher.final());
    } catch {
      throw new TrustError('key-unavailable', 'sealed field does not open');
    }
  }

  /** Equal values in one context have equal indexes; nothing else can be learned from them without the key. */
  blindIndex(value: string, context: string): Uint8Array {
    return new Uint8Array(createHmac('sha256', this.#derive('blind index', context)).update(value, 'utf8').digest());
  }

  /** A key of its own for each use and context, so that no key comes near the limit of random nonces. */
  #derive(use: 'field' | 'blind index', context: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#keyEncryptionKey, '', `yinxin ${use} v1\0${context}`, 32));
  }
}
