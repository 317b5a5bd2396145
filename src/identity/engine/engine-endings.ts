// How grants and sessions of the OIDC engine end: with everything that came from them, in the transaction of whoever ends them.

import type { AdapterPayload } from 'oidc-provider';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Transaction } from '../../db/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import { bufferOf, type EngineRow, openedPayload } from './engine-row.ts';

/** The grants go first: their deletion waits for inserts under them, and the second statement then sees what those stored. */
export async function endGrants(tx: Transaction, grants: readonly Uint8Array[]): Promise<void> {
  if (grants.length === 0) return;
  const values = [grants.map(bufferOf)];
  await tx.query({
    name: 'oidc-end-grants',
    text: `DELETE FROM identity.oidc_model WHERE model = 'Grant' AND id_digest IN (SELECT id_digest FROM identity.oidc_model
      WHERE model = 'Grant' AND id_digest = ANY ($1) ORDER BY id_digest FOR UPDATE)`,
    values,
  });
  await tx.query({
    name: 'oidc-end-children',
    text: 'DELETE FROM identity.oidc_model WHERE grant_digest = ANY ($1)',
    values,
  });
}

/** All grants of an account but those named: also the ones that outlive sessions. */
export async function endGrantsOf(tx: Transaction, account: Uuid, but: readonly Uint8Array[]): Promise<void> {
  const { rows } = await tx.query<{ id_digest: Uint8Array }>({
    name: 'oidc-grants-of-account',
    text: `SELECT id_digest FROM identity.oidc_model WHERE model = 'Grant' AND account_id = $1 AND NOT id_digest = ANY ($2)`,
    values: [account, but.map(bufferOf)],
  });
  await endGrants(
    tx,
    rows.map((row) => row.id_digest),
  );
}

/** Takes sessions away and returns what they held. */
export async function takeSessions(
  tx: Transaction,
  cipher: FieldCipher,
  uidDigests: readonly Uint8Array[],
): Promise<AdapterPayload[]> {
  const { rows } = await tx.query<EngineRow>({
    name: 'oidc-take-sessions',
    text: `DELETE FROM identity.oidc_model WHERE model = 'Session' AND uid_digest = ANY ($1) RETURNING model, id_digest, payload`,
    values: [uidDigests.map(bufferOf)],
  });
  return rows.map((row) => openedPayload(cipher, row));
}
