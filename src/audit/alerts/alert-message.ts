// What a webhook is told: that something happened, and where to read more. The receiver lies outside, so no fact of a person or an object
// goes along; Standard Webhooks, "thin payloads".

import { moment } from '../../kernel/clock.ts';
import { idFromUuid, type Uuid } from '../../kernel/ids.ts';
import { alertWords } from '../../kernel/words/alerts.ts';
import type { Raised } from './alert-runner.ts';
import { alertRules } from './rules.ts';

/** The exact bytes that are signed and sent, at every attempt. */
export function alertMessage({ alertId, rule, course }: Raised, publicUrl: string): string {
  const id = idFromUuid('alert', alertId);
  return JSON.stringify({
    type: 'alert.raised',
    timestamp: moment(course.firstMs).toISOString(),
    data: {
      alertId: id,
      rule,
      severity: alertRules[rule].severity,
      name: { zh: alertWords[rule].name['zh-CN'], en: alertWords[rule].name.en },
      count: course.count,
      url: `${publicUrl}/api/v1/audit/alerts/${id}`,
    },
  });
}

export function testMessage(webhookId: Uuid, at: Date): string {
  const data = { webhookId: idFromUuid('webhook', webhookId) };
  return JSON.stringify({ type: 'webhook.test', timestamp: at.toISOString(), data });
}
