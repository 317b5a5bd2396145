// The API of alerts, their rules and webhooks over the services of the audit room.

import type { Alert, AlertOffice, RuleView } from '../audit/alerts/alert-office.ts';
import type { Delivery, WebhookOutbox } from '../audit/alerts/webhook-outbox.ts';
import type { Webhook, Webhooks } from '../audit/alerts/webhooks.ts';
import * as contract from '../contract/alerts.ts';
import { alertWords } from '../kernel/words/alerts.ts';
import type { Words } from '../kernel/words/language.ts';
import type { Binding, binder } from './api.ts';

export interface AlertServices {
  readonly alerts: AlertOffice;
  readonly webhooks: Webhooks;
  readonly outbox: WebhookOutbox;
}

type Bind = ReturnType<typeof binder>;

export function alertHandlers(bind: Bind, services: AlertServices): Binding[] {
  return [...officeHandlers(bind, services.alerts), ...webhookHandlers(bind, services)];
}

function officeHandlers(bind: Bind, alerts: AlertOffice): Binding[] {
  return [
    bind(contract.listAlerts, async ({ principal, query }) => {
      const page = await alerts.list(principal, query);
      return { json: { items: page.items.map(alertJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.getAlert, async ({ principal, params }) => ({
      json: alertJson(await alerts.get(principal, params.alertId)),
    })),
    bind(contract.acknowledgeAlert, async ({ principal, params, json }) => ({
      json: alertJson(await alerts.acknowledge(principal, params.alertId, json.note)),
    })),
    bind(contract.listAlertRules, async ({ principal }) => ({
      json: { items: (await alerts.rules(principal)).map(ruleJson) },
    })),
    bind(contract.changeAlertRule, async ({ principal, params, json }) => ({
      json: ruleJson(await alerts.setRule(principal, params.rule, json)),
    })),
  ];
}

function webhookHandlers(bind: Bind, { webhooks, outbox }: AlertServices): Binding[] {
  return [
    bind(contract.listWebhooks, async ({ principal }) => ({
      json: { items: (await webhooks.list(principal)).map(webhookJson) },
    })),
    bind(contract.createWebhook, async ({ principal, json, requestKey }) => {
      const made = await webhooks.create(principal, json, requestKey);
      return { json: { ...webhookJson(made), secret: made.secret } };
    }),
    bind(contract.changeWebhook, async ({ principal, params, json }) => ({
      json: webhookJson(await webhooks.change(principal, params.webhookId, json)),
    })),
    bind(contract.removeWebhook, async ({ principal, params: { webhookId } }) => {
      await webhooks.remove(principal, webhookId);
      return { json: { webhookId } };
    }),
    bind(contract.rotateWebhookSecret, async ({ principal, params, json }) => {
      const changed = await webhooks.rotateSecret(principal, params.webhookId, json.overlapSeconds);
      return { json: { ...webhookJson(changed), secret: changed.secret } };
    }),
    bind(contract.testWebhook, async ({ principal, params }) => ({
      json: { deliveryId: await webhooks.test(principal, params.webhookId) },
    })),
    bind(contract.listDeliveries, async ({ principal, query }) => {
      const page = await outbox.list(principal, query);
      return { json: { items: page.items.map(deliveryJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.resendDelivery, async ({ principal, params: { deliveryId } }) => {
      await outbox.resend(principal, deliveryId);
      return { json: { deliveryId } };
    }),
  ];
}

function alertJson({ what, acknowledged, ...alert }: Alert) {
  return {
    ...alert,
    firstAt: alert.firstAt.toISOString(),
    lastAt: alert.lastAt.toISOString(),
    facts: { ...alert.facts },
    indexes: [...alert.indexes],
    what: what === undefined ? null : wordsJson(what),
    acknowledged: acknowledged === undefined ? null : { ...acknowledged, at: acknowledged.at.toISOString() },
  };
}

function ruleJson({ organisations, ...view }: RuleView) {
  return {
    ...view,
    name: wordsJson(alertWords[view.rule].name),
    parameters: { ...view.parameters },
    organisations: organisations.map(({ organisationId = '', enabled, numbers }) => ({
      organisationId,
      enabled,
      numbers: { ...numbers },
    })),
  };
}

function webhookJson({ webhookId, url, description, rules, state, createdAt, formerUntil }: Webhook) {
  return {
    webhookId,
    url,
    description,
    rules: [...rules],
    state,
    createdAt: createdAt.toISOString(),
    formerSecretUntil: formerUntil?.toISOString() ?? null,
  };
}

function deliveryJson({ alertId, dueAt, attemptedAt, status, fault, ...delivery }: Delivery) {
  return {
    ...delivery,
    alertId: alertId ?? null,
    nextAttemptAt: delivery.state === 'waiting' ? dueAt.toISOString() : null,
    attemptedAt: attemptedAt?.toISOString() ?? null,
    status: status ?? null,
    fault: fault ?? null,
  };
}

function wordsJson(words: Words) {
  return { zh: words['zh-CN'], en: words.en };
}
