// Which Ed25519 public keys are fit for use; RFC 8032, 5.1.3, and the eight points of small order on that curve.

/** 2^255 − 19. */
const p = (1n << 255n) - 19n;
/** y of two of the points of order 8; the others have −y. */
const eighth = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd83d3d706a17c7n;
const smallOrder: ReadonlySet<bigint> = new Set([0n, 1n, p - 1n, eighth, p - eighth]);

/**
 * False for a key of small order, under which one signature is good for many messages, and for a y coordinate of p or more, a second
 * spelling of a smaller one. OpenSSL lets both pass.
 */
export function isFitEd25519Key(key: Uint8Array): boolean {
  let y = 0n;
  key.toReversed().forEach((octet, index) => {
    y = (y << 8n) | BigInt(index === 0 ? octet & 0x7f : octet); // the highest bit is the sign of x
  });
  return y < p && !smallOrder.has(y);
}
