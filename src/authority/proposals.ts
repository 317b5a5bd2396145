// Four eyes (双人办理): a deed on an authority is proposed by one administrator, approved by another, and done once or not at all.

import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { equalBytes, utf8 } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Id, Uuid } from '../kernel/ids.ts';
import { idFromUuid, newUuid, uuidFromId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { sha256 } from '../crypto/digest.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { AuthorityDeed } from './authority-deed.ts';
import { canonicalDeed, parseDeed } from './authority-deed.ts';
import type { CertificateOffice } from './certificate-office.ts';
import { requireAdministrator, requireScope } from './permissions.ts';

export interface ProposalsOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
  readonly office: Pick<CertificateOffice, 'checkDeed' | 'execute'>;
}

export type ProposalState = 'open' | 'expired' | 'rejected' | 'executing' | 'executed' | 'failed';

export interface Proposal {
  readonly proposalId: Id<'proposal'>;
  readonly deed: AuthorityDeed;
  readonly deedSha256: Uint8Array;
  /** `executing` and nothing after it: the process ended in the deed; the register tells whether it was done. */
  readonly state: ProposalState;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | undefined;
  readonly decidedAt: Date | undefined;
  /** Serial of the certificate the deed was about or has made; of a failed deed its error code. */
  readonly result: string | undefined;
}

interface ProposalRow {
  readonly proposal_id: Uuid;
  readonly deed: string;
  readonly deed_sha256: Uint8Array;
  readonly state: Exclude<ProposalState, 'expired'>;
  readonly proposed_by: string;
  readonly proposed_at: Date;
  readonly expires_at: Date;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly result: string | null;
}

const openSeconds = 86_400;
const columns = `proposal_id, deed, deed_sha256, state, proposed_by, proposed_at, expires_at, decided_by, decided_at, result`;

export class Proposals {
  readonly #options: ProposalsOptions;

  constructor(options: ProposalsOptions) {
    this.#options = options;
  }

  /** Open for a day. Throws `scope-missing`, `forbidden`, `certificate-not-found`, `malformed-request`, `malformed-csr`, `csr-…`. */
  async propose(principal: Principal, deed: AuthorityDeed): Promise<Proposal> {
    requireScope(principal, 'pki.manage');
    const proposedBy = requireAdministrator(principal);
    const { database, audit, clock, office } = this.#options;
    await office.checkDeed(deed);
    const { text, sha256: digest } = canonicalDeed(deed);
    const proposalId = newUuid(clock);
    const now = clock.now();
    await database.transaction(async (tx) => {
      await tx.query({
        name: 'pki-propose',
        text: `INSERT INTO pki.proposal (proposal_id, deed, deed_sha256, state, proposed_by, proposed_at, expires_at)
          VALUES ($1, $2, $3, 'open', $4, $5, $6)`,
        values: [proposalId, text, digest, proposedBy, now, addSeconds(now, openSeconds)],
      });
      await audit.record(tx, principal, { ...proposedEvent(proposalId, deed), objectSha256: digest });
    });
    return this.#existing(proposalId);
  }

