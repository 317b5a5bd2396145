// Password hashes: argon2id (RFC 9106) with 46 MiB, one pass, one lane (OWASP's first choice), behind a bounded queue.

import { hash, verify } from '@node-rs/argon2';
import { toBase64url } from '../../kernel/bytes.ts';
import { randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { Lanes } from '../../kernel/lanes.ts';
import type { BreachedPasswords } from './breached-passwords.ts';
import { isCommonPassword } from './common-passwords.ts';

const cost = { algorithm: 2, memoryCost: 47_104, timeCost: 1, parallelism: 1 } as const;

/** Hashing runs in libuv's pool of four threads, which the file system also needs; and each run takes 46 MiB. */
const maxRunning = 2;
/** About four seconds of hashing. Whoever comes later is told to come again instead of waiting behind a storm. */
const maxWaiting = 100;

/** No password that people type is longer; more is work for us only (ASVS 5.0, 6.2.9 asks for at least 64 characters). */
const maxPasswordBytes = 512;

export class PasswordHasher {
  readonly #lanes = new Lanes({ what: 'sign-ins', mostRunning: maxRunning, mostWaiting: maxWaiting });
  readonly #breached: BreachedPasswords | undefined;
  #decoy: Promise<string> | undefined;

  /** `breached`: passwords that are refused besides the common ones. */
  constructor({ breached }: { readonly breached?: BreachedPasswords | undefined } = {}) {
    this.#breached = breached;
  }

  /** A PHC string for a new password. Throws `password-refused` for one that attackers know, `too-many-requests`. */
  async hash(password: string): Promise<string> {
    const text = normalised(password);
    if ((await isCommonPassword(text)) || (await this.#breached?.contains(text)) === true)
      throw new TrustError('password-refused', 'others know this password');
    return this.renewed(password);
  }

  /** A PHC string with the parameters of today for a password that was right just now. Throws `too-many-requests`. */
  async renewed(password: string): Promise<string> {
    return this.#lanes.inTurn(() => hash(normalised(password), cost));
  }

  /** Whether the hash was made with weaker parameters than those of today. */
  isOutdated(phc: string): boolean {
    const [, memory, time] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$/.exec(phc) ?? [];
    return Number(memory ?? 0) < cost.memoryCost || Number(time ?? 0) < cost.timeCost;
  }

  /**
   * Whether the password is the one behind the PHC string. Without a string (an account that does not exist) the same work is done
   * on a decoy and the answer is false, so that time does not tell who has an account. Throws `too-many-requests`.
   */
  async matches(password: string, phc: string | undefined): Promise<boolean> {
    const text = normalised(password);
    const against = phc ?? (await this.#decoyHash());
    const usable = text.length > 0 && Buffer.byteLength(text) <= maxPasswordBytes;
    const right = await this.#lanes.inTurn(() => verify(against, usable ? text : 'decoy'));
    return right && usable && phc !== undefined;
  }

  /** Made before the first sign-in, so that the first unknown name costs no more than the later ones. */
  async warmUp(): Promise<void> {
    await this.#decoyHash();
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= this.renewed(toBase64url(randomBytes(24)));
    return this.#decoy;
  }
}

/** One spelling for what different keyboards send as the same password (Unicode NFC). */
function normalised(password: string): string {
  return password.normalize('NFC');
}

/**
 * Why a new password is refused, or `undefined` when it may be used: 10 to 512 bytes, no control characters, not the login name
 * (NIST SP 800-63B 3.1.1: length counts, composition rules do not).
 */
export function passwordFault(password: string, loginName: string): string | undefined {
  const text = normalised(password);
  if (Array.from(text).length < 10) return 'shorter than 10 characters';
  if (Buffer.byteLength(text) > maxPasswordBytes) return `longer than ${maxPasswordBytes} bytes`;
  if (/\p{Cc}/u.test(text)) return 'contains control characters';
  if (text.toLowerCase().includes(loginName.toLowerCase())) return 'contains the login name';
  return undefined;
}
