// The keys of the persons that the log speaks of: random, wrapped by the key-encryption key, made at first sight, destroyed to erase a person.

import type { FieldCipher } from '../crypto/field-cipher.ts';
import type { Database, Query } from '../db/database.ts';
import { GroupCommit } from '../db/group-commit.ts';
import { toHex } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { personKeySizeBytes, SealingKey } from './sealing-key.ts';

export interface PersonKeysOptions {
  readonly database: Pick<Database, 'query' | 'queryApart'>;
  readonly cipher: FieldCipher;
}

/** Keys that were all in force at one epoch. */
export interface KeysInUse {
  readonly epoch: number;
  readonly of: (personId: string) => SealingKey;
}

interface KeyRow {
  epoch: number;
  ref: Uint8Array | null;
  tag: Uint8Array | null;
  wrapped: Uint8Array | null;
}

interface StoredKey {
  readonly ref: Uint8Array;
  readonly tag: Uint8Array;
  readonly wrapped: Uint8Array;
}

const maxCached = 10_000; // a few megabytes
const refContext = 'audit.person_key.ref';

/** Accounts and holders of licences stand for persons; organisations, systems and the service itself do not. */
export function isPerson(id: string | undefined): id is string {
  return id !== undefined && (id.startsWith('acc_') || id.startsWith('holder_'));
}

export class PersonKeys {
  /** Where there is no person. It lies nowhere, so it cannot be destroyed, and nothing personal is sealed under it. */
  readonly service: SealingKey;
  readonly #database: Pick<Database, 'query' | 'queryApart'>;
  readonly #cipher: FieldCipher;
  readonly #cached = new Map<string, SealingKey>();
  #epoch: number | undefined;
  /** One lot after another, so that an older answer never overtakes a newer epoch. */
  readonly #loads = new GroupCommit<string, undefined>({ work: (ids) => this.#load(ids), maxLots: 1 });

  constructor({ database, cipher }: PersonKeysOptions) {
    this.#database = database;
    this.#cipher = cipher;
    this.service = new SealingKey(cipher.blindIndex('service', 'audit.service_key'));
  }

