// The factors of a person: what they have, what is added and removed, and what each would add to a login.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { fromUtf8, utf8 } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Language } from '../../kernel/words/language.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Proven } from '../sign-in/journey.ts';
import { provenBy } from './factor-gate.ts';
import { countsFrom, type Factor, type FactorKind, type FactorStore, type NewFactor } from './factor-store.ts';
import type { Passkeys } from './passkeys.ts';
import { maskedNumber } from './phone-number.ts';
import type { RecoveryCodes } from './recovery-codes.ts';
import type { SmsCodes } from './sms-codes.ts';
import type { SmsNotice } from './sms-texts.ts';
import type { Totp } from './totp.ts';

export interface FactorsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly store: FactorStore;
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly smsCodes: SmsCodes;
  readonly recoveryCodes: RecoveryCodes;
}

/** A factor as its owner sees it. */
export interface FactorView {
  readonly factorId: Id<'factor'>;
  readonly kind: FactorKind;
  /** What the owner calls it; of a telephone, the masked number. */
  readonly label: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
  /** Set while it lends a login no more than level 3: from when it counts. */
  readonly countsFrom: Date | undefined;
}

/** What an account can prove with, by method. */
export interface Methods {
  readonly password: Proven | undefined;
  readonly phone: Proven | undefined;
  readonly totp: Proven | undefined;
  readonly passkey: Proven | undefined;
  readonly recoveryCode: Proven | undefined;
}

const maxFactorsOfKind = 10;
const maxLabelLength = 40;

export class Factors {
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly smsCodes: SmsCodes;
  readonly recoveryCodes: RecoveryCodes;
  readonly #options: FactorsOptions;

  constructor(options: FactorsOptions) {
    this.#options = options;
    this.totp = options.totp;
    this.passkeys = options.passkeys;
    this.smsCodes = options.smsCodes;
    this.recoveryCodes = options.recoveryCodes;
  }

