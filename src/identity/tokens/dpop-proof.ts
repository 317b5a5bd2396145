// A proof that whoever sends a request has a key, and that it is of this request and of now; RFC 9449 section 4.3. Whether it was used before is the caller's question.

import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { type Clock, epochSeconds } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { assertionAlgorithms } from '../engine/client-assertion.ts';

export interface DpopProof {
  readonly thumbprint: string;
  readonly jti: string;
  /** Of the token that it is brought with. */
  readonly ath: unknown;
}

/** Clocks of callers go wrong by seconds; a proof is for one call. */
const maxAgeSeconds = 60;
const maxAheadSeconds = 15;
export const proofGoodSeconds = maxAgeSeconds + maxAheadSeconds;
const maxProofLength = 4096;
const maxJtiLength = 256;

/** `address`: ours, without query, whatever Host or path prefix the caller used. Throws `token-invalid` with what the challenge needs. */
export async function dpopProofOf(
  proof: unknown,
  { method, address, clock }: { readonly method: string; readonly address: string; readonly clock: Clock },
): Promise<DpopProof> {
  if (typeof proof !== 'string' || proof.length > maxProofLength) throw unproven('a DPoP proof is needed');
  const { protectedHeader, payload } = await jwtVerify(proof, EmbeddedJWK, {
    algorithms: [...assertionAlgorithms],
    typ: 'dpop+jwt',
    currentDate: clock.now(),
  }).catch((error: unknown) => {
    throw unproven('the DPoP proof does not verify', error);
  });
  const { jti, iat, htm, htu, ath } = payload;
  const now = epochSeconds(clock.now());
  if (htm !== method || !isAddress(htu, address)) throw unproven('the proof is for another call');
  if (typeof iat !== 'number' || iat < now - maxAgeSeconds || iat > now + maxAheadSeconds)
    throw unproven('the proof is not of now');
  if (typeof jti !== 'string' || jti === '' || jti.length > maxJtiLength) throw unproven('the proof has no name');
  return { thumbprint: await calculateJwkThumbprint(protectedHeader.jwk ?? {}), jti, ath };
}

function isAddress(given: unknown, expected: string): boolean {
  if (typeof given !== 'string' || !URL.canParse(given)) return false;
  const url = new URL(given);
  url.search = '';
  url.hash = '';
  return url.href === new URL(expected).href;
}

export function unproven(reason: string, cause?: unknown): TrustError {
  return new TrustError('token-invalid', reason, { cause, details: { proof: 'dpop' } });
}
