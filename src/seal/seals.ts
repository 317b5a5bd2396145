// The register of seals: list, one seal, its picture, and the steps of its status.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Database, Transaction } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../kernel/ids.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import type { Principal } from '../kernel/principal.ts';
import { requireScope } from '../kernel/permissions.ts';
import { type InvalidType, type SealDeed, sealDeeds, type SealState } from './life/deeds.ts';
import { recordStep, requireStep, setSealState } from './life/life-step.ts';
import { decodeFace } from './picture/face.ts';
import { picturePng } from './picture/render-png.ts';
import { type SealForm, SealForms } from './seal-forms.ts';
import {
  type FurtherKey,
  type SealRecord,
  type SealRow,
  type SealStatus,
  sealColumns,
  sealRecord,
} from './seal-record.ts';
import { maySeeSeal, organisationSeen, seesAllSeals } from './seal-use.ts';
import type { UsePolicy } from './use/use-policy.ts';

export interface SealPage {
  readonly items: readonly SealRecord[];
  readonly nextCursor: string | null;
}

/** What stamping needs of a seal beyond the record. */
export interface SealForUse extends SealForm {
  readonly uuid: Uuid;
  readonly record: SealRecord;
  readonly keyName: string;
  readonly certificateSha256: Uint8Array;
  readonly further: FurtherKey | undefined;
  /** Whether the business system that was named may use it; of no system: whether all may. */
  readonly isLetToSystem: boolean;
  /** The policy of use in force, if one was set. */
  readonly use: { readonly version: number; readonly rules: UsePolicy } | undefined;
}

export interface SealRegisterOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

const pictureDpi = 300;
const maxPageSize = 100;
const maxReasonLength = 200;
const maxDescriptionLength = 500;

/** A condition of the list for each status as shown; $2 is the present moment. */
const listConditions: Readonly<Record<SealStatus, string>> = {
  active: `status = 'active' AND valid_until > $2`,
  expired: `status = 'active' AND valid_until <= $2`,
  made: `status = 'made' AND $2::timestamptz IS NOT NULL`,
  filed: `status = 'filed' AND $2::timestamptz IS NOT NULL`,
  suspended: `status = 'suspended' AND $2::timestamptz IS NOT NULL`,
  lost: `status = 'lost' AND $2::timestamptz IS NOT NULL`,
  revoked: `status = 'revoked' AND $2::timestamptz IS NOT NULL`,
  cancelled: `status = 'cancelled' AND $2::timestamptz IS NOT NULL`,
};

export class SealRegister {
  readonly #database: Database;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #forms = new SealForms();

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

