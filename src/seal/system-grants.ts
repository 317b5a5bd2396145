// Which business systems may use a seal (用印系统授权): let by its organisation, taken back by it or a seal administrator, each with its audit entry.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, type Uuid } from '../kernel/ids.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import type { Principal } from '../kernel/principal.ts';
import { requireDeedScope, requireEither, requireOwner } from './life/rights.ts';
import type { SealRegister } from './seals.ts';

export interface SystemGrant {
  readonly clientId: string;
  readonly purpose: string;
  readonly grantedAt: Date;
}

export interface SystemGrants {
  /** `all`: of an earlier build, which let every system with the scope. */
  readonly use: 'all' | 'granted';
  readonly systems: readonly SystemGrant[];
}

export interface SystemGrantOfficeOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly seals: SealRegister;
}

/** More systems than this on one seal are no exception that one can oversee. */
const mostSystems = 50;
const maxPurposeLength = 200;

export class SystemGrantOffice {
  readonly #options: SystemGrantOfficeOptions;

  constructor(options: SystemGrantOfficeOptions) {
    this.#options = options;
  }

  /** Throws `scope-missing`, `forbidden`, `seal-not-found`. */
  async of(principal: Principal, sealId: string): Promise<SystemGrants> {
    return this.#read((await this.#sealOf(principal, sealId)).uuid);
  }

  /** Once more is no mistake: the first grant stands. Throws as `of` does, and `malformed-request`. */
  async grant(
    principal: Principal,
    sealId: string,
    { clientId, purpose }: { readonly clientId: string; readonly purpose: string },
  ): Promise<SystemGrants> {
    const { uuid, record } = await this.#sealOf(principal, sealId);
    requireOwner(principal, record);
    if (!/^[a-z0-9][a-z0-9-]{2,63}$/.test(clientId))
      throw new TrustError('malformed-request', 'that is no identifier of a business system');
    if (!isPlainText(purpose, maxPurposeLength))
      throw new TrustError('malformed-request', `a purpose has 1 to ${maxPurposeLength} visible characters`);
    await this.#options.database.transaction(async (tx) => {
      const subjectId = record.organisation.organisationId;
      const event = { ...eventOf(uuid, clientId, 'granted'), subjectId, purpose };
      const { rows } = await tx.query<{ client_id: string }>({
        text: 'SELECT client_id FROM seal.system_grant WHERE seal_id = $1 FOR UPDATE',
        values: [uuid],
      });
      if (rows.some((row) => row.client_id === clientId)) return;
      if (rows.length >= mostSystems)
        throw new TrustError('malformed-request', `a seal is let to ${mostSystems} systems at most`);
      const entryId = await this.#options.audit.record(tx, principal, event);
      await tx.query({
        text: `INSERT INTO seal.system_grant (seal_id, client_id, purpose, granted_at, entry_id) VALUES ($1, $2, $3, $4, $5)
          ON CONFLICT DO NOTHING`,
        values: [uuid, clientId, purpose, this.#options.clock.now(), entryId],
      });
    });
    return this.#read(uuid);
  }

  /** From now on the system is refused; taking back from one that has none changes nothing. Throws as `of` does. */
  async withdraw(principal: Principal, sealId: string, clientId: string): Promise<SystemGrants> {
    const { uuid } = await this.#sealOf(principal, sealId);
    const { database, seals } = this.#options;
    await database.transaction(async (tx) => {
      // Held by every release of a signature: so this waits for them, and they see that it is gone.
      await seals.held(tx, sealId);
      const { rowCount } = await tx.query({
        text: 'DELETE FROM seal.system_grant WHERE seal_id = $1 AND client_id = $2',
        values: [uuid, clientId],
      });
      if (rowCount > 0) await this.#options.audit.record(tx, principal, eventOf(uuid, clientId, 'withdrawn'));
    });
    return this.#read(uuid);
  }

  async #sealOf(principal: Principal, sealId: string) {
    requireDeedScope(principal);
    const seal = await this.#options.seals.forUse(sealId);
    requireEither(principal, seal.record);
    return seal;
  }

  async #read(sealUuid: Uuid): Promise<SystemGrants> {
    const { database } = this.#options;
    const { rows: seals } = await database.query<{ system_use: SystemGrants['use'] }>({
      name: 'seal-system-use',
      text: 'SELECT system_use FROM seal.seal WHERE seal_id = $1',
      values: [sealUuid],
    });
    const { rows } = await database.query<{ client_id: string; purpose: string; granted_at: Date }>({
      name: 'seal-system-grants',
      text: 'SELECT client_id, purpose, granted_at FROM seal.system_grant WHERE seal_id = $1 ORDER BY client_id LIMIT $2',
      values: [sealUuid, mostSystems],
    });
    const systems = rows.map((row) => ({ clientId: row.client_id, purpose: row.purpose, grantedAt: row.granted_at }));
    return { use: seals[0]?.system_use ?? 'granted', systems };
  }
}

function eventOf(sealUuid: Uuid, client: string, deed: 'granted' | 'withdrawn') {
  return {
    action: 'seal.system-grant',
    outcome: 'done',
    objectId: idFromUuid('seal', sealUuid),
    facts: { client, deed },
  } as const;
}