  /** The newest ones, all of the last days. Throws `scope-missing`. */
  async list(principal: Principal, limit: number): Promise<Proposal[]> {
    requireScope(principal, 'pki.read');
    const { rows } = await this.#options.database.query<ProposalRow>({
      name: 'pki-proposals',
      text: `SELECT ${columns} FROM pki.proposal ORDER BY proposal_id DESC LIMIT $1`,
      values: [limit],
    });
    return rows.map((row) => this.#proposal(row));
  }

  /** Throws `scope-missing`, `proposal-not-found`. */
  async get(principal: Principal, proposalId: string): Promise<Proposal> {
    requireScope(principal, 'pki.read');
    return this.#existing(uuidOf(proposalId));
  }

  /**
   * Approves and does the deed whose digest the approver has read. One statement takes the proposal, so of two who approve at once
   * one does it; a crash after that leaves it `executing` for ever, and never done twice.
   * Throws `proposal-not-found`, `proposal-not-open`, `proposal-self-approval`, `proposal-changed`, and what the deed throws.
   */
  async approve(principal: Principal, proposalId: string, deedSha256: Uint8Array): Promise<Proposal> {
    requireScope(principal, 'pki.manage');
    const uuid = uuidOf(proposalId);
    const decidedBy = requireAdministrator(principal);
    const row = await this.#decide(principal, uuid, { state: 'executing', decidedBy, deedSha256 });
    const result = await this.#execute(principal, uuid, row);
    await this.#conclude(principal, uuid, { state: 'executed', result });
    return this.#existing(uuid);
  }

  async #execute(principal: Principal, uuid: Uuid, row: ProposalRow): Promise<string> {
    try {
      const deed = equalBytes(sha256(utf8(row.deed)), row.deed_sha256) ? parseDeed(row.deed) : undefined;
      if (deed === undefined) throw new TrustError('proposal-changed', 'the stored deed is not what was proposed');
      return await this.#options.office.execute(principal, deed);
    } catch (error) {
      await this.#conclude(principal, uuid, { state: 'failed', result: isTrustError(error) ? error.code : 'internal' });
      throw error;
    }
  }

  /** Whoever proposed it may take it back, any other administrator may refuse it. Throws as `approve` does. */
  async reject(principal: Principal, proposalId: string): Promise<Proposal> {
    requireScope(principal, 'pki.manage');
    const uuid = uuidOf(proposalId);
    const decidedBy = requireAdministrator(principal);
    await this.#decide(principal, uuid, { state: 'rejected', decidedBy });
    return this.#existing(uuid);
  }

  async #decide(
    principal: Principal,
    uuid: Uuid,
    decision: { state: 'executing' | 'rejected'; decidedBy: string; deedSha256?: Uint8Array },
  ): Promise<ProposalRow> {
    const { database, audit, clock } = this.#options;
    const { state, decidedBy, deedSha256 } = decision;
    const now = clock.now();
    return database.transaction(async (tx) => {
      const { rows } = await tx.query<ProposalRow>({
        name: 'pki-decide',
        text: `UPDATE pki.proposal SET state = $2, decided_by = $3, decided_at = $4
          WHERE proposal_id = $1 AND state = 'open' AND expires_at > $4
            AND ($2 = 'rejected' OR (proposed_by <> $3 AND deed_sha256 = $5)) RETURNING ${columns}`,
        values: [uuid, state, decidedBy, now, deedSha256 ?? null],
      });
      const [row] = rows;
      if (row === undefined) throw await this.#refusal(tx, uuid, { decidedBy, deedSha256, now });
      const outcome = state === 'executing' ? 'intended' : 'voided';
      await audit.record(tx, principal, { ...decidedEvent(uuid), outcome, objectSha256: row.deed_sha256 });
      return row;
    });
  }

  /** Why the statement took nothing. */
  async #refusal(
    tx: Transaction,
    uuid: Uuid,
    { decidedBy, deedSha256, now }: { decidedBy: string; deedSha256: Uint8Array | undefined; now: Date },
  ): Promise<TrustError> {
    const row = await find(tx, uuid);
    if (row === undefined) return new TrustError('proposal-not-found', 'there is no such proposal');
    if (row.state !== 'open' || row.expires_at <= now) {
      return new TrustError('proposal-not-open', 'the proposal was decided or has expired');
    }
    if (deedSha256 !== undefined && !equalBytes(row.deed_sha256, deedSha256)) {
      return new TrustError('proposal-changed', 'the digest is not that of the deed that was proposed');
    }
    if (row.proposed_by === decidedBy) {
      return new TrustError('proposal-self-approval', 'another administrator must approve this');
    }
    return new TrustError('proposal-not-open', 'the proposal was decided meanwhile');
  }

  async #conclude(
    principal: Principal,
    uuid: Uuid,
    { state, result }: { state: 'executed' | 'failed'; result: string },
  ): Promise<void> {
    const { database, audit } = this.#options;
    await database.transaction(async (tx) => {
      await tx.query({
        name: 'pki-conclude',
        text: `UPDATE pki.proposal SET state = $2, result = $3 WHERE proposal_id = $1 AND state = 'executing'`,
        values: [uuid, state, result],
      });
      const outcome = state === 'executed' ? 'done' : 'failed';
      await audit.record(tx, principal, { ...decidedEvent(uuid), outcome, facts: { result } });
    });
  }

  async #existing(uuid: Uuid): Promise<Proposal> {
    const row = await find(this.#options.database, uuid);
    if (row === undefined) throw new TrustError('proposal-not-found', 'there is no such proposal');
    return this.#proposal(row);
  }

  #proposal(row: ProposalRow): Proposal {
    const deed = parseDeed(row.deed);
    if (deed === undefined) throw new TrustError('internal', `the deed of proposal ${row.proposal_id} cannot be read`);
    const expired = row.state === 'open' && row.expires_at <= this.#options.clock.now();
    return {
      proposalId: idFromUuid('proposal', row.proposal_id),
      deed,
      deedSha256: row.deed_sha256,
      state: expired ? 'expired' : row.state,
      proposedBy: row.proposed_by,
      proposedAt: row.proposed_at,
      expiresAt: row.expires_at,
      decidedBy: row.decided_by ?? undefined,
      decidedAt: row.decided_at ?? undefined,
      result: row.result ?? undefined,
    };
  }
}

async function find(db: Pick<Transaction, 'query'>, uuid: Uuid): Promise<ProposalRow | undefined> {
  const { rows } = await db.query<ProposalRow>({
    name: 'pki-proposal',
    text: `SELECT ${columns} FROM pki.proposal WHERE proposal_id = $1`,
    values: [uuid],
  });
  return rows[0];
}

function uuidOf(proposalId: string): Uuid {
  const uuid = uuidFromId('proposal', proposalId);
  if (uuid === undefined) throw new TrustError('proposal-not-found', 'there is no such proposal');
  return uuid;
}

function proposedEvent(uuid: Uuid, deed: AuthorityDeed) {
  const facts = { kind: deed.kind, ...('serial' in deed ? { serial: deed.serial } : {}) };
  return {
    action: 'authority.deed-proposed',
    outcome: 'done',
    objectId: idFromUuid('proposal', uuid),
    facts,
  } as const;
}

function decidedEvent(uuid: Uuid) {
  return { action: 'authority.deed-decided', objectId: idFromUuid('proposal', uuid) } as const;
}
