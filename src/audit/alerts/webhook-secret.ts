// Webhook secrets as they lie in the database: sealed, each bound to its webhook.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Uuid } from '../../kernel/ids.ts';

export function sealSecret(cipher: Pick<FieldCipher, 'seal'>, webhookId: Uuid, secret: Uint8Array): Uint8Array {
  return cipher.seal(secret, contextOf(webhookId));
}

/** Throws `key-unavailable`. */
export function openSecret(cipher: Pick<FieldCipher, 'open'>, webhookId: Uuid, sealed: Uint8Array): Uint8Array {
  return cipher.open(sealed, contextOf(webhookId));
}

function contextOf(webhookId: Uuid): string {
  return `audit.webhook.secret:${webhookId}`;
}
