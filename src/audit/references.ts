// Keyed references: how persons and organisations are named in the public leaf, equal for equal ones and meaningless without the key.

import type { FieldCipher } from '../crypto/field-cipher.ts';
import { toBase64url } from '../kernel/bytes.ts';
import { isAccount } from './detail.ts';

const context = 'audit.reference';

/** Of an account or organisation, as actor or as subject: the same reference, so that one search finds both. */
export function personRef(cipher: FieldCipher, id: string): Uint8Array {
  return cipher.blindIndex(id, context);
}

/** What an object is called in the leaf: its own identifier, but an account by its reference. */
export function objectRef(cipher: FieldCipher, objectId: string): string {
  return isAccount(objectId) ? `ref:${toBase64url(personRef(cipher, objectId))}` : objectId;
}
