// Face checks between their start and their result: bound to one account and to what was checked, settled by one statement.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import { equalBytes, fromUtf8, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { CheckedPerson } from './identity-verifier.ts';

export interface FaceChecksOptions {
  readonly database: Database;
  readonly cipher: Pick<FieldCipher, 'seal' | 'open' | 'blindIndex'>;
  readonly clock: Clock;
}

/** As long as a sign-in may last. */
const checkSeconds = 15 * 60;
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class FaceChecks {
  readonly #options: FaceChecksOptions;

  constructor(options: FaceChecksOptions) {
    this.#options = options;
  }

  newId(): Uuid {
    return newUuid(this.#options.clock);
  }

  async begin(checkId: Uuid, accountId: string, person: CheckedPerson, reference: string): Promise<void> {
    const { database, cipher, clock } = this.#options;
    await database.query({
      name: 'face-check-begin',
      text: `INSERT INTO identity.face_check (check_id, account_id, reference_sealed, person_index, expires_at)
        VALUES ($1, $2, $3, $4, $5)`,
      values: [
        checkId,
        uuidFromId('account', accountId) ?? null,
        cipher.seal(utf8(reference), referenceContext(checkId)),
        this.#indexOf(person),
        addSeconds(clock.now(), checkSeconds),
      ],
    });
  }

  /** The verifier's reference of an open check of this account about this person. */
  async open(checkId: string, accountId: string, person: CheckedPerson): Promise<string | undefined> {
    const { database, cipher, clock } = this.#options;
    if (!uuidPattern.test(checkId)) return undefined;
    const { rows } = await database.query<{ reference_sealed: Uint8Array; person_index: Uint8Array }>({
      name: 'face-check-open',
      text: `SELECT reference_sealed, person_index FROM identity.face_check
        WHERE check_id = $1 AND account_id = $2 AND settled_at IS NULL AND expires_at > $3`,
      values: [checkId, uuidFromId('account', accountId) ?? null, clock.now()],
    });
    const [row] = rows;
    if (row === undefined || !equalBytes(row.person_index, this.#indexOf(person))) return undefined;
    return fromUtf8(cipher.open(row.reference_sealed, referenceContext(checkId)));
  }

  /** Whether this call settled it: of two at once, one does. */
  async settle(checkId: string): Promise<boolean> {
    const { database, clock } = this.#options;
    const { rowCount } = await database.query({
      name: 'face-check-settle',
      text: `UPDATE identity.face_check SET settled_at = $2
        WHERE check_id = $1 AND settled_at IS NULL AND expires_at > $2`,
      values: [checkId, clock.now()],
    });
    return rowCount === 1;
  }

  /** Removes checks that are over; returns how many. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.face_check WHERE check_id IN (SELECT check_id FROM identity.face_check
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  #indexOf({ name, idNumber }: CheckedPerson): Uint8Array {
    return this.#options.cipher.blindIndex(`${idNumber}:${name}`, 'identity.face_check.person');
  }
}

const referenceContext = (checkId: string): string => `identity.face_check.reference:${checkId}`;
