// The state of the OIDC engine in PostgreSQL: single use is one statement, a replayed code ends its grant, ids are stored as digests.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database, Queryable, Transaction } from '../../db/database.ts';
import { toHex } from '../../kernel/bytes.ts';
import { addSeconds, type Clock, epochSeconds } from '../../kernel/clock.ts';
import { accountRowOf } from '../accounts/account-row.ts';
import { clientAdapter } from '../clients/client-adapter.ts';
import type { Clients } from '../clients/clients.ts';
import { CodeUses, polledModels } from './code-uses.ts';
import { endGrants } from './engine-endings.ts';
import { bufferOf, digestOf, linksOf, openedPayload, sealedPayload } from './engine-row.ts';
import { insertRowOnce, insertUnderGrant, saveRow } from './engine-statements.ts';
import { errors } from './engine.ts';
import { type Pending, presentMemory, type ReadRow } from './request-memory.ts';
import { RowReading, tokenKinds } from './row-reading.ts';
import { SessionSaves } from './session-saves.ts';

export interface OidcStoreOptions {
  readonly database: Database;
  readonly cipher: FieldCipher;
  readonly clients: Clients;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** The engine accepts artifacts up to its clock tolerance (15 s) past their end, so rows live a little longer than they are good. */
const graceSeconds = 60;

/** Models whose rows fall with their grant. */
const childrenOfGrant = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken']);

export class OidcStore {
  readonly #options: OidcStoreOptions;
  readonly #enclosing = new AsyncLocalStorage<Transaction>();
  readonly #gathering = new AsyncLocalStorage<(readonly unknown[])[]>();
  readonly codes: CodeUses;
  readonly sessions: SessionSaves;
  readonly #reading: RowReading;

  constructor(options: OidcStoreOptions) {
    this.#options = options;
    this.#reading = new RowReading(options);
    const work = { ...options, queryable: () => this.#queryable, pending: () => this.#pending };
    this.codes = new CodeUses({ ...work, endGrant: (grant) => this.#endGrant(grant) });
    this.sessions = new SessionSaves({ ...work, remove: (model, idDigest) => this.#remove(model, idDigest) });
  }

  /** What the engine saves while `work` runs is part of the transaction, so that it commits together with its audit entry. */
  within<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
    return this.#enclosing.run(tx, work);
  }

  /** What the engine saves while `work` runs is not saved but returned: the columns of each row. */
  async gathered(work: () => Promise<unknown>): Promise<(readonly unknown[])[]> {
    const rows: (readonly unknown[])[] = [];
    await this.#gathering.run(rows, work);
    return rows;
  }

  /** What this request has read before is read again. */
  anew<T>(work: () => Promise<T>): Promise<T> {
    presentMemory()?.rows.clear();
    return work();
  }

  /** The adapter of one model, as the engine asks for it. */
  adapter(model: string): Adapter {
    if (model === 'Client') return clientAdapter(this.#options.clients);
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

  /** Where the engine answers a request and nobody has put a transaction around it. */
  get #pending(): Pending | undefined {
    const memory = presentMemory();
    return memory?.accounts === undefined || this.#enclosing.getStore() !== undefined ? undefined : memory.pending;
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
    const sealed = sealedPayload(cipher, { model, id_digest: idDigest }, payload);
    const values = [
      model,
      idDigest,
      sealed,
      addSeconds(expiresAt, graceSeconds),
      links.accountUuid,
      links.grantDigest,
      links.uidDigest,
      links.sessionDigest,
      links.grantDigests?.map(bufferOf) ?? null,
    ];
    const gathering = this.#gathering.getStore();
    if (gathering !== undefined) {
      gathering.push(values);
      return;
    }
    if (model === 'ReplayDetection') return this.#insertOnce(values);
    const pending = this.#pending;
    if (model === 'AuthorizationCode' && pending !== undefined) {
      pending.code = values;
      return;
    }
    if (model === 'Grant' && pending?.grant !== undefined) {
      pending.grant.row = values;
      return;
    }
    const deed = pending?.deed;
    if (model === 'AccessToken' && deed !== undefined) return this.codes.useFor(deed, values);
    if (childrenOfGrant.has(model)) return this.#insertUnderGrant(values, now);
    if (model === 'Session' && links.accountUuid !== null) return this.sessions.save(values, payload, expiresAt);
    await this.#queryable.query({ name: 'oidc-upsert', text: saveRow, values });
    const saved = { model, id_digest: idDigest, payload: sealed, consumed_at: null };
    presentMemory()?.rows.set(memoryKey(model, idDigest), Promise.resolve(saved));
  }

  /** A proof is used by whoever stores it first; the engine's own look-up before is no protection. */
  async #insertOnce(values: readonly unknown[]): Promise<void> {
    const { rowCount } = await this.#queryable.query({
      name: 'oidc-insert-once',
      text: insertRowOnce,
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
      text: insertUnderGrant,
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
    // The engine ends the grant of what it finds consumed; of these, the use lets one through.
    if (row.consumed_at === null || polledModels.has(row.model)) return payload;
    return { ...payload, consumed: epochSeconds(row.consumed_at) };
  }

  /** One statement reads a row and what the engine asks for next. A token of unknown kind is looked for among all kinds. */
  async #read(model: string, idDigest: Uint8Array): Promise<ReadRow | undefined> {
    const memory = presentMemory();
    const models = tokenKinds.includes(model) && memory !== undefined ? tokenKinds : [model];
    const isInteraction = model === 'Interaction';
    const reading = isInteraction
      ? this.#reading.interaction(this.#queryable, idDigest)
      : models === tokenKinds && this.#enclosing.getStore() === undefined
        ? this.#reading.ofToken(idDigest)
        : this.#reading.rows(this.#queryable, models, [idDigest]);
    const found = (kind: string) =>
      reading.then((rows) => rows.find((row) => row.part === 'found' && row.model === kind));
    for (const kind of models) {
      const row = found(kind);
      row.catch(() => undefined); // whoever asked hears of it below
      memory?.rows.set(memoryKey(kind, idDigest), row);
    }
    for (const row of await reading) {
      const read = Promise.resolve(row);
      if (row.part === 'grant') memory?.rows.set(memoryKey('Grant', row.id_digest), read);
      if (row.part === 'session' && row.uid_digest !== null)
        memory?.rows.set(memoryKey('Session by uid', row.uid_digest), read);
      if (isInteraction && row.part === 'found') memory?.standings?.set(toHex(row.id_digest), row);
      if (row.account !== null)
        memory?.accounts?.set(row.account.account_id, Promise.resolve(accountRowOf(row.account)));
    }
    return found(model);
  }

  async #consume(model: string, id: string): Promise<void> {
    presentMemory()?.rows.clear();
    await this.codes.use({ model, idDigest: digestOf(id) });
  }

  async #destroy(model: string, id: string): Promise<void> {
    const idDigest = digestOf(id);
    presentMemory()?.rows.set(memoryKey(model, idDigest), Promise.resolve(undefined));
    const pending = this.#pending;
    if (model === 'Interaction' && pending !== undefined) pending.answered = idDigest;
    else if (model === 'Session' && pending !== undefined) pending.formerId = idDigest;
    else await this.#remove(model, idDigest);
  }

  async #remove(model: string, idDigest: Uint8Array): Promise<void> {
    await this.#queryable.query({
      name: 'oidc-destroy',
      text: 'DELETE FROM identity.oidc_model WHERE model = $1 AND id_digest = $2',
      values: [model, idDigest],
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
}

function memoryKey(model: string, idDigest: Uint8Array): string {
  return `${model}:${toHex(idDigest)}`;
}
