// Accounts of persons: login name, password, sealed real name and number, roles, and the real-name level with its evidence.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { parseResidentId } from '../../kernel/chinese-identifiers.ts';
import { type Clock, epochSeconds } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal, RealNameLevel, Role } from '../../kernel/principal.ts';
import { type AccountRow, selectAccount } from './account-row.ts';
import { presentMemory } from '../engine/request-memory.ts';
import { type PasswordHasher, passwordFault } from './password-hasher.ts';
import { idNumberIndex, readPerson, sealedPerson } from '../levels/sealed-person.ts';

export interface Account {
  readonly accountId: Id<'account'>;
  readonly loginName: string;
  readonly status: 'active' | 'suspended' | 'closed';
  readonly roles: readonly Role[];
  /** The highest level whose evidence counts at this moment. */
  readonly level: RealNameLevel;
  /** There is a code generator or a passkey: sign-ins ask for a second factor. */
  readonly secondFactor: boolean;
  /** How many mandates they have accepted that are in force, counted to 2; what these rest on may have ended. With 0, none holds. */
  readonly mandates: number;
  /** When a way to sign in last came or went, and in which session (`ses_…`) where it was one of our pages. */
  readonly factorsChanged?: { readonly at: Date; readonly sessionId: string | undefined } | undefined;
}

/** Who the holder is; personal data, kept sealed. */
export interface Person {
  readonly name: string;
  readonly idType: 'resident-id';
  readonly idNumber: string;
}

/** What a real-name level rests on. It counts until it expires or is withdrawn. */
export interface Evidence {
  readonly level: RealNameLevel;
  /** How it was shown: 'population-register', 'face', 'bank-card', 'in-person', … */
  readonly method: string;
  readonly expiresAt?: Date;
}

export interface NewAccount {
  readonly loginName: string;
  readonly password: string;
  /** Absent for whoever registers: a name comes with level 2. */
  readonly person?: Person;
  /** The wording of the terms that was accepted; absent for accounts that the house makes. */
  readonly termsVersion?: string;
  readonly roles: readonly Role[];
  readonly evidence: readonly Evidence[];
}

export interface Credentials {
  readonly account: Account;
  /** Absent: the account has no password. */
  readonly passwordHash: string | undefined;
  /** Before this moment the password lends a login no more than level 3. */
  readonly passwordCountsFrom: Date | undefined;
}

export interface AccountsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
}

export class Accounts {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /**
   * Makes an account; account, evidence, audit entry and what `also` does commit together. Throws `malformed-request` (login name
   * taken or unfit, password unfit), `malformed-identifier` (resident number).
   */
  async create(
    request: NewAccount,
    principal: Principal,
    also?: (tx: Transaction, account: Account) => Promise<void>,
  ): Promise<Account> {
    const { database, audit, cipher, hasher, clock } = this.#options;
    const loginName = loginNameOf(request.loginName);
    if (loginName === undefined) {
      throw new TrustError('malformed-request', 'a login name is 2 to 32 of a-z, 0-9, dot, dash and underscore');
    }
    const fault = passwordFault(request.password, loginName);
    if (fault !== undefined) throw new TrustError('malformed-request', `the password is unfit: ${fault}`);
    const { person } = request;
    const number = person && parseResidentId(person.idNumber)?.number;
    if (person !== undefined && number === undefined)
      throw new TrustError('malformed-identifier', 'not a resident identity number');
    const passwordHash = await hasher.hash(request.password);
    const uuid = newUuid(clock);
    const accountId = idFromUuid('account', uuid);
    const now = clock.now();
    return database.transaction(async (tx) => {
      const inserted = await tx.query({
        text: `INSERT INTO identity.account (account_id, login_name, password_hash, status, roles, name_sealed, id_type,
            id_number_sealed, id_number_index, terms_version, created_at)
          VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (login_name) DO NOTHING`,
        values: [
          uuid,
          loginName,
          passwordHash,
          request.roles,
          ...(person === undefined || number === undefined
            ? [null, null, null, null]
            : sealedPerson(cipher, uuid, { ...person, idNumber: number })),
          request.termsVersion ?? null,
          now,
        ],
      });
      if (inserted.rowCount === 0) throw new TrustError('malformed-request', 'the login name is taken');
      for (const evidence of request.evidence) {
        await tx.query({
          text: `INSERT INTO identity.evidence (evidence_id, account_id, level, method, established_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6)`,
          values: [newUuid(clock), uuid, evidence.level, evidence.method, now, evidence.expiresAt ?? null],
        });
      }
      const level = request.evidence
        .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
        .reduce<RealNameLevel>((highest, evidence) => (evidence.level > highest ? evidence.level : highest), 0);
      await audit.record(tx, principal, {
        action: 'account.created',
        outcome: 'done',
        objectId: accountId,
        subjectId: accountId,
        facts: { level, roles: request.roles.join(' ') },
        personal: { loginName, ...(person === undefined ? {} : { name: person.name }) },
      });
      const account: Account = {
        accountId,
        loginName,
        status: 'active',
        roles: request.roles,
        level,
        secondFactor: false,
        mandates: 0,
      };
      await also?.(tx, account);
      return account;
    });
  }

