// Codes by text message: six digits, five minutes, five tries, one use; NIST SP 800-63B 3.1.3 (out-of-band), with limits on what it costs.

import type { AuditLog } from '../../audit/audit-log.ts';
import { digest } from '../../crypto/digest.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import { fromUtf8, toBase64url, toHex, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, type Uuid } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { anonymous } from '../../kernel/principal.ts';
import type { Language } from '../../kernel/words/language.ts';
import type { CallContext } from '../call-context.ts';
import { countedAgainst } from '../sign-in/counters.ts';
import type { SignInLimits } from '../sign-in/sign-in-limits.ts';
import { accountUuid } from './factor-store.ts';
import type { SmsGateway } from './sms-gateway.ts';
import { codeMessage, noticeMessage, type SmsNotice } from './sms-texts.ts';

/** What a code is for; it opens nothing else. */
export const smsPurposes = ['sign-in', 'second-factor', 'register', 'bind-phone', 'recover'] as const;
export type SmsPurpose = (typeof smsPurposes)[number];

export interface SmsCodesOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly gateway: SmsGateway;
  readonly limits: Pick<SignInLimits, 'isKnown'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Codes that the whole service sends in a day at most; what is over is not sent, and the log says so. */
  readonly maxPerDay: number;
}

/** A code is for one purpose and one matter: an interaction's uid, a registration, an account. */
export interface SmsMatter {
  readonly purpose: SmsPurpose;
  readonly context: string;
}

export interface SmsRequest extends SmsMatter {
  /** As `parsePhoneNumber` spells it. */
  readonly number: string;
  /** Whose number it is. */
  readonly accountId: string | undefined;
  /** False for a number that must not get a message; everything else is done as if it did. */
  readonly deliver: boolean;
  readonly language: Language;
}

export interface SmsWaiting {
  readonly number: string;
  /** 0: another code may be asked for. */
  readonly resendAfterSeconds: number;
}

/** `accountId`: whose number the code went to. */
export type TriedCode =
  | { readonly right: true; readonly number: string; readonly accountId: Id<'account'> | undefined }
  | { readonly right: false; readonly accountId: Id<'account'> | undefined };

const codeSeconds = 5 * 60;
const maxAttempts = 5;
const resendSeconds = 60;
const hourSeconds = 3600;
const daySeconds = 24 * hourSeconds;
/** What one number may get: a person needs two or three a day, a fraud with premium routes needs thousands (docs/sign-in-abuse.md). */
const maxPerNumberHour = 5;
const maxPerNumberDay = 10;
/** A school or an office behind one address. */
const maxPerOriginHour = 30;
/** Notices to one account. */
const maxNoticesPerDay = 10;

export class SmsCodes {
  readonly #options: SmsCodesOptions;
  readonly #leaving = new Set<Promise<void>>();

  constructor(options: SmsCodesOptions) {
    this.#options = options;
  }

  /**
   * Sends a code in place of an earlier one of the matter. The answer is the same, and takes the same, whether or not the number is
   * anybody's: the message leaves afterwards. Throws `too-many-requests` with `retryAfterSeconds`.
   */
  async send(request: SmsRequest, call: CallContext): Promise<void> {
    const { database, cipher, clock } = this.#options;
    const left = await this.#admit(request, call);
    const code = newCode();
    const context = contextDigest(request.context);
    const now = clock.now();
    // A code that is not sent is one that nobody can type.
    const known = request.deliver ? code : toBase64url(randomBytes(24));
    await database.query({
      name: 'sms-code',
      text: `INSERT INTO identity.sms_code (purpose, context_digest, number_sealed, account_id, code_hash, attempts, sent_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6, $7) ON CONFLICT (purpose, context_digest) DO UPDATE SET
          number_sealed = excluded.number_sealed, account_id = excluded.account_id, code_hash = excluded.code_hash,
          attempts = 0, sent_at = excluded.sent_at, expires_at = excluded.expires_at, used_at = NULL`,
      values: [
        request.purpose,
        context,
        cipher.seal(utf8(request.number), numberContext(request.purpose, context)),
        request.accountId === undefined ? null : accountUuid(request.accountId),
        this.#hashOf(request.purpose, context, known),
        now,
        addSeconds(now, codeSeconds),
      ],
    });
    const isHeld = request.purpose === 'register' && request.accountId !== undefined;
    if (request.deliver && left) this.#leave(request, codeMessage(code, request.language, { isHeld }), call);
  }

