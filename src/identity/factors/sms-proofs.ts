// Signing in with a code by SMS: as the first proof, where a number leads to an account, and as the second, where the account is known.

import type { AuditLog } from '../../audit/audit-log.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { anonymous } from '../../kernel/principal.ts';
import type { Language } from '../../kernel/words/language.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Proven } from '../sign-in/journey.ts';
import { provenBy } from './factor-gate.ts';
import type { Factors } from './factors.ts';
import { parsePhoneNumber } from './phone-number.ts';
import type { SmsCodes } from './sms-codes.ts';

export interface SmsProofsOptions {
  readonly accounts: Accounts;
  readonly factors: Factors;
  readonly smsCodes: SmsCodes;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** An interaction of the engine and who asks in it. */
export interface SmsAsker {
  readonly uid: string;
  readonly clientId: string;
  readonly language: Language;
}

/** `over`: the code is used up or too old, and only a new one will do. */
export type SmsOutcome =
  | { readonly ok: true; readonly account: Account; readonly proven: Proven }
  | { readonly ok: false; readonly code: 'credentials-wrong'; readonly over: boolean };

/**
 * Operators give a number to somebody else after some three months of silence. One that was not used here for so long opens no
 * account by itself; with the password it still does.
 */
const aloneForSeconds = 90 * 24 * 3600;

export class SmsProofs {
  readonly #options: SmsProofsOptions;

  constructor(options: SmsProofsOptions) {
    this.#options = options;
  }

  /** Throws `phone-number-invalid`, `too-many-requests`; says nothing about whether the number is anybody's. */
  async sendFirst({ uid, language }: SmsAsker, typed: string, call: CallContext): Promise<void> {
    const { factors, smsCodes, clock } = this.#options;
    const number = parsePhoneNumber(typed);
    if (number === undefined) throw new TrustError('phone-number-invalid', 'not a mobile number of the mainland');
    const factor = await factors.ownerOf(number);
    const since = addSeconds(clock.now(), -aloneForSeconds);
    const fresh = factor !== undefined && (factor.lastUsedAt ?? factor.createdAt) > since;
    const accountId = fresh ? factor.accountId : undefined;
    await smsCodes.send({ purpose: 'sign-in', context: uid, number, accountId, deliver: fresh, language }, call);
  }

  /** Another code to the number of the first one. Throws `interaction-expired` when there was none. */
  async sendFirstAgain(asker: SmsAsker, call: CallContext): Promise<void> {
    const waiting = await this.#options.smsCodes.waiting({ purpose: 'sign-in', context: asker.uid });
    if (waiting === undefined) throw new TrustError('interaction-expired', 'no code was asked for');
    await this.sendFirst(asker, waiting.number, call);
  }

  /** Throws `factor-not-found` when the account has no telephone, `too-many-requests`. */
  async sendSecond({ uid, language }: SmsAsker, { accountId }: Account, call: CallContext): Promise<void> {
    const { factors, smsCodes } = this.#options;
    const phone = (await factors.keptOf(accountId)).find(({ kind }) => kind === 'phone');
    if (phone === undefined) throw new TrustError('factor-not-found', 'the account has no telephone');
    const number = factors.numberOf(phone);
    const matter = { purpose: 'second-factor', context: uid } as const;
    await smsCodes.send({ ...matter, number, accountId, deliver: true, language }, call);
  }

  /** `account`: whose second factor it is to be; absent for the first. */
  async prove(
    { uid, clientId }: Omit<SmsAsker, 'language'>,
    { code, account }: { readonly code: string; readonly account?: Account },
    call: CallContext,
  ): Promise<SmsOutcome> {
    const { accounts, factors, smsCodes, audit, clock } = this.#options;
    const purpose = account === undefined ? 'sign-in' : 'second-factor';
    const tried = await smsCodes.redeem({ purpose, context: uid }, code);
    const phone = tried?.right === true ? await factors.ownerOf(tried.number) : undefined;
    // Whose the number is may have changed since the code was sent.
    const owner = phone !== undefined && phone.accountId === tried?.accountId ? phone : undefined;
    const found = owner && (await accounts.find(owner.accountId));
    if (
      owner === undefined ||
      found?.status !== 'active' ||
      (account !== undefined && account.accountId !== found.accountId)
    ) {
      await audit.append(
        { ...anonymous, ...call, clientId },
        {
          action: 'sign-in',
          outcome: 'failed',
          code: 'credentials-wrong',
          ...(tried?.accountId === undefined ? {} : { subjectId: tried.accountId }),
          facts: { amr: 'sms' },
        },
      );
      return { ok: false, code: 'credentials-wrong', over: tried === undefined };
    }
    await factors.used(owner);
    return { ok: true, account: found, proven: provenBy({ amr: ['sms'], countsFrom: owner.countsFrom }, clock.now()) };
  }
}
