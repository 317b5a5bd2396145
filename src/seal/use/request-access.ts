// Who may see, decide and take back a request for a stamping (用印申请).

import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, uuidFromId } from '../../kernel/ids.ts';
import { ownerOf, requireScope } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import { speaksFor } from '../life/rights.ts';
import { coversSeal } from '../seal-use.ts';
import { isOver, type RequestRow } from './request-record.ts';
import type { RequestStore } from './request-store.ts';

export interface Approver {
  readonly row: RequestRow;
  readonly accountId: string;
  readonly mandateId: string;
}

export class RequestAccess {
  readonly #options: { readonly database: Database; readonly clock: Clock; readonly store: RequestStore };

  constructor(options: { database: Database; clock: Clock; store: RequestStore }) {
    this.#options = options;
  }

  /** Throws `forbidden` (no mandate to approve with), `stamping-request-not-open`. */
  approver(principal: Principal, row: RequestRow): Approver {
    const { accountId, actingFor } = principal;
    if (accountId === undefined || actingFor === undefined || !mayApprove(principal, row))
      throw new TrustError(
        'forbidden',
        'the caller acts for nobody whose mandate allows approving the use of this seal',
      );
    if (isOver(row, this.#options.clock.now())) throw notOpen();
    return { row, accountId, mandateId: actingFor.mandateId };
  }

  /** For a decision. Throws `scope-missing`, `stamping-request-not-found`. */
  async toDecide(principal: Principal, requestId: string): Promise<RequestRow> {
    requireScope(principal, 'seal.approve');
    return this.visible(principal, requestId);
  }

  /** A request that the caller may not see does not exist for them. */
  async visible(principal: Principal, requestId: string): Promise<RequestRow> {
    requireScope(principal, 'seal.stamp', 'seal.approve', 'seal.apply');
    const uuid = uuidFromId('stampingRequest', requestId);
    const row = uuid === undefined ? undefined : await this.#options.store.find(this.#options.database, uuid);
    if (row === undefined) throw notFound();
    if (row.owner === ownerOf(principal) || mayApprove(principal, row) || speaksFor(principal, ownedOf(row)))
      return row;
    throw notFound();
  }

  async own(principal: Principal, requestId: string): Promise<RequestRow> {
    const row = await this.visible(principal, requestId);
    if (row.owner !== ownerOf(principal)) throw notFound();
    return row;
  }
}

function ownedOf(row: RequestRow) {
  return {
    sealId: idFromUuid('seal', row.seal_id),
    organisation: { organisationId: idFromUuid('organisation', row.organisation_id) },
  };
}

function mayApprove(principal: Principal, row: RequestRow): boolean {
  return coversSeal(principal, ownedOf(row)) && principal.actingFor?.scope.includes('seal:approve') === true;
}

export function notOpen(): TrustError {
  return new TrustError('stamping-request-not-open', 'the request was decided, withdrawn, or has expired');
}

export function notFound(): TrustError {
  return new TrustError('stamping-request-not-found', 'there is no such request');
}