  /** Tells the person of a change to their account. It costs like a code, and a limit that is reached only means that it is not sent. */
  async notify(
    to: { readonly accountId: string; readonly number: string; readonly language: Language },
    notice: SmsNotice,
    call: CallContext,
  ): Promise<void> {
    const passed = await countedAgainst(this.#options, [
      { subject: `sms-notice:${to.accountId}`, max: maxNoticesPerDay, windowSeconds: daySeconds },
    ]);
    if (passed.length === 0) this.#leave({ ...to, purpose: 'notice' }, noticeMessage(notice, to.language), call);
  }

  /** What a page that waits for the code says; `undefined` when none was asked for, or it is over. */
  async waiting({ purpose, context }: SmsMatter): Promise<SmsWaiting | undefined> {
    const { database, clock } = this.#options;
    const now = clock.now();
    const { rows } = await database.query<{ number_sealed: Uint8Array; sent_at: Date }>({
      name: 'sms-code-waiting',
      text: `SELECT number_sealed, sent_at FROM identity.sms_code
        WHERE purpose = $1 AND context_digest = $2 AND used_at IS NULL AND expires_at > $3`,
      values: [purpose, contextDigest(context), now],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const passedSeconds = (now.getTime() - row.sent_at.getTime()) / 1000;
    return {
      number: this.#number(purpose, context, row.number_sealed),
      resendAfterSeconds: Math.max(0, Math.ceil(resendSeconds - passedSeconds)),
    };
  }

  /**
   * One statement counts the try, looks, and uses the code: of tries at the same moment one wins, and a sixth looks at nothing.
   * `undefined`: there is no code to be tried any more.
   */
  async redeem({ purpose, context }: SmsMatter, typed: string): Promise<TriedCode | undefined> {
    const code = typed.normalize('NFKC').replace(/\s/g, '').slice(0, 32);
    const { rows } = await this.#options.database.query<{
      right: boolean;
      number_sealed: Uint8Array;
      account_id: Uuid | null;
    }>({
      name: 'sms-code-tried',
      text: `UPDATE identity.sms_code SET attempts = attempts + 1,
          used_at = CASE WHEN code_hash = $3 THEN $4::timestamptz END
        WHERE purpose = $1 AND context_digest = $2 AND attempts < ${maxAttempts} AND used_at IS NULL AND expires_at > $4
        RETURNING used_at IS NOT NULL AS "right", number_sealed, account_id`,
      values: [
        purpose,
        contextDigest(context),
        this.#hashOf(purpose, contextDigest(context), code),
        this.#options.clock.now(),
      ],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const accountId = row.account_id === null ? undefined : idFromUuid('account', row.account_id);
    if (!row.right) return { right: false, accountId };
    return { right: true, number: this.#number(purpose, context, row.number_sealed), accountId };
  }

  /** Resolves when every message that was accepted has left or failed. */
  async idle(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** Removes codes that are over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.sms_code WHERE (purpose, context_digest) IN (SELECT purpose, context_digest
        FROM identity.sms_code WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  /** Whether the day's messages are not used up; who is over a limit of their own is refused. */
  async #admit({ number, accountId, deliver }: SmsRequest, { origin = 'unknown' }: CallContext): Promise<boolean> {
    const { cipher, limits, log, maxPerDay } = this.#options;
    const index = toBase64url(cipher.blindIndex(number, 'identity.sms.limit').subarray(0, 16));
    // Strangers elsewhere must not use up what the owner may ask for from where they always sign in.
    const whose = `${index}:${(await limits.isKnown(accountId, origin)) ? 'known' : 'others'}`;
    // What is not sent costs nothing, and must not use up what is; it is counted all the same, so that both do the same work.
    const house = deliver ? 'sms-house' : 'sms-unsent';
    const passed = await countedAgainst(this.#options, [
      { subject: `sms-minute:${index}`, max: 1, windowSeconds: resendSeconds },
      { subject: `sms-hour:${whose}`, max: maxPerNumberHour, windowSeconds: hourSeconds },
      { subject: `sms-day:${whose}`, max: maxPerNumberDay, windowSeconds: daySeconds },
      { subject: `sms-origin:${origin}`, max: maxPerOriginHour, windowSeconds: hourSeconds },
      { subject: house, max: maxPerDay, windowSeconds: daySeconds },
    ]);
    const own = passed.filter(({ subject }) => subject !== house);
    if (own.length > 0) {
      const retryAfterSeconds = Math.max(...own.map((limit) => limit.retryAfterSeconds));
      throw new TrustError('too-many-requests', 'too many text messages', { details: { retryAfterSeconds } });
    }
    if (deliver && passed.some(({ first }) => first))
      log.error({ errorCode: 'too-many-requests' }, 'the text messages of the day are used up');
    return passed.length === 0;
  }

  /** The entry first: a message that left without one would be a cost that nobody can explain. */
  #leave(
    {
      number,
      accountId,
      purpose,
    }: { readonly number: string; readonly accountId: string | undefined; readonly purpose: string },
    text: string,
    call: CallContext,
  ): void {
    const { audit, gateway, log } = this.#options;
    const messageId = toHex(randomBytes(16));
    const left = (async () => {
      await audit.append(
        { ...anonymous, ...call },
        {
          action: 'sms.sent',
          outcome: 'done',
          ...(accountId === undefined ? {} : { subjectId: accountId }),
          facts: { purpose },
        },
      );
      await gateway.send({ to: number, text, messageId });
    })().catch((error: unknown) => {
      log.warn({ err: error, requestId: call.requestId }, 'a text message did not leave');
    });
    this.#leaving.add(left);
    void left.finally(() => this.#leaving.delete(left));
  }

  #number(purpose: SmsPurpose, context: string, sealed: Uint8Array): string {
    return fromUtf8(this.#options.cipher.open(sealed, numberContext(purpose, contextDigest(context)))) ?? '';
  }

  #hashOf(purpose: SmsPurpose, context: Uint8Array, code: string): Uint8Array {
    return this.#options.cipher.blindIndex(code, `identity.sms_code:${purpose}:${toHex(context)}`);
  }
}

/** Each of the million as likely as the other. */
function newCode(): string {
  for (;;) {
    const value = new DataView(Uint8Array.from(randomBytes(4)).buffer).getUint32(0);
    if (value < 4_294_000_000) return String(value % 1_000_000).padStart(6, '0');
  }
}

function contextDigest(context: string): Uint8Array {
  return digest('SHA-256', utf8(context));
}

const numberContext = (purpose: SmsPurpose, context: Uint8Array): string =>
  `identity.sms_code.number:${purpose}:${toHex(context)}`;
