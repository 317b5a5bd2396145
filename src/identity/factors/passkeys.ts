// Passkeys: discoverable credentials that check their holder; W3C Web Authentication Level 3, sections 7.1 and 7.2.

import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { digest } from '../../crypto/digest.ts';
import type { Database } from '../../db/database.ts';
import { fromBase64url, fromHex, fromUtf8, toBase64url, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, randomBytes } from '../../kernel/clock.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import type { Account } from '../accounts/accounts.ts';
import type { CallContext } from '../call-context.ts';
import type { Attempt, FactorGate, FactorOutcome } from './factor-gate.ts';
import { accountUuid, type Factor, type FactorStore } from './factor-store.ts';

export interface PasskeysOptions {
  readonly database: Database;
  readonly store: FactorStore;
  readonly gate: FactorGate;
  readonly clock: Clock;
  /** Names the relying party (its host) and the only origin that answers come from. */
  readonly publicUrl: string;
  readonly log: Log;
}

/** What was proven about a new passkey, for Factors to store. */
export interface RegisteredPasskey {
  readonly secret: Uint8Array;
  readonly lookup: Uint8Array;
  readonly credentialId: Uint8Array;
  readonly transports: readonly string[];
  readonly singleDevice: boolean;
  readonly lastCounter: number;
}

/** ES256 and RS256, which every authenticator has one of (COSE algorithm identifiers). */
const algorithms = [-7, -257];
const challengeSeconds = 5 * 60;
const challengeBytes = 32;
/** Of one sign-in, or of one account that adds a passkey: enough for several open pages, too few to fill a table with. */
const maxChallenges = 5;
/** A response is a few hundred bytes; with attestation objects of some platforms a few thousand. */
const maxResponseLength = 16_384;

export class Passkeys {
  readonly #options: PasskeysOptions;
  readonly #rpId: string;

  constructor(options: PasskeysOptions) {
    this.#options = options;
    this.#rpId = new URL(options.publicUrl).hostname;
  }

  /** What `navigator.credentials.create` gets. `context` binds the answer to where it was asked for. */
  async creationOptions(
    account: Pick<Account, 'accountId' | 'loginName'>,
    { context, factors }: { readonly context: string; readonly factors: readonly Factor[] },
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { generateRegistrationOptions } = await library();
    return generateRegistrationOptions({
      rpName: '印信 Yinxin',
      rpID: this.#rpId,
      userName: account.loginName,
      userID: userHandle(account.accountId),
      challenge: await this.#challenge(context),
      attestationType: 'none',
      supportedAlgorithmIDs: algorithms,
      excludeCredentials: descriptors(factors),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  }

  /** `undefined` when the answer is no registration that was asked for in this context. */
  async register(context: string, answer: string): Promise<RegisteredPasskey | undefined> {
    const response = registrationAnswer(answer);
    const challenge = response && (await this.#taken(response, context));
    if (response === undefined || challenge === undefined) return undefined;
    const { verifyRegistrationResponse } = await library();
    const info = await this.#judged(async () => {
      const result = await verifyRegistrationResponse({
        response,
        ...this.#expected(challenge),
        supportedAlgorithmIDs: algorithms,
      });
      return result.registrationInfo;
    });
    const credentialId = info && fromBase64url(info.credential.id);
    if (info === undefined || credentialId === undefined) return undefined;
    return {
      secret: info.credential.publicKey,
      lookup: digest('SHA-256', credentialId),
      credentialId,
      transports: (info.credential.transports ?? []).slice(0, 8),
      singleDevice: info.credentialDeviceType === 'singleDevice',
      lastCounter: info.credential.counter,
    };
  }

  /** What `navigator.credentials.get` gets. Without `factors` the person chooses among what the device has for us. */
  async requestOptions({
    context,
    factors,
  }: {
    readonly context: string;
    readonly factors?: readonly Factor[];
  }): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { generateAuthenticationOptions } = await library();
    return generateAuthenticationOptions({
      rpID: this.#rpId,
      challenge: await this.#challenge(context),
      userVerification: 'required',
      allowCredentials: descriptors(factors ?? []),
    });
  }

  /** The passkey that an answer names, before anything of it is proven. */
  async named(answer: string): Promise<Factor | undefined> {
    const credentialId = fromBase64url(signInAnswer(answer)?.id ?? '');
    if (credentialId === undefined || credentialId.length === 0) return undefined;
    return this.#options.store.findByLookup('passkey', digest('SHA-256', credentialId));
  }

