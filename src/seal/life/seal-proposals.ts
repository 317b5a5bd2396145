// Revoking (吊销, 撤销) and cancelling (缴销) a seal by two people (双人办理): proposed by one, approved by a seal administrator who is another.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Authority } from '../../authority/authority.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { requireScope } from '../../kernel/permissions.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { SealRegister } from '../seals.ts';
import { invalidTypes, type RevocationKind } from './deeds.ts';
import { requireStep } from './life-step.ts';
import { isOffice, narrowedTo, requireApplicant, requireDeedScope, requireEither, requireOffice } from './rights.ts';

export interface SealProposalsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly seals: SealRegister;
  readonly authority: Pick<Authority, 'certificateOf' | 'revokeWithin'>;
  readonly isSamePerson: (accountId: string, other: string) => Promise<boolean>;
}

/** `kind`: how it is revoked. */
export type ProposedDeed =
  | { readonly deed: 'revoke'; readonly kind: RevocationKind }
  | { readonly deed: 'cancel'; readonly kind?: undefined };

export interface SealProposal {
  readonly proposalId: Id<'proposal'>;
  readonly sealId: Id<'seal'>;
  readonly deed: 'revoke' | 'cancel';
  readonly kind: RevocationKind | null;
  readonly reason: string;
  readonly description: string | null;
  readonly state: 'open' | 'expired' | 'done' | 'rejected';
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

interface Row {
  readonly proposal_id: Uuid;
  readonly seal_id: Uuid;
  readonly deed: 'revoke' | 'cancel';
  readonly invalid_type: 0 | 1 | null;
  readonly reason: string;
  readonly description: string | null;
  readonly state: 'open' | 'done' | 'rejected';
  readonly proposed_by: Uuid;
  readonly proposed_at: Date;
  readonly expires_at: Date;
  readonly decided_by: Uuid | null;
  readonly decided_at: Date | null;
}

/** An organisation's own request may wait for the office over a weekend. */
const openSeconds = 7 * 86_400;
const maxReasonLength = 200;
const maxDescriptionLength = 500;
const maxPageSize = 100;
const columns = `proposal_id, seal_id, deed, invalid_type, reason, description, state, proposed_by, proposed_at, expires_at, decided_by,
  decided_at`;

export class SealProposals {
  readonly #options: SealProposalsOptions;

  constructor(options: SealProposalsOptions) {
    this.#options = options;
  }

  /** Open for a week. Throws `scope-missing`, `forbidden`, `malformed-request`, `seal-not-found`, `seal-transition-forbidden`. */
  async propose(
    principal: Principal,
    sealId: string,
    proposed: ProposedDeed,
    { reason, description }: { readonly reason: string; readonly description?: string | undefined },
  ): Promise<SealProposal> {
    const { database, audit, clock, seals } = this.#options;
    requireDeedScope(principal);
    const { record, uuid: sealUuid } = await seals.forUse(sealId);
    requireEither(principal, record);
    // Taking a seal away is the office's; its organisation has it cancelled or revoked.
    if (proposed.kind === 'withdrawn') requireOffice(principal);
    if (!isPlainText(reason, maxReasonLength))
      throw new TrustError('malformed-request', `a reason has 1 to ${maxReasonLength} visible characters`);
    if (description !== undefined && !isPlainText(description, maxDescriptionLength))
      throw new TrustError('malformed-request', `a description has at most ${maxDescriptionLength} characters`);
    requireStep(proposed.deed, record.status === 'expired' ? 'active' : record.status);
    const uuid = newUuid(clock);
    const now = clock.now();
    const invalidType = proposed.kind === undefined ? null : invalidTypes[proposed.kind];
    return database.transaction(async (tx) => {
      await tx.query({
        text: `INSERT INTO seal.proposal (proposal_id, seal_id, deed, invalid_type, reason, description, state, proposed_by,
            proposed_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9)`,
        values: [
          uuid,
          sealUuid,
          proposed.deed,
          invalidType,
          reason,
          description ?? null,
          uuidFromId('account', personIn(principal)) ?? null,
          now,
          addSeconds(now, openSeconds),
        ],
      });
      const row = await this.#row(tx, uuid);
      const subjectId = record.organisation.organisationId;
      await audit.record(tx, principal, { ...eventOf(row), outcome: 'intended', subjectId, purpose: reason });
      return this.#proposal(row);
    });
  }

