// The office for accounts (账号管理): suspension, roles, and help for who cannot get in; each deed with its entry in its transaction.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { parseResidentId } from '../../kernel/chinese-identifiers.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { uuidFromId } from '../../kernel/ids.ts';
import type { Principal, Role } from '../../kernel/principal.ts';
import { type AccountSummary, accountSummary, heldAccount, maskedPerson } from './account-record.ts';
import { reasonIn, requireManager } from './administrators.ts';
import type { administratorDeeds } from './identity-deed.ts';
import { isSamePerson } from './same-person.ts';
import type { Evidence } from '../levels/evidence.ts';
import type { EvidenceMethod } from '../levels/evidence-rules.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface AccountOfficeOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly evidence: Pick<Evidence, 'establishWithin' | 'withdrawWithin'>;
  readonly sessions: Pick<Sessions, 'endAllWithin'>;
}

export class AccountOffice {
  readonly #options: AccountOfficeOptions;

  constructor(options: AccountOfficeOptions) {
    this.#options = options;
  }

  /**
   * Ends the sessions and grants with it; tokens that are out are refused at their next use. Throws `scope-missing`, `forbidden` (the
   * own account), `account-not-found`, `account-transition-forbidden`, `approval-required` (an administrator).
   */
  async suspend(principal: Principal, accountId: string, reason: string): Promise<AccountSummary> {
    return this.#changed(principal, accountId, { deed: 'suspended', reason }, async (tx, account) => {
      if (account.roles.includes('administrator')) throw needsTwo();
      await this.#suspend(tx, principal, account);
    });
  }

  /** Throws as `suspend` does. */
  async resume(principal: Principal, accountId: string, reason: string): Promise<AccountSummary> {
    return this.#changed(principal, accountId, { deed: 'resumed', reason }, async (tx, account) => {
      if (account.roles.includes('administrator')) throw needsTwo();
      await resume(tx, account);
    });
  }

  /** Throws as `suspend` does; the role of administrator takes two. */
  async giveRole(principal: Principal, accountId: string, role: Role, reason: string): Promise<AccountSummary> {
    return this.#changed(principal, accountId, { deed: 'role-given', role, reason }, async (tx, account) => {
      if (role === 'administrator') throw needsTwo();
      await giveRole(tx, account, role);
    });
  }

  /**
   * By the house alone, while there are fewer than two administrators: two are what every other way needs. Throws `forbidden`,
   * `account-not-found`, `account-transition-forbidden`, `approval-required` (there are two).
   */
  async makeFirstAdministrator(principal: Principal, accountId: string): Promise<AccountSummary> {
    if (principal.kind !== 'house') throw new TrustError('forbidden', 'only who keeps the house may do this');
    const told = { deed: 'role-given', role: 'administrator', reason: 'first administrators' } as const;
    return this.#changed(principal, accountId, told, async (tx, account) => {
      const { rowCount } = await tx.query({
        text: `SELECT 1 FROM identity.account WHERE roles <> '{}' AND 'administrator' = ANY (roles) AND status = 'active' LIMIT 2`,
      });
      if (rowCount >= 2) throw needsTwo();
      await giveRole(tx, account, 'administrator');
    });
  }

  /** Throws as `giveRole` does. */
  async takeRole(principal: Principal, accountId: string, role: Role, reason: string): Promise<AccountSummary> {
    return this.#changed(principal, accountId, { deed: 'role-taken', role, reason }, async (tx, account) => {
      if (role === 'administrator') throw needsTwo();
      await takeRole(tx, account, role);
    });
  }

  /** Failed sign-ins are forgotten: the person may try at once. Throws as `suspend` does. */
  async unlock(principal: Principal, accountId: string, reason: string): Promise<AccountSummary> {
    return this.#changed(principal, accountId, { deed: 'limits-cleared', reason }, async (tx, { loginName }) => {
      // Counters live for a quarter of an hour, so there are few. A login name has no `@`: the prefix of a pair is one account's.
      await tx.query({
        text: 'DELETE FROM identity.sign_in_attempt WHERE subject = $1 OR left(subject, length($2)) = $2',
        values: [`account:${loginName}`, `pair:${loginName}@`],
      });
    });
  }

  /** Throws as `suspend` does. */
  async endSessions(principal: Principal, accountId: string, reason: string): Promise<AccountSummary> {
    return this.#changed(principal, accountId, { deed: 'sessions-ended', reason }, async (tx) => {
      await this.#options.sessions.endAllWithin(tx, accountId, { principal });
    });
  }

  /**
   * Somebody lost every factor and showed a document at a window (`reference` is the window's file): the factors go, sessions end, and
   * that the person was seen is evidence. The password stays. Throws as `suspend` does, `account-transition-forbidden` when the account
   * names nobody whose document could be seen.
   */
  async resetFactors(
    principal: Principal,
    accountId: string,
    { reason, reference }: { readonly reason: string; readonly reference: string },
  ): Promise<AccountSummary> {
    const { evidence, sessions, clock, cipher } = this.#options;
    const seen = reasonIn(reference).slice(0, 100);
    return this.#changed(principal, accountId, { deed: 'factors-reset', reason }, async (tx, account) => {
      if (account.roles.includes('administrator'))
        throw notPossible('take the role first, with a second administrator');
      if ((await maskedPerson(tx, cipher, accountId)) === undefined) throw notPossible('the account names nobody');
      const uuid = uuidFromId('account', accountId) ?? null;
      await tx.query({
        text: 'UPDATE identity.factor SET removed_at = $2 WHERE account_id = $1 AND removed_at IS NULL',
        values: [uuid, clock.now()],
      });
      await tx.query({
        text: 'UPDATE identity.account SET factors_changed_at = $2, factors_changed_in = NULL WHERE account_id = $1',
        values: [uuid, clock.now()],
      });
      await tx.query({ text: 'DELETE FROM identity.recovery_code WHERE account_id = $1', values: [uuid] });
      await sessions.endAllWithin(tx, accountId, { principal });
      const window = { method: 'in-person', source: 'window', reference: seen } as const;
      await evidence.establishWithin(tx, principal, accountId, { evidence: [window] });
    });
  }

  /**
   * What the level rests on was found to be wrong: all evidence of the method counts no more, the level falls at once, and sessions above
   * it end. Throws as `suspend` does, `account-transition-forbidden` when there is none.
   */
  async withdrawEvidence(
    principal: Principal,
    accountId: string,
    { method, reason }: { readonly method: EvidenceMethod; readonly reason: string },
  ): Promise<AccountSummary> {
    return this.#changed(principal, accountId, { deed: 'evidence-withdrawn', reason }, async (tx) => {
      const { taken } = await this.#options.evidence.withdrawWithin(tx, principal, accountId, method);
      if (taken === 0) throw notPossible('no evidence of this kind counts');
    });
  }

  /** Whether it may be proposed. Throws as `suspend` does. */
  async check(principal: Principal, { kind, accountId }: { readonly kind: string; readonly accountId: string }) {
    requireManager(principal);
    const account = await accountSummary(this.#options.database, accountId, this.#options.clock.now());
    if (kind === 'person.erase') requireErasable(account);
    else if (account.status === 'closed') throw notPossible('the account is closed');
  }

  /** When two people have agreed to it, in their transaction. */
  async administratorApproved(
    tx: Transaction,
    principal: Principal,
    { kind, accountId }: { readonly kind: AdministratorDeed; readonly accountId: string },
    reason: string,
  ): Promise<void> {
    await this.#within(tx, principal, accountId, { ...administratorTold[kind], reason }, async (account) => {
      if (kind === 'administrator.give') await giveRole(tx, account, 'administrator');
      else if (kind === 'administrator.take') await takeRole(tx, account, 'administrator');
      else if (kind === 'administrator.suspend') await this.#suspend(tx, principal, account);
      else await resume(tx, account);
    });
  }

  /** The same: what the log holds of this person is about to go. Whoever has a role answers for what they did with it. */
  async erasable(tx: Transaction, principal: Principal, accountId: string): Promise<void> {
    const account = await heldAccount(tx, accountId, this.#options.clock.now());
    requireErasable(account);
    if (await isSamePerson(tx, principal.accountId ?? '', accountId)) throw notOwn();
  }

  /** The same: another name or number; the level falls to what does not rest on the former ones, and sessions above it end. */
  async personApproved(
    tx: Transaction,
    principal: Principal,
    { accountId, name, idNumber }: { readonly accountId: string; readonly name: string; readonly idNumber: string },
    reason: string,
  ): Promise<void> {
    const person = personIn(name, idNumber);
    await this.#within(tx, principal, accountId, { deed: 'person-corrected', reason }, async () => {
      await this.#options.evidence.establishWithin(tx, principal, accountId, { person, evidence: [] });
    });
  }

  async #suspend(tx: Transaction, principal: Principal, { accountId, status }: AccountSummary): Promise<void> {
    if (status !== 'active') throw notPossible('the account is not in use');
    await setStatus(tx, accountId, 'suspended');
    await this.#options.sessions.endAllWithin(tx, accountId, { principal });
  }

  async #changed(
    principal: Principal,
    accountId: string,
    told: Told,
    work: (tx: Transaction, account: AccountSummary) => Promise<void>,
  ): Promise<AccountSummary> {
    requireManager(principal);
    return this.#options.database.transaction(async (tx) => {
      await this.#within(tx, principal, accountId, told, (account) => work(tx, account));
      return accountSummary(tx, accountId, this.#options.clock.now());
    });
  }

  async #within(
    tx: Transaction,
    principal: Principal,
    accountId: string,
    { deed, role, reason }: Told,
    work: (account: AccountSummary) => Promise<void>,
  ): Promise<void> {
    const { audit, clock } = this.#options;
    const purpose = reasonIn(reason);
    const account = await heldAccount(tx, accountId, clock.now());
    if (await isSamePerson(tx, principal.accountId ?? '', accountId)) throw notOwn();
    if (account.status === 'closed') throw notPossible('the account is closed');
    await work(account);
    await audit.record(tx, principal, {
      action: 'account.changed',
      outcome: 'done',
      objectId: accountId,
      subjectId: accountId,
      purpose,
      facts: { deed, ...(role === undefined ? {} : { role }) },
    });
  }
}