  /** Whether `factor`, which the answer names, signed a challenge of this context for this site, its holder checked. */
  async verify(
    attempt: Omit<Attempt, 'method'>,
    { context, factor, answer }: { readonly context: string; readonly factor: Factor; readonly answer: string },
    call: CallContext,
  ): Promise<FactorOutcome> {
    return this.#options.gate.attempt({ ...attempt, method: 'passkey' }, call, async () => {
      const response = signInAnswer(answer);
      const challenge = response && (await this.#taken(response, context));
      if (response === undefined || challenge === undefined) return undefined;
      if (factor.accountId !== attempt.account.accountId || !isHandleOf(response, factor.accountId)) return undefined;
      const counter = await this.#counterOf(response, factor, challenge);
      if (counter === undefined) return undefined;
      if (!(await this.#options.store.advance(factor.factorId, counter, { zeroIsNone: true }))) return undefined;
      return { amr: [factor.singleDevice ? 'hwk' : 'swk', 'user', 'mfa'], countsFrom: factor.countsFrom };
    });
  }

  /** Removes challenges that nobody answered; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.passkey_challenge WHERE challenge_digest IN (SELECT challenge_digest
        FROM identity.passkey_challenge WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  async #counterOf(
    response: AuthenticationResponseJSON,
    factor: Factor,
    challenge: string,
  ): Promise<number | undefined> {
    const { verifyAuthenticationResponse } = await library();
    const { credentialId } = factor;
    if (credentialId === undefined) return undefined;
    return this.#judged(async () => {
      const result = await verifyAuthenticationResponse({
        response,
        ...this.#expected(challenge),
        credential: {
          id: toBase64url(credentialId),
          publicKey: Uint8Array.from(factor.secret),
          counter: factor.lastCounter,
        },
      });
      return result.verified ? result.authenticationInfo.newCounter : undefined;
    });
  }

  #expected(challenge: string) {
    return {
      expectedChallenge: challenge,
      expectedOrigin: this.#options.publicUrl,
      expectedRPID: this.#rpId,
      requireUserVerification: true,
    } as const;
  }

  /** The older ones of the same context go as it comes: whoever asks again and again has the last few, and nobody else is hindered. */
  async #challenge(context: string): Promise<Uint8Array<ArrayBuffer>> {
    const { database, clock } = this.#options;
    const challenge = Uint8Array.from(randomBytes(challengeBytes));
    await database.query({
      name: 'passkey-challenge',
      text: `WITH gone AS (DELETE FROM identity.passkey_challenge WHERE challenge_digest IN (SELECT challenge_digest
          FROM identity.passkey_challenge WHERE context_digest = $2
          ORDER BY expires_at DESC, challenge_digest OFFSET ${maxChallenges - 1}))
        INSERT INTO identity.passkey_challenge (challenge_digest, context_digest, expires_at) VALUES ($1, $2, $3)`,
      values: [digest('SHA-256', challenge), contextDigest(context), addSeconds(clock.now(), challengeSeconds)],
    });
    return challenge;
  }

  /** The challenge that an answer signed, taken out by this one statement: there is no second answer to it. */
  async #taken(response: { readonly response: { clientDataJSON: string } }, context: string) {
    const { database, clock } = this.#options;
    const text = textAt(clientData(response.response.clientDataJSON), 'challenge') ?? '';
    const challenge = text.length <= 100 ? fromBase64url(text) : undefined;
    if (challenge === undefined) return undefined;
    const { rowCount } = await database.query({
      name: 'passkey-challenge-taken',
      text: `DELETE FROM identity.passkey_challenge
        WHERE challenge_digest = $1 AND context_digest = $2 AND expires_at > $3`,
      values: [digest('SHA-256', challenge), contextDigest(context), clock.now()],
    });
    return rowCount === 1 ? text : undefined;
  }

  /** The library throws at whatever is not as it should be: the answer was wrong, and that is all that is said. */
  async #judged<T>(judge: () => Promise<T>): Promise<T | undefined> {
    try {
      return await judge();
    } catch (error) {
      if (isTrustError(error)) throw error;
      this.#options.log.info({ reason: error instanceof Error ? error.message : 'unknown' }, 'passkey refused');
      return undefined;
    }
  }
}

/** Loaded when the first passkey comes: most processes start without one. */
async function library(): Promise<typeof import('@simplewebauthn/server')> {
  return import('@simplewebauthn/server');
}

function descriptors(factors: readonly Factor[]): { id: string }[] {
  return factors.flatMap(({ kind, credentialId }) =>
    kind === 'passkey' && credentialId !== undefined ? [{ id: toBase64url(credentialId) }] : [],
  );
}

/** WebAuthn Level 3, 14.6.1: a handle without personal data; the account's number is one. */
function userHandle(accountId: string): Uint8Array<ArrayBuffer> {
  const bytes = fromHex((accountUuid(accountId) ?? '').replaceAll('-', ''));
  if (bytes === undefined) throw new TrustError('internal', 'an account has no number');
  return Uint8Array.from(bytes);
}

/** Absent where the request named the credentials. */
function isHandleOf({ response }: AuthenticationResponseJSON, accountId: string): boolean {
  const { userHandle: given } = response;
  return given === undefined || given === null || given === toBase64url(userHandle(accountId));
}

function registrationAnswer(text: string): RegistrationResponseJSON | undefined {
  if (!isAnswer(text)) return undefined;
  const answer: RegistrationResponseJSON = JSON.parse(text); // every member is checked by the library, whose type this is
  return answer;
}

function signInAnswer(text: string): AuthenticationResponseJSON | undefined {
  if (!isAnswer(text)) return undefined;
  const answer: AuthenticationResponseJSON = JSON.parse(text); // likewise
  return answer;
}

/** It has what is read of an answer before the library checks all of it. */
function isAnswer(text: string): boolean {
  const answer = text.length > maxResponseLength ? undefined : asObject(parsed(text));
  const inner = asObject(answer?.['response']);
  return textAt(answer, 'id') !== undefined && textAt(inner, 'clientDataJSON') !== undefined;
}

function clientData(text: string): ReturnType<typeof asObject> {
  const bytes = fromBase64url(text);
  return bytes && asObject(parsed(fromUtf8(bytes) ?? ''));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function contextDigest(context: string): Uint8Array {
  return digest('SHA-256', utf8(context));
}
