// Reading rows of the OIDC engine with what it asks for next: the grants that a row names, the session that it hangs on, its account.

import { askedTogether } from '../../db/asked-together.ts';
import type { Queryable } from '../../db/database.ts';
import { fromHex, toHex } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { selectAccount } from '../accounts/account-row.ts';
import { bufferOf } from './engine-row.ts';
import type { ReadRow, StandingRow } from './request-memory.ts';

/** Spelled alike, so that one who brings a token need not say which it is (RFC 7662, 2.1). */
export const tokenKinds = ['AccessToken', 'ClientCredentials', 'RefreshToken'];

export interface CompanyRow extends ReadRow, StandingRow {
  readonly part: 'found' | 'grant' | 'session';
  /** The id of the row that was asked for, and that this one keeps company. */
  readonly asked: Uint8Array;
  readonly uid_digest: Uint8Array | null;
}

/** $1: models; $2: now; $3: ids. */
const readRows = `WITH found AS (SELECT * FROM identity.oidc_model WHERE model = ANY ($1) AND id_digest = ANY ($3) AND expires_at > $2)
  SELECT 'found' AS part, f.id_digest AS asked, f.model, f.id_digest, f.payload, f.consumed_at, f.uid_digest, to_json(account) AS account
  FROM found f LEFT JOIN LATERAL (${selectAccount} WHERE a.account_id = f.account_id) AS account ON true
  UNION ALL SELECT 'grant', f.id_digest, g.model, g.id_digest, g.payload, g.consumed_at, NULL, NULL FROM found f
  JOIN identity.oidc_model g ON g.model = 'Grant' AND g.id_digest = ANY (f.grant_digests || f.grant_digest) AND g.expires_at > $2
  UNION ALL SELECT 'session', f.id_digest, s.model, s.id_digest, s.payload, s.consumed_at, s.uid_digest, NULL FROM found f
  JOIN identity.oidc_model s ON s.model = 'Session' AND s.uid_digest = f.session_digest AND s.expires_at > $2`;

/** $1: id; $2: now. An interaction, with what its sign-in has proven so far and the account that proved it, or that its result signs in. */
const readInteraction = `WITH found AS (SELECT * FROM identity.oidc_model WHERE model = 'Interaction' AND id_digest = $1 AND expires_at > $2)
  SELECT 'found' AS part, f.id_digest AS asked, f.model, f.id_digest, f.payload, f.consumed_at, f.uid_digest,
    to_json(account) AS account, to_json(p) AS progress
  FROM found f LEFT JOIN identity.sign_in_progress p ON p.uid_digest = f.id_digest AND p.expires_at > $2
  LEFT JOIN LATERAL (${selectAccount} WHERE a.account_id = coalesce(p.account_id, f.account_id)) AS account ON true
  UNION ALL SELECT 'grant', f.id_digest, g.model, g.id_digest, g.payload, g.consumed_at, NULL, NULL, NULL FROM found f
  JOIN identity.oidc_model g ON g.model = 'Grant' AND g.id_digest = ANY (f.grant_digests) AND g.expires_at > $2`;

export class RowReading {
  readonly #clock: Clock;
  readonly #tokens: (hex: string) => Promise<readonly CompanyRow[] | undefined>;

  constructor({ database, clock }: { readonly database: Queryable; readonly clock: Clock }) {
    this.#clock = clock;
    this.#tokens = askedTogether(async (asked) => {
      const digests = asked.map((hex) => fromHex(hex) ?? new Uint8Array());
      const answers = new Map(asked.map((hex): [string, CompanyRow[]] => [hex, []]));
      for (const row of await this.rows(database, tokenKinds, digests)) answers.get(toHex(row.asked))?.push(row);
      return answers;
    });
  }

  async rows(on: Queryable, models: readonly string[], ids: readonly Uint8Array[]): Promise<readonly CompanyRow[]> {
    const values = [models, this.#clock.now(), ids.map(bufferOf)];
    return (await on.query<CompanyRow>({ name: 'oidc-read', text: readRows, values })).rows;
  }

  async interaction(on: Queryable, id: Uint8Array): Promise<readonly CompanyRow[]> {
    const query = { name: 'oidc-read-interaction', text: readInteraction, values: [id, this.#clock.now()] };
    return (await on.query<CompanyRow>(query)).rows;
  }

  /** Of a token of whatever kind. Those who ask at the same time, each for their own, share a statement that begins after they asked. */
  async ofToken(id: Uint8Array): Promise<readonly CompanyRow[]> {
    return (await this.#tokens(toHex(id))) ?? [];
  }
}
