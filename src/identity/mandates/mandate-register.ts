// Mandates as they are read: whose, of which organisation, and what holds at this moment; never remembered from one question to the next.

import type { Database, Queryable, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal, RepresentedParty } from '../../kernel/principal.ts';
import {
  holdingMandate,
  holdsWithin,
  type Mandate,
  mandateOf,
  type MandateRow,
  mandateRows,
  partyOf,
} from './mandate-store.ts';
import { oversees } from './organisations.ts';

export interface MandatePage {
  readonly items: readonly Mandate[];
  readonly nextCursor: string | null;
}

export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface MandateRegisterOptions {
  readonly database: Database;
  readonly clock: Clock;
}

const maxPageSize = 100;
/** As many as an organisation has mandates. */
const mostUsers = 500;
const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export class MandateRegister {
  readonly #options: MandateRegisterOptions;

  constructor(options: MandateRegisterOptions) {
    this.#options = options;
  }

  /** The mandate as it is now, if this account may act under it at this moment; for whatever takes a mandate's name from a caller. */
  async usableBy(accountId: string, mandateId: string): Promise<RepresentedParty | undefined> {
    const { database, clock } = this.#options;
    const [account, mandate] = [uuidFromId('account', accountId), uuidFromId('mandate', mandateId)];
    if (account === undefined || mandate === undefined) return undefined;
    const row = await holdingMandate(database, clock.now(), account, mandate);
    return row && partyOf(row);
  }

  /** Whether this account may act under the mandate when `tx` commits: an end waits for it, or is seen. For releasing what was done under it. */
  async holdsWithin(tx: Transaction, accountId: string, mandateId: string): Promise<boolean> {
    const [account, mandate] = [uuidFromId('account', accountId), uuidFromId('mandate', mandateId)];
    return holdsWithin(tx, this.#options.clock.now(), account ?? null, mandate ?? null);
  }

  /** Whoever may use a seal of an organisation at this moment, for those of it who keep the seal. */
  async usersOfSeal(organisationId: string, sealId: string): Promise<{ accountId: string; loginName: string }[]> {
    const rows = await mandateRows(this.#options.database, this.#options.clock.now(), {
      name: 'users-of-seal',
      condition: `m.organisation_id = $2 AND m.revoked_at IS NULL AND (m.role = 'representative' OR 'seal:use' = ANY (m.scope))
        AND (m.seal_ids IS NULL OR $3 = ANY (m.seal_ids)) ORDER BY m.mandate_id LIMIT ${mostUsers}`,
      values: [uuidFromId('organisation', organisationId) ?? null, uuidFromId('seal', sealId) ?? null],
    });
    return rows
      .filter((row) => row.holds)
      .map((row) => ({ accountId: idFromUuid('account', row.account_id), loginName: row.login_name }));
  }

  /** Whether a mandate was given after `since` under another one, or under one of those that were. */
  async isAppointedSince(mandateId: string, { under, since }: { under: string; since: Date }): Promise<boolean> {
    const { rowCount } = await this.#options.database.query({
      name: 'mandate-appointed-since',
      text: `SELECT 1 FROM identity.mandate m LEFT JOIN identity.mandate p ON p.mandate_id = m.appointed_under
        WHERE m.mandate_id = $1 AND m.created_at > $3 AND (m.appointed_under = $2 OR p.appointed_under = $2)`,
      values: [uuidFromId('mandate', mandateId) ?? null, uuidFromId('mandate', under) ?? null, since],
    });
    return rowCount > 0;
  }

  /** The mandate under which the caller appoints for an organisation, if there is one that holds. */
  async managing(principal: Principal, organisationId: string): Promise<Mandate | undefined> {
    const row = await this.managingRow(this.#options.database, principal, uuidFromId('organisation', organisationId));
    return row && mandateOf(row, this.#options.clock.now());
  }

  /** Whether the caller may see who acts for an organisation: who appoints there, administrators and auditors. */
  async maySee(principal: Principal, organisationId: string): Promise<boolean> {
    return oversees(principal) || (await this.managing(principal, organisationId)) !== undefined;
  }

  /** The caller's own, newest first. Throws `forbidden`, `cursor-invalid`. */
  async own(principal: Principal, query: PageQuery = {}): Promise<MandatePage> {
    if (principal.kind !== 'person' || principal.accountId === undefined)
      throw new TrustError('forbidden', 'only a person has mandates');
    return this.#page('of-account', 'm.account_id = $2', uuidFromId('account', principal.accountId), query);
  }

  /** Newest first. Throws `forbidden` for whom `maySee` refuses, `cursor-invalid`. */
  async ofOrganisation(principal: Principal, organisationId: string, query: PageQuery = {}): Promise<MandatePage> {
    if (!(await this.maySee(principal, organisationId))) throw notTheirs();
    return this.#page('of-organisation', 'm.organisation_id = $2', uuidFromId('organisation', organisationId), query);
  }

  /** Throws `mandate-not-found`, also for whomever it does not concern. */
  async get(principal: Principal, mandateId: string): Promise<Mandate> {
    return mandateOf((await this.visible(principal, mandateId)).row, this.#options.clock.now());
  }

  async managingRow(
    db: Queryable,
    principal: Principal,
    organisation: Uuid | undefined,
  ): Promise<MandateRow | undefined> {
    const { kind, accountId } = principal;
    if (kind !== 'person' || accountId === undefined || organisation === undefined) return undefined;
    const rows = await mandateRows(db, this.#options.clock.now(), {
      name: 'managing',
      condition: `m.account_id = $2 AND m.organisation_id = $3 AND m.revoked_at IS NULL AND m.accepted_at IS NOT NULL
        AND (m.role = 'representative' OR 'organisation:manage' = ANY (m.scope)) ORDER BY m.role DESC, m.mandate_id LIMIT 20`,
      values: [uuidFromId('account', accountId), organisation],
    });
    return rows.find((row) => row.holds);
  }

  async visible(principal: Principal, mandateId: string): Promise<{ uuid: Uuid; row: MandateRow }> {
    const uuid = uuidFromId('mandate', mandateId);
    const row = uuid === undefined ? undefined : await this.row(uuid);
    if (uuid === undefined || row === undefined) throw mandateNotFound();
    const isOwn = idFromUuid('account', row.account_id) === principal.accountId;
    if (isOwn || (await this.maySee(principal, idFromUuid('organisation', row.organisation_id)))) return { uuid, row };
    throw mandateNotFound();
  }

  async row(uuid: Uuid): Promise<MandateRow | undefined> {
    const { database, clock } = this.#options;
    const asked = { name: 'one', condition: 'm.mandate_id = $2', values: [uuid] };
    return (await mandateRows(database, clock.now(), asked))[0];
  }

  async one(uuid: Uuid): Promise<Mandate> {
    const row = await this.row(uuid);
    if (row === undefined) throw mandateNotFound();
    return mandateOf(row, this.#options.clock.now());
  }

  async #page(name: string, condition: string, value: Uuid | undefined, query: PageQuery): Promise<MandatePage> {
    const { database, clock } = this.#options;
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const before = query.cursor === undefined ? lastUuid : uuidFromId('mandate', query.cursor);
    if (before === undefined) throw new TrustError('cursor-invalid', 'the cursor is not one of this list');
    const rows = await mandateRows(database, clock.now(), {
      name,
      condition: `${condition} AND m.mandate_id < $3 ORDER BY m.mandate_id DESC LIMIT $4`,
      values: [value ?? null, before, limit + 1],
    });
    const items = rows.slice(0, limit).map((row) => mandateOf(row, clock.now()));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.mandateId ?? null) : null };
  }
}

export function mandateNotFound(): TrustError {
  return new TrustError('mandate-not-found', 'there is no such mandate');
}

export function notTheirs(): TrustError {
  return new TrustError('forbidden', 'this is for whoever appoints for the organisation');
}
