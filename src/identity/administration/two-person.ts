// Four eyes (双人办理) on identity: a deed is proposed by one administrator, approved by another, and done in the transaction that approves it.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { fromUtf8, utf8 } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import { administratorIn, reasonIn, requireManager } from './administrators.ts';
import { type IdentityDeed, subjectOf } from './identity-deed.ts';
import { isSamePerson } from './same-person.ts';

/** The offices that know what a deed is. */
export interface DeedOffice {
  /** The deed as it is kept, if it could be done now. Throws what stands in its way. */
  proposed(principal: Principal, deed: IdentityDeed): Promise<IdentityDeed>;
  /** What is shown once to whoever approved, where the deed made it. */
  execute(tx: Transaction, principal: Principal, deed: IdentityDeed, reason: string): Promise<string | undefined>;
}

export interface TwoPersonOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly office: DeedOffice;
}

export interface IdentityProposal {
  readonly proposalId: Id<'proposal'>;
  readonly deed: IdentityDeed;
  readonly reason: string;
  readonly state: 'open' | 'expired' | 'done' | 'rejected';
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | undefined;
  readonly decidedAt: Date | undefined;
}

export interface ApprovedProposal extends IdentityProposal {
  /** Of a client, where the deed made one; shown once, and known to nobody afterwards. */
  readonly secret: string | undefined;
}

interface Row {
  proposal_id: Uuid;
  deed_sealed: Uint8Array;
  state: 'open' | 'done' | 'rejected';
  proposed_by: Uuid;
  proposed_at: Date;
  expires_at: Date;
  decided_by: Uuid | null;
  decided_at: Date | null;
}

const openSeconds = 86_400;
const nobody = idFromUuid('account', '00000000-0000-0000-0000-000000000000');
const columns = 'proposal_id, deed_sealed, state, proposed_by, proposed_at, expires_at, decided_by, decided_at';

export class TwoPersonDeeds {
  readonly #options: TwoPersonOptions;

  constructor(options: TwoPersonOptions) {
    this.#options = options;
  }

