// The legal representative (法定代表人) of an organisation: proven by the register, one at a time; a change needs the former one or two administrators.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditEvent } from '../../audit/events.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { parseSocialCreditCode } from '../../kernel/chinese-identifiers.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { Account, Person } from '../accounts/accounts.ts';
import { isAdministrator, isSamePersonOf } from '../administration/same-person.ts';
import { acrOf } from '../levels/levels.ts';
import { type MandateRegister, mandateNotFound, notTheirs } from './mandate-register.ts';
import { countClaim } from './mandate-limits.ts';
import { offerSeconds, proofSeconds, representativeLevel, requireRecentPerson } from './mandate-rules.ts';
import { endMandates, lockOrganisation, type Mandate, type MandateRow, mandateRows } from './mandate-store.ts';
import { changedEvent } from './mandates.ts';
import type { OrganisationRegister } from './organisation-register.ts';
import type { Organisations } from './organisations.ts';

export interface RepresentativesOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly register: MandateRegister;
  readonly organisations: Pick<Organisations, 'findByUscc' | 'create'>;
  readonly organisationRegister: OrganisationRegister;
  readonly accounts: {
    find(accountId: string): Promise<Account | undefined>;
    personOf(accountId: string): Promise<Person | undefined>;
  };
  readonly clock: Clock;
}

type How = 'proof' | 'renewal' | 'agreement' | 'administrators';

export class Representatives {
  readonly #options: RepresentativesOptions;

  constructor(options: RepresentativesOptions) {
    this.#options = options;
  }

