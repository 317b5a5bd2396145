// The statements that give a client a new secret, end its former one, suspend it and take it back; each is a new revision of what was read.

import type { Query } from '../../db/database.ts';
import { addSeconds } from '../../kernel/clock.ts';

/** The present one becomes the former for the overlap; 0: it ends at once. */
export function rotatingSecret(
  clientId: string,
  { hash, now, overlapSeconds }: { readonly hash: Uint8Array; readonly now: Date; readonly overlapSeconds: number },
): Query {
  return {
    text: `UPDATE identity.client SET revision = revision + 1, secret_hash = $2, secret_created_at = $3, secret_used_at = NULL,
        former_secret_hash = CASE WHEN $4::timestamptz > $3::timestamptz THEN secret_hash END, former_secret_created_at = secret_created_at,
        former_secret_used_at = secret_used_at, former_secret_until = CASE WHEN $4::timestamptz > $3::timestamptz THEN $4::timestamptz END
      WHERE client_id = $1`,
    values: [clientId, hash, now, addSeconds(now, overlapSeconds)],
  };
}

export function endingFormerSecret(clientId: string): Query {
  return {
    text: `UPDATE identity.client SET revision = revision + 1, former_secret_hash = NULL, former_secret_until = NULL
      WHERE client_id = $1`,
    values: [clientId],
  };
}

/** `undefined`: taken back. */
export function suspending(clientId: string, since: { readonly at: Date; readonly reason: string } | undefined): Query {
  return {
    text: 'UPDATE identity.client SET revision = revision + 1, disabled_at = $2, disabled_reason = $3 WHERE client_id = $1',
    values: [clientId, since?.at ?? null, since?.reason ?? null],
  };
}
