// Mandates (授权): a representative or an agent who may appoints agents (经办人), they accept or decline, either side ends it.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { MandateScope } from '../../kernel/mandate-scopes.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import type { Account, Person } from '../accounts/accounts.ts';
import { acrOf } from '../levels/levels.ts';
import {
  agentLevel,
  defaultTermSeconds,
  offerSeconds,
  permittedTerms,
  requireRecentPerson,
  requireTerm,
  type Terms,
} from './mandate-rules.ts';
import { countLookUp } from './mandate-limits.ts';
import { mandateNotFound, type MandateRegister, notTheirs } from './mandate-register.ts';
import {
  endMandates,
  lockOrganisation,
  type Mandate,
  type MandateEnd,
  mandateOf,
  type MandateRow,
  mandateRows,
} from './mandate-store.ts';

export interface AppointmentOrder {
  readonly organisationId: string;
  readonly loginName: string;
  readonly scope: readonly MandateScope[];
  readonly sealIds?: readonly string[] | undefined;
  /** Default: in a year. */
  readonly validUntil?: Date | undefined;
  /** Of seals; any number where none is said. */
  readonly maxUses?: number | undefined;
  /** Why, in the words of whoever appoints. */
  readonly purpose: string;
}

/** Who would be appointed, for the eyes of whoever appoints: enough to see a wrong name, too little to learn one. */
export interface Candidate {
  readonly loginName: string;
  readonly maskedName: string;
}

export interface MandatesOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly register: MandateRegister;
  readonly accounts: {
    findByLoginName(text: string): Promise<Account | undefined>;
    find(accountId: string): Promise<Account | undefined>;
    personOf(accountId: string): Promise<Person | undefined>;
  };
  readonly clock: Clock;
}

/** Living mandates of one organisation; more people than this are led through systems of their own. */
const maxLiving = 500;

export class Mandates {
  readonly #options: MandatesOptions;

  constructor(options: MandatesOptions) {
    this.#options = options;
  }

  /** Throws `forbidden` (not one's own organisation), `step-up-required`, `too-many-requests`, `account-not-found`. */
  async candidate(principal: Principal, organisationId: string, loginName: string): Promise<Candidate> {
    const { register, accounts, clock } = this.#options;
    requireRecentPerson(principal, clock.now());
    if ((await register.managing(principal, organisationId)) === undefined) throw notTheirs();
    const account = await this.#agent(principal, loginName);
    const name = (await accounts.personOf(account.accountId))?.name ?? '';
    return { loginName: account.loginName, maskedName: maskedName(name) };
  }

  /**
   * Offers a mandate; it holds when the agent accepts. The same key and order answer with the same mandate. Throws `step-up-required`,
   * `too-many-requests`, `forbidden`, `malformed-request`, `account-not-found`, `mandate-exists`, `idempotency-key-reused`.
   */
  async appoint(principal: Principal, order: AppointmentOrder, requestKey: RequestKey): Promise<Mandate> {
    const { database, audit, register, clock } = this.#options;
    const now = clock.now();
    requireRecentPerson(principal, now);
    const organisation = uuidFromId('organisation', order.organisationId);
    // Before anybody is looked up: who appoints nowhere learns nothing of user names.
    if ((await register.managing(principal, order.organisationId)) === undefined) throw notTheirs();
    const agent = await this.#agent(principal, order.loginName);
    const uuid = newUuid(clock);
    const made = await database.transaction(async (tx) => {
      if (!(await lockOrganisation(tx, organisation ?? null))) throw notTheirs();
      const appointer = await register.managingRow(tx, principal, organisation);
      if (appointer === undefined) throw notTheirs();
      const earlier = await this.#ofRequest(tx, requestKey);
      if (earlier !== undefined) return earlier;
      const terms = permittedTerms(mandateOf(appointer, now), termsOf(order, now), now);
      await this.#requireRoom(tx, appointer.organisation_id, agent);
      await tx.query({
        name: 'mandate-offer',
        text: `INSERT INTO identity.mandate (mandate_id, account_id, organisation_id, role, scope, seal_ids, purpose, valid_from,
            valid_until, created_at, appointed_under, request_owner, request_key, request_sha256, max_uses)
          VALUES ($1, $2, $3, 'agent', $4, $5, $6, $7, $8, $7, $9, $10, $11, $12, $13)`,
        values: [
          uuid,
          uuidFromId('account', agent.accountId),
          appointer.organisation_id,
          terms.scope,
          terms.sealIds?.map((sealId) => sealUuid(sealId)) ?? null,
          terms.purpose,
          now,
          terms.validUntil,
          appointer.mandate_id,
          requestKey.owner,
          requestKey.key,
          requestKey.bodySha256,
          terms.maxUses ?? null,
        ],
      });
      await audit.record(tx, principal, {
        action: 'mandate.granted',
        outcome: 'done',
        objectId: idFromUuid('mandate', uuid),
        subjectId: agent.accountId,
        purpose: terms.purpose,
        facts: {
          organisation: idFromUuid('organisation', appointer.organisation_id),
          validUntil: terms.validUntil.toISOString(),
          scope: terms.scope.join(' '),
          ...(terms.maxUses === undefined ? {} : { maxUses: terms.maxUses }),
        },
      });
      return uuid;
    });
    return register.one(made);
  }

