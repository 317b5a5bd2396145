// The keys that sign tokens: they stay in the key store and sign through its Signer; RFC 7517, RFC 7638 (kid), RFC 7518 section 3.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { AuditLog } from '../audit/audit-log.ts';
import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Signer } from '../crypto/signer.ts';
import { house } from '../kernel/principal.ts';
import { ExternalSigningKey } from './engine.ts';

/** ES256 signs our tokens; RS256 is what OpenID Connect Core 15.1 wants every provider to have. */
const wanted = [
  { name: 'oidc-es256', purpose: 'oidc', algorithm: 'ES256' },
  { name: 'oidc-rs256', purpose: 'oidc', algorithm: 'RS256' },
] as const;

export interface TokenKey {
  readonly kid: string;
  readonly algorithm: AlgorithmName;
  readonly publicKey: KeyObject;
  readonly signer: Signer;
}

/** The token keys, made at first start. Two processes that start at once get the same keys: making a key is atomic. */
export async function tokenKeys(keys: KeyStore, audit: AuditLog): Promise<TokenKey[]> {
  return Promise.all(
    wanted.map(async (request) => {
      if ((await keys.find(request.name)) === undefined) {
        await keys.create(request);
        await audit.append(house, {
          action: 'key.created',
          outcome: 'done',
          objectId: request.name,
          facts: { purpose: request.purpose, algorithm: request.algorithm },
        });
      }
      const signer = await keys.signer(request.name, request.purpose);
      const publicKey = createPublicKey({ key: Buffer.from(signer.spki), format: 'der', type: 'spki' });
      const kid = await calculateJwkThumbprint(publicKey);
      return { kid, algorithm: request.algorithm, publicKey, signer };
    }),
  );
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

  override sign(data: Uint8Array): Promise<Uint8Array> {
    return this.#key.signer.sign(data, 'raw');
  }
}
