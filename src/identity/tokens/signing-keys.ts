// The keys that sign tokens: they stay in the key store and sign through its Signer, and are rotated while tokens are issued and checked; RFC 7517, RFC 7638 (kid), OpenID Connect Core 10.1.1.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { KeyDescription, KeyStore } from '../../crypto/key-store.ts';
import type { Signer } from '../../crypto/signer.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { house } from '../../kernel/principal.ts';
import { ExternalSigningKey } from '../engine/engine.ts';

/** ES256 signs our tokens; RS256 is what OpenID Connect Core 15.1 wants every provider to have. */
const wanted = [
  { name: 'oidc-es256', purpose: 'oidc', algorithm: 'ES256' },
  { name: 'oidc-rs256', purpose: 'oidc', algorithm: 'RS256' },
] as const;

export type TokenAlgorithm = (typeof wanted)[number]['algorithm'];

export interface TokenKey {
  readonly kid: string;
  readonly keyName: string;
  readonly algorithm: TokenAlgorithm;
  readonly publicKey: KeyObject;
  /** Of active keys only: the others are published for those who verify. */
  readonly signer?: Signer;
}

/** Of each algorithm first the key that signs, which is the one that the engine takes. */
export type TokenKeySet = readonly TokenKey[];

/** A key is taken out of use within this time on every node; an unknown key id is looked for at once. */
const recheckMs = 500;

export class TokenKeys {
  readonly #keys: KeyStore;
  #families: readonly (readonly KeyDescription[])[] = [];
  #present: TokenKeySet = [];
  #checkedMs = Number.NEGATIVE_INFINITY;

  private constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  /** Makes the keys at first start. Two processes that start at once get the same keys: making a key is atomic. */
  static async open(keys: KeyStore, audit: AuditLog): Promise<TokenKeys> {
    for (const request of wanted) {
      if ((await keys.find(request.name)) !== undefined) continue;
      await keys.create(request);
      await audit.append(house, {
        action: 'key.created',
        outcome: 'done',
        objectId: request.name,
        facts: { keyName: request.name, purpose: request.purpose, algorithm: request.algorithm },
      });
    }
    const opened = new TokenKeys(keys);
    await opened.present();
    return opened;
  }

  /** Active, retiring and pending keys; the same array as long as no key has changed. */
  async present(): Promise<TokenKeySet> {
    const families = await Promise.all(wanted.map(({ name }) => this.#keys.family(name)));
    if (families.some((family, i) => family !== this.#families[i])) {
      const sets = await Promise.all(wanted.map((request, i) => this.#published(request, families[i] ?? [])));
      this.#present = sets.flat();
      this.#families = families;
    }
    this.#checkedMs = monotonicMs();
    return this.#present;
  }

  /** The public key of an access token's key id, if that key may still verify. */
  async get(kid: string): Promise<KeyObject | undefined> {
    const find = (keys: TokenKeySet) => keys.find((key) => key.kid === kid && key.algorithm === 'ES256')?.publicKey;
    const known = monotonicMs() - this.#checkedMs < recheckMs ? find(this.#present) : undefined;
    return known ?? find(await this.present());
  }

  async #published(
    { name, purpose, algorithm }: (typeof wanted)[number],
    family: readonly KeyDescription[],
  ): Promise<TokenKey[]> {
    const signer = await this.#keys.signer(name, purpose);
    const published = family.filter(({ state }) => state === 'active' || state === 'retiring' || state === 'pending');
    const keys = await Promise.all(
      published.map(async (key): Promise<TokenKey> => {
        const publicKey = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
        const kid = await calculateJwkThumbprint(publicKey);
        return { kid, keyName: key.name, algorithm, publicKey, ...(key.name === signer.keyName ? { signer } : {}) };
      }),
    );
    return keys.toSorted((a, b) => Number(b.signer !== undefined) - Number(a.signer !== undefined));
  }
}

/** Name of the key that signs tokens of an algorithm. */
export function signingKeyName(keys: TokenKeySet, algorithm: string): string | undefined {
  return keys.find((key) => key.algorithm === algorithm && key.signer !== undefined)?.keyName;
}

/** A token key in the form that the engine takes. */
export class EngineKey extends ExternalSigningKey {
  readonly #key: TokenKey;

  constructor(key: TokenKey) {
    super();
    this.#key = key;
  }

  override get kid(): string {
    return this.#key.kid;
  }

  override get alg(): string {
    return this.#key.algorithm;
  }

  override keyObject(): KeyObject {
    return this.#key.publicKey;
  }

  override async sign(data: Uint8Array): Promise<Uint8Array> {
    const { signer, keyName } = this.#key;
    if (signer === undefined) throw new TrustError('key-state-wrong', `key ${keyName} signs no tokens now`);
    return signer.sign(data, 'raw');
  }
}
