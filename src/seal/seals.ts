// The register of seals: list, one seal, its picture, and the changes of its status (启用, 停用, 挂失, 撤销, 缴销).

import type { AuditLog } from '../audit/audit-log.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../kernel/ids.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import type { Principal } from '../kernel/principal.ts';
import { requireKeeper, requireScope } from '../kernel/permissions.ts';
import { decodeFace } from './picture/face.ts';
import { picturePng } from './picture/render-png.ts';
import {
  type SealRecord,
  type SealRow,
  type SealState,
  type SealStatus,
  sealColumns,
  sealRecord,
} from './seal-record.ts';
import { maySeeSeal, organisationSeen, seesAllSeals } from './seal-use.ts';

export interface SealPage {
  readonly items: readonly SealRecord[];
  readonly nextCursor: string | null;
}

/** What stamping needs of a seal beyond the record. */
export interface SealForUse {
  readonly uuid: Uuid;
  readonly record: SealRecord;
  readonly keyName: string;
  readonly certificateSha256: Uint8Array;
  readonly sesSeal: Uint8Array;
  /** Stored form of the outlines; see picture/face.ts. */
  readonly face: Uint8Array;
}

export interface SealRegisterOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

const pictureDpi = 300;
const maxPageSize = 100;
const maxReasonLength = 200;

/** A condition of the list for each status as shown; $2 is the present moment. */
const listConditions: Readonly<Record<SealStatus, string>> = {
  active: `status = 'active' AND valid_until > $2`,
  expired: `status = 'active' AND valid_until <= $2`,
  suspended: `status = 'suspended' AND $2::timestamptz IS NOT NULL`,
  lost: `status = 'lost' AND $2::timestamptz IS NOT NULL`,
  revoked: `status = 'revoked' AND $2::timestamptz IS NOT NULL`,
  cancelled: `status = 'cancelled' AND $2::timestamptz IS NOT NULL`,
};

export class SealRegister {
  readonly #database: Database;
  readonly #audit: AuditLog;
  readonly #clock: Clock;

  constructor(options: SealRegisterOptions) {
    this.#database = options.database;
    this.#audit = options.audit;
    this.#clock = options.clock;
  }

