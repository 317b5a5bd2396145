// The KeyStore port: where private keys live and by what name and purpose they are asked for.

import type { AlgorithmName } from './algorithms.ts';
import type { KeyPurpose, Signer } from './signer.ts';

/** NIST SP 800-57 part 1, 7: only an `active` key signs; a `retiring` one is still published for verification. */
export type KeyState = 'pending' | 'active' | 'retiring' | 'retired' | 'destroyed';

export interface KeyDescription {
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
  readonly state: KeyState;
  readonly createdAt: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export interface KeyRequest {
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
}

export interface KeyStore {
  /**
   * Makes the key, or returns the one of that name that is there already: of two callers at once one makes it.
   * Throws `malformed-identifier` (name), `key-purpose-wrong` (there already, for another purpose or algorithm), `key-unavailable`.
   */
  create(request: KeyRequest): Promise<KeyDescription>;
  find(name: string): Promise<KeyDescription | undefined>;
  /** All keys, by name. */
  list(): Promise<KeyDescription[]>;
  /** Throws `key-not-found`, `key-purpose-wrong`, `key-state-wrong`, `key-unavailable`. */
  signer(name: string, purpose: KeyPurpose): Promise<Signer>;
}
