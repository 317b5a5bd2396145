// What makes a repeated request the same request: the Idempotency-Key of its owner and the digest of what was asked.

export interface RequestKey {
  /** The system, or the person at a client, to whom the key belongs; keys of different owners never meet. */
  readonly owner: string;
  /** The caller's Idempotency-Key header, or a random one when there was none. */
  readonly key: string;
  /** SHA-256 of the canonical request; another digest under the same key is refused as `idempotency-key-reused`. */
  readonly bodySha256: Uint8Array;
}
