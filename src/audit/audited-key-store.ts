// A KeyStore that makes it visible when a process takes a key into use: no signer is given out before that entry is durable.

import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { DigestSigner } from '../crypto/digest-signer.ts';
import type { KeyDescription, KeyRequest, KeyStore } from '../crypto/key-store.ts';
import type { KeyPurpose, Signer } from '../crypto/signer.ts';
import { house } from '../kernel/principal.ts';
import type { AuditLog } from './audit-log.ts';

/** Entries of single uses are written by the deeds themselves, whose facts name the key: docs/keys.md. */
export class AuditedKeyStore implements KeyStore {
  readonly #keys: KeyStore;
  readonly #audit: Pick<AuditLog, 'append'>;
  readonly #announced = new Map<string, Promise<unknown>>();

  constructor({ keys, audit }: { keys: KeyStore; audit: Pick<AuditLog, 'append'> }) {
    this.#keys = keys;
    this.#audit = audit;
  }

  create(request: KeyRequest): Promise<KeyDescription> {
    return this.#keys.create(request);
  }

  find(name: string): Promise<KeyDescription | undefined> {
    return this.#keys.find(name);
  }

  family(name: string): Promise<readonly KeyDescription[]> {
    return this.#keys.family(name);
  }

  list(): Promise<KeyDescription[]> {
    return this.#keys.list();
  }

  async signer(name: string, purpose: KeyPurpose): Promise<Signer> {
    const signer = await this.#keys.signer(name, purpose);
    await this.#announce(signer);
    return signer;
  }

  async digestSigner(name: string): Promise<DigestSigner> {
    const signer = await this.#keys.digestSigner(name);
    await this.#announce({ ...signer, purpose: 'seal' });
    return signer;
  }

  /** Once a key and process. When the log does not take the entry, there is no signer, and the next to ask tries again. */
  async #announce({ keyName, purpose, algorithm }: OpenedKey): Promise<void> {
    const known = this.#announced.get(keyName);
    if (known !== undefined) {
      await known;
      return;
    }
    const entry = this.#audit.append(house, {
      action: 'key.opened',
      outcome: 'done',
      objectId: keyName,
      facts: { keyName, purpose, algorithm },
    });
    this.#announced.set(keyName, entry);
    try {
      await entry;
    } catch (error) {
      this.#announced.delete(keyName);
      throw error;
    }
  }
}

interface OpenedKey {
  readonly keyName: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
}