  /** The agent's answer to an offer. Throws `mandate-not-found`, `mandate-not-open`, `step-up-required` (a name not yet proven). */
  async answer(principal: Principal, mandateId: string, answer: 'accepted' | 'declined'): Promise<Mandate> {
    const { database, register, clock, accounts } = this.#options;
    const now = clock.now();
    const { uuid, row } = await register.visible(principal, mandateId);
    if (idFromUuid('account', row.account_id) !== principal.accountId || row.role !== 'agent') throw mandateNotFound();
    if (answer === 'accepted') {
      const level = (await accounts.find(principal.accountId))?.level ?? 0;
      if (level < agentLevel)
        throw new TrustError('step-up-required', 'an agent has proven who they are', {
          details: { level: agentLevel, acrValues: acrOf(agentLevel) },
        });
    }
    await database.transaction(async (tx) => {
      const { rowCount } = await tx.query({
        name: `mandate-${answer}`,
        text: `UPDATE identity.mandate SET ${answer === 'accepted' ? 'accepted_at = $2' : `revoked_at = $2, ended_as = 'declined'`}
          WHERE mandate_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND valid_until > $2 AND created_at > $3`,
        values: [uuid, now, addSeconds(now, -offerSeconds)],
      });
      if (rowCount === 0) throw new TrustError('mandate-not-open', 'the offer was answered, taken back or is over');
      await this.#changed(tx, principal, row, { to: answer });
    });
    return register.one(uuid);
  }

  /** Another end of a mandate that is not over. Throws as `appoint` does, and `mandate-not-found`, `mandate-not-open`. */
  async changeTerm(principal: Principal, mandateId: string, validUntil: Date): Promise<Mandate> {
    const { database, register, clock } = this.#options;
    const now = clock.now();
    requireRecentPerson(principal, now);
    const { uuid, row } = await register.visible(principal, mandateId);
    await database.transaction(async (tx) => {
      await lockOrganisation(tx, row.organisation_id);
      const appointer = await this.#over(tx, principal, row);
      if (appointer === undefined || row.role !== 'agent') throw notTheirs();
      requireTerm(mandateOf(appointer, now), validUntil, now);
      const { rowCount } = await tx.query({
        name: 'mandate-term',
        text: `UPDATE identity.mandate SET valid_until = $3
          WHERE mandate_id = $1 AND revoked_at IS NULL AND valid_until > $2 AND valid_from < $3`,
        values: [uuid, now, validUntil],
      });
      if (rowCount === 0) throw new TrustError('mandate-not-open', 'the mandate is over');
      await this.#changed(tx, principal, row, { to: 'term', validUntil: validUntil.toISOString() });
    });
    return register.one(uuid);
  }

  /**
   * Ends a mandate and what was appointed under it: the agent lays it down, or whoever appointed takes it back, or an administrator
   * does. A representative's is ended by the representative only: another becomes it by proof (representatives.ts). Ending what is
   * ended changes nothing. Throws `mandate-not-found`, `forbidden`, and `step-up-required` for taking back.
   */
  async end(principal: Principal, mandateId: string): Promise<Mandate> {
    const { database, audit, register, clock } = this.#options;
    const { uuid, row } = await register.visible(principal, mandateId);
    await database.transaction(async (tx) => {
      await lockOrganisation(tx, row.organisation_id);
      const as = await this.#wayToEnd(tx, principal, row);
      // To lay down the own one needs no more than being there.
      if (as === 'revoked' && principal.kind === 'person') requireRecentPerson(principal, clock.now());
      const ended = await endMandates(tx, clock.now(), { mandate: uuid, as });
      await audit.recordMany(
        tx,
        ended.map((each) => ({ principal, event: changedEvent(each, { to: 'ended', cause: each.ended_as ?? as }) })),
      );
    });
    return register.one(uuid);
  }

