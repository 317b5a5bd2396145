// Webhooks (告警推送) as administrators keep them: where alerts go, and under which secret.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Transaction } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, newUuid, uuidFromId, type Uuid } from '../../kernel/ids.ts';
import { requireKeeper, requireScope } from '../../kernel/permissions.ts';
import type { Principal } from '../../kernel/principal.ts';
import type { RequestKey } from '../../kernel/request-key.ts';
import type { AlertRuleName } from '../../kernel/words/alerts.ts';
import type { AuditLog } from '../audit-log.ts';
import { testMessage } from './alert-message.ts';
import { checkedUrl, type OutgoingRules } from './outgoing-post.ts';
import { openSecret, sealSecret } from './webhook-secret.ts';
import { newWebhookSecret, spelledSecret } from './webhook-signature.ts';
import {
  allWebhooks,
  endAllWaiting,
  holdWebhook,
  insertDelivery,
  insertWebhook,
  updateWebhook,
  webhookOfRequest,
  type WebhookRow,
  type WebhookState,
} from './webhook-store.ts';

export interface WebhooksOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly cipher: Pick<FieldCipher, 'seal' | 'open'>;
  readonly clock: Clock;
  readonly rules: OutgoingRules;
  /** A delivery became due. */
  readonly nudge: () => void;
}

export interface WebhookOrder {
  readonly url: string;
  readonly description: string;
  /** Empty: all. */
  readonly rules: readonly AlertRuleName[];
}

export interface Webhook {
  readonly webhookId: Id<'webhook'>;
  readonly url: string;
  readonly description: string;
  readonly rules: readonly string[];
  readonly state: WebhookState;
  readonly createdAt: Date;
  /** Until then both secrets sign. */
  readonly formerUntil: Date | undefined;
}

export interface WebhookWithSecret extends Webhook {
  /** `whsec_…`. */
  readonly secret: string;
}

export interface WebhookChange {
  readonly url?: string | undefined;
  readonly description?: string | undefined;
  readonly rules?: readonly AlertRuleName[] | undefined;
  readonly state?: 'active' | 'paused' | undefined;
}

/** Each alert is a delivery to each of them. */
const maxWebhooks = 50;
/** A repeated request gets the secret again for so long: its first answer may have been lost. After that nobody does. */
const secretShownSeconds = 600;

export class Webhooks {
  readonly #options: WebhooksOptions;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  /** Throws `scope-missing`, `forbidden`. */
  async list(principal: Principal): Promise<Webhook[]> {
    requireAdministration(principal);
    return (await allWebhooks(this.#options.database)).map(webhook);
  }

  /** Throws `scope-missing`, `forbidden`, `webhook-url-refused`, `idempotency-key-reused`, `malformed-request` (too many). */
  async create(principal: Principal, order: WebhookOrder, requestKey: RequestKey): Promise<WebhookWithSecret> {
    requireAdministration(principal);
    const { database, cipher, clock, rules } = this.#options;
    const url = checkedUrl(order.url, rules).href;
    const secret = newWebhookSecret();
    const webhookId = newUuid(clock);
    const row: WebhookRow = {
      webhook_id: webhookId,
      url,
      description: order.description,
      rules: order.rules,
      state: 'active',
      secret: sealSecret(cipher, webhookId, secret),
      former_secret: null,
      former_until: null,
      created_at: clock.now(),
      request_sha256: requestKey.bodySha256,
    };
    const made = await database.transaction(async (tx) => {
      if ((await allWebhooks(tx)).length >= maxWebhooks)
        throw new TrustError('malformed-request', `there are ${maxWebhooks} webhooks already`);
      if (!(await insertWebhook(tx, row, requestKey))) return false;
      await this.#record(tx, principal, webhookId, 'made');
      return true;
    });
    if (made) return { ...webhook(row), secret: spelledSecret(secret) };
    return this.#madeBefore(requestKey);
  }

  /** A new address or `active` also ends the silence after a 410. Throws as `create` does, and `webhook-not-found`. */
  async change(principal: Principal, webhookId: string, change: WebhookChange): Promise<Webhook> {
    requireAdministration(principal);
    const url = change.url === undefined ? undefined : checkedUrl(change.url, this.#options.rules).href;
    const row = await this.#update(principal, webhookId, 'changed', (before) => ({
      ...before,
      url: url ?? before.url,
      description: change.description ?? before.description,
      rules: change.rules ?? before.rules,
      state: change.state ?? before.state,
    }));
    this.#options.nudge();
    return webhook(row);
  }

