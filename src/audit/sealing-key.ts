// The key of one person (or of the service, where there is no person): seals parts of entries, salts their commitments, and makes the tags by which they are found.
// AES-256-GCM (NIST SP 800-38D), HMAC-SHA-512 (RFC 2104), HKDF (RFC 5869).

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { sha256 } from '../crypto/digest.ts';
import { HmacSha512 } from '../crypto/hmac.ts';
import { concatBytes, equalBytes, utf8 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Uuid } from '../kernel/ids.ts';
import { canonicalJson, type PlainObject, parseCanonicalJson } from './canonical-json.ts';

/** `actor`: the person who acts; `subject`: the person it is about, and the only part when both are the same. */
export type PartRole = 'actor' | 'subject';

export interface SealedPart {
  readonly sealed: Uint8Array;
  /** SHA-256(salt ‖ text): hides the text from one who can guess it, and from all once the key, and with it the salt, is gone. */
  readonly commitment: Uint8Array;
}

export interface OpenedPart extends SealedPart {
  readonly part: PlainObject;
  /** With `text` it opens the commitment to whoever is shown them, and says nothing of the key. */
  readonly salt: Uint8Array;
  readonly text: Uint8Array;
}

export const personKeySizeBytes = 32;
const maxPartSizeBytes = 65_535;
const saltSizeBytes = 32;
const nonceSizeBytes = 12;
const gcmTagSizeBytes = 16;
const tagSizeBytes = 15; // with its length byte 16: no byte of an index tuple is padding

export class SealingKey {
  readonly #encryption: KeyObject;
  readonly #derivation: HmacSha512;

  constructor(secret: Uint8Array) {
    if (secret.length !== personKeySizeBytes) throw new TrustError('key-unavailable', 'not a sealing key');
    const derived = (use: string): Uint8Array =>
      new Uint8Array(hkdfSync('sha256', secret, '', `yinxin audit ${use} v2`, 32));
    this.#encryption = createSecretKey(derived('encryption'));
    this.#derivation = new HmacSha512(derived('derivation'));
  }

  /** Equal for equal ids under one key; once the key is gone, a number that leads to nobody. */
  tag(what: 'subject' | 'object', id: string): Uint8Array {
    // What is derived begins with a word for its use, so that no tag is ever a salt.
    return this.#derivation.of(utf8(`${what}\0${id}`)).subarray(0, tagSizeBytes);
  }

  /** Throws `request-too-large`. */
  seal(entryId: Uuid, role: PartRole, part: PlainObject): SealedPart {
    const text = canonicalJson(part);
    if (text.length > maxPartSizeBytes) throw new TrustError('request-too-large', 'the audit detail is too large');
    const { salt, nonce } = this.#saltAndNonce(entryId, role, text);
    const cipher = createCipheriv('aes-256-gcm', this.#encryption, nonce, { authTagLength: gcmTagSizeBytes });
    cipher.setAAD(utf8(`${role}\0${entryId}`)); // a part that is moved to another row does not open there
    const body = cipher.update(text);
    return {
      sealed: concatBytes(nonce, body, cipher.final(), cipher.getAuthTag()),
      commitment: sha256(concatBytes(salt, text)),
    };
  }

  /** `undefined` when it was altered, or sealed for another entry, role or person. */
  open(entryId: Uuid, role: PartRole, sealed: Uint8Array): OpenedPart | undefined {
    const nonce = sealed.subarray(0, nonceSizeBytes);
    const text = this.#decrypted(nonce, `${role}\0${entryId}`, sealed);
    const part = text === undefined ? undefined : parseCanonicalJson(text);
    if (text === undefined || part === undefined) return undefined;
    const { salt, nonce: expected } = this.#saltAndNonce(entryId, role, text);
    if (!equalBytes(nonce, expected)) return undefined;
    return { part, text, salt, sealed, commitment: sha256(concatBytes(salt, text)) };
  }

  #decrypted(nonce: Uint8Array, associated: string, sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < nonceSizeBytes + gcmTagSizeBytes) return undefined;
    const options = { authTagLength: gcmTagSizeBytes };
    const decipher = createDecipheriv('aes-256-gcm', this.#encryption, nonce, options);
    decipher.setAAD(utf8(associated));
    decipher.setAuthTag(sealed.subarray(-gcmTagSizeBytes));
    try {
      return concatBytes(decipher.update(sealed.subarray(nonceSizeBytes, -gcmTagSizeBytes)), decipher.final());
    } catch {
      return undefined;
    }
  }

  /**
   * Derived and not stored: a salt that lies nowhere dies with the key. The nonce depends on the text too, so that no two texts are
   * ever sealed under one nonce, whatever happens to the entry's id.
   */
  #saltAndNonce(entryId: Uuid, role: PartRole, text: Uint8Array): { salt: Uint8Array; nonce: Uint8Array } {
    const bytes = this.#derivation.of(utf8(`part\0${role}\0${entryId}\0`), text);
    return { salt: bytes.subarray(0, saltSizeBytes), nonce: bytes.subarray(-nonceSizeBytes) };
  }
}
