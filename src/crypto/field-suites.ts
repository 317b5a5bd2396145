// The two ways a field is sealed: AES-256-GCM (NIST SP 800-38D) and SM4-CTR with HMAC-SM3, encrypt then MAC (GB/T 32907-2016, GB/T 17964-2021, GB/T 15852.2-2012).
// SM4-GCM would need GHASH in JavaScript: OpenSSL has SM4 in CTR, and HMAC-SM3, but neither GCM nor CCM for SM4.

import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { concatBytes, utf8 } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import type { Hkdf } from './hkdf.ts';

/** The key-encryption key, as each hash derives keys from it. */
export interface Roots {
  readonly sha256: Hkdf;
  readonly sm3: Hkdf;
}

export interface FieldSuite {
  /** The first two bytes of what it seals. */
  readonly header: string;
  seal(roots: Roots, plaintext: Uint8Array, context: string): Uint8Array;
  /** `undefined` when it was altered, cut, or sealed under another key or context. */
  open(roots: Roots, sealed: Uint8Array, context: string): Uint8Array | undefined;
}

const headerBytes = 2;
const gcmNonceBytes = 12;
const gcmTagBytes = 16;

/** `v1` ‖ nonce ‖ ciphertext ‖ tag. A key of its own for each context, so that no key comes near the limit of random nonces. */
export const aes256Gcm: FieldSuite = {
  header: 'v1',
  seal(roots, plaintext, context) {
    const nonce = randomBytes(gcmNonceBytes);
    const cipher = createCipheriv('aes-256-gcm', aesKey(roots, context), nonce, { authTagLength: gcmTagBytes });
    cipher.setAAD(associated(this.header, context));
    const body = cipher.update(plaintext);
    return concatBytes(utf8(this.header), nonce, body, cipher.final(), cipher.getAuthTag());
  },
  open(roots, sealed, context) {
    if (sealed.length < headerBytes + gcmNonceBytes + gcmTagBytes) return undefined;
    const nonce = sealed.subarray(headerBytes, headerBytes + gcmNonceBytes);
    const options = { authTagLength: gcmTagBytes };
    const decipher = createDecipheriv('aes-256-gcm', aesKey(roots, context), nonce, options);
    decipher.setAAD(associated(this.header, context));
    decipher.setAuthTag(sealed.subarray(-gcmTagBytes));
    try {
      const body = decipher.update(sealed.subarray(headerBytes + gcmNonceBytes, -gcmTagBytes));
      return concatBytes(body, decipher.final());
    } catch {
      return undefined;
    }
  },
};

const sm4BlockBytes = 16;
const sm3Bytes = 32;

/** `s1` ‖ first counter block ‖ ciphertext ‖ HMAC-SM3 over the length of the context, the context, and all that stands before it. */
export const sm4CtrHmacSm3: FieldSuite = {
  header: 's1',
  seal(roots, plaintext, context) {
    const { encryption, authentication } = sm4Keys(roots, context);
    const counter = randomBytes(sm4BlockBytes);
    const body = concatBytes(utf8(this.header), counter, sm4Ctr(encryption, counter, plaintext));
    return concatBytes(body, sm4Tag(authentication, context, body));
  },
  open(roots, sealed, context) {
    if (sealed.length < headerBytes + sm4BlockBytes + sm3Bytes) return undefined;
    const { encryption, authentication } = sm4Keys(roots, context);
    const body = sealed.subarray(0, -sm3Bytes);
    if (!timingSafeEqual(sm4Tag(authentication, context, body), sealed.subarray(-sm3Bytes))) return undefined;
    const counter = body.subarray(headerBytes, headerBytes + sm4BlockBytes);
    return sm4Ctr(encryption, counter, body.subarray(headerBytes + sm4BlockBytes));
  },
};

/** Encrypts and decrypts alike. */
export function sm4Ctr(key: Uint8Array, counter: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv('sm4-ctr', key, counter);
  return concatBytes(cipher.update(data), cipher.final());
}

function sm4Tag(key: Uint8Array, context: string, body: Uint8Array): Uint8Array {
  const name = utf8(context);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, name.length);
  return new Uint8Array(createHmac('sm3', key).update(length).update(name).update(body).digest());
}

function aesKey({ sha256 }: Roots, context: string): Uint8Array {
  return sha256.derive(`yinxin field v1\0${context}`, 32);
}

function sm4Keys({ sm3 }: Roots, context: string): { encryption: Uint8Array; authentication: Uint8Array } {
  const both = sm3.derive(`yinxin field s1\0${context}`, 48);
  return { encryption: both.subarray(0, 16), authentication: both.subarray(16) };
}

function associated(header: string, context: string): Uint8Array {
  return concatBytes(utf8(header), utf8(context));
}
