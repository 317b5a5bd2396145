// The state of the OIDC engine in PostgreSQL: single use is one statement, a replayed code ends its grant, ids are stored as digests.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { digest } from '../crypto/digest.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Database, Queryable, Transaction } from '../db/database.ts';
import { fromUtf8, toHex, utf8 } from '../kernel/bytes.ts';
import { addSeconds, type Clock, epochSeconds } from '../kernel/clock.ts';
import type { Clients } from './clients.ts';
import { errors } from './engine.ts';

export interface OidcStoreOptions {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly clients: Clients;
  readonly clock: Clock;
}

/** The engine accepts artifacts up to its clock tolerance (15 s) past their end, so rows live a little longer than they are good. */
const graceSeconds = 60;

/** Models whose rows fall with their grant. */
const childrenOfGrant = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken']);

interface ModelRow {
  id_digest: Uint8Array;
  payload: Uint8Array;
  consumed_at: Date | null;
}

export class OidcStore {
  readonly #options: OidcStoreOptions;
  readonly #enclosing = new AsyncLocalStorage<Transaction>();

  constructor(options: OidcStoreOptions) {
    this.#options = options;
  }

  /** What the engine saves while `work` runs is part of the transaction, so that it commits together with its audit entry. */
  within<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
    return this.#enclosing.run(tx, work);
  }

  /** The adapter of one model, as the engine asks for it. */
  adapter(model: string): Adapter {
    if (model === 'Client') return this.#clientAdapter();
    return {
      upsert: (id, payload, expiresInSeconds) => this.#upsert(model, id, payload, expiresInSeconds),
      find: (id) => this.#find(model, 'id_digest', id),
      findByUid: (uid) => this.#find(model, 'uid_digest', uid),
      findByUserCode: async () => undefined, // the device flow is off
      consume: (id) => this.#consume(model, id),
      destroy: (id) => (model === 'Grant' ? this.#endGrant(digestOf(id)) : this.#destroy(model, id)),
      revokeByGrantId: (grantId) => this.#revokeChildren(model, grantId),
    };
  }

  /** Removes rows that are over; returns how many. Small batches keep the locks short. */
  async purge(limit: number): Promise<number> {
    const { rowCount } = await this.#options.database.query({
      text: `DELETE FROM identity.oidc_model WHERE (model, id_digest) IN (SELECT model, id_digest FROM identity.oidc_model
        WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
      values: [this.#options.clock.now(), limit],
    });
    return rowCount;
  }

  get #queryable(): Queryable {
    return this.#enclosing.getStore() ?? this.#options.database;
  }

  async #upsert(
    model: string,
    id: string,
    payload: AdapterPayload,
    expiresInSeconds: number | undefined,
  ): Promise<void> {
    const { cipher, clock } = this.#options;
    const idDigest = digestOf(id);
    const now = clock.now();
    const values = [
      model,
      idDigest,
      cipher.seal(utf8(JSON.stringify(payload)), contextOf(model, idDigest)),
      payload.grantId === undefined ? null : digestOf(payload.grantId),
      model === 'Session' && payload.uid !== undefined ? digestOf(payload.uid) : null,
      addSeconds(now, (expiresInSeconds ?? 0) + graceSeconds),
    ];
    if (model === 'ReplayDetection') return this.#insertOnce(values);
    if (childrenOfGrant.has(model)) return this.#insertUnderGrant(values, now);
    await this.#queryable.query({
      name: 'oidc-upsert',
      text: `INSERT INTO identity.oidc_model (model, id_digest, payload, grant_digest, uid_digest, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (model, id_digest) DO UPDATE SET payload = excluded.payload,
          grant_digest = excluded.grant_digest, uid_digest = excluded.uid_digest, expires_at = excluded.expires_at`,
      values,
    });
  }

  /** A proof is used by whoever stores it first; the engine's own look-up before is no protection. */
  async #insertOnce(values: readonly unknown[]): Promise<void> {
    const { rowCount } = await this.#queryable.query({
      name: 'oidc-insert-once',
      text: `INSERT INTO identity.oidc_model (model, id_digest, payload, grant_digest, uid_digest, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      values,
    });
    if (rowCount === 0) throw new errors.InvalidRequest('this proof was used before');
  }

  /**
   * A token or code is stored only while its grant lives, and the grant cannot end between the look and the insert. One whose
   * grant ended meanwhile (its code was replayed) is stored nowhere: it is dead when it arrives.
   */
  async #insertUnderGrant(values: readonly unknown[], now: Date): Promise<void> {
    await this.#queryable.query({
      name: 'oidc-insert-under-grant',
      text: `WITH living AS (SELECT 1 FROM identity.oidc_model
          WHERE model = 'Grant' AND id_digest = $4 AND expires_at > $7 FOR SHARE)
        INSERT INTO identity.oidc_model (model, id_digest, payload, grant_digest, uid_digest, expires_at)
        SELECT $1, $2, $3, $4, $5, $6 FROM living
        ON CONFLICT (model, id_digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
      values: [...values, now],
    });
  }

  async #find(model: string, column: 'id_digest' | 'uid_digest', key: string): Promise<AdapterPayload | undefined> {
    const { cipher, clock } = this.#options;
    const { rows } = await this.#queryable.query<ModelRow>({
      name: `oidc-find-${column}`,
      text: `SELECT id_digest, payload, consumed_at FROM identity.oidc_model
        WHERE model = $1 AND ${column} = $2 AND expires_at > $3`,
      values: [model, digestOf(key), clock.now()],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const payload: AdapterPayload = JSON.parse(
      fromUtf8(cipher.open(row.payload, contextOf(model, row.id_digest))) ?? '',
    );
    return row.consumed_at === null ? payload : { ...payload, consumed: epochSeconds(row.consumed_at) };
  }

  /** RFC 6749 section 4.1.2, RFC 9700 section 4.14.2: one wins; a second use ends everything that came from the grant. */
  async #consume(model: string, id: string): Promise<void> {
    const { clock } = this.#options;
    const values = [model, digestOf(id), clock.now()];
    const { rowCount } = await this.#queryable.query({
      name: 'oidc-consume',
      text: `UPDATE identity.oidc_model SET consumed_at = $3
        WHERE model = $1 AND id_digest = $2 AND consumed_at IS NULL AND expires_at > $3`,
      values,
    });
    if (rowCount === 1) return;
    const { rows } = await this.#queryable.query<{ grant_digest: Uint8Array | null }>({
      name: 'oidc-grant-of',
      text: 'SELECT grant_digest FROM identity.oidc_model WHERE model = $1 AND id_digest = $2',
      values: values.slice(0, 2),
    });
    const grant = rows[0]?.grant_digest;
    if (grant) await this.#endGrant(grant);
    throw new errors.InvalidGrant('this was used before');
  }

  async #destroy(model: string, id: string): Promise<void> {
    await this.#queryable.query({
      name: 'oidc-destroy',
      text: 'DELETE FROM identity.oidc_model WHERE model = $1 AND id_digest = $2',
      values: [model, digestOf(id)],
    });
  }

  /** The grant goes first: its deletion waits for inserts under it, and the second statement then sees what they stored. */
  async #endGrant(grant: Uint8Array): Promise<void> {
    await this.#options.database.transaction(async (tx) => {
      await tx.query({
        name: 'oidc-end-grant',
        text: "DELETE FROM identity.oidc_model WHERE model = 'Grant' AND id_digest = $1",
        values: [grant],
      });
      await tx.query({
        name: 'oidc-end-children',
        text: 'DELETE FROM identity.oidc_model WHERE grant_digest = $1',
        values: [grant],
      });
    });
  }

  async #revokeChildren(model: string, grantId: string): Promise<void> {
    await this.#options.database.transaction(async (tx) => {
      await tx.query({
        name: 'oidc-revoke-children',
        text: 'DELETE FROM identity.oidc_model WHERE model = $1 AND grant_digest = $2',
        values: [model, digestOf(grantId)],
      });
    });
  }

  /** Clients are registered by us (clients.ts); the engine only reads them. */
  #clientAdapter(): Adapter {
    const refuse = async (): Promise<never> => {
      throw new TypeError('clients are not written through the engine');
    };
    return {
      find: (id) => this.#options.clients.metadataOf(id),
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      upsert: refuse,
      consume: refuse,
      destroy: refuse,
      revokeByGrantId: refuse,
    };
  }
}

function digestOf(id: string): Uint8Array {
  return digest('SHA-256', utf8(id));
}

/** A payload opens in its own row only. */
function contextOf(model: string, idDigest: Uint8Array): string {
  return `identity.oidc_model.payload:${model}:${toHex(idDigest)}`;
}
