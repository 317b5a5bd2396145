// The KeyStore port: where private keys live, by what name and purpose they are asked for, and who may end or replace them.

import type { AlgorithmName } from './algorithms.ts';
import type { DigestSigner } from './digest-signer.ts';
import type { KeyDeed, KeyStage } from './key-life.ts';
import type { KeyPurpose, Signer } from './signer.ts';

/** What stands about a key when it is made, and never changes. */
export interface KeyIdentity {
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
  /** Who answers for the key: an organisation or account id, or a department. */
  readonly owner?: string;
  readonly createdAt: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export type KeyDescription = KeyIdentity & KeyStage;

export interface KeyRequest {
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly algorithm: AlgorithmName;
  readonly owner?: string;
}

/** What the rooms use: make a key once, find it, sign with it. */
export interface KeyStore {
  /**
   * Makes the key, active at once, or returns the one of that name that is there already: of two callers at once one makes it.
   * Throws `malformed-identifier` (name), `key-purpose-wrong` (there already, for another purpose or algorithm),
   * `algorithm-not-supported`, `key-unavailable`.
   */
  create(request: KeyRequest): Promise<KeyDescription>;
  /** The one key of exactly this name. */
  find(name: string): Promise<KeyDescription | undefined>;
  /**
   * All keys that a rotation put in each other's place, oldest first; empty when there is none. The same array as long as nothing
   * has changed, in this process or another: comparing it costs a file status and no reading.
   */
  family(name: string): Promise<readonly KeyDescription[]>;
  /** All keys, by name. */
  list(): Promise<KeyDescription[]>;
  /**
   * Of a family its active key, whatever that is called now: certificates and key ids go by `signer.keyName`, not by the name asked
   * for. A signer outlives a rotation (a deed that has begun is finished) but not a retirement.
   * Throws `key-not-found`, `key-purpose-wrong`, `key-state-wrong`, `key-unavailable`; `sign` throws the last two.
   */
  signer(name: string, purpose: KeyPurpose): Promise<Signer>;
  /**
   * The key of a seal, for digests that are computed elsewhere. Throws `key-not-found`, `key-purpose-wrong` (no seal),
   * `algorithm-not-supported` (not P-256), `key-state-wrong`, `key-unavailable`.
   */
  digestSigner(name: string): Promise<DigestSigner>;
}

/** A key that is there and what is wrong with it, if anything is. */
export interface KeyExamination {
  readonly name: string;
  readonly description?: KeyDescription;
  readonly fault?: string;
}

/** What those use who answer for the keys. */
export interface KeyKeeping extends KeyStore {
  /**
   * The next key of a family, `pending`: published, and ready to get a certificate, before it signs anything. Returns the pending one
   * when there is one. Throws `key-not-found`, `key-purpose-wrong` (a key that is its holder's identity), `key-unavailable`.
   */
  prepare(family: string): Promise<KeyDescription>;
  /**
   * Of two deeds at once each sees what the other left. Destroying is for ever: what is left is the description.
   * Throws `key-not-found`, `key-state-wrong` (details.state), `key-unavailable`.
   */
  change(name: string, deed: Exclude<KeyDeed, 'supersede'>): Promise<KeyDescription>;
  /** Every key, the unreadable ones too. */
  examine(): Promise<KeyExamination[]>;
  /** What an operator should know: folders or files that others can read, and the like. Never of secrets. */
  warnings(): Promise<string[]>;
}
