// OIDC clients (relying parties and business systems) in the database: their registration by us and their secrets as keyed hashes.

import type { AllClientMetadata } from 'oidc-provider';
import type { AuditLog } from '../audit/audit-log.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Database } from '../db/database.ts';
import { equalBytes, fromBase64url, toBase64url } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal, Scope } from '../kernel/principal.ts';

/** `system`: client_credentials only; `public`: a browser or app without secret; `confidential`: a server with users. */
export type ClientKind = 'system' | 'public' | 'confidential';

export interface ClientRegistration {
  readonly clientId: string;
  readonly kind: ClientKind;
  /** What people are shown: in Chinese and in English. */
  readonly name: string;
  readonly nameEn: string;
  /** Needed unless `public`; at least 16 characters. */
  readonly secret?: string;
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly apiScopes: readonly Scope[];
  /** May ask for refresh tokens. */
  readonly offlineAccess?: boolean;
  /** One of our own pages: people are not asked for consent. */
  readonly firstParty?: boolean;
}

export interface ClientsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

interface ClientRow {
  client_id: string;
  kind: ClientKind;
  name: string;
  name_en: string;
  secret_hash: Uint8Array | null;
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  api_scopes: Scope[];
  offline_access: boolean;
  first_party: boolean;
}

/** Client metadata of our own, beside RFC 7591. */
export const ownMetadata = ['client_name_en', 'api_scopes', 'first_party'] as const;

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
    const fault = registrationFault(request);
    if (fault !== undefined) throw new TrustError('malformed-request', `client ${request.clientId}: ${fault}`);
    await database.transaction(async (tx) => {
      const changed = await tx.query({
        text: `INSERT INTO identity.client (client_id, kind, name, name_en, secret_hash, redirect_uris,
            post_logout_redirect_uris, api_scopes, offline_access, first_party, created_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
          ON CONFLICT (client_id) DO UPDATE SET kind = excluded.kind, name = excluded.name, name_en = excluded.name_en,
            secret_hash = excluded.secret_hash, redirect_uris = excluded.redirect_uris,
            post_logout_redirect_uris = excluded.post_logout_redirect_uris, api_scopes = excluded.api_scopes,
            offline_access = excluded.offline_access, first_party = excluded.first_party
          WHERE (client.kind, client.name, client.name_en, client.redirect_uris, client.post_logout_redirect_uris,
              client.api_scopes, client.offline_access, client.first_party)
            IS DISTINCT FROM (excluded.kind, excluded.name, excluded.name_en, excluded.redirect_uris,
              excluded.post_logout_redirect_uris, excluded.api_scopes, excluded.offline_access, excluded.first_party)
            OR client.secret_hash IS DISTINCT FROM excluded.secret_hash`,
        values: [
          request.clientId,
          request.kind,
          request.name,
          request.nameEn,
          request.secret === undefined ? null : this.#secretHash(request.clientId, request.secret),
          request.redirectUris ?? [],
          request.postLogoutRedirectUris ?? [],
          request.apiScopes,
          request.offlineAccess ?? false,
          request.firstParty ?? false,
          clock.now(),
        ],
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
  async metadataOf(clientId: string): Promise<(AllClientMetadata & { [name: string]: unknown }) | undefined> {
    const { rows } = await this.#options.database.query<ClientRow>({
      name: 'client-by-id',
      text: `SELECT client_id, kind, name, name_en, secret_hash, redirect_uris, post_logout_redirect_uris, api_scopes,
          offline_access, first_party FROM identity.client WHERE client_id = $1 AND disabled_at IS NULL`,
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
}

function metadataFrom(row: ClientRow): AllClientMetadata & { [name: string]: unknown } {
  const system = row.kind === 'system';
  return {
    client_id: row.client_id,
    client_name: row.name,
    client_name_en: row.name_en,
    api_scopes: row.api_scopes,
    first_party: row.first_party,
    // The engine wants a secret where the method needs one; it compares through `secretMatches` only, and no HMAC algorithm is enabled.
    ...(row.secret_hash === null ? {} : { client_secret: toBase64url(row.secret_hash) }),
    token_endpoint_auth_method: row.kind === 'public' ? 'none' : 'client_secret_basic',
    grant_types: system
      ? ['client_credentials']
      : ['authorization_code', ...(row.offline_access ? ['refresh_token'] : [])],
    response_types: system ? [] : ['code'],
    response_modes: ['query'],
    redirect_uris: row.redirect_uris,
    post_logout_redirect_uris: row.post_logout_redirect_uris,
    application_type: 'web',
    id_token_signed_response_alg: 'ES256',
    ...(system ? {} : { scope: ['openid', 'profile', ...(row.offline_access ? ['offline_access'] : [])].join(' ') }),
  };
}

const minSecretLength = 16;

function registrationFault(request: ClientRegistration): string | undefined {
  const uris = [...(request.redirectUris ?? []), ...(request.postLogoutRedirectUris ?? [])];
  if (!/^[a-z0-9][a-z0-9-]{2,63}$/.test(request.clientId)) return 'an id is 3 to 64 of a-z, 0-9 and dash';
  if ((request.kind === 'public') !== (request.secret === undefined)) return 'all but public clients have a secret';
  if (request.secret !== undefined && request.secret.length < minSecretLength) return 'the secret is too short';
  if ((request.kind === 'system') !== (request.redirectUris === undefined)) return 'all but systems have redirect URIs';
  const bad = uris.find((uri) => !isRedirectUri(uri));
  if (bad !== undefined) return 'a redirect URI is https, or http on a loopback name, without fragment or credentials';
  return undefined;
}

/** RFC 9700 section 2.1 and RFC 8252 section 7.3: https, or plain http on this machine only. */
function isRedirectUri(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hash !== '' || text.includes('#') || url.username !== '' || url.password !== '')
    return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
