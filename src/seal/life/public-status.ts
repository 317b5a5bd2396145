// What anybody may know of a seal by its code: whether it is in use, of which organisation, since when; no person, no reason.

import type { Database } from '../../db/database.ts';
import { type Clock, epochSeconds, moment } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import { type SealRow, type SealStatus, type SealType, sealColumns, sealRecord } from '../seal-record.ts';

export interface PublicSealStatus {
  readonly sealCode: string;
  /** Null for seals of persons, whose name it would be. */
  readonly name: string | null;
  readonly type: SealType;
  readonly organisationName: string;
  readonly status: SealStatus;
  /** From when the status holds; of an expired seal, the end of its validity. */
  readonly since: Date;
  readonly validFrom: Date;
  readonly validUntil: Date;
}

export interface PublicStatusOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Lookups a minute from one network (/24, /48). */
  readonly perMinute?: number;
}

const defaultPerMinute = 60;
const keptMinutes = 10;

export class PublicStatus {
  readonly #options: PublicStatusOptions;

  constructor(options: PublicStatusOptions) {
    this.#options = options;
  }

  /** Not before it is published. Throws `malformed-request`, `seal-not-found`, `too-many-requests` with `retryAfterSeconds`. */
  async of(principal: Principal, sealCode: string): Promise<PublicSealStatus> {
    if (!/^[0-9]{14}$/.test(sealCode)) throw new TrustError('malformed-request', 'a seal code has 14 digits');
    const { database, clock } = this.#options;
    const now = clock.now();
    await this.#count(principal.origin ?? 'unknown', now);
    const { rows } = await database.query<SealRow & { effective_at: Date }>({
      name: 'seal-public-status',
      text: `SELECT ${sealColumns}, (SELECT h.effective_at FROM seal.status_history h
            WHERE h.seal_id = s.seal_id AND h.version = s.status_version) AS effective_at
        FROM seal.seal s WHERE seal_code = $1 AND status NOT IN ('made', 'filed')`,
      values: [sealCode],
    });
    const [row] = rows;
    if (row === undefined) throw new TrustError('seal-not-found', 'no seal with this code was published');
    const seal = sealRecord(row, now);
    const isOfPerson = seal.type === 'person' || seal.type === 'legal-representative';
    return {
      sealCode,
      name: isOfPerson ? null : seal.name,
      type: seal.type,
      organisationName: seal.organisation.name,
      status: seal.status,
      since: seal.status === 'expired' ? seal.validUntil : row.effective_at,
      validFrom: seal.validFrom,
      validUntil: seal.validUntil,
    };
  }

  /** One atomic count for all processes: codes are digits, and should not be tried one after another. */
  async #count(origin: string, now: Date): Promise<void> {
    const { database, perMinute = defaultPerMinute } = this.#options;
    const second = epochSeconds(now);
    const minute = moment((second - (second % 60)) * 1000);
    const { rows } = await database.query<{ count: number }>({
      name: 'seal-status-lookup',
      text: `INSERT INTO seal.status_lookup AS l (origin, minute, count) VALUES ($1, $2, 1)
        ON CONFLICT (origin) DO UPDATE SET minute = EXCLUDED.minute,
          count = CASE WHEN l.minute = EXCLUDED.minute THEN l.count + 1 ELSE 1 END
        RETURNING count`,
      values: [origin, minute],
    });
    const count = rows[0]?.count ?? 0;
    if (count === 1)
      await database.query({
        name: 'seal-status-lookup-forget',
        text: 'DELETE FROM seal.status_lookup WHERE minute < $1',
        values: [moment(minute.getTime() - keptMinutes * 60_000)],
      });
    if (count > perMinute)
      throw new TrustError('too-many-requests', 'too many lookups from this network', {
        details: { retryAfterSeconds: 60 - (second % 60) },
      });
  }
}