  /** Newest first; the office sees all, an organisation those of its seals. Throws `scope-missing`, `forbidden`, `cursor-invalid`. */
  async list(
    principal: Principal,
    query: { readonly sealId?: string | undefined; readonly cursor?: string | undefined; readonly limit?: number },
  ): Promise<{ items: SealProposal[]; nextCursor: string | null }> {
    requireScope(principal, 'seal.apply', 'seal.manage');
    const party = isOffice(principal) ? undefined : requireApplicant(principal);
    const organisation = party === undefined ? null : (uuidFromId('organisation', party.organisationId) ?? null);
    const before = query.cursor === undefined ? undefined : uuidFromId('proposal', query.cursor);
    if (query.cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const { rows } = await this.#options.database.query<Row>({
      name: 'seal-proposals',
      text: `SELECT ${columns} FROM seal.proposal p
        WHERE ($1::uuid IS NULL OR seal_id IN (SELECT s.seal_id FROM seal.seal s WHERE s.organisation_id = $1))
          AND ($2::uuid IS NULL OR seal_id = $2) AND ($3::uuid IS NULL OR proposal_id < $3)
          AND ($5::uuid[] IS NULL OR seal_id = ANY ($5))
        ORDER BY proposal_id DESC LIMIT $4`,
      values: [
        organisation,
        query.sealId === undefined ? null : (uuidFromId('seal', query.sealId) ?? nobody),
        before ?? null,
        limit + 1,
        narrowedTo(party),
      ],
    });
    const items = rows.slice(0, limit).map((row) => this.#proposal(row));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.proposalId ?? null) : null };
  }

  /**
   * Decision, step, the end of its certificate and all entries commit together. Throws `scope-missing`, `forbidden`, `proposal-not-found`,
   * `proposal-not-open`, `proposal-self-approval`, `seal-transition-forbidden`.
   */
  async approve(principal: Principal, proposalId: string): Promise<SealProposal> {
    requireOffice(principal);
    const { database, audit, seals, authority, isSamePerson } = this.#options;
    const decidedBy = personIn(principal);
    const proposed = await this.#row(database, uuidOf(proposalId));
    const proposedBy = idFromUuid('account', proposed.proposed_by);
    if (proposedBy === decidedBy || (await isSamePerson(proposedBy, decidedBy))) {
      // Refused, and told of: an alert rule looks for it (docs/alerts.md).
      await audit.append(principal, { ...eventOf(proposed), outcome: 'failed', code: 'proposal-self-approval' });
      throw new TrustError('proposal-self-approval', 'another seal administrator must approve this');
    }
    // Before the transaction: it would wait for a second connection while it holds the first.
    const editions = await this.#editions(proposed.seal_id);
    return database.transaction(async (tx) => {
      const row = await this.#decide(tx, proposed.proposal_id, { state: 'done', decidedBy });
      const { deed, reason, description, invalid_type: invalidType, proposed_at: appliedAt } = row;
      const sealId = idFromUuid('seal', row.seal_id);
      const { keyName } = await seals.step(tx, principal, sealId, {
        deed,
        reason,
        description: description ?? undefined,
        ...(invalidType === null ? {} : { invalidType }),
        appliedAt,
      });
      if (!editions.some((edition) => edition.keyName === keyName))
        throw new TrustError('seal-transition-forbidden', 'the seal was renewed at this moment: approve it again');
      const why = invalidType === 0 ? 'privilegeWithdrawn' : 'cessationOfOperation';
      for (const { serialHex } of editions) await authority.revokeWithin(tx, serialHex, why, principal);
      await audit.record(tx, principal, { ...eventOf(row), outcome: 'done' });
      return this.#proposal(row);
    });
  }

