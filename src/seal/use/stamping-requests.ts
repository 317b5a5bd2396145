// Stampings that others must agree to (用印审批): asked for, looked at, approved by as many persons as the policy wants, and then stamped at once.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { type ErrorCode, isTrustError, TrustError } from '../../kernel/errors.ts';
import { idFromUuid, newUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import { accountOfOwner, ownerOf, requireScope } from '../../kernel/permissions.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { type DocumentStore, mediaTypeOf } from '../documents.ts';
import { narrowedTo } from '../life/rights.ts';
import { placesIn } from '../placing/places-in.ts';
import type { ResolvedPlacements } from '../placing/resolve.ts';
import type { SealRecord } from '../seal-record.ts';
import type { SealRegister } from '../seals.ts';
import type { StampRequest } from '../stamp-request.ts';
import type { StampService } from '../stamping.ts';
import { ApprovedStamping, changed, isWhole, type RequestPeople } from './approved-stamping.ts';
import { type Approver, notFound, notOpen, RequestAccess } from './request-access.ts';
import { contentDigest, isOver, requestRecord, type RequestRow, type StampingRequest } from './request-record.ts';
import { RequestStore } from './request-store.ts';

export interface StampingRequestsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly seals: SealRegister;
  readonly documents: DocumentStore;
  readonly stamping: Pick<StampService, 'stamp' | 'rehearse'>;
  readonly people: RequestPeople;
  /** How long a request can be decided and stamped, seconds. */
  readonly openSeconds?: number;
}

/** Where the seal would come to lie in which document. */
export interface RequestPreview extends ResolvedPlacements {
  readonly seal: SealRecord;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly pageCount: number;
}

export interface RequestQuery {
  /** Asked by the caller; waiting for the caller's decision; of the organisation that the caller approves or applies for. */
  readonly view: 'mine' | 'to-decide' | 'organisation';
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

const daySeconds = 86_400;
const maxReasonLength = 200;
const maxPageSize = 100;

export class StampingRequests {
  readonly #options: StampingRequestsOptions;
  readonly #store = new RequestStore();
  readonly #access: RequestAccess;
  readonly #stamping: ApprovedStamping;

  constructor(options: StampingRequestsOptions) {
    this.#options = options;
    this.#access = new RequestAccess({ ...options, store: this.#store });
    this.#stamping = new ApprovedStamping({ ...options, store: this.#store });
  }

  /**
   * Asks for a stamping of one of the caller's documents; all is tried but the hours, the quota and the key. The same request key and body
   * answer with the same request. Throws what `StampService.stamp` throws before its intent, and `malformed-request` (details.reason) for
   * a seal that wants no approval.
   */
  async ask(principal: Principal, order: StampRequest, requestKey: RequestKey): Promise<StampingRequest> {
    const { database, audit, clock, stamping } = this.#options;
    requireScope(principal, 'seal.stamp');
    const owner = ownerOf(principal);
    const earlier = await this.#ofKey(database, owner, requestKey);
    if (earlier !== undefined) return this.#record(earlier);
    const { seal, documentSha256, rules, version } = await stamping.rehearse(principal, order);
    if (rules.approvers === 0)
      throw new TrustError('malformed-request', 'this seal is used without approval: stamp', {
        details: { reason: 'no-approval-wanted' },
      });
    const requestUuid = newUuid(clock);
    const requestId = idFromUuid('stampingRequest', requestUuid);
    const now = clock.now();
    const row = await database
      .transaction(async (tx) => {
        const entryId = await audit.record(tx, principal, {
          ...eventOf(requestUuid, seal.uuid),
          outcome: 'intended',
          objectSha256: documentSha256,
          subjectId: seal.record.organisation.organisationId,
          purpose: order.purpose,
        });
        const made = await this.#store.insert(tx, {
          request_id: requestUuid,
          owner,
          mandate_id: uuidFromId('mandate', principal.actingFor?.mandateId ?? '') ?? null,
          organisation_id: uuidFromId('organisation', seal.record.organisation.organisationId) ?? '',
          requestKey,
          body_sha256: requestKey.bodySha256,
          seal_id: seal.uuid,
          document_id: uuidFromId('document', order.documentId) ?? '',
          document_sha256: documentSha256,
          request: order,
          content_sha256: contentDigest({ requestId, documentSha256, policyVersion: version, order }),
          policy_version: version,
          approvers: rules.approvers,
          asked_at: now,
          expires_at: addSeconds(now, this.#options.openSeconds ?? daySeconds),
          entryId,
        });
        if (made === undefined) throw new LostRace();
        return made;
      })
      .catch(async (error: unknown) => {
        const winner = error instanceof LostRace ? await this.#ofKey(database, owner, requestKey) : undefined;
        if (winner === undefined) throw error;
        return winner;
      });
    return this.#record(row);
  }

  /** For who asked, who may approve, and who applies for the organisation. Throws `stamping-request-not-found`. */
  async get(principal: Principal, requestId: string): Promise<StampingRequest> {
    return this.#record(await this.#access.visible(principal, requestId));
  }