  async listOf(accountId: string): Promise<FactorView[]> {
    const now = this.#options.clock.now();
    return (await this.#options.store.listOf(accountId)).map((factor) => viewOf(factor, now));
  }

  /** With their keys, for verification. */
  async keptOf(accountId: string): Promise<readonly Factor[]> {
    return this.#options.store.listOf(accountId);
  }

  async methodsOf(accountId: string): Promise<Methods> {
    const { accounts, store, clock } = this.#options;
    const now = clock.now();
    const [credentials, factors, codesLeft] = await Promise.all([
      accounts.credentialsOfAccount(accountId),
      store.listOf(accountId),
      this.recoveryCodes.left(accountId),
    ]);
    const best = (kind: FactorKind): Proven | undefined => {
      const [oldest] = factors
        .filter((factor) => factor.kind === kind)
        .sort((a, b) => a.countsFrom.getTime() - b.countsFrom.getTime());
      return oldest && provenBy({ amr: methodNames(oldest), countsFrom: oldest.countsFrom }, now);
    };
    return {
      password: credentials?.passwordHash === undefined ? undefined : provenByPassword(credentials, now),
      phone: best('phone'),
      totp: best('totp'),
      passkey: best('passkey'),
      recoveryCode: codesLeft > 0 ? provenBy({ amr: ['otp'], countsFrom: now }, now) : undefined,
    };
  }

  /** Throws `interaction-expired` and `credentials-wrong` (the draft or the code), `malformed-request` (too many). */
  async addTotp(
    account: Account,
    given: { readonly draft: string; readonly code: string; readonly label: string },
    principal: Principal,
  ): Promise<FactorView> {
    const { secret, lastCounter } = this.totp.confirm(account.accountId, given);
    return this.#add(account, principal, {
      kind: 'totp',
      label: labelOf(given.label, '验证器 App'),
      secret: this.totp.sealed(account.accountId, secret),
      lastCounter,
    });
  }

  /** Throws `credentials-wrong` (the answer is none that was asked for), `factor-in-use`, `malformed-request` (too many). */
  async addPasskey(
    account: Account,
    given: { readonly context: string; readonly answer: string; readonly label: string },
    principal: Principal,
  ): Promise<FactorView> {
    const passkey = await this.passkeys.register(given.context, given.answer);
    if (passkey === undefined) throw new TrustError('credentials-wrong', 'the passkey was not registered as asked');
    return this.#add(account, principal, { kind: 'passkey', label: labelOf(given.label, '通行密钥'), ...passkey });
  }

  /** Whose number it is. */
  async ownerOf(number: string): Promise<Factor | undefined> {
    return this.#options.store.findByLookup('phone', this.#lookupOf(number));
  }

  /** The number of the account's telephone, for a message to it. */
  numberOf(factor: Factor): string {
    return fromUtf8(this.#options.cipher.open(factor.secret, phoneContext(factor.accountId))) ?? '';
  }

  /**
   * The number was proven by a code just now: it becomes the account's only one, and is no longer anybody else's. Part of the
   * transaction that the caller has (a registration), or of its own.
   */
  async bindPhone(account: Account, number: string, principal: Principal, tx?: Transaction): Promise<FactorView> {
    const { database, store } = this.#options;
    const bind = async (within: Transaction): Promise<FactorView> => {
      await store.hold(within, account.accountId);
      const holder = await store.findByLookup('phone', this.#lookupOf(number), within);
      const own = (await store.listOf(account.accountId, within)).filter(({ kind }) => kind === 'phone');
      for (const old of [...own, ...(holder === undefined ? [] : [holder])]) {
        const removed = await store.remove(within, old.accountId, old.factorId);
        if (removed === undefined) continue;
        await this.#record(within, principal, removed, 'removed', removed.accountId);
        await store.changed(within, removed.accountId, removed.accountId === account.accountId ? principal : {});
      }
      return this.#insert(within, account, principal, {
        kind: 'phone',
        label: maskedNumber(number),
        secret: this.#options.cipher.seal(utf8(number), phoneContext(account.accountId)),
        lookup: this.#lookupOf(number),
      });
    };
    return tx === undefined ? database.transaction(bind) : bind(tx);
  }

  /** New codes in place of the old ones: this answer is the only place where they stand. */
  async makeRecoveryCodes(account: Account, principal: Principal): Promise<string[]> {
    const { database, audit, clock, store } = this.#options;
    const from = countsFrom(account, principal.level, clock.now());
    return database.transaction(async (tx) => {
      const codes = await this.recoveryCodes.replace(tx, account.accountId, from);
      await store.changed(tx, account.accountId, principal);
      await audit.record(tx, principal, {
        action: 'factor.changed',
        outcome: 'done',
        objectId: account.accountId,
        subjectId: account.accountId,
        facts: { kind: 'recovery-codes', deed: 'replaced', counts: from <= clock.now() },
      });
      return codes;
    });
  }

  /** Throws `factor-not-found`, and `factor-last` for the last passkey of an account without password. */
  async remove(account: Account, factorId: string, principal: Principal): Promise<void> {
    const { database, store } = this.#options;
    await database.transaction(async (tx) => {
      const { hasPassword } = await store.hold(tx, account.accountId);
      const others = (await store.listOf(account.accountId, tx)).filter(
        (factor) => factor.factorId !== factorId && factor.kind !== 'totp',
      );
      if (!hasPassword && others.length === 0) throw new TrustError('factor-last', 'the account would have no way in');
      const removed = await store.remove(tx, account.accountId, factorId);
      if (removed === undefined) throw new TrustError('factor-not-found', 'the account has no such factor');
      await store.changed(tx, account.accountId, principal);
      await this.#record(tx, principal, removed, 'removed', account.accountId);
    });
  }

  /** Throws `factor-not-found`; a telephone is called by its number. */
  async rename(
    accountId: string,
    { factorId, label }: { readonly factorId: string; readonly label: string },
    principal: Principal,
  ): Promise<void> {
    const { database, store } = this.#options;
    await database.transaction(async (tx) => {
      const renamed = await store.rename(tx, accountId, { factorId, label: labelOf(label, '—') });
      if (renamed === undefined) throw new TrustError('factor-not-found', 'the account has no such factor');
      await this.#record(tx, principal, renamed, 'renamed', accountId);
    });
  }

  /** It was used to sign in just now. */
  async used(factor: Factor): Promise<void> {
    await this.#options.store.used(factor.factorId);
  }

  /** Tells the person of a change by SMS, where there is a telephone. */
  async notify(accountId: string, notice: SmsNotice, language: Language, call: CallContext): Promise<void> {
    const phone = (await this.#options.store.listOf(accountId)).find(({ kind }) => kind === 'phone');
    if (phone === undefined) return;
    await this.smsCodes.notify({ accountId, number: this.numberOf(phone), language }, notice, call);
  }

  async #add(
    account: Account,
    principal: Principal,
    factor: Omit<NewFactor, 'accountId' | 'countsFrom'>,
  ): Promise<FactorView> {
    const { database, store } = this.#options;
    return database.transaction(async (tx) => {
      await store.hold(tx, account.accountId);
      const has = (await store.listOf(account.accountId, tx)).filter(({ kind }) => kind === factor.kind);
      if (has.length >= maxFactorsOfKind) throw new TrustError('malformed-request', 'there are too many of this kind');
      return this.#insert(tx, account, principal, factor);
    });
  }

  async #insert(
    tx: Transaction,
    account: Account,
    principal: Principal,
    factor: Omit<NewFactor, 'accountId' | 'countsFrom'>,
  ): Promise<FactorView> {
    const { store, clock } = this.#options;
    const now = clock.now();
    const added = await store.add(tx, {
      ...factor,
      accountId: account.accountId,
      countsFrom: countsFrom(account, principal.level, now),
    });
    if (added === undefined) throw new TrustError('factor-in-use', 'this is bound to an account already');
    await store.changed(tx, account.accountId, principal);
    await this.#record(tx, principal, added, 'added', account.accountId);
    return viewOf(added, now);
  }

  async #record(
    tx: Transaction,
    principal: Principal,
    factor: Factor,
    deed: 'added' | 'removed' | 'renamed',
    subjectId: string,
  ): Promise<void> {
    const { audit, clock } = this.#options;
    await audit.record(tx, principal, {
      action: 'factor.changed',
      outcome: 'done',
      objectId: factor.accountId,
      subjectId,
      facts: { kind: factor.kind, deed, counts: factor.countsFrom <= clock.now() },
      personal: { label: factor.label },
    });
  }

  #lookupOf(number: string): Uint8Array {
    return this.#options.cipher.blindIndex(number, 'identity.factor.phone');
  }
}

/** Which methods a factor shows when it is used (RFC 8176). */
function methodNames({ kind, singleDevice }: Factor): readonly string[] {
  if (kind === 'passkey') return [singleDevice ? 'hwk' : 'swk', 'user', 'mfa'];
  return [kind === 'phone' ? 'sms' : 'otp'];
}

export function provenByPassword(
  { passwordCountsFrom }: { readonly passwordCountsFrom: Date | undefined },
  now: Date,
): Proven {
  return provenBy({ amr: ['pwd'], countsFrom: passwordCountsFrom ?? now }, now);
}

function viewOf(factor: Factor, now: Date): FactorView {
  const { factorId, kind, label, createdAt, lastUsedAt } = factor;
  return {
    factorId,
    kind,
    label,
    createdAt,
    lastUsedAt,
    countsFrom: factor.countsFrom > now ? factor.countsFrom : undefined,
  };
}

function labelOf(text: string, otherwise: string): string {
  const label = text.replace(/\p{C}/gu, '').trim().slice(0, maxLabelLength);
  return label === '' ? otherwise : label;
}

const phoneContext = (accountId: string): string => `identity.factor.secret:phone:${accountId}`;
