// The stamping of a request that enough people agreed to: once, in the name of who asked, and only while all that allowed it holds.

import type { Database, Queryable } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isTrustError, TrustError } from '../../kernel/errors.ts';
import { idFromUuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { SealRegister } from '../seals.ts';
import type { StampService } from '../stamping.ts';
import { contentDigest, type RequestRow } from './request-record.ts';
import type { RequestStore } from './request-store.ts';
import { admitUse, type ApprovedRequest } from './use-gate.ts';

/** What the identity room knows of those who ask and approve. */
export interface RequestPeople {
  /** The requester as they are now: a person under this mandate, or a business system. `undefined`: no longer able to ask. */
  requester(owner: string, mandateId: string | undefined): Promise<Principal | undefined>;
  /** Whether two accounts are one person's, as `on` sees it. */
  isSamePerson(on: Queryable, accountId: string, other: string): Promise<boolean>;
  /** Whether `mandateId` was given under `under`, or under one of those, after `since`. */
  isAppointedSince(mandateId: string, under: string, since: Date): Promise<boolean>;
}

export interface ApprovedStampingOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly seals: SealRegister;
  readonly stamping: Pick<StampService, 'stamp'>;
  readonly people: Pick<RequestPeople, 'requester'>;
  readonly store: RequestStore;
}

export class ApprovedStamping {
  readonly #options: ApprovedStampingOptions;

  constructor(options: ApprovedStampingOptions) {
    this.#options = options;
  }

  async tryToStamp(row: RequestRow): Promise<RequestRow> {
    try {
      return await this.stampOnce(row);
    } catch (error) {
      if (!isTrustError(error)) throw error;
      return (
        (await this.#options.store.settle(this.#options.database, row.request_id, { failureCode: error.code })) ?? row
      );
    }
  }

  /** The key of the request makes it one stamping, however often and wherever it is tried. No header can spell it: it has a space. */
  async stampOnce(row: RequestRow): Promise<RequestRow> {
    const { database, stamping } = this.#options;
    if (!isWhole(row)) throw changed('content');
    const requester = await this.#requester(row);
    const requestId = idFromUuid('stampingRequest', row.request_id);
    const requestKey = { owner: row.owner, key: `request ${requestId}`, bodySha256: row.content_sha256 };
    const { stampingId } = await stamping.stamp(requester, row.request, requestKey, await this.#approved(row));
    const done = await this.#options.store.settle(database, row.request_id, {
      stampingId: uuidFromId('stamping', stampingId) ?? '',
    });
    return done ?? (await this.#options.store.find(database, row.request_id)) ?? row;
  }

  async #approved(row: RequestRow): Promise<ApprovedRequest> {
    const approvals = await this.#options.store.approvals(this.#options.database, [row.request_id]);
    return {
      requestId: idFromUuid('stampingRequest', row.request_id),
      policyVersion: row.policy_version,
      documentSha256: row.document_sha256,
      approvals: approvals.map((one) => ({
        accountId: idFromUuid('account', one.account_id),
        mandateId: idFromUuid('mandate', one.mandate_id),
      })),
    };
  }

  /** Throws `use-not-allowed` when whoever asked may ask no more. */
  async #requester(row: RequestRow): Promise<Principal> {
    const mandateId = row.mandate_id === null ? undefined : idFromUuid('mandate', row.mandate_id);
    const requester = await this.#options.people.requester(row.owner, mandateId);
    if (requester !== undefined) return requester;
    throw new TrustError('use-not-allowed', 'whoever asked for this may no longer use the seal', {
      details: { reason: 'mandate-ended' },
    });
  }

  /** What would be refused after the approval is refused before it. */
  async requireStillGood(row: RequestRow): Promise<void> {
    const { seals, clock } = this.#options;
    const requester = await this.#requester(row);
    const seal = await seals.forUse(
      idFromUuid('seal', row.seal_id),
      requester.kind === 'system' ? requester.clientId : undefined,
    );
    admitUse(requester, { ...row.request, seal, at: clock.now(), approved: await this.#approved(row) });
  }
}

/** Whether the row is still what its digest was made over: what was approved is what is stamped. */
export function isWhole(row: RequestRow): boolean {
  const {
    content_sha256: contentSha256,
    document_sha256: documentSha256,
    policy_version: policyVersion,
    request: order,
  } = row;
  const requestId = idFromUuid('stampingRequest', row.request_id);
  return equalBytes(contentSha256, contentDigest({ requestId, documentSha256, policyVersion, order }));
}

export function changed(reason: 'content'): TrustError {
  return new TrustError('stamping-request-changed', 'what was approved is not what was asked for', {
    details: { reason },
  });
}