  async find(accountId: string): Promise<Account | undefined> {
    const uuid = uuidFromId('account', accountId);
    if (uuid === undefined) return undefined;
    const memory = presentMemory()?.accounts;
    const read = memory?.get(uuid) ?? this.#row('account-by-id', 'a.account_id = $1', uuid);
    memory?.set(uuid, read);
    const row = await read;
    return row && accountFrom(row);
  }

  async findByLoginName(text: string): Promise<Account | undefined> {
    return (await this.credentialsOf(text))?.account;
  }

  /** The account behind a typed login name with its password hash, for sign-in only. */
  async credentialsOf(text: string): Promise<Credentials | undefined> {
    const loginName = loginNameOf(text);
    if (loginName === undefined) return undefined;
    const row = await this.#row('account-by-login-name', 'a.login_name = $1', loginName);
    return row && credentialsFrom(row);
  }

  /** The same of an account that proved something else before. */
  async credentialsOfAccount(accountId: string): Promise<Credentials | undefined> {
    const row = await this.#row('account-by-id', 'a.account_id = $1', uuidFromId('account', accountId) ?? null);
    return row && credentialsFrom(row);
  }

  /** The same password under a stronger hash; nothing happens when it was changed meanwhile. */
  async renewPasswordHash(
    accountId: string,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<void> {
    await this.#options.database.query({
      name: 'password-hash-renewed',
      text: 'UPDATE identity.account SET password_hash = $3 WHERE account_id = $1 AND password_hash = $2',
      values: [uuidFromId('account', accountId) ?? null, from, to],
    });
  }

  /** The accounts of a person, by identity number. */
  async findByIdNumber(idType: Person['idType'], idNumber: string): Promise<Account[]> {
    const { database, cipher, clock } = this.#options;
    const { rows } = await database.query<AccountRow>({
      name: 'account-by-id-number',
      text: `${selectAccount} WHERE a.id_number_index = $1 ORDER BY a.account_id LIMIT 10`,
      values: [idNumberIndex(cipher, idType, idNumber), clock.now()],
    });
    return rows.map(accountFrom);
  }

  /** Opens the sealed name and number; `undefined` below level 2. Callers must have a reason that the person knows of. */
  async personOf(accountId: string): Promise<Person | undefined> {
    const { database, cipher } = this.#options;
    const uuid = uuidFromId('account', accountId);
    return uuid === undefined ? undefined : readPerson(database, cipher, uuid);
  }

  async #row(name: string, condition: string, value: string | null): Promise<AccountRow | undefined> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<AccountRow>({
      name,
      text: `${selectAccount} WHERE ${condition}`,
      values: [value, clock.now()],
    });
    return rows[0];
  }
}

/** The stored spelling of a typed login name; `undefined` when it can be nobody's. */
export function loginNameOf(text: string): string | undefined {
  const name = text.slice(0, 64).normalize('NFKC').trim().toLowerCase();
  return /^[a-z0-9][a-z0-9._-]{1,31}$/.test(name) ? name : undefined;
}

/** For sign-in only. */
export function credentialsFrom(row: AccountRow): Credentials {
  return {
    account: accountFrom(row),
    passwordHash: row.password_hash ?? undefined,
    passwordCountsFrom: row.password_counts_from ?? undefined,
  };
}

/** As it is at the moment of the row. */
export function accountFrom(row: AccountRow): Account {
  return {
    accountId: idFromUuid('account', row.account_id),
    loginName: row.login_name,
    status: row.status,
    roles: row.roles,
    level: row.level,
    secondFactor: row.second_factor,
    mandates: row.mandates,
    factorsChanged: row.factors_changed_at === null ? undefined : changeOf(row.factors_changed_at, row),
  };
}

function changeOf(at: Date, { factors_changed_in: session }: AccountRow) {
  return { at, sessionId: session === null ? undefined : idFromUuid('session', session) };
}

/**
 * Whether a sign-in is older than the account's ways to sign in are: whoever holds it may be whom the change was to lock out. The session
 * that made the change goes on. To the second, as `auth_time` is.
 */
export function isOvertaken(
  { factorsChanged: changed }: Pick<Account, 'factorsChanged'>,
  signIn: { readonly authTimeSeconds: number; readonly sessionId?: string | undefined },
): boolean {
  if (changed === undefined || signIn.authTimeSeconds >= epochSeconds(changed.at)) return false;
  return changed.sessionId === undefined || changed.sessionId !== signIn.sessionId;
}
