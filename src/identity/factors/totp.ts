// Codes of an authenticator app; RFC 6238 with RFC 4226's six digits, SHA-1 and 30 seconds, which every app understands.

import { Secret, TOTP } from 'otpauth';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { fromBase64url, toBase64url } from '../../kernel/bytes.ts';
import { type Clock, epochSeconds, randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Account } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Attempt, FactorGate, FactorOutcome, Shown } from './factor-gate.ts';
import type { Factor, FactorStore } from './factor-store.ts';

export interface TotpOptions {
  readonly store: FactorStore;
  readonly gate: FactorGate;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** A secret that an app is to learn. Nothing is kept of it until a code shows that the app has it. */
export interface TotpDraft {
  /** Base32 for typing. */
  readonly secret: string;
  /** `otpauth://…`, for a QR code. */
  readonly uri: string;
  /** The secret, sealed for the account; travels through the form. */
  readonly draft: string;
}

/** What was proven about a new code generator, for Factors to store. */
export interface ConfirmedTotp {
  readonly secret: Uint8Array;
  readonly lastCounter: number;
}

const periodSeconds = 30;
/** RFC 6238 section 5.2 recommends one step for the delay of the network; one ahead for a clock that is fast. */
const windowSteps = 1;
const secretBytes = 20;
const draftSeconds = 15 * 60;

export class Totp {
  readonly #options: TotpOptions;

  constructor(options: TotpOptions) {
    this.#options = options;
  }

  draftFor({ accountId, loginName }: Pick<Account, 'accountId' | 'loginName'>): TotpDraft {
    const { cipher, clock } = this.#options;
    const secret = randomBytes(secretBytes);
    const made = new DataView(new ArrayBuffer(8));
    made.setBigUint64(0, BigInt(epochSeconds(clock.now())));
    const draft = cipher.seal(new Uint8Array([...new Uint8Array(made.buffer), ...secret]), draftContext(accountId));
    const generator = generatorOf(secret, loginName);
    return { secret: generator.secret.base32, uri: generator.toString(), draft: toBase64url(draft) };
  }

  /** Throws `interaction-expired` (draft of another account or too old), `credentials-wrong` (the code is not of this secret). */
  confirm(accountId: string, { draft, code }: { readonly draft: string; readonly code: string }): ConfirmedTotp {
    const secret = this.#opened(accountId, draft);
    const step = secret && this.#stepOf(secret, code);
    if (secret === undefined) throw new TrustError('interaction-expired', 'this secret was made too long ago');
    if (step === undefined) throw new TrustError('credentials-wrong', 'the code is not right');
    return { secret, lastCounter: step };
  }

  /** Each time step is taken once for each generator. */
  async verify(
    attempt: Omit<Attempt, 'method'>,
    { factors, code }: { readonly factors: readonly Factor[]; readonly code: string },
    call: CallContext,
  ): Promise<FactorOutcome> {
    return this.#options.gate.attempt({ ...attempt, method: 'totp' }, call, () => this.#look(factors, code));
  }

  sealed(accountId: string, secret: Uint8Array): Uint8Array {
    return this.#options.cipher.seal(secret, secretContext(accountId));
  }

  async #look(factors: readonly Factor[], code: string): Promise<Shown | undefined> {
    const { store, cipher } = this.#options;
    for (const factor of factors) {
      if (factor.kind !== 'totp') continue;
      const step = this.#stepOf(cipher.open(factor.secret, secretContext(factor.accountId)), code);
      if (step !== undefined && (await store.advance(factor.factorId, step)))
        return { amr: ['otp'], countsFrom: factor.countsFrom };
    }
    return undefined;
  }

  #stepOf(secret: Uint8Array, code: string): number | undefined {
    const token = code.normalize('NFKC').replace(/\s/g, '');
    if (!/^\d{6}$/.test(token)) return undefined;
    const timestamp = this.#options.clock.now().getTime();
    const delta = generatorOf(secret, '').validate({ token, timestamp, window: windowSteps });
    return delta === null ? undefined : Math.floor(timestamp / 1000 / periodSeconds) + delta;
  }

  #opened(accountId: string, draft: string): Uint8Array | undefined {
    const { cipher, clock } = this.#options;
    const sealed = draft.length <= 400 ? fromBase64url(draft) : undefined;
    if (sealed === undefined) return undefined;
    try {
      const plain = cipher.open(sealed, draftContext(accountId));
      const made = Number(new DataView(plain.buffer, plain.byteOffset, 8).getBigUint64(0));
      return epochSeconds(clock.now()) - made <= draftSeconds ? plain.slice(8) : undefined;
    } catch {
      return undefined; // not ours, or another account's
    }
  }
}

function generatorOf(secret: Uint8Array, label: string): TOTP {
  return new TOTP({
    issuer: 'Yinxin',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: periodSeconds,
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
  });
}

const secretContext = (accountId: string): string => `identity.factor.secret:totp:${accountId}`;
const draftContext = (accountId: string): string => `identity.factor.draft:totp:${accountId}`;