type AdministratorDeed = (typeof administratorDeeds)[number];

const administratorTold: Readonly<Record<AdministratorDeed, Omit<Told, 'reason'>>> = {
  'administrator.give': { deed: 'role-given', role: 'administrator' },
  'administrator.take': { deed: 'role-taken', role: 'administrator' },
  'administrator.suspend': { deed: 'suspended' },
  'administrator.resume': { deed: 'resumed' },
};

interface Told {
  readonly deed: string;
  readonly role?: Role;
  readonly reason: string;
}

/** Throws `malformed-request`, `malformed-identifier`. */
export function personIn(name: string, idNumber: string) {
  const written = name.normalize('NFC').trim();
  const number = parseResidentId(idNumber)?.number;
  if (written === '' || written.length > 100)
    throw new TrustError('malformed-request', 'a name has 1 to 100 characters');
  if (number === undefined) throw new TrustError('malformed-identifier', 'not a resident identity number');
  return { name: written, idType: 'resident-id' as const, idNumber: number };
}

async function setStatus(tx: Transaction, accountId: string, status: 'active' | 'suspended'): Promise<void> {
  await tx.query({
    text: 'UPDATE identity.account SET status = $2 WHERE account_id = $1',
    values: [uuidFromId('account', accountId) ?? null, status],
  });
}