  /** Open for a day. Throws `scope-missing`, `forbidden`, `malformed-request`, and what stands in the deed's way. */
  async propose(principal: Principal, wanted: IdentityDeed, reason: string): Promise<IdentityProposal> {
    const { database, audit, clock, office } = this.#options;
    const proposedBy = uuidFromId('account', administratorIn(principal)) ?? null;
    const why = reasonIn(reason);
    const deed = await office.proposed(principal, wanted);
    const uuid = newUuid(clock);
    const now = clock.now();
    await database.transaction(async (tx) => {
      await tx.query({
        text: `INSERT INTO identity.proposal (proposal_id, kind, deed_sealed, state, proposed_by, proposed_at, expires_at)
          VALUES ($1, $2, $3, 'open', $4, $5, $6)`,
        values: [uuid, deed.kind, this.#sealed(uuid, deed, why), proposedBy, now, addSeconds(now, openSeconds)],
      });
      await audit.record(tx, principal, { ...eventOf(uuid, deed), outcome: 'intended', purpose: why });
    });
    return this.#existing(database, uuid);
  }

  /** Newest first. Throws `scope-missing`, `forbidden`, `cursor-invalid`. */
  async list(
    principal: Principal,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ items: IdentityProposal[]; nextCursor: string | null }> {
    requireManager(principal);
    const before = cursor === undefined ? undefined : uuidFromId('proposal', cursor);
    if (cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const { rows } = await this.#options.database.query<Row>({
      name: 'identity-proposals',
      text: `SELECT ${columns} FROM identity.proposal WHERE $1::uuid IS NULL OR proposal_id < $1
        ORDER BY proposal_id DESC LIMIT $2`,
      values: [before ?? null, limit + 1],
    });
    const items = rows.slice(0, limit).map((row) => this.#proposal(row));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.proposalId ?? null) : null };
  }

  /** Throws `scope-missing`, `forbidden`, `proposal-not-found`. */
  async get(principal: Principal, proposalId: string): Promise<IdentityProposal> {
    requireManager(principal);
    return this.#existing(this.#options.database, uuidOf(proposalId));
  }

  /**
   * Of two who approve at once one does it: decision, deed and both entries commit together, so a deed that fails leaves the proposal
   * open. Throws `proposal-not-found`, `proposal-not-open` (also when its proposer is an administrator no more),
   * `proposal-self-approval`, and what stands in the deed's way: `precondition-failed` when the registration was changed meanwhile.
   */
  async approve(principal: Principal, proposalId: string): Promise<ApprovedProposal> {
    const { database, audit, office } = this.#options;
    const uuid = uuidOf(proposalId);
    const decidedBy = administratorIn(principal);
    try {
      return await database.transaction(async (tx) => {
        const { deed, reason } = await this.#decide(tx, uuid, { state: 'done', decidedBy });
        // First the entry: what erases a person leaves no key to write it with.
        await audit.record(tx, principal, { ...eventOf(uuid, deed), outcome: 'done' });
        const secret = await office.execute(tx, principal, deed, reason);
        if (deed.kind === 'person.erase') await this.#forget(tx, uuid);
        return { ...(await this.#existing(tx, uuid)), secret };
      });
    } catch (error) {
      // Refused, and told of: an alert rule looks for it (docs/alerts.md).
      if (isTrustError(error, 'proposal-self-approval')) {
        const { deed } = await this.#existing(database, uuid);
        await audit.append(principal, { ...eventOf(uuid, deed), outcome: 'failed', code: error.code });
      }
      throw error;
    }
  }

  /** Whoever proposed it may take it back, any other administrator may refuse it. Throws as `approve` does. */
  async reject(principal: Principal, proposalId: string): Promise<IdentityProposal> {
    const { database, audit } = this.#options;
    const uuid = uuidOf(proposalId);
    const decidedBy = administratorIn(principal);
    return database.transaction(async (tx) => {
      const { deed } = await this.#decide(tx, uuid, { state: 'rejected', decidedBy });
      await audit.record(tx, principal, { ...eventOf(uuid, deed), outcome: 'voided' });
      return this.#existing(tx, uuid);
    });
  }

  async #decide(
    tx: Transaction,
    uuid: Uuid,
    { state, decidedBy }: { readonly state: 'done' | 'rejected'; readonly decidedBy: string },
  ): Promise<IdentityProposal> {
    const now = this.#options.clock.now();
    const { rows } = await tx.query<Row>({
      name: 'identity-decide',
      text: `UPDATE identity.proposal SET state = $2, decided_by = $3, decided_at = $4
        WHERE proposal_id = $1 AND state = 'open' AND expires_at > $4 AND ($2 = 'rejected' OR (proposed_by <> $3
          AND EXISTS (SELECT 1 FROM identity.account p WHERE p.account_id = proposed_by AND p.status = 'active'
            AND 'administrator' = ANY (p.roles))
          AND NOT EXISTS (SELECT 1 FROM identity.account p JOIN identity.account d ON d.id_number_index = p.id_number_index
            WHERE p.account_id = proposed_by AND d.account_id = $3)))
        RETURNING ${columns}`,
      values: [uuid, state, uuidFromId('account', decidedBy) ?? null, now],
    });
    const [row] = rows;
    if (row !== undefined) return this.#proposal(row);
    const present = await this.#existing(tx, uuid);
    if (present.state !== 'open') throw notOpen('the proposal was decided or has expired');
    // One person with two accounts is no two people either.
    if (await isSamePerson(tx, present.proposedBy, decidedBy))
      throw new TrustError('proposal-self-approval', 'another administrator must approve this');
    throw notOpen('whoever proposed it is an administrator no more');
  }

  /** Of an erasure it stays that there was one, and not of whom. */
  async #forget(tx: Transaction, uuid: Uuid): Promise<void> {
    const deed: IdentityDeed = { kind: 'person.erase', accountId: nobody };
    await tx.query({
      text: 'UPDATE identity.proposal SET deed_sealed = $2 WHERE proposal_id = $1',
      values: [uuid, this.#sealed(uuid, deed, '')],
    });
  }

  #sealed(uuid: Uuid, deed: IdentityDeed, reason: string): Uint8Array {
    return this.#options.cipher.seal(utf8(JSON.stringify({ deed, reason })), contextOf(uuid));
  }

  async #existing(at: Queryable, uuid: Uuid): Promise<IdentityProposal> {
    const { rows } = await at.query<Row>({
      name: 'identity-proposal',
      text: `SELECT ${columns} FROM identity.proposal WHERE proposal_id = $1`,
      values: [uuid],
    });
    const [row] = rows;
    if (row === undefined) throw notFound();
    return this.#proposal(row);
  }

  #proposal(row: Row): IdentityProposal {
    const { cipher, clock } = this.#options;
    // Sealed by us for this row alone: what opens is what was proposed.
    const said: { deed: IdentityDeed; reason: string } = JSON.parse(
      fromUtf8(cipher.open(row.deed_sealed, contextOf(row.proposal_id))) ?? '',
    );
    return {
      ...said,
      proposalId: idFromUuid('proposal', row.proposal_id),
      state: row.state === 'open' && row.expires_at <= clock.now() ? 'expired' : row.state,
      proposedBy: idFromUuid('account', row.proposed_by),
      proposedAt: row.proposed_at,
      expiresAt: row.expires_at,
      decidedBy: row.decided_by === null ? undefined : idFromUuid('account', row.decided_by),
      decidedAt: row.decided_at ?? undefined,
    };
  }
}

const contextOf = (uuid: Uuid): string => `identity.proposal.deed:${uuid}`;

function eventOf(uuid: Uuid, deed: IdentityDeed) {
  const { client, subjectId } = subjectOf(deed);
  return {
    action: 'identity.two-person',
    objectId: idFromUuid('proposal', uuid),
    ...(subjectId === undefined ? {} : { subjectId }),
    facts: { kind: deed.kind, ...(client === undefined ? {} : { client }) },
  } as const;
}

function uuidOf(proposalId: string): Uuid {
  const uuid = uuidFromId('proposal', proposalId);
  if (uuid === undefined) throw notFound();
  return uuid;
}

function notOpen(why: string): TrustError {
  return new TrustError('proposal-not-open', why);
}

function notFound(): TrustError {
  return new TrustError('proposal-not-found', 'there is no such proposal');
}
