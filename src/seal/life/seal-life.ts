// The deeds on a seal that was approved (制作, 备案, 发布, 续期, 停用, 恢复, 挂失) and the history of all its steps; GB/T 33481-2016.

import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { requireScope } from '../../kernel/permissions.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal } from '../../kernel/principal.ts';
import { decodeFace, type SealFace } from '../picture/face.ts';
import type { FaceWords } from '../picture/seal-face.ts';
import { enterSeal, type MadeSeal, replaceEdition, suiteOf } from '../seal-entry.ts';
import type { SealMaker } from '../seal-maker.ts';
import { type SealRecord, sealRecord } from '../seal-record.ts';
import { maySeeSeal } from '../seal-use.ts';
import type { SealRegister } from '../seals.ts';
import { broughtFace } from './application-pictures.ts';
import { applicationOf, applicationRow, heldApplication } from './application-store.ts';
import type { InvalidType, LifeState, SealDeed } from './deeds.ts';
import { type LifeStep, recordStep, requireStep, setApplicationState } from './life-step.ts';
import { isOffice, requireDeedScope, requireEither, requireOffice, speaksFor } from './rights.ts';
import { nameOf, requireReason, requireValidDays, type SealWish } from './wish.ts';

export interface SealLifeOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly seals: SealRegister;
  readonly maker: Pick<SealMaker, 'produce'>;
  /** The face of an approved application. Throws glyph-missing, malformed-request. */
  readonly faceOf: (wish: SealWish, words: FaceWords) => SealFace;
}

export interface LifeEntry {
  readonly version: number;
  readonly deed: SealDeed;
  readonly from: LifeState;
  readonly to: LifeState;
  readonly reason: string;
  /** 0 吊销, 1 撤销, 2 挂失; null for other steps. */
  readonly invalidType: InvalidType | null;
  readonly description: string | null;
  /** 备案编号. */
  readonly reference: string | null;
  readonly appliedAt: Date;
  readonly effectiveAt: Date;
  readonly entryId: Id<'entry'>;
}

interface HistoryRow {
  readonly version: number;
  readonly deed: SealDeed;
  readonly from_status: LifeState;
  readonly to_status: LifeState;
  readonly reason: string;
  readonly invalid_type: InvalidType | null;
  readonly description: string | null;
  readonly reference: string | null;
  readonly applied_at: Date;
  readonly effective_at: Date;
  readonly entry_id: Uuid;
}

/** More steps than this are read on the last page of a life that no seal has. */
const mostSteps = 500;
const maxReferenceLength = 64;

export class SealLife {
  readonly #options: SealLifeOptions;

  constructor(options: SealLifeOptions) {
    this.#options = options;
  }

  /** Key, certificate and SES seal are made. Throws `scope-missing`, `forbidden`, `seal-not-found`, `seal-transition-forbidden`, `key-…`. */
  async make(principal: Principal, sealId: string, reason: string): Promise<SealRecord> {
    requireOffice(principal);
    requireReason(reason);
    const { database, maker, faceOf } = this.#options;
    const { wish, organisation, status, sealCode } = applicationOf(await applicationRow(database, sealId));
    requireStep('make', status);
    if (sealCode === null) throw new TrustError('internal', 'an approved application without its code');
    const brought = await broughtFace(database, sealId);
    const commission = {
      sealUuid: uuidFromId('seal', sealId) ?? '',
      edition: 1,
      sealCode,
      name: nameOf(wish, organisation.name),
      type: wish.type,
      organisation,
      validDays: wish.validDays,
      ...(wish.suite !== undefined && { suite: wish.suite }),
      face: brought ?? faceOf(wish, { organisationName: organisation.name, uscc: organisation.uscc, sealCode }),
    };
    return maker.produce(principal, commission, async (tx, made) => {
      const row = await heldApplication(tx, sealId);
      const { version } = await recordStep(tx, stepOf('make', row, made, reason));
      await setApplicationState(tx, { sealUuid: made.sealUuid, status: 'made', version });
      return enterSeal(tx, made, { status: 'made', version });
    });
  }

  /** `reference`: the number under which the register of seals keeps it (备案编号). Throws as `make` does. */
  async file(principal: Principal, sealId: string, reason: string, reference: string): Promise<SealRecord> {
    requireOffice(principal);
    if (!isPlainText(reference, maxReferenceLength) || !/^[\x21-\x7e]+$/.test(reference))
      throw new TrustError(
        'malformed-request',
        `a filing number has 1 to ${maxReferenceLength} visible ASCII characters`,
      );
    return this.#step(principal, sealId, { deed: 'file', reason, reference });
  }

