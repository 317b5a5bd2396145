// An account as administrators see it: who it is in masked form, what its level rests on, and what it can do; never a name or number in full.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Queryable, Transaction } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, type Uuid, uuidFromId } from '../../kernel/ids.ts';
import type { RealNameLevel, Role } from '../../kernel/principal.ts';
import { maskedName } from '../mandates/mandates.ts';
import { readPerson } from '../levels/sealed-person.ts';

export interface AccountSummary {
  readonly accountId: string;
  readonly loginName: string;
  readonly status: 'active' | 'suspended' | 'closed';
  readonly roles: readonly Role[];
  readonly level: RealNameLevel;
  readonly createdAt: Date;
}

/** `undefined`: the account names nobody. */
export type MaskedPerson = { readonly name: string; readonly idNumber: string } | undefined;

export interface HeldMandate {
  readonly mandateId: string;
  readonly organisationId: string;
  readonly organisationName: string;
  readonly validUntil: Date;
}

interface SummaryRow {
  account_id: Uuid;
  login_name: string;
  status: AccountSummary['status'];
  roles: Role[];
  level: RealNameLevel;
  created_at: Date;
}

const selectSummary = `SELECT a.account_id, a.login_name, a.status, a.roles, a.created_at,
  coalesce((SELECT max(e.level) FROM identity.evidence e WHERE e.account_id = a.account_id
    AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > $1)), 0)::int AS level
  FROM identity.account a`;

/** What administrators look through; everybody else is found only by who asks for them. */
const lists = { staff: "a.roles <> '{}'", suspended: "a.status = 'suspended'" } as const;
export type AccountList = keyof typeof lists;

/** By identifier, which is by age. */
export async function accountPage(
  at: Queryable,
  { list, after, limit, now }: { list: AccountList; after: Uuid | undefined; limit: number; now: Date },
): Promise<AccountSummary[]> {
  const { rows } = await at.query<SummaryRow>({
    name: `accounts-${list}`,
    text: `${selectSummary} WHERE ${lists[list]} AND ($2::uuid IS NULL OR a.account_id > $2) ORDER BY a.account_id LIMIT $3`,
    values: [now, after ?? null, limit],
  });
  return rows.map(summary);
}

/** Throws `account-not-found`. */
export async function accountSummary(at: Queryable, accountId: string, now: Date): Promise<AccountSummary> {
  return existing(await one(at, accountId, { now, suffix: '' }));
}

/** The same, held until the transaction ends. */
export async function heldAccount(tx: Transaction, accountId: string, now: Date): Promise<AccountSummary> {
  return existing(await one(tx, accountId, { now, suffix: ' FOR UPDATE OF a' }));
}

async function one(at: Queryable, accountId: string, { now, suffix }: { now: Date; suffix: string }) {
  const { rows } = await at.query<SummaryRow>({
    name: suffix === '' ? 'account-summary' : 'account-summary-held',
    text: `${selectSummary} WHERE a.account_id = $2${suffix}`,
    values: [now, uuidFromId('account', accountId) ?? null],
  });
  return rows[0];
}

export async function maskedPerson(
  at: Queryable,
  cipher: Pick<FieldCipher, 'open'>,
  accountId: string,
): Promise<MaskedPerson> {
  const person = await readPerson(at, cipher, uuidFromId('account', accountId) ?? '');
  return person && { name: maskedName(person.name), idNumber: maskedIdNumber(person.idNumber) };
}

/** Region and the last two: enough to see that it is the number on the document in one's hand. */
function maskedIdNumber(idNumber: string): string {
  return `${idNumber.slice(0, 6)}${'*'.repeat(Math.max(idNumber.length - 8, 4))}${idNumber.slice(-2)}`;
}

/** Of whom it may act for now; at most 20. */
export async function mandatesOf(at: Queryable, accountId: string, now: Date): Promise<HeldMandate[]> {
  const { rows } = await at.query<{ mandate_id: Uuid; organisation_id: Uuid; name: string; valid_until: Date }>({
    name: 'account-mandates',
    text: `SELECT m.mandate_id, o.organisation_id, o.name, m.valid_until FROM identity.mandate m
      JOIN identity.organisation o ON o.organisation_id = m.organisation_id
      WHERE m.account_id = $1 AND m.revoked_at IS NULL AND m.valid_from <= $2 AND m.valid_until > $2
      ORDER BY m.mandate_id LIMIT 20`,
    values: [uuidFromId('account', accountId) ?? null, now],
  });
  return rows.map((row) => ({
    mandateId: idFromUuid('mandate', row.mandate_id),
    organisationId: idFromUuid('organisation', row.organisation_id),
    organisationName: row.name,
    validUntil: row.valid_until,
  }));
}

function existing(row: SummaryRow | undefined): AccountSummary {
  if (row === undefined) throw new TrustError('account-not-found', 'there is no such account');
  return summary(row);
}

function summary(row: SummaryRow): AccountSummary {
  return {
    accountId: idFromUuid('account', row.account_id),
    loginName: row.login_name,
    status: row.status,
    roles: row.roles,
    level: row.level,
    createdAt: row.created_at,
  };
}
