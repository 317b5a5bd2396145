// The factors of accounts as they are kept: telephones, code generators and passkeys, and from when each counts for a high level.

import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Account } from '../accounts/accounts.ts';
import type { Principal, RealNameLevel } from '../../kernel/principal.ts';

export const factorKinds = ['phone', 'totp', 'passkey'] as const;
export type FactorKind = (typeof factorKinds)[number];

export interface Factor {
  readonly factorId: Id<'factor'>;
  readonly accountId: Id<'account'>;
  readonly kind: FactorKind;
  /** What the person calls it; of a telephone, the masked number. */
  readonly label: string;
  readonly secret: Uint8Array;
  readonly credentialId: Uint8Array | undefined;
  readonly transports: readonly string[];
  readonly singleDevice: boolean;
  readonly lastCounter: number;
  /** Before this moment it lends a login no more than level 3. */
  readonly countsFrom: Date;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
}

export interface NewFactor extends Pick<Factor, 'accountId' | 'kind' | 'label' | 'secret' | 'countsFrom'> {
  readonly lookup?: Uint8Array;
  readonly credentialId?: Uint8Array;
  readonly transports?: readonly string[];
  readonly singleDevice?: boolean;
  readonly lastCounter?: number;
}

/** How long a factor waits that was bound by a login weaker than the account: time to see the notice and object. */
const settlingSeconds = 72 * 3600;

/** From when a factor counts that a login of `boundAt` binds (docs/accounts.md). */
export function countsFrom(account: Pick<Account, 'level'>, boundAt: RealNameLevel, now: Date): Date {
  return boundAt >= account.level ? now : addSeconds(now, settlingSeconds);
}

interface FactorRow {
  factor_id: Uuid;
  account_id: Uuid;
  kind: FactorKind;
  label: string;
  secret: Uint8Array;
  credential_id: Uint8Array | null;
  transports: string[];
  single_device: boolean | null;
  last_counter: string | number;
  counts_from: Date;
  created_at: Date;
  last_used_at: Date | null;
}

const columns = `factor_id, account_id, kind, label, secret, credential_id, transports, single_device, last_counter,
  counts_from, created_at, last_used_at`;

export class FactorStore {
  readonly #options: { readonly database: Database; readonly clock: Clock };

  constructor(options: { readonly database: Database; readonly clock: Clock }) {
    this.#options = options;
  }

  /** The oldest first. */
  async listOf(accountId: string, at: Queryable = this.#options.database): Promise<Factor[]> {
    const { rows } = await at.query<FactorRow>({
      name: 'factors-of-account',
      text: `SELECT ${columns} FROM identity.factor WHERE account_id = $1 AND removed_at IS NULL ORDER BY factor_id LIMIT 50`,
      values: [accountUuid(accountId)],
    });
    return rows.map(factorFrom);
  }

  /** What an account can prove with changes one deed after another: those that come at once must each see what the other left. */
  async hold(tx: Transaction, accountId: string): Promise<{ readonly hasPassword: boolean }> {
    const { rows } = await tx.query<{ has_password: boolean }>({
      name: 'factors-held',
      text: 'SELECT password_hash IS NOT NULL AS has_password FROM identity.account WHERE account_id = $1 FOR UPDATE',
      values: [accountUuid(accountId)],
    });
    return { hasPassword: rows[0]?.has_password === true };
  }

  /** Sign-ins from before this moment, in other sessions, are recent no more. */
  async changed(tx: Transaction, accountId: string, { sessionId }: Pick<Principal, 'sessionId'>): Promise<void> {
    await tx.query({
      name: 'factors-changed',
      text: 'UPDATE identity.account SET factors_changed_at = $2, factors_changed_in = $3 WHERE account_id = $1',
      values: [
        accountUuid(accountId),
        this.#options.clock.now(),
        sessionId === undefined ? null : (uuidFromId('session', sessionId) ?? null),
      ],
    });
  }

  async findByLookup(
    kind: FactorKind,
    lookup: Uint8Array,
    at: Queryable = this.#options.database,
  ): Promise<Factor | undefined> {
    const { rows } = await at.query<FactorRow>({
      name: 'factor-by-lookup',
      text: `SELECT ${columns} FROM identity.factor WHERE kind = $1 AND lookup = $2 AND removed_at IS NULL`,
      values: [kind, lookup],
    });
    return rows[0] && factorFrom(rows[0]);
  }

