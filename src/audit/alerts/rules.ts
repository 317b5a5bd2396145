// The alert rules (告警规则) there are: what each watches in the log, and its defaults. Their words are in src/kernel/words/alerts.ts.

import type { AlertRuleName } from '../../kernel/words/alerts.ts';
import type { AlertEvent } from './alert-event.ts';
import {
  burstRule,
  eachRule,
  firstRule,
  type Observation,
  outsideHoursRule,
  parameter,
  type Rule,
  sequelRule,
  surgeRule,
} from './rule.ts';

const dayS = 86_400;

export const alertRules: Readonly<Record<AlertRuleName, Rule>> = {
  /** 5: where the sign-in itself begins to refuse (src/identity/sign-in/sign-in-limits.ts). */
  'sign-in-failures-account': burstRule(
    { severity: 'warning', observe: (event) => (isFailedSignIn(event) ? about(event.subject) : undefined) },
    parameter(5, 2, 1000),
    parameter(900, 10, dayS),
  ),
  'sign-in-failures-network': burstRule(
    { severity: 'warning', observe: (event) => (isFailedSignIn(event) ? about(event.network) : undefined) },
    parameter(20, 2, 1000),
    parameter(900, 10, dayS),
  ),
  'seal-outside-hours': outsideHoursRule({ severity: 'warning', observe: sealUse }),
  'seal-above-usual': surgeRule({ severity: 'warning', observe: sealUse }, parameter(50, 1, 1_000_000)),
  'key-first-use': firstRule({ severity: 'notice', observe: keyUse }),
  'self-approval': sequelRule(
    {
      severity: 'critical',
      observe: (event) => proposalOf(event) ?? (isTwoPerson(event.action) ? about(event.objectId) : undefined),
    },
    {
      noteOf: ({ action, outcome, actor }) =>
        action === 'authority.deed-proposed' || (isTwoPerson(action) && outcome === 'intended')
          ? (actor ?? '')
          : undefined,
      // The refusal is in the log, and so is what a changed program or database would let pass.
      isAlarm: ({ action, outcome, code, actor }, proposer) =>
        code === 'proposal-self-approval' ||
        (outcome === (isTwoPerson(action) ? 'done' : 'intended') && actor !== undefined && actor === proposer),
    },
  ),
  'authority-revoked': sequelRule(
    { severity: 'critical', observe: proposalOf },
    {
      noteOf: ({ action, facts: { kind } }) => (action === 'authority.deed-proposed' ? textOf(kind) : undefined),
      isAlarm: ({ outcome }, kind) => outcome === 'done' && (kind === 'revoke' || kind === 'suspend'),
    },
  ),
  'licence-shown-often': burstRule(
    { severity: 'warning', observe: ({ action, object }) => (action === 'licence.shown' ? about(object) : undefined) },
    parameter(30, 2, 1000),
    parameter(3600, 10, dayS),
  ),
  'licence-checked-often': surgeRule(
    {
      severity: 'notice',
      observe: ({ action, clientId }) =>
        action === 'licence.verified' && clientId !== undefined
          ? { subject: clientId, facts: { clientId } }
          : undefined,
    },
    parameter(1000, 1, 1_000_000_000),
  ),
  /** So that nobody turns the alarms off unseen. */
  'alerting-changed': eachRule({ severity: 'notice', observe: alertingChange }, parameter(600, 0, dayS)),
  /** Told by the state of the log itself, not by an entry: a log that stands still has none. */
  'log-stopped': {
    severity: 'critical',
    parameters: { stalledSeconds: parameter(60, 10, dayS) },
    observe: () => undefined,
    judge: () => undefined,
    quietSeconds: () => 3600,
  },
};

function isFailedSignIn({ action, outcome }: AlertEvent): boolean {
  return action === 'sign-in' && outcome === 'failed';
}

function about(subject: string | undefined): Observation | undefined {
  return subject === undefined ? undefined : { subject };
}

const sealUses: ReadonlySet<string> = new Set(['stamping', 'digest-stamping', 'seal.remote-signature']);

/** The intent: each is a use of the key, whatever comes of it. */
function sealUse({ action, outcome, facts: { sealId } }: AlertEvent): Observation | undefined {
  if (!sealUses.has(action) || outcome !== 'intended' || typeof sealId !== 'string') return undefined;
  return { subject: sealId, facts: { sealId } };
}

/** Deeds that name the key they use. Its making and its changes of state are not uses. */
function keyUse({ action, outcome, facts: { keyName } }: AlertEvent): Observation | undefined {
  if (action === 'key.created' || action === 'key.state-changed') return undefined;
  if ((outcome !== 'intended' && outcome !== 'done') || typeof keyName !== 'string') return undefined;
  return { subject: keyName, facts: { keyName } };
}

function proposalOf({ action, objectId, facts: { result } }: AlertEvent): Observation | undefined {
  if (action !== 'authority.deed-proposed' && action !== 'authority.deed-decided') return undefined;
  if (objectId === undefined) return undefined;
  const serial = textOf(result);
  return { subject: objectId, facts: { proposalId: objectId, ...(serial === '' ? {} : { serial }) } };
}

function alertingChange({ action, objectId = '', facts: { what } }: AlertEvent): Observation | undefined {
  if (action !== 'configuration.changed' || (what !== 'alert-rule' && what !== 'webhook')) return undefined;
  return { subject: objectId, facts: { [what === 'webhook' ? 'webhookId' : 'rule']: objectId } };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Proposed, approved and done by two people, of whom the second one does it. */
function isTwoPerson(action: string): boolean {
  return action === 'identity.two-person' || action === 'seal.two-person';
}
