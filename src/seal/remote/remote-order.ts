// What a caller asks of a seal in remote signing, and what allows it: a person's leave for these very digests, or a system's own right.

import { requireDigest } from '../../crypto/digest-signer.ts';
import { credentialUseOf, digestOf, mostDigests } from '../../kernel/credential-details.ts';
import { toHex } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';

export interface RemoteRequest {
  readonly sealId: string;
  /** SHA-256 each; signed in this order. */
  readonly digests: readonly Uint8Array[];
}

/** One digest under what allows it. */
export interface AllowedDigest {
  readonly digest: Uint8Array;
  readonly purpose: string | undefined;
}

export interface RemoteOrder {
  readonly sealId: string;
  readonly digests: readonly AllowedDigest[];
  /** The token that a person's leave stands in; of a system there is none, and each call is its own. */
  readonly tokenId: string | undefined;
}

/** Throws `malformed-request`; `scope-missing` for a person who allowed something else, or nothing in particular. */
export function remoteOrder(principal: Principal, request: RemoteRequest): RemoteOrder {
  const { sealId, digests } = request;
  const names = new Set(digests.map(toHex));
  if (digests.length === 0 || digests.length > mostDigests)
    throw new TrustError('malformed-request', `one call signs 1 to ${mostDigests} digests`);
  for (const digest of digests) requireDigest(digest);
  if (names.size !== digests.length) throw new TrustError('malformed-request', 'a digest is named twice');
  if (principal.kind === 'system' && principal.authorizationDetails === undefined)
    return { sealId, digests: digests.map((digest) => ({ digest, purpose: undefined })), tokenId: undefined };
  const use = credentialUseOf(principal.authorizationDetails ?? []);
  const { tokenId } = principal;
  if (principal.kind !== 'person' || use === undefined || tokenId === undefined || use.credentialID !== sealId)
    throw notAllowed('the token allows no digest of this seal');
  const labels = new Map(
    use.documentDigests.map(({ hash, label }) => [toHex(digestOf(hash) ?? new Uint8Array()), label]),
  );
  if ([...names].some((name) => !labels.has(name))) throw notAllowed('the person did not allow this digest');
  return { sealId, digests: digests.map((digest) => ({ digest, purpose: labels.get(toHex(digest)) })), tokenId };
}

function notAllowed(message: string): TrustError {
  return new TrustError('scope-missing', message);
}