  /**
   * An account that can be appointed: it is in use, and not the appointer's own. One answer for all that cannot, and only so many
   * questions: who appoints learns no list of user names.
   */
  async #agent(principal: Principal, loginName: string): Promise<Account> {
    await countLookUp(this.#options, principal.accountId ?? '');
    const account = await this.#options.accounts.findByLoginName(loginName);
    if (account?.status !== 'active') throw new TrustError('account-not-found', 'there is no such account');
    if (account.accountId === principal.accountId) throw new TrustError('forbidden', 'nobody appoints themselves');
    return account;
  }

  /** The mandate that lets the caller change this one: the representative's, or the one it was appointed under. */
  async #over(db: Queryable, principal: Principal, row: MandateRow): Promise<MandateRow | undefined> {
    const own = await this.#options.register.managingRow(db, principal, row.organisation_id);
    return own?.role === 'representative' || own?.mandate_id === row.appointed_under ? own : undefined;
  }

  async #wayToEnd(tx: Transaction, principal: Principal, row: MandateRow): Promise<MandateEnd> {
    if (idFromUuid('account', row.account_id) === principal.accountId)
      return row.accepted_at === null ? 'declined' : 'laid-down';
    const isAdministrator = principal.kind === 'house' || principal.roles.has('administrator');
    const may = row.role === 'agent' && (isAdministrator || (await this.#over(tx, principal, row)) !== undefined);
    if (!may) throw notTheirs();
    return 'revoked';
  }

  async #requireRoom(tx: Transaction, organisation: Uuid, agent: Account): Promise<void> {
    const rows = await mandateRows(tx, this.#options.clock.now(), {
      name: 'living',
      condition: `m.organisation_id = $2 AND m.revoked_at IS NULL AND m.valid_until > $1
        AND (m.accepted_at IS NOT NULL OR m.created_at > $3) ORDER BY m.mandate_id LIMIT ${maxLiving}`,
      values: [organisation, addSeconds(this.#options.clock.now(), -offerSeconds)],
    });
    if (rows.length === maxLiving) throw new TrustError('malformed-request', 'the organisation has too many mandates');
    if (rows.some((row) => idFromUuid('account', row.account_id) === agent.accountId))
      throw new TrustError('mandate-exists', 'this person has a mandate of the organisation, or an offer');
  }

  async #ofRequest(tx: Transaction, { owner, key, bodySha256 }: RequestKey): Promise<Uuid | undefined> {
    const { rows } = await tx.query<{ mandate_id: Uuid; request_sha256: Uint8Array }>({
      name: 'mandate-of-request',
      text: 'SELECT mandate_id, request_sha256 FROM identity.mandate WHERE request_owner = $1 AND request_key = $2',
      values: [owner, key],
    });
    const [row] = rows;
    if (row !== undefined && !equalBytes(row.request_sha256, bodySha256))
      throw new TrustError('idempotency-key-reused', 'this key stands for another order');
    return row?.mandate_id;
  }

  async #changed(tx: Transaction, principal: Principal, row: MandateRow, facts: ChangeFacts): Promise<void> {
    await this.#options.audit.record(tx, principal, changedEvent(row, facts));
  }
}

interface ChangeFacts {
  readonly to: 'accepted' | 'declined' | 'term' | 'ended';
  readonly cause?: MandateEnd;
  readonly validUntil?: string;
}

export function changedEvent(
  row: Pick<MandateRow, 'mandate_id' | 'account_id' | 'organisation_id'>,
  facts: ChangeFacts,
): AuditEvent {
  return {
    action: 'mandate.changed',
    outcome: 'done',
    objectId: idFromUuid('mandate', row.mandate_id),
    subjectId: idFromUuid('account', row.account_id),
    facts: { organisation: idFromUuid('organisation', row.organisation_id), ...facts },
  };
}

/** 测试甲 becomes 测**. */
export function maskedName(name: string): string {
  const [first, ...rest] = Array.from(name);
  return first === undefined ? '' : first + '*'.repeat(Math.max(1, rest.length));
}

function termsOf({ scope, sealIds, validUntil, purpose, maxUses }: AppointmentOrder, now: Date): Terms {
  return {
    scope,
    purpose,
    validUntil: validUntil ?? addSeconds(now, defaultTermSeconds),
    ...(sealIds === undefined ? {} : { sealIds }),
    ...(maxUses === undefined ? {} : { maxUses }),
  };
}

function sealUuid(sealId: string): Uuid {
  const uuid = uuidFromId('seal', sealId);
  if (uuid === undefined) throw new TrustError('malformed-request', 'not the identifier of a seal');
  return uuid;
}