  /** `undefined` when the number or credential is bound already. */
  async add(queryable: Queryable, factor: NewFactor): Promise<Factor | undefined> {
    const { clock } = this.#options;
    const { rows } = await queryable.query<FactorRow>({
      text: `INSERT INTO identity.factor (factor_id, account_id, kind, label, secret, lookup, credential_id, transports,
          single_device, last_counter, counts_from, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING ${columns}`,
      values: [
        newUuid(clock),
        accountUuid(factor.accountId),
        factor.kind,
        factor.label,
        factor.secret,
        factor.lookup ?? null,
        factor.credentialId ?? null,
        factor.transports ?? [],
        factor.singleDevice ?? null,
        factor.lastCounter ?? 0,
        factor.countsFrom,
        clock.now(),
      ],
    });
    return rows[0] && factorFrom(rows[0]);
  }

  /** Whether there was such a factor of the account. */
  async remove(queryable: Queryable, accountId: string, factorId: string): Promise<Factor | undefined> {
    const { rows } = await queryable.query<FactorRow>({
      text: `UPDATE identity.factor SET removed_at = $3
        WHERE factor_id = $2 AND account_id = $1 AND removed_at IS NULL RETURNING ${columns}`,
      values: [accountUuid(accountId), uuidFromId('factor', factorId) ?? null, this.#options.clock.now()],
    });
    return rows[0] && factorFrom(rows[0]);
  }

  /** Whether there was such a factor of the account. */
  async rename(
    queryable: Queryable,
    accountId: string,
    { factorId, label }: { readonly factorId: string; readonly label: string },
  ): Promise<Factor | undefined> {
    const { rows } = await queryable.query<FactorRow>({
      text: `UPDATE identity.factor SET label = $3
        WHERE factor_id = $2 AND account_id = $1 AND kind <> 'phone' AND removed_at IS NULL RETURNING ${columns}`,
      values: [accountUuid(accountId), uuidFromId('factor', factorId) ?? null, label],
    });
    return rows[0] && factorFrom(rows[0]);
  }

  /**
   * Takes a counter or time step: it must be above the last one, so that each is used once, whoever brings it at the same moment.
   * `zeroIsNone`: a passkey that does not count says 0 for ever (WebAuthn Level 3, 7.2 step 22).
   */
  async advance(factorId: string, counter: number, { zeroIsNone = false } = {}): Promise<boolean> {
    const { rowCount } = await this.#options.database.query({
      name: 'factor-advance',
      text: `UPDATE identity.factor SET last_counter = $2, last_used_at = $4 WHERE factor_id = $1 AND removed_at IS NULL
        AND (last_counter < $2 OR ($3 AND $2 = 0 AND last_counter = 0))`,
      values: [uuidFromId('factor', factorId) ?? null, counter, zeroIsNone, this.#options.clock.now()],
    });
    return rowCount === 1;
  }

  async used(factorId: string): Promise<void> {
    await this.#options.database.query({
      name: 'factor-used',
      text: 'UPDATE identity.factor SET last_used_at = $2 WHERE factor_id = $1',
      values: [uuidFromId('factor', factorId) ?? null, this.#options.clock.now()],
    });
  }

  /** The person was verified anew: everything they hold counts from now on. */
  async settle(queryable: Queryable, accountId: string): Promise<void> {
    const values = [accountUuid(accountId), this.#options.clock.now()];
    for (const [table, column] of [
      ['factor', 'counts_from'],
      ['recovery_code', 'counts_from'],
      ['account', 'password_counts_from'],
    ]) {
      await queryable.query({
        text: `UPDATE identity.${table} SET ${column} = $2 WHERE account_id = $1 AND ${column} > $2`,
        values,
      });
    }
  }
}

export function accountUuid(accountId: string): Uuid | null {
  return uuidFromId('account', accountId) ?? null;
}

function factorFrom(row: FactorRow): Factor {
  return {
    factorId: idFromUuid('factor', row.factor_id),
    accountId: idFromUuid('account', row.account_id),
    kind: row.kind,
    label: row.label,
    secret: row.secret,
    credentialId: row.credential_id ?? undefined,
    transports: row.transports,
    singleDevice: row.single_device ?? false,
    lastCounter: Number(row.last_counter),
    countsFrom: row.counts_from,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at ?? undefined,
  };
}
