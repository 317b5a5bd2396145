// A registered client as administrators see it: its registration, its secrets without their text, and whether it is suspended.

import type { Queryable, Transaction } from '../../db/database.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, type Uuid } from '../../kernel/ids.ts';
import { clientColumns } from './client-columns.ts';
import type { ClientRow } from './client-metadata.ts';
import type { FullRegistration } from './client-registration.ts';

export interface ClientSecret {
  readonly which: 'present' | 'former';
  readonly createdAt: Date | undefined;
  /** To the minute. */
  readonly lastUsedAt: Date | undefined;
  /** Of a former one. */
  readonly expiresAt: Date | undefined;
}

export interface ClientRecord extends Omit<FullRegistration, 'secret'> {
  /** Changes with each change of the registration. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly suspended: { readonly at: Date; readonly reason: string } | undefined;
  readonly secrets: readonly ClientSecret[];
  /** Of a client that registered itself: the token (`rgt_…`) that it came with. */
  readonly registrationTokenId: string | undefined;
}

interface RecordRow extends ClientRow {
  owner_organisation_id: Uuid | null;
  contacts: string[];
  revision: number;
  created_at: Date;
  disabled_at: Date | null;
  disabled_reason: string | null;
  secret_created_at: Date | null;
  secret_used_at: Date | null;
  former_secret_created_at: Date | null;
  former_secret_used_at: Date | null;
  former_secret_until: Date | null;
}

const selectRecord = `SELECT client_id, ${clientColumns.join(', ')}, registration_token_id, revision, created_at, disabled_at, disabled_reason, secret_created_at,
  secret_used_at, former_secret_hash, former_secret_created_at, former_secret_used_at, former_secret_until FROM identity.client`;

/** Throws `client-not-found`. */
export async function clientRecord(at: Queryable, clientId: string, now: Date): Promise<ClientRecord> {
  return existing(
    await at.query<RecordRow>({
      name: 'client-record',
      text: `${selectRecord} WHERE client_id = $1`,
      values: [clientId],
    }),
    now,
  );
}

/** The same, held until the transaction ends. Throws `client-not-found`. */
export async function heldClient(tx: Transaction, clientId: string, now: Date): Promise<ClientRecord> {
  return existing(
    await tx.query<RecordRow>({
      name: 'client-record-held',
      text: `${selectRecord} WHERE client_id = $1 FOR UPDATE`,
      values: [clientId],
    }),
    now,
  );
}

export interface ClientQuery {
  /** Part of the id or of a name, in any case. */
  readonly search?: string | undefined;
  readonly state?: 'active' | 'suspended' | undefined;
  /** Clients after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** By id. A register has hundreds of clients, so the search walks along the key. */
export async function clientPage(at: Queryable, query: ClientQuery, now: Date): Promise<ClientRecord[]> {
  const { search, state, after, limit } = query;
  const { rows } = await at.query<RecordRow>({
    name: 'client-page',
    text: `${selectRecord} WHERE client_id > $1 AND ($2::boolean IS NULL OR (disabled_at IS NOT NULL) = $2)
      AND ($3::text IS NULL OR position($3 IN client_id) > 0 OR position($3 IN lower(name)) > 0 OR position($3 IN lower(name_en)) > 0)
      ORDER BY client_id LIMIT $4`,
    values: [after ?? '', state === undefined ? null : state === 'suspended', search?.toLowerCase() ?? null, limit],
  });
  return rows.map((row) => recordFrom(row, now));
}

function existing({ rows: [row] }: { rows: RecordRow[] }, now: Date): ClientRecord {
  if (row === undefined) throw new TrustError('client-not-found', 'there is no such client');
  return recordFrom(row, now);
}

function recordFrom(row: RecordRow, now: Date): ClientRecord {
  return {
    clientId: row.client_id,
    kind: row.kind,
    name: row.name,
    nameEn: row.name_en,
    authMethod: row.auth_method,
    ...(row.jwks === null ? {} : { jwks: row.jwks }),
    ...(row.tls_subject_dn === null ? {} : { tlsSubjectDn: row.tls_subject_dn }),
    profile: row.profile,
    grantTypes: row.grant_types,
    redirectUris: row.redirect_uris,
    postLogoutRedirectUris: row.post_logout_redirect_uris,
    responseModes: row.response_modes,
    ...(row.backchannel_logout_uri === null ? {} : { backchannelLogoutUri: row.backchannel_logout_uri }),
    apiScopes: row.api_scopes,
    authorizationDetailsTypes: row.authorization_details_types,
    offlineAccess: row.offline_access,
    firstParty: row.first_party,
    idTokenAlg: row.id_token_alg,
    dpopBound: row.dpop_bound,
    levelFloor: row.level_floor,
    subjectType: row.subject_type,
    ...(row.sector === null ? {} : { sector: row.sector }),
    ...(row.owner_organisation_id === null
      ? {}
      : { ownerOrganisationId: idFromUuid('organisation', row.owner_organisation_id) }),
    contacts: row.contacts,
    exchangeTargets: row.exchange_targets,
    ...(row.policy_uri === null ? {} : { policyUri: row.policy_uri }),
    ...(row.tos_uri === null ? {} : { tosUri: row.tos_uri }),
    introspects: row.introspects,
    registrationTokenId:
      row.registration_token_id === null ? undefined : idFromUuid('registrationToken', row.registration_token_id),
    revision: row.revision,
    createdAt: row.created_at,
    suspended: row.disabled_at === null ? undefined : { at: row.disabled_at, reason: row.disabled_reason ?? '' },
    secrets: secretsOf(row, now),
  };
}

function secretsOf(row: RecordRow, now: Date): ClientSecret[] {
  const { former_secret_until: until } = row;
  return [
    ...(row.secret_hash === null ? [] : [secret('present', row.secret_created_at, row.secret_used_at, null)]),
    ...(until === null || until <= now
      ? []
      : [secret('former', row.former_secret_created_at, row.former_secret_used_at, until)]),
  ];
}

function secret(
  which: ClientSecret['which'],
  created: Date | null,
  used: Date | null,
  until: Date | null,
): ClientSecret {
  return {
    which,
    createdAt: created ?? undefined,
    lastUsedAt: used ?? undefined,
    expiresAt: until ?? undefined,
  };
}