  /** The present one and those before it, whose keys may still lie somewhere. */
  async #editions(sealUuid: Uuid): Promise<{ keyName: string; serialHex: string }[]> {
    const { database, authority } = this.#options;
    const { rows } = await database.query<{ key_name: string }>({
      name: 'seal-editions',
      text: `SELECT key_name FROM seal.seal WHERE seal_id = $1
        UNION ALL SELECT key_name FROM seal.former_edition WHERE seal_id = $1
        UNION ALL SELECT key_name FROM seal.further_certificate WHERE seal_id = $1`,
      values: [sealUuid],
    });
    return Promise.all(
      rows.map(async ({ key_name: keyName }) => {
        const { certificate } = await authority.certificateOf(keyName);
        return { keyName, serialHex: certificate.serialHex };
      }),
    );
  }

  /** A seal administrator refuses it, or whoever proposed it takes it back. Throws as `approve` does. */
  async reject(principal: Principal, proposalId: string): Promise<SealProposal> {
    requireScope(principal, 'seal.apply', 'seal.manage');
    const { database, audit } = this.#options;
    const decidedBy = personIn(principal);
    return database.transaction(async (tx) => {
      const { proposed_by: proposedBy } = await this.#row(tx, uuidOf(proposalId));
      if (idFromUuid('account', proposedBy) !== decidedBy) requireOffice(principal);
      const row = await this.#decide(tx, uuidOf(proposalId), { state: 'rejected', decidedBy });
      await audit.record(tx, principal, { ...eventOf(row), outcome: 'voided' });
      return this.#proposal(row);
    });
  }

  /** One decision, once. */
  async #decide(
    tx: Transaction,
    uuid: Uuid,
    { state, decidedBy }: { readonly state: 'done' | 'rejected'; readonly decidedBy: string },
  ): Promise<Row> {
    const { rows } = await tx.query<Row>({
      name: 'seal-proposal-decide',
      text: `UPDATE seal.proposal SET state = $2, decided_by = $3, decided_at = $4
        WHERE proposal_id = $1 AND state = 'open' AND expires_at > $4 RETURNING ${columns}`,
      values: [uuid, state, uuidFromId('account', decidedBy) ?? null, this.#options.clock.now()],
    });
    if (rows[0] !== undefined) return rows[0];
    throw new TrustError('proposal-not-open', 'the proposal was decided or has expired');
  }

  async #row(on: Queryable, uuid: Uuid): Promise<Row> {
    const { rows } = await on.query<Row>({
      name: 'seal-proposal',
      text: `SELECT ${columns} FROM seal.proposal WHERE proposal_id = $1`,
      values: [uuid],
    });
    if (rows[0] === undefined) throw notFound();
    return rows[0];
  }

  #proposal(row: Row): SealProposal {
    const over = row.state === 'open' && row.expires_at <= this.#options.clock.now();
    return {
      proposalId: idFromUuid('proposal', row.proposal_id),
      sealId: idFromUuid('seal', row.seal_id),
      deed: row.deed,
      kind: row.invalid_type === null ? null : row.invalid_type === 0 ? 'withdrawn' : 'revoked',
      reason: row.reason,
      description: row.description,
      state: over ? 'expired' : row.state,
      proposedBy: idFromUuid('account', row.proposed_by),
      proposedAt: row.proposed_at,
      expiresAt: row.expires_at,
      decidedBy: row.decided_by === null ? null : idFromUuid('account', row.decided_by),
      decidedAt: row.decided_at,
    };
  }
}

const nobody = '00000000-0000-0000-0000-000000000000';

/** The house is nobody's second. Throws `forbidden`. */
function personIn({ kind, accountId }: Principal): string {
  if (kind === 'person' && accountId !== undefined) return accountId;
  throw new TrustError('forbidden', 'this needs two people');
}

function eventOf(row: Row) {
  const { proposal_id: uuid, seal_id: sealUuid, deed, invalid_type: invalidType } = row;
  return {
    action: 'seal.two-person',
    objectId: idFromUuid('proposal', uuid),
    facts: { deed, sealId: idFromUuid('seal', sealUuid), ...(invalidType === null ? {} : { invalidType }) },
  } as const;
}

function uuidOf(proposalId: string): Uuid {
  const uuid = uuidFromId('proposal', proposalId);
  if (uuid === undefined) throw notFound();
  return uuid;
}

function notFound(): TrustError {
  return new TrustError('proposal-not-found', 'there is no such proposal');
}
