// The local Passport strategy: it reads the sign-in form and lets the sign-in service judge it.

import passport from 'passport';
import type { CallContext } from '../call-context.ts';
import type { SignIn, SignInOutcome } from '../sign-in/sign-in.ts';

/** The part of an Express request that is read. */
export interface FormRequest {
  readonly body?: unknown;
}

export interface PasswordForm {
  readonly loginName: string;
  readonly password: string;
}

/** What the caller of `authenticate` hands over beside Passport's own options. */
export interface PasswordStrategyOptions {
  readonly call: CallContext;
  readonly clientId?: string;
}

/** Passport calls the strategy through `Object.create(strategy)`, where private members do not exist: these are plain ones. */
export class PasswordStrategy extends passport.Strategy {
  override readonly name = 'password';
  readonly signIn: SignIn;

  constructor(options: { signIn: SignIn }) {
    super();
    this.signIn = options.signIn;
  }

  override authenticate(request: FormRequest, { call, clientId }: PasswordStrategyOptions): void {
    const form = passwordForm(request.body);
    if (form === undefined) {
      this.fail({ code: 'credentials-wrong' }, 400);
      return;
    }
    this.signIn.prove({ ...form, ...(clientId === undefined ? {} : { clientId }) }, call).then(
      (outcome) => this.judge(outcome),
      (error: unknown) => this.error(error),
    );
  }

  judge(outcome: SignInOutcome): void {
    if (outcome.signedIn) this.success(outcome.account, { proven: outcome.proven, success: outcome.success });
    else this.fail({ ...outcome }, outcome.code === 'account-locked' ? 429 : 401);
  }
}

/** The two fields of the form, each exactly once; `undefined` for any other body. */
export function passwordForm(body: unknown): PasswordForm | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(body));
  const loginName = fields.get('loginName');
  const password = fields.get('password');
  if (typeof loginName !== 'string' || typeof password !== 'string') return undefined;
  return { loginName, password };
}
