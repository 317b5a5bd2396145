// The state of the OIDC engine in PostgreSQL: single use is one statement, a replayed code ends its grant, ids are stored as digests.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Database, Queryable, Transaction } from '../db/database.ts';
import { toHex } from '../kernel/bytes.ts';
import { addSeconds, type Clock, epochSeconds } from '../kernel/clock.ts';
import { presentBrowser, presentCall } from './call-context.ts';
import type { Clients } from './clients.ts';
import { endGrants } from './engine-endings.ts';
import { bufferOf, digestOf, linksOf, openedPayload, sealedPayload } from './engine-row.ts';
import { errors } from './engine.ts';
import { type AccountRow, selectAccount } from './account-row.ts';
import { levelOfAcr } from './levels.ts';
import { presentMemory, type ReadRow } from './request-memory.ts';
import { sessionUuidOf } from './session-id.ts';

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

interface CompanyRow extends ReadRow {
  readonly part: 'found' | 'grant' | 'session';
  readonly uid_digest: Uint8Array | null;
  readonly account: AccountRow | null;
}

/** Spelled alike, so that one who brings a token need not say which it is (RFC 7662, 2.1). */
const tokenKinds = ['AccessToken', 'ClientCredentials', 'RefreshToken'];

const columns = `model, id_digest, payload, expires_at, account_id, grant_digest, uid_digest, session_digest, grant_digests`;
const given = '$1, $2, $3, $4, $5::uuid, $6::bytea, $7::bytea, $8::bytea, $9::bytea[]';
const replaced = `payload = excluded.payload, expires_at = excluded.expires_at, account_id = excluded.account_id,
  grant_digest = excluded.grant_digest, uid_digest = excluded.uid_digest, session_digest = excluded.session_digest,
  grant_digests = excluded.grant_digests`;

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
      find: (id) => this.#find(model, id),
      findByUid: (uid) => this.#findSession(uid),
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

  /** The transaction that the engine is made to work in; without one, one of its own. */
  inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const enclosing = this.#enclosing.getStore();
    return enclosing === undefined ? this.#options.database.transaction(work) : work(enclosing);
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
    const expiresAt = addSeconds(now, expiresInSeconds ?? 0);
    const links = linksOf(model, payload);
    presentMemory()?.rows.delete(memoryKey(model, idDigest));
    if (links.uidDigest !== null) presentMemory()?.rows.delete(memoryKey('Session by uid', links.uidDigest));
    const values = [
      model,
      idDigest,
      sealedPayload(cipher, { model, id_digest: idDigest }, payload),
      addSeconds(expiresAt, graceSeconds),
      links.accountUuid,
      links.grantDigest,
      links.uidDigest,
      links.sessionDigest,
      links.grantDigests?.map(bufferOf) ?? null,
    ];
    if (model === 'ReplayDetection') return this.#insertOnce(values);
    if (childrenOfGrant.has(model)) return this.#insertUnderGrant(values, now);
    if (model === 'Session' && links.accountUuid !== null) return this.#saveSession(values, payload, expiresAt);
    await this.#queryable.query({
      name: 'oidc-upsert',
      text: `INSERT INTO identity.oidc_model (${columns}) VALUES (${given})
        ON CONFLICT (model, id_digest) DO UPDATE SET ${replaced}`,
      values,
    });
  }

  /** A proof is used by whoever stores it first; the engine's own look-up before is no protection. */
  async #insertOnce(values: readonly unknown[]): Promise<void> {
    const { rowCount } = await this.#queryable.query({
      name: 'oidc-insert-once',
      text: `INSERT INTO identity.oidc_model (${columns}) VALUES (${given}) ON CONFLICT DO NOTHING`,
      values,
    });
    if (rowCount === 0) throw new errors.InvalidRequest('this proof was used before');
  }

  /**
   * A session in which somebody signed in has a row that its owner sees. Saving it again is refused by the statement once it was
   * ended: a request that was under way does not bring it back.
   */
  async #saveSession(values: readonly unknown[], payload: AdapterPayload, expiresAt: Date): Promise<void> {
    const { clock } = this.#options;
    await this.#queryable.query({
      name: 'oidc-save-session',
      text: `WITH alive AS (
          INSERT INTO identity.session
            (session_id, uid_digest, account_id, level, origin, browser, began_at, used_at, expires_at)
          VALUES ($10, $7, $5, $11, $12, $13, $14, $14, $15)
          ON CONFLICT (session_id) DO UPDATE SET account_id = excluded.account_id, level = excluded.level,
            used_at = excluded.used_at, expires_at = excluded.expires_at
          WHERE session.ended_at IS NULL RETURNING session_id)
        INSERT INTO identity.oidc_model (${columns}) SELECT ${given} FROM alive
        ON CONFLICT (model, id_digest) DO UPDATE SET ${replaced}`,
      values: [
        ...values,
        sessionUuidOf(payload.uid ?? ''),
        levelOfAcr(payload.acr),
        presentCall().origin ?? null,
        presentBrowser(),
        clock.now(),
        expiresAt,
      ],
    });
  }

  /**
   * A token or code is stored only while its grant lives, and the grant cannot end between the look and the insert. One whose
   * grant ended meanwhile (its code was replayed) is stored nowhere: it is dead when it arrives.
   */
  async #insertUnderGrant(values: readonly unknown[], now: Date): Promise<void> {
    await this.#queryable.query({
      name: 'oidc-insert-under-grant',
      text: `WITH living AS (SELECT 1 FROM identity.oidc_model
          WHERE model = 'Grant' AND id_digest = $6 AND expires_at > $10 FOR SHARE)
        INSERT INTO identity.oidc_model (${columns}) SELECT ${given} FROM living
        ON CONFLICT (model, id_digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
      values: [...values, now],
    });
  }

  async #find(model: string, id: string): Promise<AdapterPayload | undefined> {
    const idDigest = digestOf(id);
    return this.#opened(memoryKey(model, idDigest), () => this.#read(model, idDigest));
  }

  async #findSession(uid: string): Promise<AdapterPayload | undefined> {
    const uidDigest = digestOf(uid);
    return this.#opened(memoryKey('Session by uid', uidDigest), async () => {
      const { rows } = await this.#queryable.query<ReadRow>({
        name: 'oidc-find-session',
        text: `SELECT model, id_digest, payload, consumed_at FROM identity.oidc_model
          WHERE model = 'Session' AND uid_digest = $1 AND expires_at > $2`,
        values: [uidDigest, this.#options.clock.now()],
      });
      return rows[0];
    });
  }

  async #opened(key: string, read: () => Promise<ReadRow | undefined>): Promise<AdapterPayload | undefined> {
    const memory = presentMemory()?.rows;
    const reading = memory?.get(key) ?? read();
    memory?.set(key, reading);
    const row = await reading;
    if (row === undefined) return undefined;
    const payload = openedPayload(this.#options.cipher, row);
    return row.consumed_at === null ? payload : { ...payload, consumed: epochSeconds(row.consumed_at) };
  }

  /**
   * One statement reads a row and what the engine asks for next: the grants that it names, the session that it hangs on, its account.
   * A token of unknown kind is looked for among all kinds.
   */
  async #read(model: string, idDigest: Uint8Array): Promise<ReadRow | undefined> {
    const memory = presentMemory();
    const models = tokenKinds.includes(model) && memory !== undefined ? tokenKinds : [model];
    const reading = this.#queryable.query<CompanyRow>({
      name: 'oidc-read',
      text: `WITH found AS (SELECT * FROM identity.oidc_model WHERE model = ANY ($1) AND id_digest = $3 AND expires_at > $2)
        SELECT 'found' AS part, f.model, f.id_digest, f.payload, f.consumed_at, f.uid_digest, to_json(account) AS account
        FROM found f LEFT JOIN LATERAL (${selectAccount} WHERE a.account_id = f.account_id) AS account ON true
        UNION ALL SELECT 'grant', g.model, g.id_digest, g.payload, g.consumed_at, NULL, NULL FROM found f
        JOIN identity.oidc_model g ON g.model = 'Grant' AND g.id_digest = ANY (f.grant_digests || f.grant_digest) AND g.expires_at > $2
        UNION ALL SELECT 'session', s.model, s.id_digest, s.payload, s.consumed_at, s.uid_digest, NULL FROM found f
        JOIN identity.oidc_model s ON s.model = 'Session' AND s.uid_digest = f.session_digest AND s.expires_at > $2`,
      values: [models, this.#options.clock.now(), idDigest],
    });
    const found = (kind: string) =>
      reading.then(({ rows }) => rows.find((row) => row.part === 'found' && row.model === kind));
    for (const kind of models) {
      const row = found(kind);
      row.catch(() => undefined); // whoever asked hears of it below
      memory?.rows.set(memoryKey(kind, idDigest), row);
    }
    for (const row of (await reading).rows) {
      const read = Promise.resolve(row);
      if (row.part === 'grant') memory?.rows.set(memoryKey('Grant', row.id_digest), read);
      if (row.part === 'session' && row.uid_digest !== null)
        memory?.rows.set(memoryKey('Session by uid', row.uid_digest), read);
      if (row.account !== null) memory?.accounts?.set(row.account.account_id, Promise.resolve(row.account));
    }
    return found(model);
  }

  /** RFC 6749 section 4.1.2, RFC 9700 section 4.14.2: one wins; a second use ends everything that came from the grant. */
  async #consume(model: string, id: string): Promise<void> {
    presentMemory()?.rows.clear();
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
    presentMemory()?.rows.delete(memoryKey(model, digestOf(id)));
    await this.#queryable.query({
      name: 'oidc-destroy',
      text: 'DELETE FROM identity.oidc_model WHERE model = $1 AND id_digest = $2',
      values: [model, digestOf(id)],
    });
  }

  async #endGrant(grant: Uint8Array): Promise<void> {
    presentMemory()?.rows.clear();
    await this.#options.database.transaction((tx) => endGrants(tx, [grant]));
  }

  async #revokeChildren(model: string, grantId: string): Promise<void> {
    presentMemory()?.rows.clear();
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

function memoryKey(model: string, idDigest: Uint8Array): string {
  return `${model}:${toHex(idDigest)}`;
}
