// Organisations (法人), keyed by their unified social credit code (GB 32100): an organisation never signs in; people act for it under mandates.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Queryable } from '../../db/database.ts';
import { parseSocialCreditCode } from '../../kernel/chinese-identifiers.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { MandateScope } from '../../kernel/mandate-scopes.ts';
import { requireKeeper } from '../../kernel/permissions.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal, RepresentedParty } from '../../kernel/principal.ts';
import type { PageQuery } from './mandate-register.ts';
import { lockOrganisation, mandateRows, type OrganisationStatus, partyOf } from './mandate-store.ts';

export interface Organisation {
  readonly organisationId: Id<'organisation'>;
  /** Unified social credit code (统一社会信用代码). */
  readonly uscc: string;
  readonly name: string;
  /** Nobody acts for one that is not active. */
  readonly status: OrganisationStatus;
}

export interface OrganisationPage {
  readonly items: readonly Organisation[];
  readonly nextCursor: string | null;
}

export interface NewMandate {
  readonly accountId: string;
  readonly organisationId: string;
  readonly scope: readonly MandateScope[];
  /** Why, in the words of whoever grants it. */
  readonly purpose: string;
  readonly validUntil: Date;
}

export interface OrganisationsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

interface OrganisationRow {
  organisation_id: Uuid;
  uscc: string;
  name: string;
  status: OrganisationStatus;
}

const maxPageSize = 100;
const maxReasonLength = 200;
const firstUuid = '00000000-0000-0000-0000-000000000000';

/** A closed organisation stays closed: whoever follows it has a code of their own. */
const steps: Readonly<Record<OrganisationStatus, readonly OrganisationStatus[]>> = {
  active: ['suspended', 'closed'],
  suspended: ['active', 'closed'],
  closed: [],
};

export class Organisations {
  readonly #options: OrganisationsOptions;

