// Where the private part of a key is put away: sealed in its file, or inside a hardware token. A key store has one or more of these.

import type { AlgorithmName } from './algorithms.ts';
import type { KeyIdentity } from './key-store.ts';
import type { SignatureForm } from './signer.ts';

/** What the key's file says of its private part: the sealed bytes themselves, or which object of which token it is. */
export type StoredKey =
  | { readonly sealed: string }
  | { readonly token: { readonly label: string; readonly id: string } };

/** A private key that can only be asked to sign. */
export interface PrivateKey {
  /** Throws `key-unavailable`. */
  sign(data: Uint8Array, form: SignatureForm): Promise<Uint8Array>;
  /** Only of keys that may (digest-signer.ts). Throws `malformed-request`, `key-unavailable`. */
  readonly signDigest?: (digest: Uint8Array) => Promise<Uint8Array>;
}

export interface PrivateKeyVault {
  readonly algorithms: readonly AlgorithmName[];
  holds(stored: StoredKey): boolean;
  /** Throws `key-unavailable`. */
  make(request: Omit<KeyIdentity, 'spki'>): Promise<{ readonly spki: Uint8Array; readonly stored: StoredKey }>;
  /** Throws `key-unavailable` when what is stored is not the private key of this identity. */
  open(identity: KeyIdentity, stored: StoredKey): Promise<PrivateKey>;
  /** Ends the private part outside the key's file, if there is any; doing it again is harmless. Throws `key-unavailable`. */
  destroy(stored: StoredKey): Promise<void>;
}
