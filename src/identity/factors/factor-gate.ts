// The gate before every factor but the password: tries are counted before anything is looked at, and refusals leave their entry.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Clock } from '../../kernel/clock.ts';
import { anonymous } from '../../kernel/principal.ts';
import type { Account } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Proven } from '../sign-in/journey.ts';
import type { SignInLimits } from '../sign-in/sign-in-limits.ts';

export interface FactorGateOptions {
  readonly limits: SignInLimits;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** The methods that are tried at the gate, as the log names them. */
export type GatedMethod = 'sms' | 'totp' | 'passkey' | 'recovery-code';

export type FactorOutcome =
  | { readonly ok: true; readonly proven: Proven }
  | { readonly ok: false; readonly code: 'credentials-wrong' }
  | { readonly ok: false; readonly code: 'account-locked'; readonly retryAfterSeconds: number };

/** What a look at a factor found: the methods that it shows, and from when it counts. */
export interface Shown {
  readonly amr: readonly string[];
  readonly countsFrom: Date;
}

export interface Attempt {
  readonly method: GatedMethod;
  readonly account: Pick<Account, 'accountId'>;
  readonly clientId?: string;
}

export class FactorGate {
  readonly #options: FactorGateOptions;

  constructor(options: FactorGateOptions) {
    this.#options = options;
  }

  /** `look` returns what was shown, or nothing when it was wrong. */
  async attempt(attempt: Attempt, call: CallContext, look: () => Promise<Shown | undefined>): Promise<FactorOutcome> {
    const { limits, clock } = this.#options;
    const { accountId } = attempt.account;
    const subject = `${attempt.method}#${accountId}`;
    const origin = call.origin ?? 'unknown';
    const admission = await limits.admit(subject, origin, accountId);
    if (!admission.admitted) {
      if (admission.first) await this.#refused('account-locked', attempt, call);
      return { ok: false, code: 'account-locked', retryAfterSeconds: admission.retryAfterSeconds };
    }
    const shown = await look();
    if (shown === undefined) {
      await this.#refused('credentials-wrong', attempt, call);
      return { ok: false, code: 'credentials-wrong' };
    }
    await limits.succeeded(subject, origin, accountId);
    return { ok: true, proven: provenBy(shown, clock.now()) };
  }

  async #refused(code: 'credentials-wrong' | 'account-locked', attempt: Attempt, call: CallContext): Promise<void> {
    const { clientId } = attempt;
    await this.#options.audit.append(
      { ...anonymous, ...call, ...(clientId === undefined ? {} : { clientId }) },
      {
        action: 'sign-in',
        outcome: 'failed',
        code,
        subjectId: attempt.account.accountId,
        facts: { amr: attempt.method },
      },
    );
  }
}

export function provenBy({ amr, countsFrom }: Shown, now: Date): Proven {
  return { amr, counting: countsFrom <= now ? amr : [] };
}