  /** From now on it is in use. Throws as `make` does. */
  async publish(principal: Principal, sealId: string, reason: string): Promise<SealRecord> {
    requireOffice(principal);
    return this.#step(principal, sealId, { deed: 'publish', reason });
  }

  /** Throws as `make` does. */
  async resume(principal: Principal, sealId: string, reason: string): Promise<SealRecord> {
    requireOffice(principal);
    return this.#step(principal, sealId, { deed: 'resume', reason });
  }

  /** By one alone, and at once. Throws as `make` does. */
  async stop(principal: Principal, sealId: string, reason: string): Promise<SealRecord> {
    await this.#requireEither(principal, sealId);
    return this.#step(principal, sealId, { deed: 'stop', reason });
  }

  /** Throws as `make` does. */
  async reportLost(
    principal: Principal,
    sealId: string,
    { reason, description }: { reason: string; description?: string | undefined },
  ): Promise<SealRecord> {
    await this.#requireEither(principal, sealId);
    return this.#step(principal, sealId, { deed: 'report-lost', reason, description, invalidType: 2 });
  }

  /** The same code and face under a new key and certificate, from now on for so many days. Throws as `make` does. */
  async renew(
    principal: Principal,
    sealId: string,
    { reason, validDays }: { reason: string; validDays: number },
  ): Promise<SealRecord> {
    requireOffice(principal);
    requireReason(reason);
    requireValidDays(validDays);
    const { clock, maker, seals } = this.#options;
    const { record, uuid, face } = await seals.forUse(sealId);
    requireStep('renew', record.status === 'expired' ? 'active' : record.status);
    const commission = {
      ...record,
      sealUuid: uuid,
      edition: record.edition + 1,
      suite: suiteOf(record.policies),
      validDays,
      face: { picture: decodeFace(face), stored: face },
    };
    return maker.produce(principal, commission, async (tx, made) => {
      const row = await seals.held(tx, sealId);
      const { version } = await recordStep(tx, stepOf('renew', row, made, reason));
      await replaceEdition(tx, made, version);
      return sealRecord(await seals.held(tx, sealId), clock.now());
    });
  }

  /** All steps, the first one first. Throws `scope-missing`, `seal-not-found`, also when the caller may not see the seal. */
  async history(principal: Principal, sealId: string): Promise<LifeEntry[]> {
    requireScope(principal, 'seal.read', 'seal.apply', 'seal.manage');
    await this.#requireSight(principal, sealId);
    const { rows } = await this.#options.database.query<HistoryRow>({
      name: 'seal-history',
      text: `SELECT version, deed, from_status, to_status, reason, invalid_type, description, reference, applied_at, effective_at, entry_id
        FROM seal.status_history WHERE seal_id = $1 ORDER BY version LIMIT $2`,
      values: [uuidFromId('seal', sealId) ?? null, mostSteps],
    });
    return rows.map((row) => ({
      version: row.version,
      deed: row.deed,
      from: row.from_status,
      to: row.to_status,
      reason: row.reason,
      invalidType: row.invalid_type,
      description: row.description,
      reference: row.reference,
      appliedAt: row.applied_at,
      effectiveAt: row.effective_at,
      entryId: idFromUuid('entry', row.entry_id),
    }));
  }

  async #requireSight(principal: Principal, sealId: string): Promise<void> {
    const seal = await this.#owned(sealId);
    if (maySeeSeal(principal, seal) || isOffice(principal) || speaksFor(principal, seal)) return;
    throw new TrustError('seal-not-found', 'there is no such seal');
  }

  /** A seal, or the application for one. */
  async #owned(sealId: string) {
    const { database, seals } = this.#options;
    return (await seals.find(sealId)) ?? applicationOf(await applicationRow(database, sealId));
  }

  async #requireEither(principal: Principal, sealId: string): Promise<void> {
    requireDeedScope(principal);
    requireEither(principal, (await this.#options.seals.forUse(sealId)).record);
  }

  #step(principal: Principal, sealId: string, told: Parameters<SealRegister['step']>[3]): Promise<SealRecord> {
    return this.#options.database.transaction((tx) => this.#options.seals.step(tx, principal, sealId, told));
  }
}

/** The step that a seal just made or renewed takes with its own moment and entry. */
function stepOf(
  deed: 'make' | 'renew',
  { status, status_version: version }: { status: LifeState; status_version: number },
  { sealUuid, createdAt: at, entryId }: MadeSeal,
  reason: string,
): LifeStep {
  return { sealUuid, deed, from: status, version, reason, at, entryId };
}
