// What all deeds on one's own ways to sign in share: a form of our pages, a recent sign-in, the account, and the message about it.

import { type RequestHandler, urlencoded } from 'express';
import type { Account, Accounts } from '../../identity/accounts/accounts.ts';
import type { Factors } from '../../identity/factors/factors.ts';
import type { SmsNotice } from '../../identity/factors/sms-texts.ts';
import type { PasswordChange } from '../../identity/accounts/password-change.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { fromOwnPages } from '../sign-in.ts';
import { accountIdOf } from './account-id.ts';
import { callContext } from './caller.ts';
import { type RecentVisitOptions, recentlySignedInOnly } from './recent-visit.ts';
import type { FactorDeskFault } from './text/account-factors.ts';
import type { Visit } from './visit.ts';

export interface FactorDeskOptions extends RecentVisitOptions {
  readonly accounts: Pick<Accounts, 'find' | 'credentialsOfAccount'>;
  readonly factors: Factors;
  readonly passwordChange: PasswordChange;
  readonly publicUrl: string;
  /** The script that speaks to authenticators; `undefined` when the pages were not built. */
  readonly passkeyScript: string | undefined;
}

export interface OwnVisit extends Visit {
  readonly account: Account;
}

export const factorsPath = '/account/factors';

/** Handlers of a deed whose form is on `page`. */
export function factorDeed(
  options: FactorDeskOptions,
  page: string,
  handle: (visit: OwnVisit) => Promise<void>,
): RequestHandler[] {
  return [
    fromOwnPages(options.publicUrl),
    urlencoded({ extended: false, limit: '32kb', parameterLimit: 8, inflate: false }),
    factorVisit(options, page, handle),
  ];
}

export function factorVisit(
  options: FactorDeskOptions,
  page: string,
  handle: (visit: OwnVisit) => Promise<void>,
): RequestHandler {
  return recentlySignedInOnly(options, page, async (visit) => {
    await handle({ ...visit, account: await ownAccount(options, visit) });
  });
}

export async function ownAccount({ accounts }: FactorDeskOptions, { principal }: Visit): Promise<Account> {
  const account = await accounts.find(accountIdOf(principal));
  if (account === undefined) throw new TrustError('token-missing', 'the account is gone');
  return account;
}

/**
 * Does a deed and then tells the person by SMS, at the number from before it: what takes a telephone away is told to that telephone.
 * Without one from before, at the one that there is now.
 */
export async function told<T>(
  { factors }: FactorDeskOptions,
  { account: { accountId }, response, frame: { language } }: OwnVisit,
  notice: SmsNotice,
  deed: () => Promise<T>,
): Promise<T> {
  const phone = (await factors.keptOf(accountId)).find(({ kind }) => kind === 'phone');
  const result = await deed();
  const call = callContext(response);
  if (phone === undefined) await factors.notify(accountId, notice, language, call);
  else await factors.smsCodes.notify({ accountId, number: factors.numberOf(phone), language }, notice, call);
  return result;
}

const faultOfCode = {
  'credentials-wrong': 'code',
  'interaction-expired': 'over',
  'phone-number-invalid': 'number',
  'too-many-requests': 'limit',
  'factor-in-use': 'passkey',
  'factor-last': 'last',
  'malformed-request': 'many',
  'password-refused': 'password',
} as const satisfies Readonly<Record<string, FactorDeskFault>>;

/** What a refusal means on these pages; anything else goes on as it is. */
export async function factorFault(work: () => Promise<unknown>): Promise<FactorDeskFault | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const known = Object.entries(faultOfCode).find(([code]) => isTrustError(error) && error.code === code);
    if (known === undefined) throw error;
    return known[1];
  }
}