  /** Makes the keys that are missing: durable before this returns, and the same in every process. */
  async forWriting(personIds: readonly string[]): Promise<KeysInUse> {
    for (;;) {
      const keys = new Map<string, SealingKey>();
      for (const id of personIds) {
        const key = this.#cached.get(id);
        if (key === undefined) continue;
        keys.set(id, key);
        this.#cached.delete(id); // to the young end
        this.#cached.set(id, key);
      }
      const missing = personIds.filter((id) => !keys.has(id));
      // Looked at in one turn of the event loop: all of these are in force at this epoch.
      if (missing.length === 0) return { epoch: this.#epoch ?? 0, of: (id) => keys.get(id) ?? this.service };
      await Promise.all(missing.map((id) => this.#loads.add(id)));
    }
  }

  /** For a search: asks the database, makes nothing. `undefined` for a person without entries, or erased. */
  async find(personId: string): Promise<SealingKey | undefined> {
    const { rows } = await this.#database.query<StoredKey>({
      name: 'audit-person-key-find',
      text: 'SELECT ref, tag, wrapped FROM audit.person_key WHERE ref = $1',
      values: [this.#refOf(personId)],
    });
    return rows[0] === undefined ? undefined : this.#unwrapped(rows[0]);
  }

  /** For readers: by the tags of entries, in hexadecimal. Never from the cache, so an erased person is unreadable at once. */
  async byTag(tags: readonly Uint8Array[]): Promise<Map<string, SealingKey>> {
    if (tags.length === 0) return new Map();
    const { rows } = await this.#database.query<StoredKey>({
      name: 'audit-person-keys-by-tag',
      text: 'SELECT ref, tag, wrapped FROM audit.person_key WHERE tag = ANY ($1::bytea[])',
      values: [tags.map(buffer)],
    });
    return new Map(rows.map((row) => [toHex(row.tag), this.#unwrapped(row)]));
  }

  /** Destroys the key and tells every node that its cache is old, in one statement. Returns one row, `erased` when there was a key. */
  erasing(personId: string): Query {
    return {
      name: 'audit-person-key-destroy',
      text: `WITH gone AS (DELETE FROM audit.person_key WHERE ref = $1 RETURNING ref)
        UPDATE audit.key_epoch SET epoch = epoch + 1 RETURNING EXISTS (SELECT 1 FROM gone) AS erased`,
      values: [this.#refOf(personId)],
    };
  }

  /** The epoch was found to be over: what is cached may be a key that was destroyed. */
  forget(): void {
    this.#cached.clear();
    this.#epoch = undefined;
  }

  async #load(ids: readonly string[]): Promise<undefined[]> {
    const wanted = [...new Set(ids)];
    let { epoch, keys } = await this.#read(wanted);
    const missing = wanted.filter((id) => !keys.has(id));
    if (missing.length > 0) {
      await this.#make(missing);
      // Read again, and not believed: another process may have made the key first, and then its key is the one.
      ({ epoch, keys } = await this.#read(wanted));
    }
    if (epoch !== this.#epoch) this.forget();
    this.#epoch = epoch;
    for (const [id, key] of keys) this.#cached.set(id, key);
    for (const id of this.#cached.keys()) {
      if (this.#cached.size <= maxCached) break;
      this.#cached.delete(id);
    }
    return ids.map(() => undefined);
  }

  /** Keys and epoch as of one moment. */
  async #read(ids: readonly string[]): Promise<{ epoch: number; keys: Map<string, SealingKey> }> {
    const idOfRef = new Map(ids.map((id) => [toHex(this.#refOf(id)), id]));
    const { rows } = await this.#database.queryApart<KeyRow>({
      name: 'audit-person-keys',
      text: `SELECT e.epoch, k.ref, k.tag, k.wrapped FROM audit.key_epoch e
        LEFT JOIN audit.person_key k ON k.ref = ANY ($1::bytea[])`,
      values: [ids.map((id) => buffer(this.#refOf(id)))],
    });
    const keys = new Map<string, SealingKey>();
    for (const { ref, tag, wrapped } of rows) {
      const id = ref === null ? undefined : idOfRef.get(toHex(ref));
      if (id === undefined || ref === null || tag === null || wrapped === null) continue;
      keys.set(id, this.#unwrapped({ ref, tag, wrapped }));
    }
    return { epoch: rows[0]?.epoch ?? 0, keys };
  }

  /** Committed by itself: a crash after it leaves a key without entries, which the next sight of the person finds. */
  async #make(ids: readonly string[]): Promise<void> {
    const rows = ids.map((id) => {
      const secret = randomBytes(personKeySizeBytes);
      const ref = this.#refOf(id);
      return {
        ref: buffer(ref),
        tag: buffer(new SealingKey(secret).tag('subject', id)),
        wrapped: buffer(this.#cipher.seal(secret, contextOf(ref))),
      };
    });
    // In one order, so that two processes that make the same keys never wait for each other in a circle.
    rows.sort((a, b) => Buffer.compare(a.ref, b.ref));
    await this.#database.queryApart({
      name: 'audit-person-key-make',
      text: `INSERT INTO audit.person_key (ref, tag, wrapped) SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[])
        ON CONFLICT (ref) DO NOTHING`,
      values: [rows.map(({ ref }) => ref), rows.map(({ tag }) => tag), rows.map(({ wrapped }) => wrapped)],
    });
  }

  #unwrapped({ ref, wrapped }: StoredKey): SealingKey {
    return new SealingKey(this.#cipher.open(wrapped, contextOf(ref)));
  }

  #refOf(personId: string): Uint8Array {
    return this.#cipher.blindIndex(personId, refContext).subarray(0, 16);
  }
}

/** Bound to its row: a wrapped key that is put in another's place does not open. */
function contextOf(ref: Uint8Array): string {
  return `audit.person_key.wrapped:${toHex(ref)}`;
}

/** The driver writes only Buffers as bytea inside an array. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
