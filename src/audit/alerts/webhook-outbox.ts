// Deliveries to webhooks: made in the transaction that raises the alert, listed with what became of them, and resent.

import type { Database, Transaction } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { AuditLog } from '../audit-log.ts';
import { alertMessage } from './alert-message.ts';
import type { Raised } from './alert-runner.ts';
import { type DeliveryRow, insertDelivery, listDeliveries, receiversOf, reviveDelivery } from './webhook-store.ts';
import { requireAdministration, webhookUuid } from './webhooks.ts';

export interface WebhookOutboxOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly clock: Clock;
  readonly publicUrl: string;
  /** A delivery became due. */
  readonly nudge: () => void;
}

export interface Delivery {
  readonly deliveryId: Id<'delivery'>;
  readonly webhookId: Id<'webhook'>;
  /** Absent: a test. */
  readonly alertId: Id<'alert'> | undefined;
  readonly state: DeliveryRow['state'];
  readonly attempts: number;
  /** Of a waiting one: not before. */
  readonly dueAt: Date;
  readonly attemptedAt: Date | undefined;
  readonly status: number | undefined;
  readonly fault: string | undefined;
}

export interface DeliveryQuery {
  readonly webhookId?: string | undefined;
  readonly state?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export class WebhookOutbox {
  readonly #options: WebhookOutboxOptions;

  constructor(options: WebhookOutboxOptions) {
    this.#options = options;
  }

  /** Newest first. Throws `scope-missing`, `forbidden`, `cursor-invalid`. */
  async list(principal: Principal, query: DeliveryQuery): Promise<{ items: Delivery[]; nextCursor: string | null }> {
    requireAdministration(principal);
    const { webhookId, state, limit, cursor } = query;
    const before = cursor === undefined ? undefined : uuidFromId('delivery', cursor);
    if (cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const rows = await listDeliveries(this.#options.database, {
      limit: limit + 1,
      ...(webhookId === undefined ? {} : { webhookId: webhookUuid(webhookId) }),
      ...(state === undefined ? {} : { state }),
      ...(before === undefined ? {} : { before }),
    });
    const items = rows.slice(0, limit).map(delivery);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.deliveryId ?? null) : null };
  }

  /** A dead one is tried anew, under its old id. Throws `scope-missing`, `forbidden`, `delivery-not-dead`. */
  async resend(principal: Principal, deliveryId: string): Promise<void> {
    requireAdministration(principal);
    const { database, audit, clock, nudge } = this.#options;
    const uuid = uuidFromId('delivery', deliveryId);
    await database.transaction(async (tx) => {
      if (uuid === undefined || !(await reviveDelivery(tx, uuid, clock.now())))
        throw new TrustError('delivery-not-dead', 'there is no dead delivery of this id to an active webhook');
      await audit.record(tx, principal, {
        action: 'configuration.changed',
        outcome: 'done',
        objectId: deliveryId,
        facts: { what: 'webhook-delivery', kind: 'resent' },
      });
    });
    nudge();
  }

  /** In the transaction that raises the alert. Returns how many deliveries are due. */
  async enqueue(tx: Transaction, raised: Raised): Promise<number> {
    const { clock, publicUrl } = this.#options;
    const receivers = await receiversOf(tx, raised.rule);
    const body = alertMessage(raised, publicUrl);
    for (const webhookId of receivers) {
      const { alertId } = raised;
      await insertDelivery(tx, { deliveryId: newUuid(clock), webhookId, alertId, body, dueAt: clock.now() });
    }
    return receivers.length;
  }
}

function delivery(row: DeliveryRow): Delivery {
  return {
    deliveryId: idFromUuid('delivery', row.delivery_id),
    webhookId: idFromUuid('webhook', row.webhook_id),
    alertId: row.alert_id === null ? undefined : idFromUuid('alert', row.alert_id),
    state: row.state,
    attempts: row.attempts,
    dueAt: row.due_at,
    attemptedAt: row.attempted_at ?? undefined,
    status: row.status ?? undefined,
    fault: row.fault ?? undefined,
  };
}
