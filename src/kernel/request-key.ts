// What makes a repeated request the same request: the Idempotency-Key of its owner and the digest of what was asked.

export interface RequestKey {
  /** The client (or account) the key belongs to; keys of different owners never meet. */
  readonly owner: string;
  /** The caller's Idempotency-Key header, or a random one when there was none. */
  readonly key: string;
  /** SHA-256 of the canonical request; another digest under the same key is refused as `idempotency-key-reused`. */
  readonly bodySha256: Uint8Array;
}
