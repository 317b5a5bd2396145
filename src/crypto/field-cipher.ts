// Encryption of single database fields, and blind indexes for equality search; RFC 5869 (HKDF) derives every key from the key-encryption key.

import { createHmac } from 'node:crypto';
import { TrustError } from '../kernel/errors.ts';
import { aes256Gcm, type FieldSuite, type Roots, sm4CtrHmacSm3 } from './field-suites.ts';
import { Hkdf } from './hkdf.ts';

export const fieldCipherNames = ['aes-256-gcm', 'sm4'] as const;
export type FieldCipherName = (typeof fieldCipherNames)[number];

const suites: Readonly<Record<FieldCipherName, FieldSuite>> = { 'aes-256-gcm': aes256Gcm, sm4: sm4CtrHmacSm3 };

export interface FieldCipherOptions {
  /** 32 bytes. */
  readonly keyEncryptionKey: Uint8Array;
  /** What new fields are sealed with; fields sealed with either are opened. */
  readonly algorithm?: FieldCipherName;
}

export class FieldCipher {
  readonly #roots: Roots;
  readonly #suite: FieldSuite;

  constructor({ keyEncryptionKey, algorithm = 'aes-256-gcm' }: FieldCipherOptions) {
    if (keyEncryptionKey.length !== 32)
      throw new TrustError('configuration-invalid', 'key-encryption key is not 32 bytes');
    this.#roots = { sha256: new Hkdf('sha256', keyEncryptionKey), sm3: new Hkdf('sm3', keyEncryptionKey) };
    this.#suite = suites[algorithm];
  }

  /** `context` says where the field stands (table, column, subject); the field opens under the same context only. */
  seal(plaintext: Uint8Array, context: string): Uint8Array {
    return this.#suite.seal(this.#roots, plaintext, context);
  }

  /** Throws `key-unavailable` when the field was altered, belongs to another context, or was sealed under another key. */
  open(sealed: Uint8Array, context: string): Uint8Array {
    const header = String.fromCharCode(...sealed.subarray(0, 2));
    const suite = Object.values(suites).find((known) => known.header === header);
    if (suite === undefined) throw new TrustError('key-unavailable', 'not a sealed field');
    const plaintext = suite.open(this.#roots, sealed, context);
    if (plaintext === undefined) throw new TrustError('key-unavailable', 'sealed field does not open');
    return plaintext;
  }

  /**
   * Equal values in one context have equal indexes; nothing else can be learned from them without the key. HMAC-SHA-256 whatever
   * the suite: an index that changed with a setting would find nothing any more.
   */
  blindIndex(value: string, context: string): Uint8Array {
    const key = this.#roots.sha256.derive(`yinxin blind index v1\0${context}`, 32);
    return new Uint8Array(createHmac('sha256', key).update(value, 'utf8').digest());
  }
}
