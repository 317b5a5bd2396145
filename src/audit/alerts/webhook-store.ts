// The rows of webhooks and their deliveries. A delivery is its own durable job: taken by moving `due_at` ahead, ended by its state.

import type { Queryable, Transaction } from '../../db/database.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { RequestKey } from '../../kernel/request-key.ts';

export type WebhookState = 'active' | 'paused' | 'gone' | 'removed';

export interface WebhookRow {
  readonly webhook_id: Uuid;
  readonly url: string;
  readonly description: string;
  readonly rules: readonly string[];
  readonly state: WebhookState;
  readonly secret: Uint8Array;
  readonly former_secret: Uint8Array | null;
  readonly former_until: Date | null;
  readonly created_at: Date;
  readonly request_sha256: Uint8Array;
}

export interface DueDelivery {
  readonly delivery_id: Uuid;
  readonly webhook_id: Uuid;
  readonly body: string;
  /** This one counted. */
  readonly attempts: number;
  readonly url: string;
  readonly secret: Uint8Array;
  readonly former_secret: Uint8Array | null;
  readonly former_until: Date | null;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly dueAt: Date;
  readonly status: number | null;
  readonly fault: string | null;
}

const columns =
  'webhook_id, url, description, rules, state, secret, former_secret, former_until, created_at, request_sha256';

export async function insertWebhook(tx: Transaction, row: WebhookRow, requestKey: RequestKey): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'webhook-insert',
    text: `INSERT INTO audit.webhook (webhook_id, url, description, rules, state, secret, created_at, request_owner, request_key, request_sha256)
      VALUES ($1, $2, $3, $4::text[], $5, $6, $7, $8, $9, $10) ON CONFLICT (request_owner, request_key) DO NOTHING`,
    values: [
      row.webhook_id,
      row.url,
      row.description,
      [...row.rules],
      row.state,
      row.secret,
      row.created_at,
      requestKey.owner,
      requestKey.key,
      requestKey.bodySha256,
    ],
  });
  return rowCount === 1;
}

export async function webhookOfRequest(
  database: Queryable,
  { owner, key }: RequestKey,
): Promise<WebhookRow | undefined> {
  const { rows } = await database.query<WebhookRow>({
    name: 'webhook-of-request',
    text: `SELECT ${columns} FROM audit.webhook WHERE request_owner = $1 AND request_key = $2`,
    values: [owner, key],
  });
  return rows[0];
}

/** All but the removed ones, oldest first: there are few (the service keeps it so). */
export async function allWebhooks(database: Queryable): Promise<WebhookRow[]> {
  const { rows } = await database.query<WebhookRow>({
    name: 'webhooks',
    text: `SELECT ${columns} FROM audit.webhook WHERE state <> 'removed' ORDER BY webhook_id`,
  });
  return rows;
}

/** Held to the end of the transaction. */
export async function holdWebhook(tx: Transaction, webhookId: Uuid): Promise<WebhookRow | undefined> {
  const { rows } = await tx.query<WebhookRow>({
    name: 'webhook-hold',
    text: `SELECT ${columns} FROM audit.webhook WHERE webhook_id = $1 AND state <> 'removed' FOR UPDATE`,
    values: [webhookId],
  });
  return rows[0];
}

export async function updateWebhook(tx: Transaction, row: WebhookRow): Promise<void> {
  await tx.query({
    name: 'webhook-update',
    text: `UPDATE audit.webhook SET url = $2, description = $3, rules = $4::text[], state = $5, secret = $6, former_secret = $7,
      former_until = $8 WHERE webhook_id = $1`,
    values: [
      row.webhook_id,
      row.url,
      row.description,
      [...row.rules],
      row.state,
      row.secret,
      row.former_secret,
      row.former_until,
    ],
  });
}

export async function receiversOf(tx: Transaction, rule: string): Promise<Uuid[]> {
  const { rows } = await tx.query<{ webhook_id: Uuid }>({
    name: 'webhook-receivers',
    text: `SELECT webhook_id FROM audit.webhook WHERE state = 'active' AND (cardinality(rules) = 0 OR $1 = ANY (rules))`,
    values: [rule],
  });
  return rows.map(({ webhook_id: id }) => id);
}

export interface NewDelivery {
  readonly deliveryId: Uuid;
  readonly webhookId: Uuid;
  /** Absent: a test. */
  readonly alertId?: Uuid;
  readonly body: string;
  readonly dueAt: Date;
}

export async function insertDelivery(tx: Queryable, delivery: NewDelivery): Promise<void> {
  await tx.query({
    name: 'delivery-insert',
    text: `INSERT INTO audit.webhook_delivery (delivery_id, webhook_id, alert_id, body, state, attempts, due_at)
      VALUES ($1, $2, $3, $4, 'waiting', 0, $5)`,
    values: [delivery.deliveryId, delivery.webhookId, delivery.alertId ?? null, delivery.body, delivery.dueAt],
  });
}

