// The statements that write and read the OIDC engine's rows, as texts: what belongs together is done or read in one.

export const modelColumns =
  'model, id_digest, payload, expires_at, account_id, grant_digest, uid_digest, session_digest, grant_digests';
export const replacedRow = `payload = excluded.payload, expires_at = excluded.expires_at, account_id = excluded.account_id,
  grant_digest = excluded.grant_digest, uid_digest = excluded.uid_digest, session_digest = excluded.session_digest,
  grant_digests = excluded.grant_digests`;

/** The nine columns of a row, from the parameter of this number on. */
export function modelRow(first: number): string {
  return ['', '', '', '', '::uuid', '::bytea', '::bytea', '::bytea', '::bytea[]']
    .map((cast, place) => `$${first + place}${cast}`)
    .join(', ');
}

/** Keeps the grant from ending until the statement is done. */
export function livingGrant(grant: string, now: string): string {
  return `SELECT 1 FROM identity.oidc_model WHERE model = 'Grant' AND id_digest = ${grant} AND expires_at > ${now} FOR SHARE`;
}

/** Saves the grant whose row begins at a parameter, for each row of `from`; returns one row for it. */
export function grantedRow(first: number, from: string): string {
  return `INSERT INTO identity.oidc_model (${modelColumns}) SELECT ${modelRow(first)} FROM ${from}
    ON CONFLICT (model, id_digest) DO UPDATE SET ${replacedRow} RETURNING id_digest`;
}

/** $1 to $9: the row. */
export const saveRow = `INSERT INTO identity.oidc_model (${modelColumns}) VALUES (${modelRow(1)})
  ON CONFLICT (model, id_digest) DO UPDATE SET ${replacedRow}`;

export const insertRowOnce = `INSERT INTO identity.oidc_model (${modelColumns}) VALUES (${modelRow(1)}) ON CONFLICT DO NOTHING`;

/** $1 to $9: the row; $10: now. */
export const insertUnderGrant = `WITH living AS (${livingGrant('$6', '$10')})
  INSERT INTO identity.oidc_model (${modelColumns}) SELECT ${modelRow(1)} FROM living
  ON CONFLICT (model, id_digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`;

/** $1, $2: model and id; $3: now. */
export const useOnce = `UPDATE identity.oidc_model SET consumed_at = $3
  WHERE model = $1 AND id_digest = $2 AND consumed_at IS NULL AND expires_at > $3 RETURNING id_digest`;

/** Stores a token when the code was used in the same statement; $4 to $12: its row. */
export const storeAfterUse = `INSERT INTO identity.oidc_model (${modelColumns})
  SELECT ${modelRow(4)} FROM deed, (${livingGrant('$9', '$3')}) AS living`;
