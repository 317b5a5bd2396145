// How often identity checks may be tried: atomic counters per account and per number, counted before anybody outside is asked.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import { toBase64url } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { idNumberIndex } from './sealed-person.ts';

export interface CheckLimitsOptions {
  readonly database: Database;
  readonly cipher: Pick<FieldCipher, 'blindIndex'>;
  readonly clock: Clock;
}

const windowSeconds = 24 * 3600;
/** A register costs money at every question, and a face check a person's patience. */
export const maxChecksPerAccount = 5;
/** Somebody else's number is tried from many accounts. */
const maxChecksPerNumber = 10;

export type CheckAdmission =
  | { readonly admitted: true; readonly left: number }
  | { readonly admitted: false; readonly retryAfterSeconds: number };

/** The rows are those of sign-in attempts, which are swept when their window is over; a number stands in them as its keyed hash. */
export class CheckLimits {
  readonly #options: CheckLimitsOptions;

  constructor(options: CheckLimitsOptions) {
    this.#options = options;
  }

  /** Counts one check of a number, here or in any other process, and says whether it may be made. */
  async admit(accountId: string, idNumber: string): Promise<CheckAdmission> {
    const { database, cipher, clock } = this.#options;
    const now = clock.now();
    const account = accountSubject(accountId);
    const limits = new Map([
      [account, maxChecksPerAccount],
      [`id-number:${toBase64url(idNumberIndex(cipher, 'resident-id', idNumber))}`, maxChecksPerNumber],
    ]);
    const { rows } = await database.query<{ subject: string; attempts: number; window_ends_at: Date }>({
      name: 'identity-check-attempt',
      // The subjects are sorted: two statements that lock the same rows lock them in the same order.
      text: `INSERT INTO identity.sign_in_attempt AS t (subject, attempts, window_ends_at)
        SELECT subject, 1, $2 FROM unnest($1::text[]) AS subject
        ON CONFLICT (subject) DO UPDATE SET
          attempts = CASE WHEN t.window_ends_at <= $3 THEN 1 ELSE t.attempts + 1 END,
          window_ends_at = CASE WHEN t.window_ends_at <= $3 THEN excluded.window_ends_at ELSE t.window_ends_at END
        RETURNING subject, attempts, window_ends_at`,
      values: [[...limits.keys()].sort(), addSeconds(now, windowSeconds), now],
    });
    const over = rows.filter((row) => row.attempts > (limits.get(row.subject) ?? 0));
    if (over.length === 0) {
      const made = rows.find(({ subject }) => subject === account)?.attempts ?? 0;
      return { admitted: true, left: maxChecksPerAccount - made };
    }
    const endsMs = Math.max(...over.map((row) => row.window_ends_at.getTime()));
    return { admitted: false, retryAfterSeconds: Math.max(1, Math.ceil((endsMs - now.getTime()) / 1000)) };
  }

  /** How many checks the account has left in its window. */
  async leftFor(accountId: string): Promise<number> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<{ attempts: number }>({
      name: 'identity-checks-made',
      text: 'SELECT attempts FROM identity.sign_in_attempt WHERE subject = $1 AND window_ends_at > $2',
      values: [accountSubject(accountId), clock.now()],
    });
    return Math.max(0, maxChecksPerAccount - (rows[0]?.attempts ?? 0));
  }
}

const accountSubject = (accountId: string): string => `identity-check:${accountId}`;