/** Nobody else takes these before `leaseEndsAt`; when this process dies, somebody takes them then. */
export async function takeDue(
  database: Queryable,
  { now, leaseEndsAt, limit }: { now: Date; leaseEndsAt: Date; limit: number },
): Promise<DueDelivery[]> {
  const { rows } = await database.query<DueDelivery>({
    name: 'delivery-take',
    text: `UPDATE audit.webhook_delivery d SET attempts = d.attempts + 1, due_at = $2, attempted_at = $1
      FROM (SELECT x.delivery_id, w.url, w.secret, w.former_secret, w.former_until
        FROM audit.webhook_delivery x JOIN audit.webhook w ON w.webhook_id = x.webhook_id
        WHERE x.state = 'waiting' AND x.due_at <= $1 AND w.state = 'active'
        ORDER BY x.due_at LIMIT $3 FOR UPDATE OF x SKIP LOCKED) AS due
      WHERE d.delivery_id = due.delivery_id
      RETURNING d.delivery_id, d.webhook_id, d.body, d.attempts, due.url, due.secret, due.former_secret, due.former_until`,
    values: [now, leaseEndsAt, limit],
  });
  return rows;
}

/** Only of the attempt that was taken: one that overran its lease and was taken by another node says nothing any more. */
export async function endAttempt(
  database: Queryable,
  { delivery_id: id, attempts }: DueDelivery,
  end: AttemptEnd,
): Promise<void> {
  await database.query({
    name: 'delivery-end',
    text: `UPDATE audit.webhook_delivery SET state = $3, due_at = $4, status = $5, fault = $6
      WHERE delivery_id = $1 AND attempts = $2 AND state = 'waiting'`,
    values: [id, attempts, end.state, end.dueAt, end.status, end.fault],
  });
}

/** The receiver said 410: nothing more is sent until an administrator says otherwise. */
export async function markGone(database: Queryable, webhookId: Uuid): Promise<void> {
  await database.query({
    name: 'webhook-gone',
    text: `UPDATE audit.webhook SET state = 'gone' WHERE webhook_id = $1 AND state = 'active'`,
    values: [webhookId],
  });
}

export async function endAllWaiting(tx: Transaction, webhookId: Uuid): Promise<void> {
  await tx.query({
    name: 'delivery-end-all',
    text: `UPDATE audit.webhook_delivery SET state = 'dead', fault = 'removed' WHERE webhook_id = $1 AND state = 'waiting'`,
    values: [webhookId],
  });
}

/** A dead one begins anew; false when it is not dead. */
export async function reviveDelivery(tx: Transaction, deliveryId: Uuid, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'delivery-revive',
    text: `UPDATE audit.webhook_delivery d SET state = 'waiting', attempts = 0, due_at = $2 FROM audit.webhook w
      WHERE d.delivery_id = $1 AND d.state = 'dead' AND w.webhook_id = d.webhook_id AND w.state = 'active'`,
    values: [deliveryId, now],
  });
  return rowCount === 1;
}

export interface DeliveryRow {
  readonly delivery_id: Uuid;
  readonly webhook_id: Uuid;
  readonly alert_id: Uuid | null;
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly attempts: number;
  readonly due_at: Date;
  readonly attempted_at: Date | null;
  readonly status: number | null;
  readonly fault: string | null;
}

export interface DeliveryFilter {
  readonly webhookId?: Uuid;
  readonly state?: string;
  readonly before?: Uuid;
  readonly limit: number;
}

/** Newest first. */
export async function listDeliveries(database: Queryable, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const { webhookId, state, before, limit } = filter;
  const values: unknown[] = [];
  const conditions = (
    [
      ['webhook_id = ', webhookId],
      ['state = ', state],
      ['delivery_id < ', before],
    ] as const
  ).flatMap(([condition, value]) => (value === undefined ? [] : [`${condition}$${values.push(value)}`]));
  const { rows } = await database.query<DeliveryRow>({
    text: `SELECT delivery_id, webhook_id, alert_id, state, attempts, due_at, attempted_at, status, fault FROM audit.webhook_delivery
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY delivery_id DESC LIMIT $${values.push(limit)}`,
    values,
  });
  return rows;
}

/** Ended ones from before `before`, for they are told of in the alert list for ever but delivered once. */
export async function forgetDeliveries(database: Queryable, before: Uuid, limit: number): Promise<number> {
  const { rowCount } = await database.query({
    name: 'delivery-forget',
    text: `DELETE FROM audit.webhook_delivery WHERE delivery_id IN (SELECT delivery_id FROM audit.webhook_delivery
      WHERE delivery_id < $1 AND state <> 'waiting' ORDER BY delivery_id LIMIT $2)`,
    values: [before, limit],
  });
  return rowCount;
}