  /** For stamping, which judges by itself whether the seal may act; `clientId`: of the system that asks. Throws seal-not-found. */
  async forUse(sealId: string, clientId?: string): Promise<SealForUse> {
    const { rows } = await this.#database.query<
      SealRow & {
        is_let_to_system: boolean;
        use_version: number | null;
        use_rules: UsePolicy | null;
        further_key_name: string | null;
        further_sha256: Uint8Array | null;
      }
    >({
      name: 'seal-for-use',
      text: `SELECT ${sealColumns}, (system_use = 'all' OR EXISTS (
          SELECT 1 FROM seal.system_grant g WHERE g.seal_id = s.seal_id AND g.client_id = $2)) AS is_let_to_system,
          u.version AS use_version, u.rules AS use_rules,
          further_key_name, further_sha256
        FROM seal.seal s
        LEFT JOIN (SELECT seal_id AS of_seal, edition AS of_edition, key_name AS further_key_name,
          certificate_sha256 AS further_sha256 FROM seal.further_certificate) k
          ON k.of_seal = s.seal_id AND k.of_edition = s.edition
        LEFT JOIN LATERAL (SELECT p.version, p.rules FROM seal.use_policy p WHERE p.seal_id = s.seal_id
          ORDER BY p.version DESC LIMIT 1) u ON true
        WHERE s.seal_id = $1`,
      values: [uuidFromId('seal', sealId) ?? null, clientId ?? null],
    });
    const [row] = rows;
    if (row === undefined) throw notFound();
    const form = await this.#forms.of(this.#database, row.seal_id, row.certificate_sha256);
    if (form === undefined) return this.forUse(sealId, clientId); // renewed just now
    return {
      ...form,
      uuid: row.seal_id,
      record: sealRecord(row, this.#clock.now()),
      keyName: row.key_name,
      certificateSha256: row.certificate_sha256,
      further:
        row.further_key_name === null || row.further_sha256 === null
          ? undefined
          : { keyName: row.further_key_name, certificateSha256: row.further_sha256 },
      isLetToSystem: row.is_let_to_system,
      use:
        row.use_version === null || row.use_rules === null
          ? undefined
          : { version: row.use_version, rules: row.use_rules },
    };
  }

  /** The policies of use in force of those that have one, by seal. */
  async usePolicies(sealIds: readonly string[]): Promise<ReadonlyMap<string, UsePolicy>> {
    const { rows } = await this.#database.query<{ seal_id: Uuid; rules: UsePolicy }>({
      name: 'seal-use-policies-of',
      text: `SELECT DISTINCT ON (seal_id) seal_id, rules FROM seal.use_policy WHERE seal_id = ANY ($1)
        ORDER BY seal_id, version DESC`,
      values: [sealIds.map((sealId) => uuidFromId('seal', sealId) ?? null)],
    });
    return new Map(rows.map((row) => [idFromUuid('seal', row.seal_id), row.rules]));
  }

  /** `undefined`: there is none, or not yet. */
  async find(sealId: string): Promise<SealRecord | undefined> {
    const { rows } = await this.#database.query<SealRow>({
      name: 'seal-find',
      text: `SELECT ${sealColumns} FROM seal.seal WHERE seal_id = $1`,
      values: [uuidFromId('seal', sealId) ?? null],
    });
    return rows[0] === undefined ? undefined : sealRecord(rows[0], this.#clock.now());
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
   * or the transaction sees the change. Throws seal-not-found, seal-not-active (also when it was renewed), seal-expired.
   */
  async holdActive(tx: Transaction, sealUuid: Uuid, certificateSha256: Uint8Array): Promise<void> {
    const { rows } = await tx.query<SealRow & { further_sha256: Uint8Array | null }>({
      name: 'seal-hold',
      text: `SELECT ${sealColumns}, (SELECT k.certificate_sha256 FROM seal.further_certificate k
          WHERE k.seal_id = s.seal_id AND k.edition = s.edition) AS further_sha256
        FROM seal.seal s WHERE seal_id = $1 FOR SHARE OF s`,
      values: [sealUuid],
    });
    const [row] = rows;
    if (row === undefined) throw notFound();
    requireInUse(sealRecord(row, this.#clock.now()), this.#clock.now());
    const present = [row.certificate_sha256, ...(row.further_sha256 === null ? [] : [row.further_sha256])];
    if (!present.some((sha256) => equalBytes(sha256, certificateSha256)))
      throw new TrustError('seal-not-active', 'the seal was renewed meanwhile', {
        details: { reason: 'seal-renewed' },
      });
  }

  /** The seal that a certificate belongs or belonged to, and the state it was in at a moment (`none`: not yet made); for verification. */
  async byCertificate(sha256: Uint8Array, at: Date): Promise<{ record: SealRecord; stateThen: string } | undefined> {
    const { rows } = await this.#database.query<SealRow & { state_then: string | null }>({
      name: 'seal-by-certificate',
      text: `SELECT ${sealColumns}, (
          SELECT h.to_status FROM seal.status_history h
          WHERE h.seal_id = s.seal_id AND h.effective_at <= $2 ORDER BY h.version DESC LIMIT 1
        ) AS state_then
        FROM seal.seal s WHERE certificate_sha256 = $1
          OR seal_id = (SELECT f.seal_id FROM seal.former_edition f WHERE f.certificate_sha256 = $1)
          OR seal_id = (SELECT k.seal_id FROM seal.further_certificate k WHERE k.certificate_sha256 = $1)`,
      values: [sha256, at],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    return { record: sealRecord(row, this.#clock.now()), stateThen: row.state_then ?? 'none' };
  }

  /**
   * The house's own way from one state to another, for whoever keeps it. Throws forbidden, malformed-request, seal-not-found,
   * seal-transition-forbidden.
   */
  async changeStatus(principal: Principal, sealId: string, to: SealState, reason: string): Promise<SealRecord> {
    if (principal.kind !== 'house') throw new TrustError('forbidden', 'only the house itself may do this');
    const deed = deedTo[to];
    if (deed === undefined)
      throw new TrustError('seal-transition-forbidden', `nothing leads to ${to} by itself`, { details: { to } });
    const invalidType = { lost: 2, revoked: 1 } as const;
    const told = { deed, reason, ...(to === 'lost' || to === 'revoked' ? { invalidType: invalidType[to] } : {}) };
    return this.#database.transaction((tx) => this.step(tx, principal, sealId, told));
  }

  /** The seal, held until `tx` ends. Throws seal-not-found. */
  async held(tx: Transaction, sealId: string): Promise<SealRow> {
    const { rows } = await tx.query<SealRow>({
      name: 'seal-lock',
      text: `SELECT ${sealColumns} FROM seal.seal WHERE seal_id = $1 FOR UPDATE`,
      values: [uuidFromId('seal', sealId) ?? null],
    });
    if (rows[0] === undefined) throw notFound();
    return rows[0];
  }

  /**
   * One step of the seal's life with its audit entry; who may is the caller's to know. Throws malformed-request, seal-not-found,
   * seal-transition-forbidden.
   */
  async step(tx: Transaction, principal: Principal, sealId: string, told: ToldStep): Promise<SealRecord> {
    const { deed, reason, description, reference, invalidType } = told;
    if (!isPlainText(reason, maxReasonLength))
      throw malformed(`a reason has 1 to ${maxReasonLength} visible characters`);
    if (description !== undefined && !isPlainText(description, maxDescriptionLength))
      throw malformed(`a description has at most ${maxDescriptionLength} visible characters`);
    const row = await this.held(tx, sealId);
    requireStep(deed, row.status);
    const now = this.#clock.now();
    const { to } = sealDeeds[deed];
    const entryId = await this.#audit.record(tx, principal, {
      action: 'seal.status-changed',
      outcome: 'done',
      objectId: idFromUuid('seal', row.seal_id),
      subjectId: idFromUuid('organisation', row.organisation_id),
      purpose: reason,
      facts: {
        deed,
        from: row.status,
        to,
        ...(invalidType === undefined ? {} : { invalidType }),
        ...(reference === undefined ? {} : { reference }),
      },
    });
    const step = { ...told, sealUuid: row.seal_id, from: row.status, version: row.status_version, at: now, entryId };
    const { version } = await recordStep(tx, step);
    await setSealState(tx, { sealUuid: row.seal_id, status: to, version });
    return sealRecord(await this.held(tx, sealId), now);
  }
}

export interface ToldStep {
  readonly deed: SealDeed;
  readonly reason: string;
  readonly invalidType?: InvalidType;
  readonly description?: string | undefined;
  readonly reference?: string;
  readonly appliedAt?: Date;
}

const deedTo: Readonly<Partial<Record<SealState, SealDeed>>> = {
  active: 'resume',
  suspended: 'stop',
  lost: 'report-lost',
  revoked: 'revoke',
  cancelled: 'cancel',
};

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

function notFound(): TrustError {
  return new TrustError('seal-not-found', 'there is no such seal');
}

function malformed(message: string): TrustError {
  return new TrustError('malformed-request', message);
}
