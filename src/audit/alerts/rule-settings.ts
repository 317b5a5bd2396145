// What somebody set of the alert rules: on or off, and their numbers, for the whole house or for one organisation; the rest is default.

import type { Queryable } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type AlertRuleName, isAlertRule } from '../../kernel/words/alerts.ts';
import type { Numbers } from './rule.ts';
import { alertRules } from './rules.ts';

export interface RuleSetting {
  readonly rule: AlertRuleName;
  /** `org_…`; absent: for the whole house. */
  readonly organisationId?: string;
  readonly enabled: boolean;
  readonly numbers: Numbers;
}

/** An organisation's own numbers stand before those of the house, and these before the defaults. */
export class RuleSettings {
  readonly #settings = new Map<string, RuleSetting>();

  constructor(settings: readonly RuleSetting[]) {
    for (const setting of settings) this.#settings.set(keyOf(setting.rule, setting.organisationId), setting);
  }

  /** `undefined` when the rule is off. */
  numbersFor(rule: AlertRuleName, organisationId: string | undefined): Numbers | undefined {
    const house = this.#settings.get(keyOf(rule, undefined));
    const own = organisationId === undefined ? undefined : this.#settings.get(keyOf(rule, organisationId));
    const enabled = own?.enabled ?? house?.enabled ?? true;
    return enabled ? { ...defaultsOf(rule), ...house?.numbers, ...own?.numbers } : undefined;
  }
}

export function defaultsOf(rule: AlertRuleName): Numbers {
  return Object.fromEntries(Object.entries(alertRules[rule].parameters).map(([name, spec]) => [name, spec.default]));
}

/** `malformed-request` for a number that the rule does not have, or out of its range. */
export function checkNumbers(rule: AlertRuleName, numbers: Numbers): void {
  const { parameters } = alertRules[rule];
  for (const [name, value] of Object.entries(numbers)) {
    const spec = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (spec === undefined) throw new TrustError('malformed-request', `the rule ${rule} has no number ${name}`);
    if (!Number.isInteger(value) || value < spec.least || value > spec.most)
      throw new TrustError('malformed-request', `${name} is a whole number from ${spec.least} to ${spec.most}`);
  }
}

/** All that was ever set: a few rows. */
export async function readSettings(database: Queryable): Promise<RuleSetting[]> {
  const { rows } = await database.query<{
    rule: string;
    organisation_id: string;
    enabled: boolean;
    names: string[];
    numbers: number[];
  }>({
    name: 'alert-rules',
    text: 'SELECT rule, organisation_id, enabled, names, numbers FROM audit.alert_rule ORDER BY rule, organisation_id',
  });
  return rows.flatMap(({ rule, organisation_id: organisationId, enabled, names, numbers }) => {
    if (!isAlertRule(rule)) return []; // of a newer process
    const set = Object.fromEntries(names.map((name, place) => [name, numbers[place] ?? 0]));
    return [{ rule, ...(organisationId === '' ? {} : { organisationId }), enabled, numbers: set }];
  });
}

export async function writeSetting(tx: Queryable, setting: RuleSetting): Promise<void> {
  const { rule, organisationId = '', enabled, numbers } = setting;
  await tx.query({
    name: 'alert-rule-set',
    text: `INSERT INTO audit.alert_rule (rule, organisation_id, enabled, names, numbers)
      VALUES ($1, $2, $3, $4::text[], $5::bigint[])
      ON CONFLICT (rule, organisation_id) DO UPDATE SET enabled = excluded.enabled, names = excluded.names, numbers = excluded.numbers`,
    values: [rule, organisationId, enabled, Object.keys(numbers), Object.values(numbers)],
  });
}

function keyOf(rule: AlertRuleName, organisationId: string | undefined): string {
  return `${rule}\0${organisationId ?? ''}`;
}
