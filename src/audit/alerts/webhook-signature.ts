// Signs a webhook over its exact bytes; Standard Webhooks, "Signature scheme" (symmetric, `v1`).

import { createHmac } from 'node:crypto';
import { toBase64 } from '../../kernel/bytes.ts';
import { epochSeconds, randomBytes } from '../../kernel/clock.ts';

/** Between 24 and 64 bytes. */
const secretSizeBytes = 32;

export interface WebhookMessage {
  /** The same at every attempt, so that a receiver can tell a repetition; holds no full stop. */
  readonly id: string;
  /** Of this attempt: receivers refuse old ones. */
  readonly sentAt: Date;
  readonly body: string;
}

export function newWebhookSecret(): Uint8Array {
  return randomBytes(secretSizeBytes);
}

/** As receivers' libraries take it. */
export function spelledSecret(secret: Uint8Array): string {
  return `whsec_${toBase64(secret)}`;
}

/** `secrets`: the present one, and the former one while both are good; a receiver accepts either signature. */
export function webhookHeaders(message: WebhookMessage, secrets: readonly Uint8Array[]): Record<string, string> {
  const { id, sentAt, body } = message;
  const timestamp = String(epochSeconds(sentAt));
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64');
    return `v1,${mac}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
