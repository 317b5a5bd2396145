// Organisations (法人) and mandates: an organisation never signs in; a person (经办人) acts for it, under a mandate with an end.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../db/database.ts';
import { parseSocialCreditCode } from '../kernel/chinese-identifiers.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../kernel/ids.ts';
import type { Principal, RepresentedParty } from '../kernel/principal.ts';

export interface Organisation {
  readonly organisationId: Id<'organisation'>;
  /** Unified social credit code (统一社会信用代码). */
  readonly uscc: string;
  readonly name: string;
}

export interface NewMandate {
  readonly accountId: string;
  readonly organisationId: string;
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
}

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
      return { organisationId, uscc, name };
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
   * The same mandate is granted once, however often and at once it is ordered: a second one would leave the account without a sole
   * mandate. Throws `malformed-request` when account or organisation are unknown or the end lies in the past.
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
    const granted = await database.transaction(async (tx) => {
      await tx.query({
        text: 'SELECT 1 FROM identity.account WHERE account_id = $1 FOR UPDATE',
        values: [account],
      });
      const { rows } = await tx.query<{ mandate_id: Uuid }>({
        text: `SELECT mandate_id FROM identity.mandate WHERE account_id = $1 AND organisation_id = $2 AND purpose = $3
          AND revoked_at IS NULL AND valid_until > $4 ORDER BY mandate_id LIMIT 1`,
        values: [account, organisationUuid, request.purpose, now],
      });
      const [held] = rows;
      if (held !== undefined) return idFromUuid('mandate', held.mandate_id);
      const inserted = await tx.query({
        text: `INSERT INTO identity.mandate
            (mandate_id, account_id, organisation_id, purpose, valid_from, valid_until, created_at)
          SELECT $1, account_id, $3, $4, $5, $6, $5 FROM identity.account WHERE account_id = $2`,
        values: [uuid, account, organisationUuid, request.purpose, now, request.validUntil],
      });
      if (inserted.rowCount === 0) throw new TrustError('malformed-request', 'there is no such account');
      await audit.record(tx, principal, {
        action: 'mandate.granted',
        outcome: 'done',
        objectId: mandateId,
        subjectId: request.accountId,
        purpose: request.purpose,
        facts: { organisation: organisation.organisationId, validUntil: request.validUntil.toISOString() },
      });
      return mandateId;
    });
    return { organisationId: organisation.organisationId, uscc: organisation.uscc, mandateId: granted };
  }

  /** The mandates of an account that hold at this moment, oldest first; at most 20. */
  async mandatesOf(accountId: string): Promise<(RepresentedParty & { readonly name: string })[]> {
    const { database, clock } = this.#options;
    const { rows } = await database.query<OrganisationRow & { mandate_id: Uuid }>({
      name: 'mandates-of-account',
      text: `SELECT m.mandate_id, o.organisation_id, o.uscc, o.name FROM identity.mandate m
        JOIN identity.organisation o ON o.organisation_id = m.organisation_id
        WHERE m.account_id = $1 AND m.revoked_at IS NULL AND m.valid_from <= $2 AND m.valid_until > $2
        ORDER BY m.mandate_id LIMIT 20`,
      values: [uuidFromId('account', accountId) ?? null, clock.now()],
    });
    return rows.map((row) => ({
      organisationId: idFromUuid('organisation', row.organisation_id),
      uscc: row.uscc,
      name: row.name,
      mandateId: idFromUuid('mandate', row.mandate_id),
    }));
  }

  /** Whom an account acts for when it does not say: its only mandate. With several it must choose, so there is none. */
  async soleMandateOf(accountId: string): Promise<RepresentedParty | undefined> {
    const [first, second] = await this.mandatesOf(accountId);
    if (first === undefined || second !== undefined) return undefined;
    return { organisationId: first.organisationId, uscc: first.uscc, mandateId: first.mandateId };
  }

  async #one(name: string, condition: string, value: string): Promise<Organisation | undefined> {
    const { rows } = await this.#options.database.query<OrganisationRow>({
      name,
      text: `SELECT organisation_id, uscc, name FROM identity.organisation WHERE ${condition}`,
      values: [value],
    });
    const [row] = rows;
    return row && { organisationId: idFromUuid('organisation', row.organisation_id), uscc: row.uscc, name: row.name };
  }
}
