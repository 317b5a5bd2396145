// OIDC clients (relying parties and business systems) in the database: their registration by us and their secrets as keyed hashes.

import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import { equalBytes, fromBase64url } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Principal } from '../../kernel/principal.ts';
import { clientColumns as columns, clientValues } from './client-columns.ts';
import { ClientMemory } from './client-memory.ts';
import { type ClientRow, type EngineClientMetadata, metadataFrom } from './client-metadata.ts';
import { type ClientRegistration, fullRegistration } from './client-registration.ts';
import { SecretUses } from './secret-uses.ts';

export interface ClientsOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
  readonly log: Log;
}

const registerText = `INSERT INTO identity.client (client_id, created_at, secret_created_at, ${columns.join(', ')})
  VALUES ($1, $2, $2, ${columns.map((_, i) => `$${i + 3}`).join(', ')})
  ON CONFLICT (client_id) DO UPDATE SET revision = client.revision + 1, ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
  WHERE (${columns.map((column) => `client.${column}`).join(', ')})
    IS DISTINCT FROM (${columns.map((column) => `excluded.${column}`).join(', ')})`;

export class Clients {
  readonly #options: ClientsOptions;
  readonly secretUses: SecretUses;
  readonly memory: ClientMemory;

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.secretUses = new SecretUses(options);
    this.memory = new ClientMemory({ ...options, read: (clientIds) => this.#read(clientIds) });
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
        values: [
          full.clientId,
          clock.now(),
          ...clientValues(full, full.secret === undefined ? null : this.secretHash(full.clientId, full.secret)),
        ],
      });
      if (changed.rowCount === 0) return;
      await audit.record(tx, principal, {
        action: 'configuration.changed',
        outcome: 'done',
        facts: { what: 'client.registered', client: request.clientId, kind: request.kind },
      });
    });
    this.forget(request.clientId);
  }

  /**
   * The registration as the OIDC engine reads it; `undefined` for clients that are unknown or disabled. A change is known to every node
   * within a second, and here at once.
   */
  metadataOf(clientId: string): Promise<EngineClientMetadata | undefined> {
    return this.memory.find(clientId);
  }

  /** Whether a token of this client still counts. */
  async isUsable(clientId: string): Promise<boolean> {
    return (await this.memory.find(clientId)) !== undefined;
  }

  /** Whoever changes a registration says so. */
  forget(clientId: string): void {
    this.memory.forget(clientId);
  }

  async #read(clientIds: readonly string[]): Promise<Map<string, EngineClientMetadata>> {
    const { rows } = await this.#options.database.query<ClientRow>({
      name: 'clients-by-id',
      text: `SELECT client_id, ${columns.join(', ')}, registration_token_id,
          CASE WHEN former_secret_until > $2 THEN former_secret_hash END AS former_secret_hash
        FROM identity.client WHERE client_id = ANY ($1) AND disabled_at IS NULL`,
      values: [clientIds, this.#options.clock.now()],
    });
    return new Map(rows.map((row) => [row.client_id, metadataFrom(row)]));
  }

  /** Compares in constant time; `stored` is what `metadataOf` gave as client_secret: one secret, or two while one follows the other. */
  secretMatches(clientId: string, given: string, stored: string | undefined): boolean {
    const hash = this.secretHash(clientId, given);
    const matched = (stored ?? '')
      .split('.')
      .some((known) => equalBytes(hash, fromBase64url(known) ?? new Uint8Array()));
    if (matched) this.secretUses.note(clientId, hash);
    return matched;
  }

  /** A keyed hash is enough: whoever has the key-encryption key needs no client's secret any more. */
  secretHash(clientId: string, secret: string): Uint8Array {
    return this.#options.cipher.blindIndex(secret, `identity.client.secret:${clientId}`);
  }
}
