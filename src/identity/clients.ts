// OIDC clients (relying parties and business systems) in the database: their registration by us and their secrets as keyed hashes.

import type { AuditLog } from '../audit/audit-log.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Database } from '../db/database.ts';
import { equalBytes, fromBase64url } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { uuidFromId } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { type ClientRow, type EngineClientMetadata, metadataFrom } from './client-metadata.ts';
import { type ClientRegistration, type FullRegistration, fullRegistration } from './client-registration.ts';

export interface ClientsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** In the order of `valuesOf`. */
const columns = [
  'kind',
  'name',
  'name_en',
  'auth_method',
  'secret_hash',
  'jwks',
  'tls_subject_dn',
  'profile',
  'grant_types',
  'redirect_uris',
  'post_logout_redirect_uris',
  'response_modes',
  'backchannel_logout_uri',
  'api_scopes',
  'authorization_details_types',
  'offline_access',
  'first_party',
  'id_token_alg',
  'dpop_bound',
  'level_floor',
  'subject_type',
  'sector',
  'owner_organisation_id',
  'contacts',
  'exchange_targets',
] as const;

const registerText = `INSERT INTO identity.client (client_id, created_at, ${columns.join(', ')})
  VALUES ($1, $2, ${columns.map((_, i) => `$${i + 3}`).join(', ')})
  ON CONFLICT (client_id) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
  WHERE (${columns.map((column) => `client.${column}`).join(', ')})
    IS DISTINCT FROM (${columns.map((column) => `excluded.${column}`).join(', ')})`;

export class Clients {
  readonly #options: ClientsOptions;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /**
   * Registers a client or brings its registration up to date; leaves an audit entry when something changed.
   * Throws `malformed-request` with the fault.
   */
  async register(request: ClientRegistration, principal: Principal): Promise<void> {
    const { database, audit, clock } = this.#options;
    const full = fullRegistration(request);
    await database.transaction(async (tx) => {
      const changed = await tx.query({
        text: registerText,
        values: [full.clientId, clock.now(), ...this.#valuesOf(full)],
      });
      if (changed.rowCount === 0) return;
      await audit.record(tx, principal, {
        action: 'configuration.changed',
        outcome: 'done',
        facts: { what: 'client.registered', client: request.clientId, kind: request.kind },
      });
    });
  }

  /** The registration as the OIDC engine reads it; `undefined` for clients that are unknown or disabled. */
  async metadataOf(clientId: string): Promise<EngineClientMetadata | undefined> {
    const { rows } = await this.#options.database.query<ClientRow>({
      name: 'client-by-id',
      text: `SELECT client_id, ${columns.join(', ')} FROM identity.client WHERE client_id = $1 AND disabled_at IS NULL`,
      values: [clientId],
    });
    const [row] = rows;
    return row && metadataFrom(row);
  }

  /** Compares in constant time; `stored` is what `metadataOf` gave as client_secret. */
  secretMatches(clientId: string, given: string, stored: string | undefined): boolean {
    const hash = stored === undefined ? undefined : fromBase64url(stored);
    return hash !== undefined && equalBytes(this.#secretHash(clientId, given), hash);
  }

  /** A keyed hash is enough: whoever has the key-encryption key needs no client's secret any more. */
  #secretHash(clientId: string, secret: string): Uint8Array {
    return this.#options.cipher.blindIndex(secret, `identity.client.secret:${clientId}`);
  }

  #valuesOf(client: FullRegistration): unknown[] {
    const { clientId, secret, jwks, ownerOrganisationId } = client;
    return [
      client.kind,
      client.name,
      client.nameEn,
      client.authMethod,
      secret === undefined ? null : this.#secretHash(clientId, secret),
      jwks === undefined ? null : JSON.stringify(jwks),
      client.tlsSubjectDn ?? null,
      client.profile,
      client.grantTypes,
      client.redirectUris ?? [],
      client.postLogoutRedirectUris ?? [],
      client.responseModes,
      client.backchannelLogoutUri ?? null,
      client.apiScopes,
      client.authorizationDetailsTypes ?? [],
      client.offlineAccess ?? false,
      client.firstParty ?? false,
      client.idTokenAlg ?? 'ES256',
      client.dpopBound ?? false,
      client.levelFloor ?? 0,
      client.subjectType ?? 'public',
      client.sector ?? null,
      ownerOrganisationId === undefined ? null : (uuidFromId('organisation', ownerOrganisationId) ?? null),
      client.contacts ?? [],
      client.exchangeTargets ?? [],
    ];
  }
}
