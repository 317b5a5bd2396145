// Alerts as auditors and administrators handle them: read, acknowledge with a note, and set the rules; every change is itself in the log.

import type { Database, Queryable } from '../../db/database.ts';
import { fromUtf8, utf8 } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type Id, idFromUuid, uuidFromId, type Uuid } from '../../kernel/ids.ts';
import { requireKeeper, requireScope } from '../../kernel/permissions.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { Principal } from '../../kernel/principal.ts';
import { type AlertRuleName, alertRuleNames, alertText, isAlertRule } from '../../kernel/words/alerts.ts';
import type { Words } from '../../kernel/words/language.ts';
import type { AuditLog } from '../audit-log.ts';
import type { Facts, Numbers, Parameter, Severity } from './rule.ts';
import { checkNumbers, readSettings, type RuleSetting, writeSetting } from './rule-settings.ts';
import { alertRules } from './rules.ts';

export interface AlertOfficeOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record' | 'byId'>;
  readonly clock: Clock;
}

export interface Alert {
  readonly alertId: Id<'alert'>;
  readonly rule: string;
  readonly severity: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly count: number;
  /** Leaf indexes of the first entries that raised it. */
  readonly indexes: readonly number[];
  readonly facts: Facts;
  /** `undefined` for a rule of a newer process. */
  readonly what: Words | undefined;
  /** Nulls when whoever did it was erased from the log, or its entry was archived to files that this node does not have. */
  readonly acknowledged: { readonly at: Date; readonly by: string | null; readonly note: string | null } | undefined;
}

export interface AlertQuery {
  readonly rule?: string | undefined;
  readonly severity?: string | undefined;
  readonly state?: 'open' | 'acknowledged' | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface RuleView {
  readonly rule: AlertRuleName;
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly parameters: Readonly<Record<string, Parameter & { readonly value: number }>>;
  readonly organisations: readonly RuleSetting[];
}

export interface RuleChange {
  readonly organisationId?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** Replaces all that were set; what is absent has its default again. */
  readonly numbers?: Numbers | undefined;
}

interface AlertRow {
  readonly alert_id: Uuid;
  readonly rule: string;
  readonly severity: string;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly count: number;
  readonly indexes: number[];
  readonly facts: string;
  readonly acknowledged_at: Date | null;
  /** The identifier of the entry that says by whom, and why. */
  readonly acknowledged_by: Uint8Array | null;
}

const columns = 'alert_id, rule, severity, first_at, last_at, count, indexes, facts, acknowledged_at, acknowledged_by';
const maxNoteLength = 500;
const maxOrganisations = 1000;

export class AlertOffice {
  readonly #options: AlertOfficeOptions;

  constructor(options: AlertOfficeOptions) {
    this.#options = options;
  }