  /**
   * The caller says that they are the legal representative, and the register is asked. Where nobody is, they become it at once; whoever is it
   * already renews the proof; else a claim waits (`claimed`) for the former one or two administrators. Throws `malformed-identifier`,
   * `step-up-required` (sign-in too old, level below 4), `too-many-requests`, `representative-not-proven`, `register-unavailable`.
   */
  async claim(principal: Principal, uscc: string): Promise<Mandate> {
    const { clock, accounts, organisationRegister } = this.#options;
    const accountId = requireRecentPerson(principal, clock.now());
    const code = parseSocialCreditCode(uscc)?.code;
    if (code === undefined) throw new TrustError('malformed-identifier', 'not a unified social credit code');
    const person = await accounts.personOf(accountId);
    if (person === undefined || ((await accounts.find(accountId))?.level ?? 0) < representativeLevel)
      throw new TrustError('step-up-required', 'a legal representative has proven to be the holder of their name', {
        details: { level: representativeLevel, acrValues: acrOf(representativeLevel) },
      });
    await countClaim(this.#options, { accountId, uscc: code });
    const answer = await organisationRegister.representative(code, person, principal.requestId ?? newUuid(clock));
    if (answer.result === 'unavailable')
      throw new TrustError('register-unavailable', 'the register of organisations does not answer');
    if (answer.result === 'mismatch') {
      await this.#refused(principal, accountId, code);
      throw new TrustError('representative-not-proven', 'the register does not name you as the legal representative');
    }
    const organisation = await this.#organisation(principal, code, answer.name);
    return this.#proven(principal, { accountId, organisationId: organisation, reference: answer.reference });
  }

  /** The former representative lets the claimant succeed; the agents stay. Throws `mandate-not-found`, `forbidden`, `mandate-not-open`, `step-up-required`. */
  async agree(principal: Principal, mandateId: string): Promise<Mandate> {
    const { database, register, clock } = this.#options;
    requireRecentPerson(principal, clock.now());
    const { uuid, row } = await register.visible(principal, mandateId);
    await database.transaction(async (tx) => {
      await lockOrganisation(tx, row.organisation_id);
      const own = await register.managingRow(tx, principal, row.organisation_id);
      if (own?.role !== 'representative') throw notTheirs();
      await this.#succeed(tx, principal, row, 'agreement');
    });
    return register.one(uuid);
  }

  /**
   * Two administrators let the claimant succeed without the former one: the first call notes the first, the second one does it, and the
   * agents of the former end. They are two persons, neither of them the claimant or the former, and both are administrators still.
   * Throws `forbidden`, `proposal-self-approval`, and as `agree`.
   */
  async approve(principal: Principal, mandateId: string): Promise<Mandate> {
    const { database, register, clock } = this.#options;
    const accountId = requireRecentPerson(principal, clock.now());
    if (!principal.roles.has('administrator')) throw new TrustError('forbidden', 'only an administrator may do this');
    const approver = uuidFromId('account', accountId) ?? null;
    const { uuid, row: seen } = await register.visible(principal, mandateId);
    await database.transaction(async (tx) => {
      await lockOrganisation(tx, seen.organisation_id);
      // Read under the lock: one who sends two approvals at once must not be taken for two.
      const [row] = await mandateRows(tx, clock.now(), { name: 'one', condition: 'm.mandate_id = $2', values: [uuid] });
      if (row === undefined) throw mandateNotFound();
      const former = await this.#present(tx, row.organisation_id);
      for (const party of [row.account_id, ...(former === undefined ? [] : [former.account_id])])
        if (await isSamePersonOf(tx, approver, party)) throw notByThemselves();
      const { approved_by: first } = row;
      // One who lost the role or the account meanwhile has approved nothing.
      if (first === null || !(await isAdministrator(tx, first)))
        return this.#approveFirst(tx, principal, row, approver);
      if (await isSamePersonOf(tx, approver, first)) throw notByThemselves();
      return this.#succeed(tx, principal, row, 'administrators');
    });
    return register.one(uuid);
  }

  async #approveFirst(tx: Transaction, principal: Principal, row: MandateRow, approver: Uuid | null): Promise<void> {
    const { rowCount } = await tx.query({
      name: 'mandate-approve-first',
      text: `UPDATE identity.mandate SET approved_by = $2 WHERE mandate_id = $1 AND role = 'representative'
        AND accepted_at IS NULL AND revoked_at IS NULL AND created_at > $3`,
      values: [row.mandate_id, approver, addSeconds(this.#options.clock.now(), -offerSeconds)],
    });
    if (rowCount === 0) throw notOpen();
    await this.#record(tx, principal, row, { outcome: 'intended', how: 'administrators' });
  }

  /** The claimant takes the claim back; the present representative or an administrator refuses it. Throws as `agree`. */
  async refuse(principal: Principal, mandateId: string): Promise<Mandate> {
    const { database, register, clock } = this.#options;
    const { uuid, row } = await register.visible(principal, mandateId);
    await database.transaction(async (tx) => {
      await lockOrganisation(tx, row.organisation_id);
      const own = await register.managingRow(tx, principal, row.organisation_id);
      const isClaimant = idFromUuid('account', row.account_id) === principal.accountId;
      if (!isClaimant && own?.role !== 'representative' && !principal.roles.has('administrator')) throw notTheirs();
      const { rowCount } = await tx.query({
        name: 'mandate-claim-refuse',
        text: `UPDATE identity.mandate SET revoked_at = $2, ended_as = 'declined' WHERE mandate_id = $1
          AND role = 'representative' AND accepted_at IS NULL AND revoked_at IS NULL`,
        values: [uuid, clock.now()],
      });
      if (rowCount === 0) throw notOpen();
      await this.#options.audit.record(tx, principal, changedEvent(row, { to: 'declined' }));
    });
    return register.one(uuid);
  }

  /** After the register's word: the first one, a renewal, or a claim. */
  async #proven(
    principal: Principal,
    proof: { accountId: string; organisationId: string; reference: string },
  ): Promise<Mandate> {
    const { database, register, clock } = this.#options;
    const [account, organisation] = [
      uuidFromId('account', proof.accountId),
      uuidFromId('organisation', proof.organisationId),
    ];
    const now = clock.now();
    const uuid = await database.transaction(async (tx) => {
      await lockOrganisation(tx, organisation ?? null);
      const former = await this.#present(tx, organisation);
      if (former !== undefined && former.account_id === account) {
        await tx.query({
          name: 'mandate-renew',
          text: `UPDATE identity.mandate SET valid_until = $2, proof_source = $3, proof_reference = $4 WHERE mandate_id = $1`,
          values: [former.mandate_id, addSeconds(now, proofSeconds), this.#source, proof.reference],
        });
        await this.#record(tx, principal, former, { outcome: 'done', how: 'renewal' });
        return former.mandate_id;
      }
      // A proof that nobody renewed for a year is no proof that another one is wrong.
      const isVacant = former === undefined || former.valid_until <= now;
      if (former !== undefined && isVacant) await this.#end(tx, principal, former, 'lapsed');
      const mandate = await this.#insert(tx, { account, organisation, reference: proof.reference, accepted: isVacant });
      const row = { mandate_id: mandate, account_id: account ?? '', organisation_id: organisation ?? '' };
      await this.#record(tx, principal, row, { outcome: isVacant ? 'done' : 'intended', how: 'proof' });
      return mandate;
    });
    return register.one(uuid);
  }

  /** A claim that is there already is the claim. */
  async #insert(
    tx: Transaction,
    proof: { account: Uuid | undefined; organisation: Uuid | undefined; reference: string; accepted: boolean },
  ): Promise<Uuid> {
    const now = this.#options.clock.now();
    const { rows } = await tx.query<{ mandate_id: Uuid }>({
      name: 'mandate-claim',
      text: `INSERT INTO identity.mandate (mandate_id, account_id, organisation_id, role, purpose, valid_from, valid_until,
          created_at, accepted_at, proof_source, proof_reference)
        VALUES ($1, $2, $3, 'representative', '法定代表人', $4, $5, $4, $6, $7, $8)
        ON CONFLICT (organisation_id, account_id) WHERE role = 'representative' AND accepted_at IS NULL AND revoked_at IS NULL
        DO UPDATE SET created_at = excluded.created_at, proof_source = excluded.proof_source,
          proof_reference = excluded.proof_reference, valid_until = excluded.valid_until, accepted_at = excluded.accepted_at
        RETURNING mandate_id`,
      values: [
        newUuid(this.#options.clock),
        proof.account,
        proof.organisation,
        now,
        addSeconds(now, proofSeconds),
        proof.accepted ? now : null,
        this.#source,
        proof.reference,
      ],
    });
    const [row] = rows;
    if (row === undefined) throw new TrustError('internal', 'a claim left no row');
    return row.mandate_id;
  }

  /** The former one goes first: there is one representative at a time. With their agreement the agents stay, under the new one. */
  async #succeed(tx: Transaction, principal: Principal, claim: MandateRow, how: How): Promise<void> {
    const { clock } = this.#options;
    const now = clock.now();
    const former = await this.#present(tx, claim.organisation_id);
    if (former !== undefined && how === 'agreement')
      await tx.query({
        name: 'mandate-hand-over',
        text: 'UPDATE identity.mandate SET appointed_under = $2 WHERE appointed_under = $1 AND revoked_at IS NULL',
        values: [former.mandate_id, claim.mandate_id],
      });
    if (former !== undefined) await this.#end(tx, principal, former, 'succeeded');
    const { rowCount } = await tx.query({
      name: 'mandate-succeed',
      text: `UPDATE identity.mandate SET accepted_at = $2, valid_until = $3 WHERE mandate_id = $1 AND role = 'representative'
        AND accepted_at IS NULL AND revoked_at IS NULL AND created_at > $4`,
      values: [claim.mandate_id, now, addSeconds(claim.created_at, proofSeconds), addSeconds(now, -offerSeconds)],
    });
    if (rowCount === 0) throw notOpen();
    await this.#record(tx, principal, claim, { outcome: 'done', how });
  }

  async #end(tx: Transaction, principal: Principal, former: MandateRow, as: 'succeeded' | 'lapsed'): Promise<void> {
    const ended = await endMandates(tx, this.#options.clock.now(), { mandate: former.mandate_id, as });
    const deeds = ended.map((row) => ({
      principal,
      event: changedEvent(row, { to: 'ended', cause: row.ended_as ?? as }),
    }));
    await this.#options.audit.recordMany(tx, deeds);
  }

  /** Whoever was proven last and has not been succeeded, whether or not the proof still holds. */
  async #present(tx: Transaction, organisation: Uuid | undefined): Promise<MandateRow | undefined> {
    const rows = await mandateRows(tx, this.#options.clock.now(), {
      name: 'representative',
      condition: `m.organisation_id = $2 AND m.role = 'representative' AND m.accepted_at IS NOT NULL AND m.revoked_at IS NULL`,
      values: [organisation ?? null],
    });
    return rows[0];
  }

  /** One that nobody named before is entered with the name that the register has. */
  async #organisation(principal: Principal, uscc: string, name: string): Promise<string> {
    const { organisations } = this.#options;
    const known = await organisations.findByUscc(uscc);
    return (known ?? (await organisations.create({ uscc, name }, principal))).organisationId;
  }

  get #source(): string {
    return this.#options.organisationRegister.source;
  }

  async #refused(principal: Principal, accountId: string, uscc: string): Promise<void> {
    const organisation = (await this.#options.organisations.findByUscc(uscc))?.organisationId;
    await this.#options.audit.append(principal, {
      action: 'representative.changed',
      outcome: 'failed',
      subjectId: accountId,
      code: 'representative-not-proven',
      facts: { how: 'proof', source: this.#source, ...(organisation === undefined ? {} : { organisation }) },
    });
  }

  async #record(
    tx: Transaction,
    principal: Principal,
    row: Pick<MandateRow, 'mandate_id' | 'account_id' | 'organisation_id'>,
    { outcome, how }: { outcome: 'intended' | 'done'; how: How },
  ): Promise<void> {
    const event: AuditEvent = {
      action: 'representative.changed',
      outcome,
      objectId: idFromUuid('mandate', row.mandate_id),
      subjectId: idFromUuid('account', row.account_id),
      facts: { organisation: idFromUuid('organisation', row.organisation_id), how, source: this.#source },
    };
    await this.#options.audit.record(tx, principal, event);
  }
}

function notOpen(): TrustError {
  return new TrustError('mandate-not-open', 'the claim was decided or is over');
}

function notByThemselves(): TrustError {
  return new TrustError('proposal-self-approval', 'two administrators who are neither of the two must approve this');
}