async function setRoles(tx: Transaction, accountId: string, roles: readonly Role[]): Promise<void> {
  await tx.query({
    text: 'UPDATE identity.account SET roles = $2 WHERE account_id = $1',
    values: [uuidFromId('account', accountId) ?? null, roles],
  });
}

async function giveRole(tx: Transaction, { accountId, roles, status }: AccountSummary, role: Role): Promise<void> {
  if (status !== 'active' || roles.includes(role)) throw notPossible('the account has the role, or is not in use');
  await setRoles(tx, accountId, [...roles, role]);
}

async function takeRole(tx: Transaction, { accountId, roles }: AccountSummary, role: Role): Promise<void> {
  if (!roles.includes(role)) throw notPossible('the account does not have the role');
  await setRoles(
    tx,
    accountId,
    roles.filter((held) => held !== role),
  );
}

async function resume(tx: Transaction, { accountId, status }: AccountSummary): Promise<void> {
  if (status !== 'suspended') throw notPossible('the account is not suspended');
  await setStatus(tx, accountId, 'active');
}

function requireErasable({ roles }: AccountSummary): void {
  if (roles.length > 0) throw notPossible('whoever has a role answers for what they did with it: take the roles first');
}

function notOwn(): TrustError {
  return new TrustError('forbidden', 'the own account is another administrator’s');
}

function needsTwo(): TrustError {
  return new TrustError('approval-required', 'what concerns administrators is proposed by one and approved by another');
}

function notPossible(reason: string): TrustError {
  return new TrustError('account-transition-forbidden', reason);
}
