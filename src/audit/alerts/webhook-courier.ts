// Delivers what is due to webhooks, at least once each: taken under a lease, tried again later and later, dead after the last try.
// Retry schedule and status codes after Standard Webhooks, "Operational considerations".

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import { addSeconds, type Clock, monotonicMs } from '../../kernel/clock.ts';
import { idFromUuid } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { firstIdAt } from '../leaf.ts';
import { type OutgoingRules, postOut, type PostOutcome } from './outgoing-post.ts';
import { jittered, outgoingPauseMs, OutgoingRounds } from './outgoing-rounds.ts';
import { openSecret } from './webhook-secret.ts';
import { webhookHeaders } from './webhook-signature.ts';
import { type AttemptEnd, type DueDelivery, endAttempt, forgetDeliveries, markGone, takeDue } from './webhook-store.ts';

export interface CourierOptions {
  readonly database: Database;
  readonly cipher: Pick<FieldCipher, 'open'>;
  readonly rules: OutgoingRules;
  readonly clock: Clock;
  readonly log: Log;
  /** Seconds after each failure; when they are used up the delivery is dead. */
  readonly retrySeconds?: readonly number[];
  readonly leaseSeconds?: number;
}

/** Over three days in all. */
const defaultRetrySeconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
const defaultLeaseSeconds = 30; // well over what one attempt may last
const atOnce = 4;
const forgetEveryMs = 3_600_000;
const keptSeconds = 90 * 86_400;
const forgetAtOnce = 1000;

export class WebhookCourier {
  readonly #options: CourierOptions;
  readonly #rounds: OutgoingRounds;
  #forgotAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#rounds = new OutgoingRounds({
      round: async () => {
        if ((await this.step()) > 0) return 0;
        await this.#forget();
        return outgoingPauseMs;
      },
      failed: (error) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        options.log.warn({ reason }, 'webhook deliveries could not be taken, they are tried again');
        return outgoingPauseMs;
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Something became due. */
  nudge(): void {
    this.#rounds.nudge();
  }

  /** One lot of what is due now; how many attempts were made. */
  async step(): Promise<number> {
    const { database, clock, leaseSeconds = defaultLeaseSeconds } = this.#options;
    const now = clock.now();
    const due = await takeDue(database, { now, leaseEndsAt: addSeconds(now, leaseSeconds), limit: atOnce });
    // A crash from here on: the lease ends, and the delivery is tried again with the same id.
    await Promise.all(due.map((delivery) => this.#attempt(delivery)));
    return due.length;
  }

  async #attempt(delivery: DueDelivery): Promise<void> {
    const { database, log } = this.#options;
    const outcome = await this.#post(delivery);
    const end = this.#endOf(delivery, outcome);
    await endAttempt(database, delivery, end);
    if (end.status === 410) await markGone(database, delivery.webhook_id);
    if (end.state === 'delivered') return;
    const { status, fault, state } = end;
    const deliveryId = idFromUuid('delivery', delivery.delivery_id);
    log.warn({ deliveryId, status, fault, state, attempts: delivery.attempts }, 'a webhook was not delivered');
  }

  async #post(delivery: DueDelivery): Promise<PostOutcome | { fault: 'secret-unreadable' }> {
    const { cipher, clock, rules } = this.#options;
    const { webhook_id: webhookId, delivery_id: uuid, url, body } = delivery;
    const sentAt = clock.now();
    const { secret, former_secret: former, former_until: until } = delivery;
    const sealed = former !== null && until !== null && until > sentAt ? [secret, former] : [secret];
    let secrets: Uint8Array[];
    try {
      secrets = sealed.map((one) => openSecret(cipher, webhookId, one));
    } catch {
      return { fault: 'secret-unreadable' };
    }
    const headers = webhookHeaders({ id: idFromUuid('delivery', uuid), sentAt, body }, secrets);
    return postOut({ url, headers, body, signal: this.#rounds.signal }, rules);
  }

  #endOf({ attempts }: DueDelivery, outcome: PostOutcome | { fault: 'secret-unreadable' }): AttemptEnd {
    const { clock, retrySeconds = defaultRetrySeconds } = this.#options;
    const now = clock.now();
    if ('fault' in outcome && outcome.fault === 'stopped')
      return { state: 'waiting', dueAt: now, status: null, fault: 'stopped' };
    const [status, fault] = 'status' in outcome ? [outcome.status, null] : [null, outcome.fault];
    if (status !== null && status >= 200 && status <= 299) return { state: 'delivered', dueAt: now, status, fault };
    const pauseSeconds = retrySeconds[attempts - 1];
    if (status === 410 || pauseSeconds === undefined) return { state: 'dead', dueAt: now, status, fault };
    const asked = 'retryAfterSeconds' in outcome ? (outcome.retryAfterSeconds ?? 0) : 0;
    return { state: 'waiting', dueAt: addSeconds(now, Math.max(jittered(pauseSeconds), asked)), status, fault };
  }

  async #forget(): Promise<void> {
    const now = monotonicMs();
    if (now - this.#forgotAtMs < forgetEveryMs) return;
    this.#forgotAtMs = now;
    const { database, clock } = this.#options;
    await forgetDeliveries(database, firstIdAt(addSeconds(clock.now(), -keptSeconds)), forgetAtOnce);
  }
}
