// Rows of requests for stampings and of the approvals given to them; each change of state is one statement that finds the state it starts from.

import type { Queryable, Transaction } from '../../db/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import { type ApprovalRow, requestColumns as columns, type RequestRow } from './request-record.ts';

export interface RequestPageQuery {
  /** Newest first, before this one. */
  readonly before: Uuid | undefined;
  readonly limit: number;
  readonly now: Date;
  /** Of this owner. */
  readonly owner?: string;
  /** Of these seals of an organisation (null: all of it), to be decided by an account that has not, and did not ask. */
  readonly toDecide?: {
    readonly organisation: Uuid | null;
    readonly seals: readonly (Uuid | null)[] | null;
    readonly account: Uuid | null;
    readonly owner: string;
  };
  /** Of these seals of an organisation, whoever asked. */
  readonly ofOrganisation?: { readonly organisation: Uuid | null; readonly seals: readonly (Uuid | null)[] | null };
}

export class RequestStore {
  async insert(
    tx: Transaction,
    row: Omit<RequestRow, 'state' | 'decided_at' | 'reason' | 'stamping_id' | 'failure_code'> & {
      requestKey: RequestKey;
      entryId: Uuid;
    },
  ): Promise<RequestRow | undefined> {
    const { rows } = await tx.query<RequestRow>({
      name: 'stamping-request-insert',
      text: `INSERT INTO seal.stamping_request (request_id, owner, mandate_id, organisation_id, request_key, body_sha256, seal_id, document_id,
          document_sha256, request, content_sha256, policy_version, approvers, state, asked_at, expires_at, entry_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'waiting', $14, $15, $16)
        ON CONFLICT (owner, request_key) DO NOTHING RETURNING ${columns}`,
      values: [
        row.request_id,
        row.owner,
        row.mandate_id,
        row.organisation_id,
        row.requestKey.key,
        row.body_sha256,
        row.seal_id,
        row.document_id,
        row.document_sha256,
        JSON.stringify(row.request),
        row.content_sha256,
        row.policy_version,
        row.approvers,
        row.asked_at,
        row.expires_at,
        row.entryId,
      ],
    });
    return rows[0];
  }

  async ofKey(on: Queryable, owner: string, { key }: RequestKey): Promise<RequestRow | undefined> {
    const { rows } = await on.query<RequestRow>({
      name: 'stamping-request-by-key',
      text: `SELECT ${columns} FROM seal.stamping_request WHERE owner = $1 AND request_key = $2`,
      values: [owner, key],
    });
    return rows[0];
  }

  async find(on: Queryable, requestId: Uuid): Promise<RequestRow | undefined> {
    const { rows } = await on.query<RequestRow>({
      name: 'stamping-request',
      text: `SELECT ${columns} FROM seal.stamping_request WHERE request_id = $1`,
      values: [requestId],
    });
    return rows[0];
  }

  /** Held until `tx` ends. */
  async hold(tx: Transaction, requestId: Uuid): Promise<RequestRow | undefined> {
    const { rows } = await tx.query<RequestRow>({
      name: 'stamping-request-hold',
      text: `SELECT ${columns} FROM seal.stamping_request WHERE request_id = $1 FOR UPDATE`,
      values: [requestId],
    });
    return rows[0];
  }

  async page(
    on: Queryable,
    { before, limit, now, owner, toDecide, ofOrganisation }: RequestPageQuery,
  ): Promise<RequestRow[]> {
    const from = before ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    const [name, condition, values] =
      owner !== undefined
        ? ['mine', 'owner = $3', [owner]]
        : toDecide !== undefined
          ? [
              'to-decide',
              `organisation_id = $3 AND ($4::uuid[] IS NULL OR seal_id = ANY ($4)) AND state = 'waiting' AND expires_at > $7 AND owner <> $6
                AND NOT EXISTS (SELECT 1 FROM seal.stamping_approval a WHERE a.request_id = r.request_id AND a.account_id = $5)`,
              [toDecide.organisation, toDecide.seals, toDecide.account, toDecide.owner, now],
            ]
          : [
              'of-organisation',
              'organisation_id = $3 AND ($4::uuid[] IS NULL OR seal_id = ANY ($4))',
              [ofOrganisation?.organisation ?? null, ofOrganisation?.seals ?? null],
            ];
    const { rows } = await on.query<RequestRow>({
      name: `stamping-requests-${name}`,
      text: `SELECT ${columns} FROM seal.stamping_request r WHERE request_id < $1 AND ${condition} ORDER BY request_id DESC LIMIT $2`,
      values: [from, limit, ...values],
    });
    return rows;
  }

  async approvals(on: Queryable, requestIds: readonly Uuid[]): Promise<ApprovalRow[]> {
    const { rows } = await on.query<ApprovalRow>({
      name: 'stamping-approvals',
      text: `SELECT request_id, account_id, mandate_id, approved_at FROM seal.stamping_approval
        WHERE request_id = ANY ($1) ORDER BY approved_at, account_id`,
      values: [requestIds],
    });
    return rows;
  }

  async approve(tx: Transaction, approval: ApprovalRow & { entryId: Uuid }): Promise<void> {
    await tx.query({
      name: 'stamping-approve',
      text: `INSERT INTO seal.stamping_approval (request_id, account_id, mandate_id, approved_at, entry_id) VALUES ($1, $2, $3, $4, $5)`,
      values: [approval.request_id, approval.account_id, approval.mandate_id, approval.approved_at, approval.entryId],
    });
  }

  /** `undefined`: it was decided already, or is over. */
  async decide(
    tx: Transaction,
    requestId: Uuid,
    { state, reason, now }: { state: 'approved' | 'refused' | 'withdrawn'; reason: string | null; now: Date },
  ): Promise<RequestRow | undefined> {
    const { rows } = await tx.query<RequestRow>({
      name: 'stamping-request-decide',
      text: `UPDATE seal.stamping_request SET state = $2, reason = $3, decided_at = $4
        WHERE request_id = $1 AND state = 'waiting' AND expires_at > $4 RETURNING ${columns}`,
      values: [requestId, state, reason, now],
    });
    return rows[0];
  }

  /** What became of the stamping; a later failure takes nothing from one that was done. */
  async settle(
    on: Queryable,
    requestId: Uuid,
    outcome: { stampingId: Uuid } | { failureCode: string },
  ): Promise<RequestRow | undefined> {
    const done = 'stampingId' in outcome;
    const { rows } = await on.query<RequestRow>({
      name: done ? 'stamping-request-done' : 'stamping-request-failed',
      text: `UPDATE seal.stamping_request SET ${done ? `state = 'done', stamping_id = $2, failure_code = NULL` : 'failure_code = $2'}
        WHERE request_id = $1 AND state = 'approved' RETURNING ${columns}`,
      values: [requestId, done ? outcome.stampingId : outcome.failureCode],
    });
    return rows[0];
  }
}