  /** What waits is not delivered any more. Throws `scope-missing`, `forbidden`, `webhook-not-found`. */
  async remove(principal: Principal, webhookId: string): Promise<void> {
    requireAdministration(principal);
    await this.#update(
      principal,
      webhookId,
      'removed',
      (before) => ({ ...before, state: 'removed', former_secret: null, former_until: null }),
      (tx, { webhook_id: uuid }) => endAllWaiting(tx, uuid),
    );
  }

  /** The former secret signs beside the new one for the overlap. Throws `scope-missing`, `forbidden`, `webhook-not-found`. */
  async rotateSecret(principal: Principal, webhookId: string, overlapSeconds: number): Promise<WebhookWithSecret> {
    requireAdministration(principal);
    const { cipher, clock } = this.#options;
    const secret = newWebhookSecret();
    const row = await this.#update(principal, webhookId, 'secret-rotated', (before) => ({
      ...before,
      secret: sealSecret(cipher, before.webhook_id, secret),
      former_secret: before.secret,
      former_until: addSeconds(clock.now(), overlapSeconds),
    }));
    return { ...webhook(row), secret: spelledSecret(secret) };
  }

  /** A delivery like any other, with nothing in it. Throws `scope-missing`, `forbidden`, `webhook-not-found`. */
  async test(principal: Principal, webhookId: string): Promise<Id<'delivery'>> {
    requireAdministration(principal);
    const { database, clock, nudge } = this.#options;
    const deliveryId = newUuid(clock);
    await database.transaction(async (tx) => {
      const row = await this.#held(tx, webhookId);
      const body = testMessage(row.webhook_id, clock.now());
      await insertDelivery(tx, { deliveryId, webhookId: row.webhook_id, body, dueAt: clock.now() });
      await this.#record(tx, principal, row.webhook_id, 'tested');
    });
    nudge();
    return idFromUuid('delivery', deliveryId);
  }

  async #madeBefore(requestKey: RequestKey): Promise<WebhookWithSecret> {
    const { database, cipher, clock } = this.#options;
    const row = await webhookOfRequest(database, requestKey);
    const late = row === undefined || addSeconds(row.created_at, secretShownSeconds) < clock.now();
    if (late || row.state === 'removed' || !equalBytes(row.request_sha256, requestKey.bodySha256))
      throw new TrustError('idempotency-key-reused', 'the key stood before another request, or one of long ago');
    return { ...webhook(row), secret: spelledSecret(openSecret(cipher, row.webhook_id, row.secret)) };
  }

  async #update(
    principal: Principal,
    webhookId: string,
    deed: string,
    changed: (before: WebhookRow) => WebhookRow,
    also?: (tx: Transaction, row: WebhookRow) => Promise<void>,
  ): Promise<WebhookRow> {
    return this.#options.database.transaction(async (tx) => {
      const row = changed(await this.#held(tx, webhookId));
      await updateWebhook(tx, row);
      await also?.(tx, row);
      await this.#record(tx, principal, row.webhook_id, deed);
      return row;
    });
  }

  async #held(tx: Transaction, webhookId: string): Promise<WebhookRow> {
    const row = await holdWebhook(tx, webhookUuid(webhookId));
    if (row === undefined) throw notFound();
    return row;
  }

  /** The address stays out of the public leaf: it may carry a token of the receiver. */
  async #record(tx: Transaction, principal: Principal, webhookId: Uuid, deed: string): Promise<void> {
    await this.#options.audit.record(tx, principal, {
      action: 'configuration.changed',
      outcome: 'done',
      objectId: idFromUuid('webhook', webhookId),
      facts: { what: 'webhook', kind: deed },
    });
  }
}

export function requireAdministration(principal: Principal): void {
  requireScope(principal, 'audit.read');
  requireKeeper(principal);
}

function webhook(row: WebhookRow): Webhook {
  return {
    webhookId: idFromUuid('webhook', row.webhook_id),
    url: row.url,
    description: row.description,
    rules: row.rules,
    state: row.state,
    createdAt: row.created_at,
    formerUntil: row.former_until ?? undefined,
  };
}

export function webhookUuid(webhookId: string): Uuid {
  const uuid = uuidFromId('webhook', webhookId);
  if (uuid === undefined) throw notFound();
  return uuid;
}

function notFound(): TrustError {
  return new TrustError('webhook-not-found', 'there is no such webhook');
}