  constructor(options: OrganisationsOptions) {
    this.#options = options;
    options.audit.findOwnersBy('mandate', (mandateId) => this.#accountOfMandate(mandateId));
  }

  /** Throws `malformed-identifier` (code), `malformed-request` (code taken, name empty). */
  async create(request: { uscc: string; name: string }, principal: Principal): Promise<Organisation> {
    const { database, audit, clock } = this.#options;
    const uscc = parseSocialCreditCode(request.uscc)?.code;
    if (uscc === undefined) throw new TrustError('malformed-identifier', 'not a unified social credit code');
    const name = request.name.normalize('NFC').trim();
    if (name === '' || name.length > 200) throw new TrustError('malformed-request', 'the name has 1 to 200 characters');
    const uuid = newUuid(clock);
    const organisationId = idFromUuid('organisation', uuid);
    return database.transaction(async (tx) => {
      const inserted = await tx.query({
        text: `INSERT INTO identity.organisation (organisation_id, uscc, name, created_at) VALUES ($1, $2, $3, $4)
          ON CONFLICT (uscc) DO NOTHING`,
        values: [uuid, uscc, name, clock.now()],
      });
      if (inserted.rowCount === 0) throw new TrustError('malformed-request', 'the organisation is known already');
      await audit.record(tx, principal, {
        action: 'organisation.created',
        outcome: 'done',
        objectId: organisationId,
        subjectId: organisationId,
        facts: { uscc },
      });
      return { organisationId, uscc, name, status: 'active' };
    });
  }

  async #accountOfMandate(mandateId: string): Promise<string | undefined> {
    const { rows } = await this.#options.database.query<{ account_id: Uuid }>({
      name: 'mandate-account',
      text: 'SELECT account_id FROM identity.mandate WHERE mandate_id = $1',
      values: [uuidFromId('mandate', mandateId) ?? null],
    });
    return rows[0] === undefined ? undefined : idFromUuid('account', rows[0].account_id);
  }

  async find(organisationId: string): Promise<Organisation | undefined> {
    const uuid = uuidFromId('organisation', organisationId);
    return uuid === undefined ? undefined : this.#one('organisation-by-id', 'organisation_id = $1', uuid);
  }

  async findByUscc(text: string): Promise<Organisation | undefined> {
    const uscc = parseSocialCreditCode(text)?.code;
    return uscc === undefined ? undefined : this.#one('organisation-by-uscc', 'uscc = $1', uscc);
  }

  /**
   * A mandate that the house gives, accepted as it is given and under nobody's: for the sandbox and for a deployment that begins. The
   * same one is granted once, however often and at once it is ordered: a second would leave the account with a choice. Throws `malformed-request` when account or organisation are unknown or the end lies in the past.
   */
  async grantMandate(request: NewMandate, principal: Principal): Promise<RepresentedParty> {
    const { database, audit, clock } = this.#options;
    const account = uuidFromId('account', request.accountId);
    const organisation = await this.find(request.organisationId);
    const now = clock.now();
    if (account === undefined || organisation === undefined || request.validUntil <= now) {
      throw new TrustError('malformed-request', 'a mandate needs an account, an organisation and an end to come');
    }
    const uuid = newUuid(clock);
    const mandateId = idFromUuid('mandate', uuid);
    const organisationUuid = uuidFromId('organisation', organisation.organisationId) ?? null;
    return database.transaction(async (tx) => {
      await lockOrganisation(tx, organisationUuid);
      const [held] = await mandateRows(tx, now, {
        name: 'held',
        condition: `m.account_id = $2 AND m.organisation_id = $3 AND m.purpose = $4 AND m.revoked_at IS NULL
          AND m.valid_until > $1 ORDER BY m.mandate_id LIMIT 1`,
        values: [account, organisationUuid, request.purpose],
      });
      if (held !== undefined) return partyOf(held);
      const inserted = await tx.query({
        text: `INSERT INTO identity.mandate
            (mandate_id, account_id, organisation_id, purpose, valid_from, valid_until, created_at, accepted_at, scope)
          SELECT $1, account_id, $3, $4, $5, $6, $5, $5, $7 FROM identity.account WHERE account_id = $2`,
        values: [uuid, account, organisationUuid, request.purpose, now, request.validUntil, request.scope],
      });
      if (inserted.rowCount === 0) throw new TrustError('malformed-request', 'there is no such account');
      await audit.record(tx, principal, {
        action: 'mandate.granted',
        outcome: 'done',
        objectId: mandateId,
        subjectId: request.accountId,
        purpose: request.purpose,
        facts: {
          organisation: organisation.organisationId,
          validUntil: request.validUntil.toISOString(),
          scope: request.scope.join(' '),
        },
      });
      return {
        organisationId: organisation.organisationId,
        uscc: organisation.uscc,
        name: organisation.name,
        mandateId,
        role: 'agent',
        scope: request.scope,
        validUntil: request.validUntil,
      };
    });
  }

  /**
   * All there are, oldest first, for those who keep the deployment. Throws `forbidden`, `cursor-invalid`.
   */
  async list(principal: Principal, query: PageQuery = {}): Promise<OrganisationPage> {
    if (!oversees(principal))
      throw new TrustError('forbidden', 'only those who keep the deployment see all organisations');
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const after = query.cursor === undefined ? firstUuid : uuidFromId('organisation', query.cursor);
    if (after === undefined) throw new TrustError('cursor-invalid', 'the cursor is not one of this list');
    const { rows } = await this.#options.database.query<OrganisationRow>({
      name: 'organisation-list',
      text: `SELECT organisation_id, uscc, name, status FROM identity.organisation WHERE organisation_id > $1
        ORDER BY organisation_id LIMIT $2`,
      values: [after, limit + 1],
    });
    const items = rows.slice(0, limit).map(organisationFrom);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.organisationId ?? null) : null };
  }

  /**
   * Nobody acts for a suspended or closed organisation from this commit on. Throws `forbidden`, `malformed-request` (reason),
   * `organisation-not-found`, `organisation-transition-forbidden`.
   */
  async changeStatus(
    principal: Principal,
    organisationId: string,
    { to, reason }: { to: OrganisationStatus; reason: string },
  ): Promise<Organisation> {
    requireKeeper(principal);
    if (!isPlainText(reason, maxReasonLength))
      throw new TrustError('malformed-request', `a reason has 1 to ${maxReasonLength} visible characters`);
    const { database, audit } = this.#options;
    const uuid = uuidFromId('organisation', organisationId);
    return database.transaction(async (tx) => {
      if (!(await lockOrganisation(tx, uuid ?? null))) throw unknownOrganisation();
      const present = await this.#one('organisation-by-id', 'organisation_id = $1', uuid ?? '', tx);
      if (present === undefined) throw unknownOrganisation();
      const { status: from } = present;
      if (!steps[from].includes(to))
        throw new TrustError(
          'organisation-transition-forbidden',
          `an organisation that is ${from} cannot become ${to}`,
        );
      await tx.query({
        name: 'organisation-status',
        text: 'UPDATE identity.organisation SET status = $2 WHERE organisation_id = $1',
        values: [uuid, to],
      });
      await audit.record(tx, principal, {
        action: 'organisation.status-changed',
        outcome: 'done',
        objectId: present.organisationId,
        subjectId: present.organisationId,
        purpose: reason,
        facts: { from, to },
      });
      return { ...present, status: to };
    });
  }

  async #one(
    name: string,
    condition: string,
    value: string,
    at: Queryable = this.#options.database,
  ): Promise<Organisation | undefined> {
    const { rows } = await at.query<OrganisationRow>({
      name,
      text: `SELECT organisation_id, uscc, name, status FROM identity.organisation WHERE ${condition}`,
      values: [value],
    });
    return rows[0] && organisationFrom(rows[0]);
  }
}

/** Those who keep the deployment see all organisations. */
export function oversees({ kind, roles }: Principal): boolean {
  return kind === 'house' || roles.has('administrator') || roles.has('auditor');
}

function organisationFrom({ organisation_id: uuid, uscc, name, status }: OrganisationRow): Organisation {
  return { organisationId: idFromUuid('organisation', uuid), uscc, name, status };
}

function unknownOrganisation(): TrustError {
  return new TrustError('organisation-not-found', 'there is no such organisation');
}
