// The statement that settles an interaction: its result, with everything that becomes true with it.

import { type Change, type Put, type Rider, withRiders } from '../../db/riders.ts';

/**
 * `row`: the nine columns of the interaction's row, with its result. Returns as many rows as there are entries to write, and none when
 * the interaction was answered or is over, or when `progress` is among the riders and found none.
 */
export function settlement(
  row: readonly unknown[],
  { riders, entries, now }: { readonly riders: readonly Rider[]; readonly entries: number; readonly now: Date },
): Change {
  const [, idDigest, payload, expiresAt, accountUuid, , , , grantDigests] = row;
  const isKept = riders.some(({ name }) => name === progressRider);
  const settled: Rider = {
    name: 'result',
    steps: (put: Put) => [
      [
        'settled',
        `UPDATE identity.oidc_model SET payload = ${put(payload)}, expires_at = ${put(expiresAt)}, account_id = ${put(accountUuid)},
          grant_digests = ${put(grantDigests)} WHERE model = 'Interaction' AND id_digest = ${put(idDigest)}
          AND expires_at > ${put(now)} ${isKept ? `AND EXISTS (SELECT 1 FROM ${progressRider})` : ''} RETURNING id_digest`,
      ],
    ],
  };
  return withRiders(
    'oidc-settle',
    [...riders, settled],
    (put) => `SELECT id_digest FROM settled, generate_series(1, ${put(entries)}::int)`,
  );
}

/** Ends what a sign-in has proven so far: of two answers that end it at once, one finds it. */
export const progressRider = 'progress';
