// Four eyes (双人办理): a deed on an authority is proposed by one administrator, approved by another, and done once or not at all.

import type { Database, Queryable, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { equalBytes, utf8 } from '../kernel/bytes.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Id, Uuid } from '../kernel/ids.ts';
import { idFromUuid, newUuid, uuidFromId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Principal } from '../kernel/principal.ts';
import { house } from '../kernel/principal.ts';
import { sha256 } from '../crypto/digest.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { AuthorityDeed } from './authority-deed.ts';
import { canonicalDeed, parseDeed } from './authority-deed.ts';
import type { DeedOffice } from './deed-office.ts';
import type { DeedTie } from './deed-tie.ts';
import type { IntentStore } from './intent-store.ts';
import { requireAdministrator, requireScope } from './permissions.ts';
import type { ProposalRow } from './proposal-store.ts';
import { ProposalStore } from './proposal-store.ts';

export interface ProposalsOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
  readonly office: Pick<DeedOffice, 'checkDeed' | 'execute'>;
  readonly intents: Pick<IntentStore, 'markVoided'>;
  readonly log: Log;
  readonly colleagues?: Colleagues;
}

/**
 * What is known of the accounts of two administrators: whether they are two people, and whether whoever proposed is an administrator
 * still. Accounts are another room's; absent where nobody has any.
 */
export type Colleagues = (
  at: Queryable,
  asked: { readonly proposedBy: string; readonly decidedBy: string },
) => Promise<'two-people' | 'one-person' | 'proposer-gone'>;

export type ProposalState = 'open' | 'expired' | 'rejected' | 'executing' | 'executed' | 'failed';

export interface Proposal {
  readonly proposalId: Id<'proposal'>;
  readonly deed: AuthorityDeed;
  readonly deedSha256: Uint8Array;
  /** `executing` is not done yet; one that is left by its process becomes `failed` with `proposal-interrupted` after a minute. */
  readonly state: ProposalState;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | undefined;
  readonly decidedAt: Date | undefined;
  /** Serial of the certificate the deed was about or has made; of a failed deed its error code. */
  readonly result: string | undefined;
}

export interface ProposalPage {
  readonly items: readonly Proposal[];
  readonly nextCursor: string | null;
}

const openSeconds = 86_400;
/** A deed takes seconds, with a slow token half a minute. Whoever is later than this finds it given up, and does nothing. */
const executingSeconds = 60;
const interruptedBatch = 20;

