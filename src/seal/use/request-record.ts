// A request for a stamping (用印申请) as it is stored and told, and the digest over all that is approved with it.

import { sha256 } from '../../crypto/digest.ts';
import { toHex, utf8 } from '../../kernel/bytes.ts';
import { type Id, idFromUuid, type Uuid } from '../../kernel/ids.ts';
import type { StampRequest } from '../stamp-request.ts';

export const requestStates = ['waiting', 'approved', 'refused', 'withdrawn', 'done', 'expired'] as const;
export type RequestState = (typeof requestStates)[number];

export interface StampingRequest {
  readonly requestId: Id<'stampingRequest'>;
  /** Whose documents and stampings: `account:…` or `client:…`. */
  readonly owner: string;
  readonly sealId: Id<'seal'>;
  readonly documentId: Id<'document'>;
  readonly documentSha256: Uint8Array;
  /** Over document, seal, places, purpose and version of the policy; who approves names it. */
  readonly contentSha256: Uint8Array;
  readonly order: StampRequest;
  readonly policyVersion: number;
  /** How many must agree. */
  readonly approvers: number;
  readonly approvals: readonly { readonly accountId: Id<'account'>; readonly approvedAt: Date }[];
  /** `approved` and not yet `done`: the stamping is under way, or failed with `failureCode` and can be tried again until it expires. */
  readonly state: RequestState;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
  readonly stampingId: Id<'stamping'> | null;
  readonly failureCode: string | null;
}

export interface RequestRow {
  readonly request_id: Uuid;
  readonly owner: string;
  readonly mandate_id: Uuid | null;
  readonly organisation_id: Uuid;
  readonly body_sha256: Uint8Array;
  readonly seal_id: Uuid;
  readonly document_id: Uuid;
  readonly document_sha256: Uint8Array;
  readonly request: StampRequest;
  readonly content_sha256: Uint8Array;
  readonly policy_version: number;
  readonly approvers: number;
  readonly state: Exclude<RequestState, 'expired'>;
  readonly asked_at: Date;
  readonly expires_at: Date;
  readonly decided_at: Date | null;
  readonly reason: string | null;
  readonly stamping_id: Uuid | null;
  readonly failure_code: string | null;
}

export interface ApprovalRow {
  readonly request_id: Uuid;
  readonly account_id: Uuid;
  readonly mandate_id: Uuid;
  readonly approved_at: Date;
}

export const requestColumns = `request_id, owner, mandate_id, organisation_id, body_sha256, seal_id, document_id, document_sha256,
  request, content_sha256, policy_version, approvers, state, asked_at, expires_at, decided_at, reason, stamping_id, failure_code`;

export function requestRecord(row: RequestRow, approvals: readonly ApprovalRow[], now: Date): StampingRequest {
  return {
    requestId: idFromUuid('stampingRequest', row.request_id),
    owner: row.owner,
    sealId: idFromUuid('seal', row.seal_id),
    documentId: idFromUuid('document', row.document_id),
    documentSha256: row.document_sha256,
    contentSha256: row.content_sha256,
    order: row.request,
    policyVersion: row.policy_version,
    approvers: row.approvers,
    approvals: approvals
      .filter((approval) => approval.request_id === row.request_id)
      .map((approval) => ({
        accountId: idFromUuid('account', approval.account_id),
        approvedAt: approval.approved_at,
      })),
    state: isOver(row, now) ? 'expired' : row.state,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    decidedAt: row.decided_at,
    reason: row.reason,
    stampingId: row.stamping_id === null ? null : idFromUuid('stamping', row.stamping_id),
    failureCode: row.failure_code,
  };
}

/** Nobody decided in time, or what was approved could not be stamped in time. */
export function isOver({ state, expires_at: expiresAt }: RequestRow, now: Date): boolean {
  return (state === 'waiting' || state === 'approved') && expiresAt <= now;
}

/** The same for the same content, however a database keeps the members of an object in order. */
export function contentDigest(content: {
  readonly requestId: string;
  readonly documentSha256: Uint8Array;
  readonly policyVersion: number;
  readonly order: StampRequest;
}): Uint8Array {
  const { documentSha256, ...rest } = content;
  const text = JSON.stringify({ ...rest, documentSha256: toHex(documentSha256) }, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
  return sha256(utf8(text));
}
