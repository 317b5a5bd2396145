// What a sign-in has proven between its steps: one row for each interaction that needs more than one, changed by single statements.

import { digest } from '../../crypto/digest.ts';
import type { Database } from '../../db/database.ts';
import { alone, type Rider, withRiders } from '../../db/riders.ts';
import { toHex, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { type Id, idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { accountRowOf } from '../accounts/account-row.ts';
import { type Account, accountFrom } from '../accounts/accounts.ts';
import { presentMemory } from '../engine/request-memory.ts';
import { progressRider } from '../engine/settlement.ts';
import { type LaterStep, laterSteps, type Proven } from './journey.ts';

export interface SignInProgressOptions {
  readonly database: Database;
  readonly clock: Clock;
}

/** Who proved what in one interaction. */
export interface Progress {
  readonly accountId: Id<'account'>;
  readonly proven: Proven;
  readonly passed: readonly LaterStep[];
}

/** As long as an interaction of the engine: without that, nobody can go on with it. */
const progressSeconds = 15 * 60;

export interface ProgressRow {
  account_id: Uuid;
  amr: string[];
  counting_amr: string[];
  passed: string[];
}

const columns = 'account_id, amr, counting_amr, passed';

export class SignInProgress {
  readonly #options: SignInProgressOptions;

  constructor(options: SignInProgressOptions) {
    this.#options = options;
  }

  /** With the account as it was read together with the interaction, where that was done just now. */
  async find(uid: string): Promise<(Progress & { readonly account?: Account }) | undefined> {
    const { database, clock } = this.#options;
    const standings = presentMemory()?.standings;
    const read = standings?.get(toHex(digestOf(uid)));
    standings?.delete(toHex(digestOf(uid)));
    if (read?.progress === null) return undefined;
    if (read?.progress !== undefined && read.account !== null)
      return { ...progressFrom(read.progress), account: accountFrom(accountRowOf(read.account)) };
    const { rows } = await database.query<ProgressRow>({
      name: 'sign-in-progress',
      text: `SELECT ${columns} FROM identity.sign_in_progress WHERE uid_digest = $1 AND expires_at > $2`,
      values: [digestOf(uid), clock.now()],
    });
    return rows[0] && progressFrom(rows[0]);
  }

  /** A first proof, and what is written with it. Whatever another person proved in the same interaction before is forgotten. */
  async begin(
    uid: string,
    { accountId, proven }: Pick<Progress, 'accountId' | 'proven'>,
    riders: readonly Rider[] = [],
  ): Promise<void> {
    const { database, clock } = this.#options;
    const statement = withRiders(
      'sign-in-progress-begin',
      riders,
      (put) => `INSERT INTO identity.sign_in_progress (uid_digest, account_id, amr, counting_amr, passed, expires_at)
        VALUES (${put(digestOf(uid))}, ${put(uuidOf(accountId))}, ${put(proven.amr)}, ${put(proven.counting)}, '{}',
          ${put(addSeconds(clock.now(), progressSeconds))})
        ON CONFLICT (uid_digest) DO UPDATE SET account_id = excluded.account_id,
          amr = excluded.amr, counting_amr = excluded.counting_amr, passed = '{}', expires_at = excluded.expires_at`,
    );
    await database.query(alone(statement));
  }

  /** A further proof of the same account; `undefined` when the sign-in ended meanwhile or is another's. */
  async add(uid: string, accountId: string, { amr, counting }: Proven): Promise<Progress | undefined> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<ProgressRow>({
      name: 'sign-in-progress-add',
      text: `UPDATE identity.sign_in_progress SET
          amr = ARRAY(SELECT DISTINCT unnest(amr || $3::text[]) ORDER BY 1),
          counting_amr = ARRAY(SELECT DISTINCT unnest(counting_amr || $4::text[]) ORDER BY 1)
        WHERE uid_digest = $1 AND account_id = $2 AND expires_at > $5 RETURNING ${columns}`,
      values: [digestOf(uid), uuidOf(accountId), amr, counting, clock.now()],
    });
    return rows[0] && progressFrom(rows[0]);
  }

  /** The person answered or declined a step; `undefined` when the sign-in ended meanwhile. */
  async pass(uid: string, step: LaterStep): Promise<Progress | undefined> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<ProgressRow>({
      name: 'sign-in-progress-pass',
      text: `UPDATE identity.sign_in_progress SET passed = ARRAY(SELECT DISTINCT unnest(passed || $2::text) ORDER BY 1)
        WHERE uid_digest = $1 AND expires_at > $3 RETURNING ${columns}`,
      values: [digestOf(uid), step, clock.now()],
    });
    return rows[0] && progressFrom(rows[0]);
  }

  /** Ends with the sign-in: of two answers that end it at once, one finds nothing. */
  ending(uid: string): Rider {
    return {
      name: progressRider,
      steps: (put) => [
        [
          progressRider,
          `DELETE FROM identity.sign_in_progress WHERE uid_digest = ${put(digestOf(uid))} RETURNING uid_digest`,
        ],
      ],
    };
  }

  /** Removes rows that are over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.sign_in_progress WHERE uid_digest IN (SELECT uid_digest FROM identity.sign_in_progress
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }
}

function digestOf(uid: string): Uint8Array {
  return digest('SHA-256', utf8(uid));
}

function uuidOf(accountId: string): Uuid | null {
  return uuidFromId('account', accountId) ?? null;
}

function progressFrom(row: ProgressRow): Progress {
  return {
    accountId: idFromUuid('account', row.account_id),
    proven: { amr: row.amr, counting: row.counting_amr },
    passed: laterSteps.filter((step) => row.passed.includes(step)),
  };
}