  /** Newest first. Throws `scope-missing`, `cursor-invalid`. */
  async list(principal: Principal, query: AlertQuery): Promise<{ items: Alert[]; nextCursor: string | null }> {
    requireScope(principal, 'audit.read');
    const { rule, severity, state, limit, cursor } = query;
    const before = cursor === undefined ? undefined : uuidFromId('alert', cursor);
    if (cursor !== undefined && before === undefined)
      throw new TrustError('cursor-invalid', 'not a cursor of this list');
    const values: unknown[] = [];
    const conditions = (
      [
        ['rule = ', rule],
        ['severity = ', severity],
        ['alert_id < ', before],
      ] as const
    ).flatMap(([condition, value]) => (value === undefined ? [] : [`${condition}$${values.push(value)}`]));
    if (state !== undefined) conditions.push(`acknowledged_at IS ${state === 'open' ? '' : 'NOT '}NULL`);
    const { rows } = await this.#options.database.query<AlertRow>({
      text: `SELECT ${columns} FROM audit.alert ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
        ORDER BY alert_id DESC LIMIT $${values.push(limit + 1)}`,
      values,
    });
    const items = await Promise.all(rows.slice(0, limit).map((row) => this.#alert(row)));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.alertId ?? null) : null };
  }

  /** Throws `scope-missing`, `alert-not-found`. */
  async get(principal: Principal, alertId: string): Promise<Alert> {
    requireScope(principal, 'audit.read');
    return this.#existing(alertId);
  }

  /**
   * Once, by an auditor or administrator in person; who comes second is told what the first one said.
   * Throws `scope-missing`, `forbidden`, `malformed-request`, `alert-not-found`, `alert-acknowledged`.
   */
  async acknowledge(principal: Principal, alertId: string, note: string): Promise<Alert> {
    requireScope(principal, 'audit.read');
    requireWatcher(principal);
    if (!isPlainText(note, maxNoteLength))
      throw new TrustError('malformed-request', `a note has 1 to ${maxNoteLength} visible characters`);
    const { database, audit, clock } = this.#options;
    await database.transaction(async (tx) => {
      const { rule, severity } = await this.#row(tx, alertId);
      // Who and why stand in the entry alone, under the key of that person, so that erasing them from the log erases them here.
      const entryId = await audit.record(tx, principal, {
        action: 'alert.acknowledged',
        outcome: 'done',
        objectId: alertId,
        purpose: note,
        facts: { rule, severity },
      });
      const { rowCount } = await tx.query({
        name: 'alert-acknowledge',
        text: `UPDATE audit.alert SET acknowledged_at = $2, acknowledged_by = $3
          WHERE alert_id = $1 AND acknowledged_at IS NULL`,
        values: [uuidOf(alertId), clock.now(), utf8(idFromUuid('entry', entryId))],
      });
      if (rowCount === 0) throw new TrustError('alert-acknowledged', 'the alert was acknowledged already');
    });
    return this.#existing(alertId);
  }

  /** Throws `scope-missing`. */
  async rules(principal: Principal): Promise<RuleView[]> {
    requireScope(principal, 'audit.read');
    const settings = await readSettings(this.#options.database);
    return alertRuleNames.map((rule) => viewOf(rule, settings));
  }

  /** Of the house, or of one organisation. Throws `scope-missing`, `forbidden`, `not-found`, `malformed-request`. */
  async setRule(principal: Principal, rule: string, change: RuleChange): Promise<RuleView> {
    requireScope(principal, 'audit.read');
    requireKeeper(principal);
    if (!isAlertRule(rule)) throw new TrustError('not-found', 'there is no such rule');
    const { organisationId, enabled, numbers } = change;
    // Else it would be turned off first, which it could not tell any more, and then all others unseen.
    if (rule === 'alerting-changed' && (enabled === false || organisationId !== undefined))
      throw new TrustError('malformed-request', 'the rule alerting-changed is on, for the whole house');
    if (numbers !== undefined) checkNumbers(rule, numbers);
    const { database, audit } = this.#options;
    return database.transaction(async (tx) => {
      const settings = await readSettings(tx);
      const before = settings.find((one) => one.rule === rule && one.organisationId === organisationId);
      if (before === undefined && settings.length >= maxOrganisations)
        throw new TrustError('malformed-request', 'too many organisations have numbers of their own');
      const setting: RuleSetting = {
        rule,
        ...(organisationId === undefined ? {} : { organisationId }),
        enabled: enabled ?? before?.enabled ?? true,
        numbers: numbers ?? before?.numbers ?? {},
      };
      await writeSetting(tx, setting);
      await audit.record(tx, principal, {
        action: 'configuration.changed',
        outcome: 'done',
        objectId: rule,
        facts: { what: 'alert-rule', kind: setting.enabled ? summaryOf(setting) : 'off' },
      });
      return viewOf(rule, await readSettings(tx));
    });
  }

  async #existing(alertId: string): Promise<Alert> {
    return this.#alert(await this.#row(this.#options.database, alertId));
  }

  async #row(database: Queryable, alertId: string): Promise<AlertRow> {
    const { rows } = await database.query<AlertRow>({
      name: 'alert-one',
      text: `SELECT ${columns} FROM audit.alert WHERE alert_id = $1`,
      values: [uuidOf(alertId)],
    });
    if (rows[0] === undefined) throw notFound();
    return rows[0];
  }

  async #alert(row: AlertRow): Promise<Alert> {
    const facts = factsOf(row.facts);
    const { acknowledged_at: at, acknowledged_by: by } = row;
    const entryId = by === null ? undefined : uuidFromId('entry', fromUtf8(by) ?? '');
    const entry = entryId === undefined ? undefined : await this.#options.audit.byId(entryId);
    return {
      alertId: idFromUuid('alert', row.alert_id),
      rule: row.rule,
      severity: row.severity,
      firstAt: row.first_at,
      lastAt: row.last_at,
      count: row.count,
      indexes: row.indexes,
      facts,
      what: isAlertRule(row.rule) ? alertText(row.rule, { ...facts, count: row.count }) : undefined,
      acknowledged: at === null ? undefined : { at, by: entry?.accountId ?? null, note: entry?.purpose ?? null },
    };
  }
}

/** The account of an auditor or administrator in person: what a system acknowledges nobody has looked at. */
function requireWatcher({ kind, accountId, roles }: Principal): void {
  if (kind === 'person' && accountId !== undefined && (roles.has('auditor') || roles.has('administrator'))) return;
  throw new TrustError('forbidden', 'only an auditor or administrator in person may do this');
}

function viewOf(rule: AlertRuleName, settings: readonly RuleSetting[]): RuleView {
  const { severity, parameters } = alertRules[rule];
  const own = settings.filter((setting) => setting.rule === rule);
  const house = own.find(({ organisationId }) => organisationId === undefined);
  return {
    rule,
    severity,
    enabled: house?.enabled ?? true,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, spec]) => [
        name,
        { ...spec, value: house?.numbers[name] ?? spec.default },
      ]),
    ),
    organisations: own.filter(({ organisationId }) => organisationId !== undefined),
  };
}

/** `threshold=10 windowSeconds=600`, in the log for whoever asks later why there was no alert. */
function summaryOf({ organisationId, numbers }: RuleSetting): string {
  const parts = Object.entries(numbers).map(([name, value]) => `${name}=${value}`);
  return [...(organisationId === undefined ? [] : [organisationId]), ...parts].join(' ') || 'default';
}

function factsOf(json: string): Facts {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, fact]) => [name, String(fact)]));
}

function uuidOf(alertId: string): Uuid {
  const uuid = uuidFromId('alert', alertId);
  if (uuid === undefined) throw notFound();
  return uuid;
}

function notFound(): TrustError {
  return new TrustError('alert-not-found', 'there is no such alert');
}
