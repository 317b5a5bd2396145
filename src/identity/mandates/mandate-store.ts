// Mandates in the schema `identity`: what holds at a moment is one condition over the whole chain of appointments, read anew each time.

import type { Queryable, Transaction } from '../../db/database.ts';
import { addSeconds } from '../../kernel/clock.ts';
import { type Id, idFromUuid, type Uuid } from '../../kernel/ids.ts';
import { isMandateScope, type MandateRole, type MandateScope, mandateScopes } from '../../kernel/mandate-scopes.ts';
import type { RepresentedParty } from '../../kernel/principal.ts';
import { offerSeconds, representativeLevel } from './mandate-rules.ts';

export type OrganisationStatus = 'active' | 'suspended' | 'closed';
export type MandateEnd = 'declined' | 'laid-down' | 'revoked' | 'succeeded' | 'lapsed';

/**
 * `offered`: the agent has not answered; `claimed`: a representative waits for the former one or the administrators; `suspended`: something
 * it rests on does not hold now (account, organisation, the appointer's mandate, the representative's level).
 */
export type MandateState = 'offered' | 'claimed' | 'active' | 'suspended' | 'expired' | 'ended';

export interface Mandate {
  readonly mandateId: Id<'mandate'>;
  readonly accountId: Id<'account'>;
  readonly loginName: string;
  readonly organisation: {
    readonly organisationId: Id<'organisation'>;
    readonly uscc: string;
    readonly name: string;
    readonly status: OrganisationStatus;
  };
  readonly role: MandateRole;
  readonly scope: readonly MandateScope[];
  readonly sealIds?: readonly Id<'seal'>[];
  /** So many uses of seals and no more. */
  readonly maxUses?: number;
  readonly purpose: string;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly state: MandateState;
  readonly endedAs?: MandateEnd;
  readonly endedAt?: Date;
  /** The mandate it was appointed under. */
  readonly appointedUnder?: Id<'mandate'>;
  /** One of the two administrators has let this representative succeed. */
  readonly isHalfApproved: boolean;
}

export interface MandateRow {
  readonly mandate_id: Uuid;
  readonly account_id: Uuid;
  readonly login_name: string;
  readonly organisation_id: Uuid;
  readonly uscc: string;
  readonly name: string;
  readonly organisation_status: OrganisationStatus;
  readonly role: MandateRole;
  readonly scope: string[];
  readonly seal_ids: Uuid[] | null;
  readonly max_uses: number | null;
  readonly purpose: string;
  readonly valid_from: Date;
  readonly valid_until: Date;
  readonly created_at: Date;
  readonly accepted_at: Date | null;
  readonly revoked_at: Date | null;
  readonly ended_as: MandateEnd | null;
  readonly appointed_under: Uuid | null;
  readonly approved_by: Uuid | null;
  readonly request_sha256: Uint8Array | null;
  readonly holds: boolean;
}

/** One mandate by itself; $1 is the present moment. A representative's rests on a level that is still proven. */
function stands(mandate: string): string {
  return `${mandate}.revoked_at IS NULL AND ${mandate}.accepted_at IS NOT NULL
    AND ${mandate}.valid_from <= $1 AND ${mandate}.valid_until > $1
    AND EXISTS (SELECT 1 FROM identity.account a WHERE a.account_id = ${mandate}.account_id AND a.status = 'active')
    AND (${mandate}.role = 'agent' OR EXISTS (SELECT 1 FROM identity.evidence e WHERE e.account_id = ${mandate}.account_id
      AND e.level >= ${representativeLevel} AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > $1)))`;
}

/** With all that it hangs on: a representative, an agent of theirs, an agent's agent; rules let no chain be longer. */
const holds = `(o.status = 'active' AND ${stands('m')}
  AND (p.mandate_id IS NULL OR (${stands('p')})) AND (g.mandate_id IS NULL OR (${stands('g')})))`;

