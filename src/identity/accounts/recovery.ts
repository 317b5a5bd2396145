// Getting back into an account (找回) whose password is lost: the telephone and one proof more set a new one; docs/accounts.md, NIST SP 800-63B section 4.2.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, epochSeconds, randomBytes } from '../../kernel/clock.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { anonymous, type Principal } from '../../kernel/principal.ts';
import type { Language } from '../../kernel/words/language.ts';
import { type Account, type Accounts, loginNameOf } from './accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { FactorOutcome } from '../factors/factor-gate.ts';
import type { Factors } from '../factors/factors.ts';
import { lowerLevel, strengthOf } from '../levels/levels.ts';
import type { PasswordChange } from './password-change.ts';

export interface RecoveryOptions {
  readonly accounts: Accounts;
  readonly factors: Factors;
  readonly passwordChange: PasswordChange;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** `ticket`: shows for a while that the telephone was proven; it opens nothing without the second proof. */
export type PhoneOutcome = { readonly ticket: string } | { readonly fault: 'wrong' | 'over' };

export type RecoveryFault = 'proof' | 'locked' | 'over' | 'password';

const ticketSeconds = 15 * 60;
const tokenBytes = 32;

export class Recovery {
  readonly #options: RecoveryOptions;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /**
   * Sends a code to the account's telephone and returns the token that this browser keeps. A name that nobody has, or an account
   * without telephone, is treated alike, limits included: no message leaves, and no code is right. Throws `too-many-requests`.
   */
  async begin(typedName: string, language: Language, call: CallContext): Promise<string> {
    const { accounts, factors } = this.#options;
    const token = toBase64url(randomBytes(tokenBytes));
    const account = await accounts.findByLoginName(typedName);
    const phone =
      account?.status === 'active'
        ? (await factors.keptOf(account.accountId)).find(({ kind }) => kind === 'phone')
        : undefined;
    await factors.smsCodes.send(
      {
        ...matterOf(token),
        number: phone === undefined ? `nobody:${loginNameOf(typedName) ?? ''}` : factors.numberOf(phone),
        accountId: phone?.accountId,
        deliver: phone !== undefined,
        language,
      },
      call,
    );
    return token;
  }

  /** Whether a code was asked for with this token and may still come. */
  async isWaiting(token: string): Promise<boolean> {
    return (await this.#options.factors.smsCodes.waiting(matterOf(token))) !== undefined;
  }

  async provePhone(token: string, code: string): Promise<PhoneOutcome> {
    const { factors, cipher, clock } = this.#options;
    const tried = await factors.smsCodes.redeem(matterOf(token), code);
    if (tried?.right !== true || tried.accountId === undefined)
      return { fault: tried === undefined ? 'over' : 'wrong' };
    const ends = epochSeconds(addSeconds(clock.now(), ticketSeconds));
    return { ticket: toBase64url(cipher.seal(utf8(`${ends} ${tried.accountId}`), ticketContext)) };
  }

  /**
   * A code of the authenticator app, or a recovery code, and the new password. All sessions end, and what the password lends is held
   * to the strength of these proofs for a while. The password is judged first, so that an unfit one uses nothing up.
   */
  async complete(
    ticket: string,
    { proof, password }: { readonly proof: string; readonly password: string },
    { language, call }: { readonly language: Language; readonly call: CallContext },
  ): Promise<RecoveryFault | undefined> {
    const { factors, passwordChange, audit } = this.#options;
    const account = await this.#accountOf(ticket);
    if (account === undefined) return 'over';
    const prepared = await this.#prepared(account, password);
    if (prepared === undefined) return 'password';
    const how = /^\s*\d{3}\s?\d{3}\s*$/.test(proof) ? 'totp' : 'recovery-code';
    const outcome = await this.#secondProof(account, { how, proof }, call);
    if (!outcome.ok) return outcome.code === 'account-locked' ? 'locked' : 'proof';
    const principal = ownerOf(account, call);
    await passwordChange.change(account, prepared, { principal }, async (tx, counts) => {
      await audit.record(tx, principal, {
        action: 'account.recovered',
        outcome: 'done',
        objectId: account.accountId,
        subjectId: account.accountId,
        facts: { how, counts },
      });
    });
    await factors.notify(account.accountId, 'recovered', language, call);
    return undefined;
  }

  async #secondProof(
    account: Account,
    { how, proof }: { readonly how: 'totp' | 'recovery-code'; readonly proof: string },
    call: CallContext,
  ): Promise<FactorOutcome> {
    const { factors } = this.#options;
    if (how === 'recovery-code') return factors.recoveryCodes.verify({ account }, proof, call);
    const kept = await factors.keptOf(account.accountId);
    return factors.totp.verify({ account }, { factors: kept, code: proof }, call);
  }

  async #prepared(account: Account, password: string) {
    try {
      return await this.#options.passwordChange.prepare(account, password);
    } catch (error) {
      if (isTrustError(error, 'password-refused')) return undefined;
      throw error;
    }
  }

  async #accountOf(ticket: string): Promise<Account | undefined> {
    const { accounts, cipher, clock } = this.#options;
    const sealed = ticket.length <= 400 ? fromBase64url(ticket) : undefined;
    if (sealed === undefined) return undefined;
    try {
      const [ends = '', accountId = ''] = (fromUtf8(cipher.open(sealed, ticketContext)) ?? '').split(' ');
      if (Number(ends) <= epochSeconds(clock.now())) return undefined;
      const account = await accounts.find(accountId);
      return account?.status === 'active' ? account : undefined;
    } catch (error) {
      if (isTrustError(error, 'key-unavailable')) return undefined; // not ours
      throw error;
    }
  }
}

/** Telephone and code generator or codes are both things that one has: one factor. */
function ownerOf(account: Account, call: CallContext): Principal {
  const amr = ['sms', 'otp'];
  const level = lowerLevel(account.level, strengthOf(amr));
  return { ...anonymous, ...call, kind: 'person', accountId: account.accountId, level, amr };
}

const matterOf = (token: string) => ({ purpose: 'recover', context: token }) as const;
const ticketContext = 'identity.recovery.ticket';
