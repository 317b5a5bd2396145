// How often a password may be tried: atomic counters in the database, per account and origin, per account, and per origin.

import type { Database } from '../../db/database.ts';
import { alone, type Rider, withRiders } from '../../db/riders.ts';
import { type Clock, addSeconds } from '../../kernel/clock.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { type AccountRow, selectAccountAt } from '../accounts/account-row.ts';
import { countedAgainst, countedBeside, type Limit, type Passed } from './counters.ts';

export interface SignInLimitsOptions {
  readonly database: Database;
  readonly clock: Clock;
}

const windowSeconds = 15 * 60;
/** Five tries are a person's bad memory; the sixth waits (GB/T 22239-2019, 8.1.4.1: a limit on failed sign-ins). */
const maxPerAccountAndOrigin = 5;
/** One account tried from many networks at once. Networks that the account was used from before are let through. */
const maxPerAccount = 30;
/** Many accounts tried from one network: a school or an office signs in behind one address. */
const maxPerOrigin = 100;
/** How long a network stays known for an account after its last sign-in. */
const knownOriginSeconds = 90 * 24 * 3600;

export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly retryAfterSeconds: number; readonly first: boolean };

/**
 * Every try is counted before the password is looked at, so that tries in parallel, here or in another process, cannot pass the
 * limit together. Windows have a fixed end: no stranger can hold an account shut by trying on.
 */
export class SignInLimits {
  readonly #options: SignInLimitsOptions;

  constructor(options: SignInLimitsOptions) {
    this.#options = options;
  }

  /**
   * Counts one try. `loginName` is the normalised name, whether or not anyone has it; a factor has `method#account` in its place.
   * `first`: the limit was just reached.
   */
  async admit(loginName: string, origin: string, accountId: string | undefined): Promise<Admission> {
    return this.#judged(await countedAgainst(this.#options, limitsFor(loginName, origin)), {
      loginName,
      origin,
      accountId,
    });
  }

  /**
   * The same of a login name, with the account that has it: read by the statement that counts, and the same work where nobody has it.
   * A name that nobody can have counts as one name.
   */
  async admitName(
    loginName: string | undefined,
    origin: string,
  ): Promise<{ readonly admission: Admission; readonly found: AccountRow | undefined }> {
    const counted = loginName ?? 'nobody';
    const { passed, row } = await countedBeside<AccountRow | NoAccount>(this.#options, limitsFor(counted, origin), {
      name: 'account',
      text: (put, now) => `${selectAccountAt(now)} WHERE a.login_name = ${put(loginName ?? null)}`,
    });
    const found = row === undefined || row.account_id === null ? undefined : row;
    const accountId = found && idFromUuid('account', found.account_id);
    return { admission: await this.#judged(passed, { loginName: counted, origin, accountId }), found };
  }

  async #judged(
    passed: readonly Passed[],
    { loginName, origin, accountId }: { loginName: string; origin: string; accountId: string | undefined },
  ): Promise<Admission> {
    if (passed.length === 0) return { admitted: true };
    const onlyTheAccount = passed.every(({ subject }) => subject === accountSubject(loginName));
    if (onlyTheAccount && accountId !== undefined && (await this.isKnown(accountId, origin))) return { admitted: true };
    return {
      admitted: false,
      retryAfterSeconds: Math.max(...passed.map(({ retryAfterSeconds }) => retryAfterSeconds)),
      first: passed.some(({ first }) => first),
    };
  }

  /** The password was right: the pair starts anew, the wider counters forget this try, and the network is known. */
  async succeeded(loginName: string, origin: string, accountId: string): Promise<void> {
    await this.note(this.success(loginName, origin, accountId));
  }

  /** The same, to be written together with what follows from it, or by `note`. */
  success(loginName: string, origin: string, accountId: string): Rider {
    const subjects = limitsFor(loginName, origin).map(({ subject }) => subject);
    const pair = pairSubject(loginName, origin);
    return {
      name: 'success',
      steps: (put) => [
        [
          'counted',
          `SELECT subject FROM identity.sign_in_attempt WHERE subject = ANY (${put(subjects)}) ORDER BY subject FOR UPDATE`,
        ],
        [
          'forgotten',
          `UPDATE identity.sign_in_attempt SET
            attempts = CASE WHEN subject = ${put(pair)} THEN 0 ELSE greatest(attempts - 1, 0) END
            WHERE subject IN (SELECT subject FROM counted)`,
        ],
        [
          'known',
          `INSERT INTO identity.known_origin (account_id, origin, last_seen_at)
            VALUES (${put(accountUuid(accountId))}, ${put(origin)}, ${put(this.#options.clock.now())})
            ON CONFLICT (account_id, origin) DO UPDATE SET last_seen_at = excluded.last_seen_at`,
        ],
      ],
    };
  }

  async note(success: Rider): Promise<void> {
    await this.#options.database.query(alone(withRiders('sign-in', [success], () => 'SELECT 1')));
  }

  /** Removes counters whose window is over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.sign_in_attempt WHERE subject IN (SELECT subject FROM identity.sign_in_attempt
        WHERE window_ends_at < $1 ORDER BY window_ends_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  /** Whether the account signed in from this network of late; the same work where there is no account. */
  async isKnown(accountId: string | undefined, origin: string): Promise<boolean> {
    const { database, clock } = this.#options;
    const { rowCount } = await database.query({
      text: 'SELECT 1 FROM identity.known_origin WHERE account_id = $1 AND origin = $2 AND last_seen_at > $3',
      values: [accountUuid(accountId ?? ''), origin, addSeconds(clock.now(), -knownOriginSeconds)],
    });
    return rowCount > 0;
  }
}

interface NoAccount {
  readonly account_id: null;
}

const pairSubject = (loginName: string, origin: string): string => `pair:${loginName}@${origin}`;
const accountSubject = (loginName: string): string => `account:${loginName}`;

function limitsFor(loginName: string, origin: string): Limit[] {
  return [
    { subject: pairSubject(loginName, origin), max: maxPerAccountAndOrigin, windowSeconds },
    { subject: accountSubject(loginName), max: maxPerAccount, windowSeconds },
    { subject: `origin:${origin}`, max: maxPerOrigin, windowSeconds },
  ];
}

function accountUuid(accountId: string): Uuid | null {
  return uuidFromId('account', accountId) ?? null;
}
