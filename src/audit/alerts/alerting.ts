// Alerting as one piece: the runner that follows the log, the courier that delivers, and the two services over them.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { AuditLog } from '../audit-log.ts';
import type { LogRunner } from '../log-runner.ts';
import { AlertOffice } from './alert-office.ts';
import { type AlertFaults, AlertRunner } from './alert-runner.ts';
import { readLog } from './log-reader.ts';
import type { OutgoingRules } from './outgoing-post.ts';
import { WebhookCourier } from './webhook-courier.ts';
import { WebhookOutbox } from './webhook-outbox.ts';
import { Webhooks } from './webhooks.ts';

export interface AlertingOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record' | 'byId'>;
  readonly logRunner: Pick<LogRunner, 'forked'>;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: string;
  readonly outgoing: OutgoingRules;
  /** Of the courier; tests are quicker. */
  readonly retrySeconds?: readonly number[];
  readonly leaseSeconds?: number;
  readonly faults?: AlertFaults;
}

export interface Alerting {
  readonly alerts: AlertOffice;
  readonly webhooks: Webhooks;
  readonly outbox: WebhookOutbox;
  readonly runner: AlertRunner;
  readonly courier: WebhookCourier;
  start(): void;
  stop(): Promise<void>;
}

/** Nothing runs before `start`. */
export function createAlerting(options: AlertingOptions): Alerting {
  const { cipher, logRunner, outgoing: rules } = options;
  const courier = new WebhookCourier({ ...options, rules });
  const nudge = () => courier.nudge();
  const outbox = new WebhookOutbox({ ...options, nudge });
  const runner = new AlertRunner({
    ...options,
    read: (tx, span) => readLog(tx, cipher, span),
    enqueue: (tx, raised) => outbox.enqueue(tx, raised),
    nudge,
    forked: () => logRunner.forked,
  });
  return {
    alerts: new AlertOffice(options),
    webhooks: new Webhooks({ ...options, rules, nudge }),
    outbox,
    runner,
    courier,
    start: () => {
      runner.start();
      courier.start();
    },
    stop: async () => {
      await runner.stop(); // what it raises last is delivered by whoever comes next
      await courier.stop();
    },
  };
}
