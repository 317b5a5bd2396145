// Closing an account (注销): whoever it was is forgotten here, everything that it could do ends, and its login name is nobody's for ever; PIPL art. 47.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Account } from './accounts.ts';
import { endMandates, lockOrganisation } from '../mandates/mandate-store.ts';
import { changedEvent } from '../mandates/mandates.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface AccountClosingOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly sessions: Pick<Sessions, 'endAllWithin'>;
  readonly clock: Clock;
}

/** Of the account alone; what others rely on stays: the row itself, ended mandates, withdrawn evidence, the audit log. */
const erased = [
  'DELETE FROM identity.factor WHERE account_id = $1',
  'DELETE FROM identity.recovery_code WHERE account_id = $1',
  'DELETE FROM identity.sms_code WHERE account_id = $1',
  'DELETE FROM identity.face_check WHERE account_id = $1',
  'DELETE FROM identity.known_origin WHERE account_id = $1',
];

export class AccountClosing {
  readonly #options: AccountClosingOptions;

  constructor(options: AccountClosingOptions) {
    this.#options = options;
  }

  /**
   * All of it commits together with its entries. Accounts of staff are closed by whoever gave them their roles. Throws `forbidden`
   * (an account with roles), `not-found` (closed already).
   */
  async close(account: Account, principal: Principal): Promise<void> {
    const { database, audit, sessions, clock } = this.#options;
    if (account.roles.length > 0)
      throw new TrustError('forbidden', 'an account with roles is closed by the administration');
    const { accountId } = account;
    const uuid = uuidFromId('account', accountId) ?? null;
    const now = clock.now();
    await database.transaction(async (tx) => {
      const closed = await tx.query({
        text: `UPDATE identity.account SET status = 'closed', closed_at = $2, password_hash = NULL, name_sealed = NULL,
            id_type = NULL, id_number_sealed = NULL, id_number_index = NULL
          WHERE account_id = $1 AND status <> 'closed'`,
        values: [uuid, now],
      });
      if (closed.rowCount === 0) throw new TrustError('not-found', 'the account is closed already');
      for (const text of erased) await tx.query({ text, values: [uuid] });
      await tx.query({
        text: 'UPDATE identity.upstream_link SET removed_at = $2 WHERE account_id = $1 AND removed_at IS NULL',
        values: [uuid, now],
      });
      await tx.query({
        text: 'UPDATE identity.evidence SET withdrawn_at = $2 WHERE account_id = $1 AND withdrawn_at IS NULL',
        values: [uuid, now],
      });
      await this.#layDownMandates(tx, uuid, principal);
      const sessionsEnded = await sessions.endAllWithin(tx, accountId, { principal });
      await audit.record(tx, principal, {
        action: 'account.closed',
        outcome: 'done',
        objectId: accountId,
        subjectId: accountId,
        facts: { sessions: sessionsEnded },
      });
    });
  }

  /** With those that hang on them: whom the person appointed. */
  async #layDownMandates(tx: Transaction, account: Uuid | null, principal: Principal): Promise<void> {
    const { audit, clock } = this.#options;
    const { rows } = await tx.query<{ mandate_id: Uuid; organisation_id: Uuid }>({
      text: `SELECT mandate_id, organisation_id FROM identity.mandate WHERE account_id = $1 AND revoked_at IS NULL
        ORDER BY organisation_id`,
      values: [account],
    });
    for (const organisation of new Set(rows.map((row) => row.organisation_id)))
      await lockOrganisation(tx, organisation);
    for (const { mandate_id: mandate } of rows) {
      const ended = await endMandates(tx, clock.now(), { mandate, as: 'laid-down' });
      await audit.recordMany(
        tx,
        ended.map((each) => ({
          principal,
          event: changedEvent(each, { to: 'ended', cause: each.ended_as ?? 'laid-down' }),
        })),
      );
    }
  }
}
