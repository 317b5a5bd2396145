// A row of an account as it is at a moment: with the highest level whose evidence counts, whether a second factor is set up, and mandates.

import { moment } from '../../kernel/clock.ts';
import type { RealNameLevel, Role } from '../../kernel/principal.ts';
import type { Uuid } from '../../kernel/ids.ts';

export interface AccountRow {
  account_id: Uuid;
  login_name: string;
  password_hash: string | null;
  password_counts_from: Date | null;
  second_factor: boolean;
  mandates: number;
  status: 'active' | 'suspended' | 'closed';
  roles: Role[];
  level: RealNameLevel;
  factors_changed_at: Date | null;
  factors_changed_in: Uuid | null;
}

/** The same as JSON brings it, where moments are texts. */
export type AccountJson = Omit<AccountRow, Moments> & { readonly [name in Moments]: string | null };
type Moments = 'password_counts_from' | 'factors_changed_at';

export function accountRowOf(json: AccountJson): AccountRow {
  const { password_counts_from: counts, factors_changed_at: changed } = json;
  return {
    ...json,
    password_counts_from: counts === null ? null : moment(counts),
    factors_changed_at: changed === null ? null : moment(changed),
  };
}

/** `now`: the parameter of the moment. */
export function selectAccountAt(now: string): string {
  return `SELECT a.account_id, a.login_name, a.password_hash, a.password_counts_from, a.status, a.roles,
  a.factors_changed_at, a.factors_changed_in,
  EXISTS (SELECT 1 FROM identity.factor f WHERE f.account_id = a.account_id AND f.kind IN ('totp', 'passkey')
    AND f.removed_at IS NULL) AS second_factor,
  (SELECT count(*) FROM (SELECT 1 FROM identity.mandate m WHERE m.account_id = a.account_id AND m.revoked_at IS NULL
    AND m.accepted_at IS NOT NULL AND m.valid_from <= ${now} AND m.valid_until > ${now} LIMIT 2) AS theirs)::int AS mandates,
  coalesce((SELECT max(e.level) FROM identity.evidence e WHERE e.account_id = a.account_id
    AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ${now})), 0)::int AS level
  FROM identity.account a`;
}

/** `$2` is the moment. */
export const selectAccount = selectAccountAt('$2');
