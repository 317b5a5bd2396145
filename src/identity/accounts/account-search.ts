// Accounts as administrators find and look at them: exact keys only, personal data masked, and every look an entry that the person sees.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import { parseResidentId } from '../../kernel/chinese-identifiers.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import {
  type AccountList,
  accountPage,
  type AccountSummary,
  accountSummary,
  type HeldMandate,
  mandatesOf,
  type MaskedPerson,
  maskedPerson,
} from '../administration/account-record.ts';
import type { Accounts } from './accounts.ts';
import { reasonIn, requireManager } from '../administration/administrators.ts';
import type { Evidence, HeldEvidence } from '../levels/evidence.ts';
import type { Factors } from '../factors/factors.ts';
import { parsePhoneNumber } from '../factors/phone-number.ts';
import type { PersonSession, Sessions } from '../sessions/sessions.ts';

export interface AccountSearchOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly accounts: Pick<Accounts, 'findByLoginName' | 'findByIdNumber'>;
  readonly evidence: Pick<Evidence, 'of'>;
  readonly factors: Pick<Factors, 'listOf' | 'ownerOf'>;
  readonly sessions: Pick<Sessions, 'listOf'>;
}

export const accountKeys = ['login-name', 'account-id', 'phone', 'id-number'] as const;
export type AccountKey = (typeof accountKeys)[number];

export interface AccountView {
  readonly account: AccountSummary;
  readonly person: MaskedPerson;
  readonly evidence: readonly HeldEvidence[];
  /** Kinds only. */
  readonly factors: readonly { readonly kind: string; readonly createdAt: Date }[];
  readonly sessions: readonly PersonSession[];
  readonly mandates: readonly HeldMandate[];
}

const shownSessions = 20;

export class AccountSearch {
  readonly #options: AccountSearchOptions;

  constructor(options: AccountSearchOptions) {
    this.#options = options;
  }

  /** Staff, or suspended accounts. Throws `scope-missing`, `forbidden`, `cursor-invalid`. */
  async list(
    principal: Principal,
    {
      list,
      cursor,
      limit,
    }: { readonly list: AccountList; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ items: AccountSummary[]; nextCursor: string | null }> {
    requireManager(principal);
    const after = cursor === undefined ? undefined : uuidFromId('account', cursor);
    if (cursor !== undefined && after === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const { database, clock } = this.#options;
    const found = await accountPage(database, { list, after, limit: limit + 1, now: clock.now() });
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.accountId ?? null) : null };
  }

  /**
   * Exactly this name, identifier, telephone or resident number. The log says who looked by which key, and why; whoever is found sees it.
   * Throws `scope-missing`, `forbidden`, `malformed-request`, `malformed-identifier`.
   */
  async search(
    principal: Principal,
    { by, value, reason }: { readonly by: AccountKey; readonly value: string; readonly reason: string },
  ): Promise<AccountSummary[]> {
    requireManager(principal);
    const { database, audit, clock } = this.#options;
    const purpose = reasonIn(reason);
    const found = await Promise.all(
      (await this.#idsBy(by, value.normalize('NFKC').trim())).map((id) => accountSummary(database, id, clock.now())),
    );
    const facts = { by, found: found.length };
    const event = { action: 'account.looked-up', outcome: 'done', purpose, facts } as const;
    // Each person's entry lies under the person's own key.
    if (found.length === 0) await audit.append(principal, event);
    else
      await audit.appendMany(
        found.map(({ accountId }) => ({ principal, event: { ...event, objectId: accountId, subjectId: accountId } })),
      );
    return found;
  }

  /** With masked personal data; the person sees that somebody looked. Throws `scope-missing`, `forbidden`, `account-not-found`. */
  async view(principal: Principal, accountId: string): Promise<AccountView> {
    requireManager(principal);
    const { database, audit, cipher, clock, evidence, factors, sessions } = this.#options;
    const account = await accountSummary(database, accountId, clock.now());
    await audit.append(principal, {
      action: 'account.looked-up',
      outcome: 'done',
      objectId: accountId,
      subjectId: accountId,
      facts: { by: 'view', found: 1 },
    });
    const [person, held, kinds, open, mandates] = await Promise.all([
      maskedPerson(database, cipher, accountId),
      evidence.of(accountId),
      factors.listOf(accountId),
      sessions.listOf(accountId, { limit: shownSessions }),
      mandatesOf(database, accountId, clock.now()),
    ]);
    const shown = kinds.map(({ kind, createdAt }) => ({ kind, createdAt }));
    return { account, person, evidence: held, factors: shown, sessions: open.items, mandates };
  }

  async #idsBy(by: AccountKey, value: string): Promise<string[]> {
    const { accounts, factors } = this.#options;
    switch (by) {
      case 'login-name': {
        const account = await accounts.findByLoginName(value);
        return account === undefined ? [] : [account.accountId];
      }
      case 'account-id':
        return uuidFromId('account', value) !== undefined && (await this.#exists(value)) ? [value] : [];
      case 'phone': {
        const number = parsePhoneNumber(value);
        if (number === undefined) throw new TrustError('malformed-identifier', 'not a telephone number');
        const owner = await factors.ownerOf(number);
        return owner === undefined ? [] : [owner.accountId];
      }
      case 'id-number': {
        const number = parseResidentId(value)?.number;
        if (number === undefined) throw new TrustError('malformed-identifier', 'not a resident identity number');
        return (await accounts.findByIdNumber('resident-id', number)).map(({ accountId }) => accountId);
      }
    }
  }

  async #exists(accountId: string): Promise<boolean> {
    const { rowCount } = await this.#options.database.query({
      text: 'SELECT 1 FROM identity.account WHERE account_id = $1',
      values: [uuidFromId('account', accountId) ?? null],
    });
    return rowCount === 1;
  }
}