  /** Newest first, keyset paging. Throws `scope-missing`, `cursor-invalid`. */
  async list(
    principal: Principal,
    query: RequestQuery,
  ): Promise<{ items: StampingRequest[]; nextCursor: string | null }> {
    requireScope(principal, 'seal.stamp', 'seal.approve', 'seal.apply');
    const before = query.cursor === undefined ? undefined : uuidFromId('stampingRequest', query.cursor);
    if (query.cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const limit = Math.min(Math.max(query.limit ?? 20, 1), maxPageSize);
    const { actingFor, accountId = '' } = principal;
    const scope = actingFor?.scope ?? [];
    const decides = scope.includes('seal:approve');
    if (query.view === 'organisation' && !decides && !scope.includes('seal:apply')) return nothing;
    if (query.view === 'to-decide' && !decides) return nothing;
    const ofParty = {
      organisation: uuidFromId('organisation', actingFor?.organisationId ?? '') ?? null,
      seals: narrowedTo(actingFor),
    };
    const owner = ownerOf(principal);
    const rows = await this.#store.page(this.#options.database, {
      before,
      limit: limit + 1,
      now: this.#options.clock.now(),
      ...(query.view === 'mine' && { owner }),
      ...(query.view === 'to-decide' && {
        toDecide: { ...ofParty, account: uuidFromId('account', accountId) ?? null, owner },
      }),
      ...(query.view === 'organisation' && { ofOrganisation: ofParty }),
    });
    const items = await this.#records(rows.slice(0, limit));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.requestId ?? null) : null };
  }

  /** The document as it was asked for, for the eyes of who may see the request. Throws `stamping-request-not-found`, `stamping-request-changed`. */
  async document(principal: Principal, requestId: string): Promise<Uint8Array> {
    const row = await this.#access.visible(principal, requestId);
    return this.#options.documents.ofOwner(row.owner, idFromUuid('document', row.document_id));
  }

  /** What the pages show of it before a decision. Throws as `document` does. */
  async preview(principal: Principal, requestId: string): Promise<RequestPreview> {
    const row = await this.#access.visible(principal, requestId);
    const { seals, documents } = this.#options;
    const { record } = await seals.forUse(idFromUuid('seal', row.seal_id));
    const bytes = await documents.ofOwner(row.owner, idFromUuid('document', row.document_id));
    const { widthMm, heightMm } = record;
    const found = await placesIn(bytes, { placements: row.request.placements, size: { widthMm, heightMm } });
    return { ...found, seal: record, mediaType: mediaTypeOf(bytes) ?? '', sizeBytes: bytes.length };
  }

  /**
   * One person's agreement to exactly `contentSha256`. With the last that is wanted the stamping is made, in the name of who asked; where
   * that fails the request stays approved, with the code. Once more by the same person changes nothing. Throws `scope-missing`,
   * `forbidden`, `stamping-request-not-found`, `stamping-request-not-open`, `stamping-request-changed`, `proposal-self-approval`,
   * `use-not-allowed`, `outside-hours`.
   */
  async approve(principal: Principal, requestId: string, contentSha256: Uint8Array): Promise<StampingRequest> {
    const { database, audit, clock } = this.#options;
    const row = await this.#access.toDecide(principal, requestId);
    try {
      const approver = this.#access.approver(principal, row);
      const { accountId } = approver;
      if (!equalBytes(row.content_sha256, contentSha256) || !isWhole(row)) throw changed('content');
      await this.#requireUnrelated(approver);
      await this.#stamping.requireStillGood(row);
      const decided = await database.transaction(async (tx) => {
        const held = await this.#store.hold(tx, row.request_id);
        const given = await this.#store.approvals(tx, [row.request_id]);
        if (given.some((one) => idFromUuid('account', one.account_id) === accountId)) return held;
        if (held === undefined || held.state !== 'waiting' || isOver(held, clock.now())) throw notOpen();
        await this.#requireAnother(
          tx,
          approver,
          given.map((one) => idFromUuid('account', one.account_id)),
        );
        const approvals = given.length + 1;
        const entryId = await audit.record(tx, principal, {
          ...eventOf(row.request_id, row.seal_id, 'approved'),
          outcome: 'done',
          objectSha256: row.content_sha256,
          facts: { ...eventOf(row.request_id, row.seal_id, 'approved').facts, approvals },
        });
        await this.#store.approve(tx, {
          request_id: row.request_id,
          account_id: uuidFromId('account', accountId) ?? '',
          mandate_id: uuidFromId('mandate', approver.mandateId) ?? '',
          approved_at: clock.now(),
          entryId,
        });
        if (approvals < held.approvers) return held;
        return this.#store.decide(tx, row.request_id, { state: 'approved', reason: null, now: clock.now() });
      });
      if (decided === undefined) throw notOpen();
      return await this.#record(decided.state === 'approved' ? await this.#stamping.tryToStamp(decided) : decided);
    } catch (error) {
      // Told of, as it is told of other deeds of two people: an alert rule looks for it (docs/alerts.md).
      if (isTrustError(error) && refusals.has(error.code))
        await audit.append(principal, {
          ...eventOf(row.request_id, row.seal_id, 'approved'),
          outcome: 'failed',
          code: error.code,
        });
      throw error;
    }
  }

  /** Throws as `approve` does, and `malformed-request`. */
  async refuse(principal: Principal, requestId: string, reason: string): Promise<StampingRequest> {
    const { row } = this.#access.approver(principal, await this.#access.toDecide(principal, requestId));
    return this.#end(principal, row, { state: 'refused', reason });
  }

  /** By who asked. Throws `stamping-request-not-found`, `stamping-request-not-open`, `malformed-request`. */
  async withdraw(principal: Principal, requestId: string, reason: string): Promise<StampingRequest> {
    return this.#end(principal, await this.#access.own(principal, requestId), { state: 'withdrawn', reason });
  }

  /**
   * By who asked: the stamping of an approved request once more, where it failed. Throws what `StampService.stamp` throws, and
   * `stamping-request-not-found`, `stamping-request-not-open`.
   */
  async stamp(principal: Principal, requestId: string): Promise<StampingRequest> {
    requireScope(principal, 'seal.stamp');
    const row = await this.#access.own(principal, requestId);
    if (row.state === 'done') return this.#record(row);
    if (row.state !== 'approved' || isOver(row, this.#options.clock.now())) throw notOpen();
    return this.#record(await this.#stamping.stampOnce(row));
  }

  /** Throws `use-not-allowed` for a mandate that whoever asked gave within a day. */
  async #requireUnrelated({ row, mandateId }: Approver): Promise<void> {
    const { people, clock } = this.#options;
    if (row.mandate_id === null) return;
    const since = addSeconds(clock.now(), -daySeconds);
    if (await people.isAppointedSince(mandateId, idFromUuid('mandate', row.mandate_id), since))
      throw new TrustError('use-not-allowed', 'whoever asked appointed this approver within the last day', {
        details: { reason: 'appointed-by-requester' },
      });
  }

  /** Neither who asked nor who approved before, also with another account. Throws `proposal-self-approval`. */
  async #requireAnother(tx: Transaction, { row, accountId }: Approver, others: readonly string[]): Promise<void> {
    const requester = accountOfOwner(row.owner);
    for (const other of [...(requester === undefined ? [] : [requester]), ...others])
      if (other === accountId || (await this.#options.people.isSamePerson(tx, other, accountId)))
        throw new TrustError('proposal-self-approval', 'another person must approve this');
  }

  async #end(
    principal: Principal,
    row: RequestRow,
    { state, reason }: { state: 'refused' | 'withdrawn'; reason: string },
  ): Promise<StampingRequest> {
    const { database, audit, clock } = this.#options;
    if (!isPlainText(reason, maxReasonLength))
      throw new TrustError('malformed-request', `a reason has 1 to ${maxReasonLength} visible characters`);
    const ended = await database.transaction(async (tx) => {
      const decided = await this.#store.decide(tx, row.request_id, { state, reason, now: clock.now() });
      if (decided === undefined) throw notOpen();
      await audit.record(tx, principal, {
        ...eventOf(row.request_id, row.seal_id, state),
        outcome: 'voided',
        purpose: reason,
      });
      return decided;
    });
    return this.#record(ended);
  }

  async #ofKey(on: Queryable, owner: string, requestKey: RequestKey): Promise<RequestRow | undefined> {
    const row = await this.#store.ofKey(on, owner, requestKey);
    if (row !== undefined && !equalBytes(row.body_sha256, requestKey.bodySha256))
      throw new TrustError('idempotency-key-reused', 'this Idempotency-Key was used for another request');
    return row;
  }

  async #record(row: RequestRow): Promise<StampingRequest> {
    const [record] = await this.#records([row]);
    if (record === undefined) throw notFound();
    return record;
  }

  async #records(rows: readonly RequestRow[]): Promise<StampingRequest[]> {
    const approvals = await this.#store.approvals(
      this.#options.database,
      rows.map((row) => row.request_id),
    );
    const now = this.#options.clock.now();
    return rows.map((row) => requestRecord(row, approvals, now));
  }
}

/** Rolls the transaction back; never leaves this file. */
class LostRace extends Error {}

const nothing = { items: [], nextCursor: null };
/** Of an approval: what somebody tried that must be seen. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'proposal-self-approval',
  'stamping-request-changed',
  'use-not-allowed',
  'forbidden',
]);

function eventOf(requestUuid: Uuid, sealUuid: Uuid, deed: 'asked' | 'approved' | 'refused' | 'withdrawn' = 'asked') {
  return {
    action: 'stamping.request',
    objectId: idFromUuid('stampingRequest', requestUuid),
    facts: { deed, sealId: idFromUuid('seal', sealUuid) },
  } as const;
}