  /** Those that the caller may see, oldest first, keyset paging. Throws scope-missing, cursor-invalid. */
  async list(
    principal: Principal,
    query: { status?: SealStatus | undefined; limit?: number | undefined; cursor?: string | undefined } = {},
  ): Promise<SealPage> {
    requireScope(principal, 'seal.read');
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const after =
      query.cursor === undefined ? '00000000-0000-0000-0000-000000000000' : uuidFromId('seal', query.cursor);
    if (after === undefined) throw new TrustError('cursor-invalid', 'the cursor is not one of this list');
    const condition = query.status === undefined ? '$2::timestamptz IS NOT NULL' : listConditions[query.status];
    const now = this.#clock.now();
    const seen = seesAllSeals(principal) ? { name: 'all', condition: '', values: [] } : ownSeals(principal);
    const { rows } = await this.#database.query<SealRow>({
      name: `seal-list-${query.status ?? 'all'}-${seen.name}`,
      text: `SELECT ${sealColumns} FROM seal.seal WHERE seal_id > $1 AND ${condition} ${seen.condition} ORDER BY seal_id LIMIT $3`,
      values: [after, now, limit + 1, ...seen.values],
    });
    const items = rows.slice(0, limit).map((row) => sealRecord(row, now));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.sealId ?? null) : null };
  }

  /** Throws scope-missing, seal-not-found. */
  async get(principal: Principal, sealId: string): Promise<SealRecord> {
    requireScope(principal, 'seal.read');
    return (await this.#seen(principal, sealId)).record;
  }

  /** The seal's face (印模), 300 dpi, transparent ground. Throws scope-missing, seal-not-found. */
  async picturePng(principal: Principal, sealId: string): Promise<Uint8Array> {
    requireScope(principal, 'seal.read');
    return picturePng(decodeFace((await this.#seen(principal, sealId)).face), pictureDpi);
  }

  /** A seal that the caller may not see does not exist for them. */
  async #seen(principal: Principal, sealId: string): Promise<SealForUse> {
    const seal = await this.forUse(sealId);
    if (!maySeeSeal(principal, seal.record)) throw notFound();
    return seal;
  }

  /** For stamping, which judges by itself whether the seal may act. Throws seal-not-found. */
  async forUse(sealId: string): Promise<SealForUse> {
    const { rows } = await this.#database.query<SealRow & { ses_seal: Uint8Array; face: Uint8Array }>({
      name: 'seal-for-use',
      text: `SELECT ${sealColumns}, ses_seal, face FROM seal.seal WHERE seal_id = $1`,
      values: [uuidFromId('seal', sealId) ?? null],
    });
    const [row] = rows;
    if (row === undefined) throw notFound();
    return {
      uuid: row.seal_id,
      record: sealRecord(row, this.#clock.now()),
      keyName: row.key_name,
      certificateSha256: row.certificate_sha256,
      sesSeal: row.ses_seal,
      face: row.face,
    };
  }

  /** Whose seal it is. Throws seal-not-found. */
  async organisationOf(tx: Transaction, sealUuid: Uuid): Promise<string> {
    const { rows } = await tx.query<Pick<SealRow, 'organisation_id'>>({
      name: 'seal-organisation',
      text: 'SELECT organisation_id FROM seal.seal WHERE seal_id = $1',
      values: [sealUuid],
    });
    if (rows[0] === undefined) throw notFound();
    return idFromUuid('organisation', rows[0].organisation_id);
  }

  /**
   * The seal's state as it will be when `tx` commits: the row is held, so a change of status waits for the transaction,
   * or the transaction sees the change. Throws seal-not-found, seal-not-active, seal-expired.
   */
  async holdActive(tx: Transaction, sealUuid: Uuid): Promise<void> {
    const { rows } = await tx.query<SealRow>({
      name: 'seal-hold',
      text: `SELECT ${sealColumns} FROM seal.seal WHERE seal_id = $1 FOR SHARE`,
      values: [sealUuid],
    });
    const [row] = rows;
    if (row === undefined) throw notFound();
    requireInUse(sealRecord(row, this.#clock.now()), this.#clock.now());
  }

  /** The seal that a certificate belongs to, and the state it was in at a moment (`none`: not yet made); for verification. */
  async byCertificate(sha256: Uint8Array, at: Date): Promise<{ record: SealRecord; stateThen: string } | undefined> {
    const { rows } = await this.#database.query<SealRow & { state_then: string | null }>({
      name: 'seal-by-certificate',
      text: `SELECT ${sealColumns}, (
          SELECT h.to_status FROM seal.status_history h
          WHERE h.seal_id = s.seal_id AND h.effective_at <= $2 ORDER BY h.version DESC LIMIT 1
        ) AS state_then
        FROM seal.seal s WHERE certificate_sha256 = $1`,
      values: [sha256, at],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    return { record: sealRecord(row, this.#clock.now()), stateThen: row.state_then ?? 'none' };
  }

  /**
   * One step of the seal's life; the table seal.status_transition says which are allowed. Throws forbidden,
   * malformed-request, seal-not-found, seal-transition-forbidden.
   */
  async changeStatus(principal: Principal, sealId: string, to: SealState, reason: string): Promise<SealRecord> {
    requireKeeper(principal);
    if (!isPlainText(reason, maxReasonLength)) {
      throw new TrustError('malformed-request', `a reason has 1 to ${maxReasonLength} visible characters`);
    }
    return this.#database.transaction(async (tx) => {
      const { rows } = await tx.query<SealRow>({
        name: 'seal-lock',
        text: `SELECT ${sealColumns} FROM seal.seal WHERE seal_id = $1 FOR UPDATE`,
        values: [uuidFromId('seal', sealId) ?? null],
      });
      const [row] = rows;
      if (row === undefined) throw notFound();
      const now = this.#clock.now();
      const entryId = await this.#audit.record(tx, principal, {
        action: 'seal.status-changed',
        outcome: 'done',
        objectId: idFromUuid('seal', row.seal_id),
        subjectId: idFromUuid('organisation', row.organisation_id),
        purpose: reason,
        facts: { from: row.status, to },
      });
      await step(tx, { row, to, reason, at: now, entryId });
      return sealRecord({ ...row, status: to }, now);
    });
  }
}

/** Throws seal-not-active (also before its validity begins), seal-expired. */
export function requireInUse(seal: SealRecord, at: Date): void {
  if (seal.status === 'expired') throw new TrustError('seal-expired', 'the validity of the seal is over');
  if (seal.status !== 'active' || at.getTime() < seal.validFrom.getTime()) {
    throw new TrustError('seal-not-active', `the seal is ${seal.status === 'active' ? 'not yet valid' : seal.status}`, {
      details: { status: seal.status },
    });
  }
}

/** Of the organisation that a person acts for, and of those the ones that the mandate is narrowed to. */
function ownSeals(principal: Principal): { name: string; condition: string; values: readonly unknown[] } {
  const { sealIds } = principal.actingFor ?? {};
  const organisation = uuidFromId('organisation', organisationSeen(principal) ?? '') ?? null;
  return {
    name: 'own',
    condition: 'AND organisation_id = $4 AND ($5::uuid[] IS NULL OR seal_id = ANY ($5))',
    values: [organisation, sealIds?.map((sealId) => uuidFromId('seal', sealId) ?? null) ?? null],
  };
}

interface Step {
  readonly row: SealRow;
  readonly to: SealState;
  readonly reason: string;
  readonly at: Date;
  readonly entryId: string;
}

/** The history row only comes into being when the transition is in the table; the foreign keys say the same once more. */
async function step(tx: Transaction, { row, to, reason, at, entryId }: Step): Promise<void> {
  const made = await tx.query({
    name: 'seal-status-step',
    text: `INSERT INTO seal.status_history (seal_id, version, from_status, to_status, reason, effective_at, entry_id)
      SELECT $1::uuid, $2::integer, t.from_status, t.to_status, $5::text, $6::timestamptz, $7::uuid
      FROM seal.status_transition t WHERE t.from_status = $3 AND t.to_status = $4`,
    values: [row.seal_id, row.status_version + 1, row.status, to, reason, at, entryId],
  });
  if (made.rowCount !== 1) {
    throw new TrustError('seal-transition-forbidden', `a seal cannot become ${to} when it is ${row.status}`, {
      details: { from: row.status, to },
    });
  }
  await tx.query({
    name: 'seal-status-set',
    text: 'UPDATE seal.seal SET status = $2, status_version = $3 WHERE seal_id = $1',
    values: [row.seal_id, to, row.status_version + 1],
  });
}

function notFound(): TrustError {
  return new TrustError('seal-not-found', 'there is no such seal');
}
