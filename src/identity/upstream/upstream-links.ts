// Which account a login at another platform leads to: a link is made when both sides were proven in one sitting, and by nothing else.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';

export interface UpstreamLinksOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** A person as the platform names them: its id and the `sub` of its ID token. */
export interface UpstreamSubject {
  readonly upstream: string;
  readonly sub: string;
}

export interface UpstreamLink {
  readonly upstream: string;
  readonly linkedAt: Date;
  readonly lastUsedAt: Date;
}

export class UpstreamLinks {
  readonly #options: UpstreamLinksOptions;

  constructor(options: UpstreamLinksOptions) {
    this.#options = options;
  }

  /** The account that the person of the platform has here; notes that the link was used. */
  async use(subject: UpstreamSubject): Promise<Id<'account'> | undefined> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<{ account_id: Uuid }>({
      name: 'upstream-link-used',
      text: `UPDATE identity.upstream_link SET last_used_at = $3 WHERE upstream = $1 AND subject_index = $2
        AND removed_at IS NULL RETURNING account_id`,
      values: [subject.upstream, this.#indexOf(subject), clock.now()],
    });
    const [row] = rows;
    return row && idFromUuid('account', row.account_id);
  }

  /** Those of an account. There are as many platforms at most as the deployment names. */
  async of(accountId: string): Promise<UpstreamLink[]> {
    const { rows } = await this.#options.database.query<{ upstream: string; linked_at: Date; last_used_at: Date }>({
      name: 'upstream-links-of-account',
      text: `SELECT upstream, linked_at, last_used_at FROM identity.upstream_link WHERE account_id = $1
        AND removed_at IS NULL ORDER BY upstream`,
      values: [uuidFromId('account', accountId) ?? null],
    });
    return rows.map((row) => ({ upstream: row.upstream, linkedAt: row.linked_at, lastUsedAt: row.last_used_at }));
  }

  /**
   * Throws `upstream-linked-elsewhere` when the person of the platform has another account here, or the account is another person's
   * there: a link is taken back where it was made before it can be made anew.
   */
  async link(tx: Transaction, subject: UpstreamSubject, accountId: string, principal: Principal): Promise<void> {
    const { audit, clock } = this.#options;
    const now = clock.now();
    const subjectIndex = this.#indexOf(subject);
    // Whoever closed their account may come again.
    await tx.query({
      text: `UPDATE identity.upstream_link SET removed_at = $3 WHERE upstream = $1 AND subject_index = $2 AND removed_at IS NULL
        AND account_id IN (SELECT account_id FROM identity.account WHERE status = 'closed')`,
      values: [subject.upstream, subjectIndex, now],
    });
    const made = await tx.query({
      text: `INSERT INTO identity.upstream_link (link_id, upstream, subject_index, account_id, linked_at, last_used_at)
        VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING`,
      values: [newUuid(clock), subject.upstream, subjectIndex, uuidFromId('account', accountId) ?? null, now],
    });
    if (made.rowCount === 0 && !(await this.isLinked(tx, subject, accountId)))
      throw new TrustError('upstream-linked-elsewhere', 'one side is linked with another account');
    if (made.rowCount === 0) return;
    await audit.record(tx, principal, {
      action: 'upstream.linked',
      outcome: 'done',
      objectId: accountId,
      subjectId: accountId,
      facts: { upstream: subject.upstream },
    });
  }

  /** Takes the link back; nothing happens where there is none. */
  async unlink(accountId: string, upstream: string, principal: Principal): Promise<void> {
    const { database, audit, clock } = this.#options;
    await database.transaction(async (tx) => {
      const removed = await tx.query({
        text: `UPDATE identity.upstream_link SET removed_at = $3 WHERE account_id = $1 AND upstream = $2 AND removed_at IS NULL`,
        values: [uuidFromId('account', accountId) ?? null, upstream, clock.now()],
      });
      if (removed.rowCount === 0) return;
      await audit.record(tx, principal, {
        action: 'upstream.unlinked',
        outcome: 'done',
        objectId: accountId,
        subjectId: accountId,
        facts: { upstream },
      });
    });
  }

  /** Whether the person of the platform has this account here. */
  async isLinked(queryable: Queryable, subject: UpstreamSubject, accountId: string): Promise<boolean> {
    const { rowCount } = await queryable.query({
      text: `SELECT 1 FROM identity.upstream_link WHERE upstream = $1 AND subject_index = $2 AND account_id = $3
        AND removed_at IS NULL`,
      values: [subject.upstream, this.#indexOf(subject), uuidFromId('account', accountId) ?? null],
    });
    return rowCount > 0;
  }

  #indexOf({ upstream, sub }: UpstreamSubject): Uint8Array {
    return this.#options.cipher.blindIndex(sub, `identity.upstream_link.subject:${upstream}`);
  }
}