const chain = `identity.mandate m
  JOIN identity.organisation o ON o.organisation_id = m.organisation_id
  LEFT JOIN identity.mandate p ON p.mandate_id = m.appointed_under
  LEFT JOIN identity.mandate g ON g.mandate_id = p.appointed_under`;

const columns = `m.mandate_id, m.account_id, h.login_name, m.organisation_id, o.uscc, o.name, o.status AS organisation_status, m.role,
  m.scope, m.seal_ids, m.max_uses, m.purpose, m.valid_from, m.valid_until, m.created_at, m.accepted_at, m.revoked_at, m.ended_as,
  m.appointed_under, m.approved_by, m.request_sha256, ${holds} AS holds`;

/** `condition` is of this file's callers, never of a request. */
export async function mandateRows(
  db: Queryable,
  now: Date,
  asked: { name: string; condition: string; values: readonly unknown[] },
): Promise<MandateRow[]> {
  const { rows } = await db.query<MandateRow>({
    name: `mandates-${asked.name}`,
    text: `SELECT ${columns} FROM ${chain} JOIN identity.account h ON h.account_id = m.account_id WHERE ${asked.condition}`,
    values: [now, ...asked.values],
  });
  return rows;
}

const partyColumns =
  'm.mandate_id, m.organisation_id, o.uscc, o.name, m.role, m.scope, m.seal_ids, m.max_uses, m.valid_until';

export type PartyRow = Pick<
  MandateRow,
  'mandate_id' | 'organisation_id' | 'uscc' | 'name' | 'role' | 'scope' | 'seal_ids' | 'max_uses' | 'valid_until'
>;

/** What an account may act under at this moment, oldest first. */
export async function holdingOf(db: Queryable, now: Date, account: Uuid | null, limit: number): Promise<PartyRow[]> {
  const { rows } = await db.query<PartyRow>({
    name: 'mandates-holding',
    text: `SELECT ${partyColumns} FROM ${chain} WHERE m.account_id = $2 AND ${holds} ORDER BY m.mandate_id LIMIT $3`,
    values: [now, account, limit],
  });
  return rows;
}

/** One of them, if it holds. */
export async function holdingMandate(
  db: Queryable,
  now: Date,
  account: Uuid | null,
  mandate: Uuid | null,
): Promise<PartyRow | undefined> {
  const { rows } = await db.query<PartyRow>({
    name: 'mandate-holding',
    text: `SELECT ${partyColumns} FROM ${chain} WHERE m.mandate_id = $3 AND m.account_id = $2 AND ${holds}`,
    values: [now, account, mandate],
  });
  return rows[0];
}

/** The same for whoever acts on it in `tx`: the mandate's row is held, so an end waits for `tx`, or is seen. */
export async function holdsWithin(
  tx: Transaction,
  now: Date,
  account: Uuid | null,
  mandate: Uuid | null,
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'mandate-hold',
    text: 'SELECT 1 FROM identity.mandate WHERE mandate_id = $1 FOR SHARE',
    values: [mandate],
  });
  return rowCount === 1 && (await holdingMandate(tx, now, account, mandate)) !== undefined;
}

/**
 * The same with what was chosen in a session for a client; where that client has no choice of its own, the one of the sign-in.
 * `chosen`: there is a choice at all; `is_choice`: it is this mandate.
 */
export async function holdingWithChoice(
  db: Queryable,
  now: Date,
  asked: { account: Uuid | null; session: Uint8Array; clientId: string; limit: number },
): Promise<(PartyRow & { chosen: boolean; is_choice: boolean | null })[]> {
  const { rows } = await db.query<PartyRow & { chosen: boolean; is_choice: boolean | null }>({
    name: 'mandates-holding-chosen',
    text: `WITH choice AS (SELECT mandate_id FROM identity.acting
        WHERE session_digest = $3 AND client_id IN ($4, '') AND account_id = $2 AND expires_at > $1
        ORDER BY client_id DESC LIMIT 1)
      SELECT ${partyColumns}, EXISTS (SELECT 1 FROM choice) AS chosen,
        m.mandate_id = (SELECT mandate_id FROM choice) AS is_choice
      FROM ${chain} WHERE m.account_id = $2 AND ${holds} ORDER BY is_choice DESC NULLS LAST, m.mandate_id LIMIT $5`,
    values: [now, asked.account, asked.session, asked.clientId, asked.limit],
  });
  return rows;
}