export class Proposals {
  readonly #options: ProposalsOptions;
  readonly #store = new ProposalStore();

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
      await this.#store.insert(tx, {
        proposal_id: proposalId,
        deed: text,
        deed_sha256: digest,
        proposed_by: proposedBy,
        proposed_at: now,
        expires_at: addSeconds(now, openSeconds),
      });
      await audit.record(tx, principal, { ...proposedEvent(proposalId, deed), objectSha256: digest });
    });
    return this.#existing(proposalId);
  }

  /** Newest first. Throws `scope-missing`, `cursor-invalid`. */
  async list(
    principal: Principal,
    { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<ProposalPage> {
    requireScope(principal, 'pki.read');
    const before = cursor === undefined ? undefined : uuidFromId('proposal', cursor);
    if (cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const rows = await this.#store.page(this.#options.database, before, limit + 1);
    const items = rows.slice(0, limit).map((row) => this.#proposal(row));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.proposalId ?? null) : null };
  }

  /** Throws `scope-missing`, `proposal-not-found`. */
  async get(principal: Principal, proposalId: string): Promise<Proposal> {
    requireScope(principal, 'pki.read');
    return this.#existing(uuidOf(proposalId));
  }

  /**
   * Approves and does the deed whose digest the approver has read. One statement takes the proposal, so of two who approve at once
   * one does it; the transaction that does it says so. A crash before that leaves it `executing`, for `endInterrupted` to end.
   * Throws `proposal-not-found`, `proposal-not-open`, `proposal-self-approval`, `proposal-changed`, and what the deed throws.
   */
  async approve(principal: Principal, proposalId: string, deedSha256: Uint8Array): Promise<Proposal> {
    requireScope(principal, 'pki.manage');
    const uuid = uuidOf(proposalId);
    const decidedBy = requireAdministrator(principal);
    const row = await this.#decide(principal, uuid, { state: 'executing', decidedBy, deedSha256 });
    try {
      await this.#execute(principal, uuid, row);
    } catch (error) {
      const code = isTrustError(error) ? error.code : 'internal';
      const failed = await this.#options.database.transaction((tx) => this.#fail(tx, principal, uuid, code));
      if (failed) throw error;
      const present = await this.#existing(uuid);
      if (present.state === 'executed') return present; // only the answer to the commit was lost
      throw givenUp();
    }
    return this.#existing(uuid);
  }

  /**
   * Ends the deeds that a process began and did not end: none of them was done, for what does a deed says so in the same transaction.
   * For the start and from time to time; any number of processes at once. Answers how many it ended.
   */
  async endInterrupted(): Promise<number> {
    const { database, clock, log } = this.#options;
    const begunBefore = addSeconds(clock.now(), -executingSeconds);
    let count = 0;
    for (const uuid of await this.#store.begunBefore(database, begunBefore, interruptedBatch)) {
      if (await database.transaction((tx) => this.#fail(tx, house, uuid, 'proposal-interrupted'))) count += 1;
    }
    if (count > 0)
      log.warn({ count }, 'approved deeds were interrupted before they were done: they can be proposed again');
    return count;
  }

  async #execute(principal: Principal, uuid: Uuid, row: ProposalRow): Promise<void> {
    const deed = equalBytes(sha256(utf8(row.deed)), row.deed_sha256) ? parseDeed(row.deed) : undefined;
    if (deed === undefined) throw new TrustError('proposal-changed', 'the stored deed is not what was proposed');
    let concluded = false;
    const tie: DeedTie = {
      intended: async (tx, certificateId) => {
        if (!(await this.#store.intend(tx, uuid, certificateId))) throw givenUp();
      },
      done: async (tx, result) => {
        await this.#succeed(tx, principal, uuid, result);
        concluded = true;
      },
    };
    const result = await this.#options.office.execute(principal, deed, tie);
    if (concluded) return;
    // Nothing was left to do: the certificate was in that state already.
    await this.#options.database.transaction((tx) => this.#succeed(tx, principal, uuid, result));
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
    const decide = async (tx: Transaction) => {
      const row = await this.#store.decide(tx, uuid, { state, decidedBy, at: now, deedSha256 });
      if (row === undefined) throw await this.#refusal(tx, uuid, { decidedBy, deedSha256, now });
      if (state === 'executing') await this.#requireTwo(tx, row.proposed_by, decidedBy);
      const outcome = state === 'executing' ? 'intended' : 'voided';
      await audit.record(tx, principal, { ...decidedEvent(uuid), outcome, objectSha256: row.deed_sha256 });
      return row;
    };
    try {
      return await database.transaction(decide);
    } catch (error) {
      // Refused, and told of: an alert rule looks for it (docs/alerts.md).
      if (isTrustError(error, 'proposal-self-approval'))
        await audit.append(principal, { ...decidedEvent(uuid), outcome: 'failed', code: error.code });
      throw error;
    }
  }

  async #requireTwo(tx: Transaction, proposedBy: string, decidedBy: string): Promise<void> {
    const found = await this.#options.colleagues?.(tx, { proposedBy, decidedBy });
    if (found === 'one-person') throw selfApproval();
    if (found === 'proposer-gone')
      throw new TrustError('proposal-not-open', 'whoever proposed it is an administrator no more');
  }

  /** Why the statement took nothing. */
  async #refusal(
    tx: Transaction,
    uuid: Uuid,
    { decidedBy, deedSha256, now }: { decidedBy: string; deedSha256: Uint8Array | undefined; now: Date },
  ): Promise<TrustError> {
    const row = await this.#store.find(tx, uuid);
    if (row === undefined) return new TrustError('proposal-not-found', 'there is no such proposal');
    if (row.state !== 'open' || row.expires_at <= now) {
      return new TrustError('proposal-not-open', 'the proposal was decided or has expired');
    }
    if (deedSha256 !== undefined && !equalBytes(row.deed_sha256, deedSha256)) {
      return new TrustError('proposal-changed', 'the digest is not that of the deed that was proposed');
    }
    if (row.proposed_by === decidedBy) return selfApproval();
    return new TrustError('proposal-not-open', 'the proposal was decided meanwhile');
  }

  /** In the transaction that does the deed. */
  async #succeed(tx: Transaction, principal: Principal, uuid: Uuid, result: string): Promise<void> {
    if (!(await this.#store.conclude(tx, uuid, { state: 'executed', result }))) throw givenUp();
    await this.#options.audit.record(tx, principal, { ...decidedEvent(uuid), outcome: 'done', facts: { result } });
  }

  /** False when the deed has its outcome. The intent of a key that may have acted goes with it: what was signed is never released. */
  async #fail(tx: Transaction, principal: Principal, uuid: Uuid, code: ErrorCode): Promise<boolean> {
    const { audit, intents } = this.#options;
    if (!(await this.#store.conclude(tx, uuid, { state: 'failed', result: code }))) return false;
    const certificateId = (await this.#store.find(tx, uuid))?.certificate_id ?? undefined;
    if (certificateId !== undefined && code === 'proposal-interrupted') {
      await intents.markVoided(tx, certificateId);
      const objectId = idFromUuid('certificate', certificateId);
      await audit.record(tx, principal, { action: 'certificate.issued', outcome: 'voided', objectId, code });
    }
    await audit.record(tx, principal, { ...decidedEvent(uuid), outcome: 'failed', code, facts: { result: code } });
    return true;
  }

  async #existing(uuid: Uuid): Promise<Proposal> {
    const row = await this.#store.find(this.#options.database, uuid);
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

function selfApproval(): TrustError {
  return new TrustError('proposal-self-approval', 'another administrator must approve this');
}

function givenUp(): TrustError {
  return new TrustError('proposal-interrupted', 'the deed took too long and was given up meanwhile');
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
