// Sign-in by login name and password: the same answer and the same work whether the name or the password was wrong.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Rider } from '../../db/riders.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { toBase64url } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { anonymous, type Principal } from '../../kernel/principal.ts';
import { type Account, type Accounts, credentialsFrom, loginNameOf } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import { provenByPassword } from '../factors/factors.ts';
import type { Proven } from './journey.ts';
import type { PasswordHasher } from '../accounts/password-hasher.ts';
import type { SignInLimits } from './sign-in-limits.ts';

export interface SignInOptions {
  readonly accounts: Accounts;
  readonly limits: SignInLimits;
  readonly hasher: PasswordHasher;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SignInAttempt {
  readonly loginName: string;
  readonly password: string;
  /** The client for which the person signs in. */
  readonly clientId?: string;
}

export type SignInOutcome =
  | { readonly signedIn: true; readonly account: Account; readonly proven: Proven; readonly success: Rider }
  | { readonly signedIn: false; readonly code: 'credentials-wrong' }
  | { readonly signedIn: false; readonly code: 'account-locked'; readonly retryAfterSeconds: number };

export class SignIn {
  readonly #options: SignInOptions;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** The same as `prove`, and the success is noted. */
  async authenticate(attempt: SignInAttempt, call: CallContext): Promise<SignInOutcome> {
    const outcome = await this.prove(attempt, call);
    if (outcome.signedIn) await this.#options.limits.note(outcome.success);
    return outcome;
  }

  /**
   * Failures leave their audit entry here, before the answer; the entry of a success is written with the interaction's result, and so is
   * `success`: until then the try counts. Throws `too-many-requests` when too many passwords are being checked at once.
   */
  async prove(attempt: SignInAttempt, call: CallContext): Promise<SignInOutcome> {
    const { accounts, limits, hasher, clock } = this.#options;
    // A name that nobody can have is counted and hashed like any other.
    const typed = loginNameOf(attempt.loginName);
    const loginName = typed ?? 'nobody';
    const origin = call.origin ?? 'unknown';
    const { admission, found: row } = await limits.admitName(typed, origin);
    const found = row && credentialsFrom(row);
    if (!admission.admitted) {
      // One entry for each time a limit is reached: a flood of tries must not become a flood of entries.
      if (admission.first) await this.#record('account-locked', attempt, loginName, found?.account, call);
      return { signedIn: false, code: 'account-locked', retryAfterSeconds: admission.retryAfterSeconds };
    }
    const right = await hasher.matches(attempt.password, found?.passwordHash);
    if (!right || found?.account.status !== 'active') {
      await this.#record('credentials-wrong', attempt, loginName, found?.account, call);
      return { signedIn: false, code: 'credentials-wrong' };
    }
    const { account, passwordHash } = found;
    if (passwordHash !== undefined && hasher.isOutdated(passwordHash)) {
      const renewed = await hasher.renewed(attempt.password);
      await accounts.renewPasswordHash(account.accountId, { from: passwordHash, to: renewed });
    }
    const success = limits.success(loginName, origin, account.accountId);
    return { signedIn: true, account, proven: provenByPassword(found, clock.now()), success };
  }

  async #record(
    code: 'credentials-wrong' | 'account-locked',
    attempt: SignInAttempt,
    loginName: string,
    account: Account | undefined,
    call: CallContext,
  ): Promise<void> {
    const caller: Principal = {
      ...anonymous,
      ...call,
      ...(attempt.clientId === undefined ? {} : { clientId: attempt.clientId }),
    };
    await this.#options.audit.append(caller, {
      action: 'sign-in',
      outcome: 'failed',
      code,
      ...(account === undefined
        ? { personal: { nameHash: this.#hashOf(loginName) } }
        : { subjectId: account.accountId }),
    });
    this.#options.log.info({ errorCode: code, requestId: call.requestId }, 'sign-in refused');
  }

  /** People type their password where the name belongs. The hash tells tries of one name from tries of many, and nothing else. */
  #hashOf(loginName: string): string {
    return toBase64url(this.#options.cipher.blindIndex(loginName, 'identity.sign-in.unknown-name').subarray(0, 12));
  }
}
