// Registration by telephone (手机号注册): number, code by SMS, then a login name and a password make an account of level 1.

import { digest } from '../../crypto/digest.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { fromUtf8, toBase64url, toHex, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { anonymous } from '../../kernel/principal.ts';
import type { Language } from '../../kernel/words/language.ts';
import type { Account, Accounts } from './accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Factors } from '../factors/factors.ts';
import { parsePhoneNumber } from '../factors/phone-number.ts';

export interface RegistrationOptions {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly factors: Factors;
}

/** How a registration stands whose number is proven. */
export interface ProvenRegistration {
  /** E.164. */
  readonly number: string;
  /** Whoever has the number until now; it will go over to the new account. */
  readonly holder: Account | undefined;
}

/** Time to think of a password. */
const provenSeconds = 30 * 60;
const tokenBytes = 32;

export class Registration {
  readonly #options: RegistrationOptions;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /**
   * Sends a code and returns the token that this browser keeps. A number that has an account gets a code too, in a message that says
   * so: nothing tells the two apart but the message. Throws `phone-number-invalid`, `too-many-requests`.
   */
  async begin(typedNumber: string, language: Language, call: CallContext): Promise<string> {
    const number = parsePhoneNumber(typedNumber);
    if (number === undefined) throw new TrustError('phone-number-invalid', 'not a mobile number of the mainland');
    const token = toBase64url(randomBytes(tokenBytes));
    await this.#send(token, number, language, call);
    return token;
  }

  /** Throws `interaction-expired`, `too-many-requests`. */
  async sendAgain(token: string, language: Language, call: CallContext): Promise<void> {
    const waiting = await this.waiting(token);
    if (waiting === undefined) throw new TrustError('interaction-expired', 'no code was asked for');
    await this.#send(token, waiting.number, language, call);
  }

  /** The number whose code is waited for. */
  async waiting(token: string): Promise<{ number: string; resendAfterSeconds: number } | undefined> {
    return this.#options.factors.smsCodes.waiting(matterOf(token));
  }

  /** Whether the code was right: `over` when no other try is possible. */
  async prove(token: string, code: string, termsVersion: string): Promise<'proven' | 'wrong' | 'over'> {
    const { database, cipher, clock, factors } = this.#options;
    const tried = await factors.smsCodes.redeem(matterOf(token), code);
    if (tried?.right !== true) return tried === undefined ? 'over' : 'wrong';
    const tokenDigest = digestOf(token);
    await database.query({
      text: `INSERT INTO identity.registration (token_digest, number_sealed, terms_version, expires_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT (token_digest) DO NOTHING`,
      values: [
        tokenDigest,
        cipher.seal(utf8(tried.number), contextOf(tokenDigest)),
        termsVersion,
        addSeconds(clock.now(), provenSeconds),
      ],
    });
    return 'proven';
  }

  async proven(token: string): Promise<ProvenRegistration | undefined> {
    const { database, clock, accounts, factors } = this.#options;
    const tokenDigest = digestOf(token);
    const { rows } = await database.query<{ number_sealed: Uint8Array }>({
      name: 'registration-proven',
      text: 'SELECT number_sealed FROM identity.registration WHERE token_digest = $1 AND expires_at > $2',
      values: [tokenDigest, clock.now()],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const number = this.#opened(tokenDigest, row.number_sealed);
    const phone = await factors.ownerOf(number);
    return { number, holder: phone && (await accounts.find(phone.accountId)) };
  }

  /**
   * Account, evidence `phone`, telephone and audit entries commit together, and a registration makes one account however often its form
   * is sent. Throws `interaction-expired`, and what `Accounts.create` throws.
   */
  async complete(
    token: string,
    { loginName, password }: { readonly loginName: string; readonly password: string },
    call: CallContext,
  ): Promise<Account> {
    const { database, clock, accounts, factors } = this.#options;
    const tokenDigest = digestOf(token);
    const { rows } = await database.query<{ terms_version: string }>({
      text: 'SELECT terms_version FROM identity.registration WHERE token_digest = $1 AND expires_at > $2',
      values: [tokenDigest, clock.now()],
    });
    const [row] = rows;
    if (row === undefined) throw over();
    const caller = { ...anonymous, ...call };
    const request = {
      loginName,
      password,
      termsVersion: row.terms_version,
      roles: [],
      evidence: [{ level: 1, method: 'phone' }],
    } as const;
    return accounts.create(request, caller, async (tx, account) => {
      const number = await this.#take(tx, tokenDigest);
      const owner = { ...caller, kind: 'person', accountId: account.accountId, level: account.level } as const;
      await factors.bindPhone(account, number, owner, tx);
    });
  }

  /** Removes registrations that nobody finished; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.registration WHERE token_digest IN (SELECT token_digest FROM identity.registration
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  async #send(token: string, number: string, language: Language, call: CallContext): Promise<void> {
    const { factors } = this.#options;
    const holder = await factors.ownerOf(number);
    await factors.smsCodes.send(
      { ...matterOf(token), number, accountId: holder?.accountId, deliver: true, language },
      call,
    );
  }

  /** One statement: of two forms at the same moment one finds it. */
  async #take(tx: Transaction, tokenDigest: Uint8Array): Promise<string> {
    const { rows } = await tx.query<{ number_sealed: Uint8Array }>({
      text: 'DELETE FROM identity.registration WHERE token_digest = $1 AND expires_at > $2 RETURNING number_sealed',
      values: [tokenDigest, this.#options.clock.now()],
    });
    const [row] = rows;
    if (row === undefined) throw over();
    return this.#opened(tokenDigest, row.number_sealed);
  }

  #opened(tokenDigest: Uint8Array, sealed: Uint8Array): string {
    return fromUtf8(this.#options.cipher.open(sealed, contextOf(tokenDigest))) ?? '';
  }
}

function over(): TrustError {
  return new TrustError('interaction-expired', 'this registration is over');
}

const matterOf = (token: string) => ({ purpose: 'register', context: token }) as const;
const digestOf = (token: string): Uint8Array => digest('SHA-256', utf8(token));
const contextOf = (tokenDigest: Uint8Array): string => `identity.registration.number:${toHex(tokenDigest)}`;
