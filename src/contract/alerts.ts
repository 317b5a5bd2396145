// Alerts (告警) over the audit log, the rules that raise them, and the webhooks that carry them out.

import { z } from 'zod';
import { alertRuleNames } from '../kernel/words/alerts.ts';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const tag = 'Alerts';
const rule = z.enum(alertRuleNames).meta({ id: 'AlertRuleName' });
const severity = z.enum(['notice', 'warning', 'critical']);
const words = z.strictObject({ zh: z.string(), en: z.string() });
const organisationId = idSchema('organisation');

const alert = z
  .strictObject({
    alertId: idSchema('alert'),
    rule: z.string(),
    severity: z.string(),
    firstAt: moment,
    lastAt: moment,
    count: z.number().int().min(1).meta({ description: 'Entries so far; it grows while the alert goes on' }),
    what: words.nullable(),
    facts: z.record(z.string(), z.string()).meta({ description: 'Never personal' }),
    indexes: z.array(z.number().int().min(0)).meta({ description: 'Leaf indexes of the first entries that raised it' }),
    acknowledged: z.strictObject({ at: moment, by: z.string().nullable(), note: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'Alert' });

const alertId = z.strictObject({ alertId: idSchema('alert') });

export const listAlerts = operation({
  id: 'listAlerts',
  method: 'get',
  path: '/api/v1/audit/alerts',
  tag,
  summary: 'Alerts, newest first',
  access: ['audit.read'],
  query: z.strictObject({
    rule: rule.optional(),
    severity: severity.optional(),
    state: z.enum(['open', 'acknowledged']).optional(),
    ...pageQuery,
  }),
  success: { status: 200, json: pageOf(alert) },
  errors: ['cursor-invalid'],
});

export const getAlert = operation({
  id: 'getAlert',
  method: 'get',
  path: '/api/v1/audit/alerts/{alertId}',
  tag,
  summary: 'One alert',
  access: ['audit.read'],
  params: alertId,
  success: { status: 200, json: alert },
  errors: ['alert-not-found'],
});

export const acknowledgeAlert = operation({
  id: 'acknowledgeAlert',
  method: 'post',
  path: '/api/v1/audit/alerts/{alertId}/acknowledge',
  tag,
  summary: 'Say that an alert was looked at, and what came of it',
  description: 'Once, by an auditor or administrator in person.',
  access: ['audit.read'],
  params: alertId,
  json: z.strictObject({ note: z.string().min(1).max(500) }),
  success: { status: 200, json: alert },
  errors: ['forbidden', 'alert-not-found', 'alert-acknowledged'],
});

const numbers = z
  .record(z.string().max(32), z.number().int())
  .meta({ description: 'The rule’s numbers by name; those left out have their default' });
const alertRule = z
  .strictObject({
    rule,
    name: words,
    severity,
    enabled: z.boolean(),
    parameters: z.record(
      z.string(),
      z.strictObject({ value: z.number(), default: z.number(), least: z.number(), most: z.number() }),
    ),
    organisations: z.array(z.strictObject({ organisationId: z.string(), enabled: z.boolean(), numbers })),
  })
  .meta({ id: 'AlertRule' });

export const listAlertRules = operation({
  id: 'listAlertRules',
  method: 'get',
  path: '/api/v1/audit/alert-rules',
  tag,
  summary: 'The alert rules and their numbers',
  access: ['audit.read'],
  success: { status: 200, json: z.strictObject({ items: z.array(alertRule) }) },
  errors: [],
});

export const changeAlertRule = operation({
  id: 'changeAlertRule',
  method: 'post',
  path: '/api/v1/audit/alert-rules/{rule}',
  tag,
  summary: 'Turn a rule on or off, or set its numbers, for all or for one organisation',
  description: 'For administrators. An organisation’s own numbers stand before those of the house.',
  access: ['audit.read'],
  params: z.strictObject({ rule }),
  json: z.strictObject({
    organisationId: organisationId.optional(),
    enabled: z.boolean().optional(),
    numbers: numbers.optional(),
  }),
  success: { status: 200, json: alertRule },
  errors: ['forbidden'],
});

const url = z.string().min(1).max(2000).meta({ description: 'https', example: 'https://siem.example.cn/hooks/yinxin' });
const description = z.string().max(200);
const rules = z.array(rule).max(alertRuleNames.length).meta({ description: 'Alerts of these only; empty: all' });
const webhookShape = {
  webhookId: idSchema('webhook'),
  url: z.string(),
  description: z.string(),
  rules: z.array(z.string()),
  state: z.enum(['active', 'paused', 'gone', 'removed']).meta({ description: '`gone`: the receiver answered 410' }),
  createdAt: moment,
  formerSecretUntil: moment.nullable().meta({ description: 'Until then the former secret signs too' }),
};
const webhook = z.strictObject(webhookShape).meta({ id: 'Webhook' });
const webhookWithSecret = z
  .strictObject({
    ...webhookShape,
    secret: z
      .string()
      .meta({ description: 'Shown here and never again; Standard Webhooks spelling', example: 'whsec_…' }),
  })
  .meta({ id: 'WebhookWithSecret' });
const webhookId = z.strictObject({ webhookId: idSchema('webhook') });
const webhookErrors = ['forbidden', 'webhook-not-found'] as const;

export const listWebhooks = operation({
  id: 'listWebhooks',
  method: 'get',
  path: '/api/v1/audit/webhooks',
  tag,
  summary: 'The webhooks that alerts are sent to',
  access: ['audit.read'],
  success: { status: 200, json: z.strictObject({ items: z.array(webhook) }) },
  errors: ['forbidden'],
});

export const createWebhook = operation({
  id: 'createWebhook',
  method: 'post',
  path: '/api/v1/audit/webhooks',
  tag,
  summary: 'Send alerts to an address',
  description: 'For administrators. Signed after Standard Webhooks (`v1`, HMAC-SHA-256); see docs/alerts.md.',
  access: ['audit.read'],
  json: z.strictObject({ url, description: description.default(''), rules: rules.default([]) }),
  creates: true,
  success: { status: 201, json: webhookWithSecret },
  errors: ['forbidden', 'webhook-url-refused', 'idempotency-key-reused'],
});

export const changeWebhook = operation({
  id: 'changeWebhook',
  method: 'post',
  path: '/api/v1/audit/webhooks/{webhookId}',
  tag,
  summary: 'Change, pause or resume a webhook',
  access: ['audit.read'],
  params: webhookId,
  json: z.strictObject({
    url: url.optional(),
    description: description.optional(),
    rules: rules.optional(),
    state: z.enum(['active', 'paused']).optional(),
  }),
  success: { status: 200, json: webhook },
  errors: [...webhookErrors, 'webhook-url-refused'],
});

export const removeWebhook = operation({
  id: 'removeWebhook',
  method: 'post',
  path: '/api/v1/audit/webhooks/{webhookId}/remove',
  tag,
  summary: 'Remove a webhook; what waits is not delivered any more',
  access: ['audit.read'],
  params: webhookId,
  success: { status: 200, json: z.strictObject({ webhookId: idSchema('webhook') }) },
  errors: webhookErrors,
});

export const rotateWebhookSecret = operation({
  id: 'rotateWebhookSecret',
  method: 'post',
  path: '/api/v1/audit/webhooks/{webhookId}/rotate-secret',
  tag,
  summary: 'A new secret; the former one signs beside it for the overlap',
  access: ['audit.read'],
  params: webhookId,
  json: z.strictObject({ overlapSeconds: z.number().int().min(0).max(604_800).default(86_400) }),
  success: { status: 200, json: webhookWithSecret },
  errors: webhookErrors,
});

const deliveryId = idSchema('delivery');

export const testWebhook = operation({
  id: 'testWebhook',
  method: 'post',
  path: '/api/v1/audit/webhooks/{webhookId}/test',
  tag,
  summary: 'Send a test delivery',
  access: ['audit.read'],
  params: webhookId,
  success: { status: 201, json: z.strictObject({ deliveryId }) },
  errors: webhookErrors,
});

const delivery = z
  .strictObject({
    deliveryId: deliveryId.meta({ description: 'The webhook-id header, the same at every attempt' }),
    webhookId: idSchema('webhook'),
    alertId: idSchema('alert').nullable().meta({ description: 'null: a test' }),
    state: z.enum(['waiting', 'delivered', 'dead']),
    attempts: z.number().int(),
    nextAttemptAt: moment.nullable(),
    attemptedAt: moment.nullable(),
    status: z.number().int().nullable().meta({ description: 'HTTP status of the last attempt' }),
    fault: z.string().nullable().meta({ description: 'Why there was no status', example: 'timeout' }),
  })
  .meta({ id: 'WebhookDelivery' });

export const listDeliveries = operation({
  id: 'listWebhookDeliveries',
  method: 'get',
  path: '/api/v1/audit/webhook-deliveries',
  tag,
  summary: 'Deliveries, newest first',
  access: ['audit.read'],
  query: z.strictObject({
    webhookId: idSchema('webhook').optional(),
    state: z.enum(['waiting', 'delivered', 'dead']).optional(),
    ...pageQuery,
  }),
  success: { status: 200, json: pageOf(delivery) },
  errors: ['forbidden', 'cursor-invalid', 'webhook-not-found'],
});

export const resendDelivery = operation({
  id: 'resendWebhookDelivery',
  method: 'post',
  path: '/api/v1/audit/webhook-deliveries/{deliveryId}/resend',
  tag,
  summary: 'Try a dead delivery anew, under its old id',
  access: ['audit.read'],
  params: z.strictObject({ deliveryId }),
  success: { status: 200, json: z.strictObject({ deliveryId }) },
  errors: ['forbidden', 'delivery-not-dead'],
});
