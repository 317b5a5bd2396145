// A new password in place of the old one: by its owner, or through recovery; every other sign-in ends with it.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Account } from './accounts.ts';
import { countsFrom } from '../factors/factor-store.ts';
import { type PasswordHasher, passwordFault } from './password-hasher.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface PasswordChangeOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly hasher: PasswordHasher;
  readonly sessions: Pick<Sessions, 'endAllWithin'>;
  readonly clock: Clock;
}

/** A password that may be set: hashed before anything else is used up on its account. */
export interface PreparedPassword {
  readonly passwordHash: string;
}

export interface PasswordChanger {
  readonly principal: Principal;
  /** The session that stays; absent: none does. */
  readonly except?: string;
}

export class PasswordChange {
  readonly #options: PasswordChangeOptions;

  constructor(options: PasswordChangeOptions) {
    this.#options = options;
  }

  /** Throws `password-refused` (unfit, or known to others), `too-many-requests`. */
  async prepare({ loginName }: Pick<Account, 'loginName'>, password: string): Promise<PreparedPassword> {
    const fault = passwordFault(password, loginName);
    if (fault !== undefined) throw new TrustError('password-refused', `the password is unfit: ${fault}`);
    return { passwordHash: await this.#options.hasher.hash(password) };
  }

  /**
   * A password that a login below the account's level sets lends no more than level 3 for a while (docs/accounts.md). `also` commits
   * with it. Returns whether it counts at once. Throws `not-found` for an account that cannot be used.
   */
  async change(
    account: Account,
    { passwordHash }: PreparedPassword,
    { principal, except }: PasswordChanger,
    also?: (tx: Transaction, counts: boolean) => Promise<void>,
  ): Promise<boolean> {
    const { database, audit, sessions, clock } = this.#options;
    const { accountId } = account;
    const from = countsFrom(account, principal.level, clock.now());
    const counts = from <= clock.now();
    await database.transaction(async (tx) => {
      const changed = await tx.query({
        text: `UPDATE identity.account SET password_hash = $2, password_counts_from = $3, factors_changed_at = $4, factors_changed_in = $5
          WHERE account_id = $1 AND status = 'active'`,
        values: [
          uuidFromId('account', accountId) ?? null,
          passwordHash,
          counts ? null : from,
          clock.now(),
          except === undefined ? null : (uuidFromId('session', except) ?? null),
        ],
      });
      if (changed.rowCount === 0) throw new TrustError('not-found', 'the account cannot be used');
      await sessions.endAllWithin(tx, accountId, { principal, except });
      await audit.record(tx, principal, {
        action: 'factor.changed',
        outcome: 'done',
        objectId: accountId,
        subjectId: accountId,
        facts: { kind: 'password', deed: 'replaced', counts },
      });
      await also?.(tx, counts);
    });
    return counts;
  }
}
