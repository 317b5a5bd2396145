// Recovery codes: ten look-up secrets that are shown once and open once each; NIST SP 800-63B 3.1.2.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { type Clock, randomBytes } from '../../kernel/clock.ts';
import type { CallContext } from '../call-context.ts';
import type { Attempt, FactorGate, FactorOutcome } from './factor-gate.ts';
import { accountUuid } from './factor-store.ts';

export interface RecoveryCodesOptions {
  readonly database: Database;
  readonly gate: FactorGate;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

const codeCount = 10;
/** 50 bits: with the limit on tries and a keyed hash that is far beyond guessing, here and on a copy of the table. */
const codeLength = 10;
/** Crockford's, without letters that look like digits. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

export class RecoveryCodes {
  readonly #options: RecoveryCodesOptions;

  constructor(options: RecoveryCodesOptions) {
    this.#options = options;
  }

  /** New codes in place of all older ones. They exist in this answer only. */
  async replace(tx: Transaction, accountId: string, countsFrom: Date): Promise<string[]> {
    const codes = Array.from({ length: codeCount }, newCode);
    await tx.query({
      text: 'DELETE FROM identity.recovery_code WHERE account_id = $1',
      values: [accountUuid(accountId)],
    });
    await tx.query({
      text: `INSERT INTO identity.recovery_code (account_id, code_hash, counts_from, created_at)
        SELECT $1, code_hash, $3, $4 FROM unnest($2::bytea[]) AS code_hash`,
      values: [
        accountUuid(accountId),
        codes.map((code) => Buffer.from(this.#hashOf(accountId, code))),
        countsFrom,
        this.#options.clock.now(),
      ],
    });
    return codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
  }

  /** How many are left. */
  async left(accountId: string): Promise<number> {
    const { rows } = await this.#options.database.query<{ left: number }>({
      text: 'SELECT count(*)::int AS left FROM identity.recovery_code WHERE account_id = $1 AND used_at IS NULL',
      values: [accountUuid(accountId)],
    });
    return rows[0]?.left ?? 0;
  }

  /** Of answers at the same moment with one code, one finds it unused. */
  async verify(attempt: Omit<Attempt, 'method'>, typed: string, call: CallContext): Promise<FactorOutcome> {
    return this.#options.gate.attempt({ ...attempt, method: 'recovery-code' }, call, async () => {
      const code = codeFrom(typed);
      if (code === undefined) return undefined;
      const { database, clock } = this.#options;
      const { accountId } = attempt.account;
      const { rows } = await database.query<{ counts_from: Date }>({
        name: 'recovery-code-used',
        text: `UPDATE identity.recovery_code SET used_at = $3
          WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL RETURNING counts_from`,
        values: [accountUuid(accountId), this.#hashOf(accountId, code), clock.now()],
      });
      return rows[0] && { amr: ['otp'], countsFrom: rows[0].counts_from };
    });
  }

  #hashOf(accountId: string, code: string): Uint8Array {
    return this.#options.cipher.blindIndex(code, `identity.recovery_code:${accountId}`);
  }
}

function newCode(): string {
  return Array.from(randomBytes(codeLength), (byte) => alphabet.charAt(byte % alphabet.length)).join('');
}

/** As people type it: any case, with or without the dash, o for 0 and i or l for 1. */
function codeFrom(typed: string): string | undefined {
  if (typed.length > 40) return undefined;
  const code = typed.normalize('NFKC').toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
  return code.length === codeLength ? code : undefined;
}