/** All changes of an organisation's mandates wait for one another. False when there is no such organisation. */
export async function lockOrganisation(tx: Transaction, organisation: Uuid | null): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'organisation-lock',
    text: 'SELECT 1 FROM identity.organisation WHERE organisation_id = $1 FOR UPDATE',
    values: [organisation],
  });
  return rowCount === 1;
}

/** Ends a mandate and what hangs on it; answers what was ended, each with its account. */
export async function endMandates(
  tx: Transaction,
  now: Date,
  { mandate, as }: { mandate: Uuid; as: MandateEnd },
): Promise<Pick<MandateRow, 'mandate_id' | 'account_id' | 'organisation_id' | 'ended_as'>[]> {
  const { rows } = await tx.query<Pick<MandateRow, 'mandate_id' | 'account_id' | 'organisation_id' | 'ended_as'>>({
    name: 'mandates-end',
    text: `UPDATE identity.mandate SET revoked_at = $2, ended_as = CASE WHEN mandate_id = $1 THEN $3 ELSE 'revoked' END
      WHERE revoked_at IS NULL AND (mandate_id = $1 OR appointed_under = $1
        OR appointed_under IN (SELECT mandate_id FROM identity.mandate WHERE appointed_under = $1))
      RETURNING mandate_id, account_id, organisation_id, ended_as`,
    values: [mandate, now, as],
  });
  return rows;
}

export function partyOf(row: PartyRow): RepresentedParty {
  return {
    organisationId: idFromUuid('organisation', row.organisation_id),
    uscc: row.uscc,
    name: row.name,
    mandateId: idFromUuid('mandate', row.mandate_id),
    role: row.role,
    scope: scopeOf(row),
    ...(row.seal_ids === null ? {} : { sealIds: row.seal_ids.map((uuid) => idFromUuid('seal', uuid)) }),
    ...(row.max_uses === null ? {} : { maxUses: row.max_uses }),
    validUntil: row.valid_until,
  };
}

export function mandateOf(row: MandateRow, now: Date): Mandate {
  return {
    mandateId: idFromUuid('mandate', row.mandate_id),
    accountId: idFromUuid('account', row.account_id),
    loginName: row.login_name,
    organisation: {
      organisationId: idFromUuid('organisation', row.organisation_id),
      uscc: row.uscc,
      name: row.name,
      status: row.organisation_status,
    },
    role: row.role,
    scope: scopeOf(row),
    ...(row.seal_ids === null ? {} : { sealIds: row.seal_ids.map((uuid) => idFromUuid('seal', uuid)) }),
    ...(row.max_uses === null ? {} : { maxUses: row.max_uses }),
    purpose: row.purpose,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    state: stateOf(row, now),
    ...(row.ended_as === null ? {} : { endedAs: row.ended_as }),
    ...(row.revoked_at === null ? {} : { endedAt: row.revoked_at }),
    ...(row.appointed_under === null ? {} : { appointedUnder: idFromUuid('mandate', row.appointed_under) }),
    isHalfApproved: row.approved_by !== null,
  };
}

/** A representative may whatever there is. */
function scopeOf({ role, scope }: Pick<MandateRow, 'role' | 'scope'>): readonly MandateScope[] {
  return role === 'representative' ? mandateScopes : scope.filter(isMandateScope);
}

function stateOf(row: MandateRow, now: Date): MandateState {
  if (row.revoked_at !== null) return 'ended';
  if (row.valid_until <= now) return 'expired';
  if (row.accepted_at === null) {
    if (addSeconds(row.created_at, offerSeconds) <= now) return 'expired';
    return row.role === 'representative' ? 'claimed' : 'offered';
  }
  return row.holds ? 'active' : 'suspended';
}
