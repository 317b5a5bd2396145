// The key that a client proves with a token request of ours, to which what it gets is bound, and whose tokens it may bring along; RFC 9449 sections 4.3 and 5, RFC 8705 section 3.

import type { X509Certificate } from 'node:crypto';
import type { Client, TokenEndpointGrantContext } from 'oidc-provider';
import { addSeconds, type Clock, epochSeconds } from '../../kernel/clock.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { type ClientCertificates, thumbprintOf } from '../engine/client-certificate.ts';
import { errors } from '../engine/engine.ts';
import type { Binding } from '../tokens/confirmation.ts';
import { dpopProofOf, proofGoodSeconds } from '../tokens/dpop-proof.ts';
import type { PresentedToken } from './presented-token.ts';

export interface ProvenKeyOptions {
  readonly publicUrl: string;
  readonly clock: Clock;
  /** Absent: no certificate of a client is known here. */
  readonly clientCertificates?: ClientCertificates | undefined;
}

export type ProvenKey = Binding &
  ({ readonly kind: 'key' } | { readonly kind: 'certificate'; readonly certificate: X509Certificate });

/** `undefined`: the client proves none, and need not. A proof is taken once. */
export async function provenKey(
  ctx: TokenEndpointGrantContext,
  { publicUrl, clock, clientCertificates }: ProvenKeyOptions,
): Promise<ProvenKey | undefined> {
  const { client, provider } = ctx.oidc;
  const { dpop_bound_access_tokens: dpop, tls_client_certificate_bound_access_tokens: tls } = client.metadata();
  const proof = ctx.get('dpop');
  if (tls === true) {
    const certificate = clientCertificates?.of(ctx.req);
    if (certificate === undefined) throw new errors.InvalidGrant('mutual TLS client certificate not provided');
    if (proof !== '') throw new errors.InvalidRequest('multiple proof-of-possession mechanisms are not allowed');
    return { kind: 'certificate', thumbprint: thumbprintOf(certificate), certificate };
  }
  if (proof === '') {
    if (dpop === true) throw new errors.InvalidGrant('DPoP proof JWT not provided');
    return undefined;
  }
  const { thumbprint, jti } = await dpopProofOf(proof, {
    method: 'POST',
    address: `${publicUrl}/oidc/token`,
    clock,
  }).catch((error: unknown) => {
    throw isTrustError(error) ? new errors.InvalidDpopProof(error.message) : error;
  });
  const goodUntil = epochSeconds(addSeconds(clock.now(), proofGoodSeconds));
  if (!(await provider.ReplayDetection.unique(client.clientId, jti, goodUntil)))
    throw new errors.InvalidGrant('DPoP proof JWT Replay detected');
  return { kind: 'key', thumbprint };
}

/**
 * A bound token is never exchanged for one that anybody could bring. Whom it was given to proves the very key: stolen, it leads to
 * nothing elsewhere. Whom it was made for cannot have that key, received it with a proof, and proves one of its own.
 */
export function requireBinding(token: PresentedToken, client: Client, key: ProvenKey | undefined): void {
  const { binding, clientId } = token;
  if (binding === undefined) return;
  if (key === undefined)
    throw new errors.InvalidRequest('a token that is bound to a key is exchanged with proof of one');
  const isSame = binding.kind === key.kind && binding.thumbprint === key.thumbprint;
  if (clientId === client.clientId && !isSame) throw new errors.InvalidRequest('the token is bound to another key');
}
