// Whoever brings a bound token must have the key it is bound to; RFC 9449 section 7 (DPoP), RFC 8705 section 3 (TLS certificate).

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { addSeconds, type Clock, epochSeconds } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { assertionAlgorithms } from '../engine/client-assertion.ts';
import { type ClientCertificates, thumbprintOf } from '../engine/client-certificate.ts';
import type { SingleUses } from './single-uses.ts';

/** The call that brings the token. */
export interface SentRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface SenderProofsOptions {
  readonly publicUrl: string;
  readonly uses: SingleUses;
  readonly clientCertificates?: ClientCertificates | undefined;
  readonly clock: Clock;
}

/** Clocks of callers go wrong by seconds; a proof is for one call. */
const maxAgeSeconds = 60;
const maxAheadSeconds = 15;
const maxProofLength = 4096;
const maxJtiLength = 256;

export class SenderProofs {
  readonly #options: SenderProofsOptions;

  constructor(options: SenderProofsOptions) {
    this.#options = options;
  }

  /** `confirmation`: the claim `cnf` of a token that verified. Throws `token-invalid` with what the challenge needs. */
  async require(
    token: { readonly text: string; readonly scheme: string; readonly confirmation: unknown },
    sent: SentRequest | undefined,
  ): Promise<void> {
    const bound = boundTo(token.confirmation);
    const isProven = token.scheme.toLowerCase() === 'dpop';
    if (isProven !== (bound.kind === 'key')) throw unproven('a bound token needs its proof, and no other has one');
    if (bound.kind === 'nothing') return;
    if (sent === undefined) throw unproven('a bound token cannot be used here');
    if (bound.kind === 'key') await this.#requireProof(token.text, bound.thumbprint, sent);
    else this.#requireCertificate(bound.thumbprint, sent);
  }

  /** RFC 9449, 4.3. The address is ours, whatever Host or path prefix the caller used. */
  async #requireProof(token: string, thumbprint: string, { method, path, headers }: SentRequest): Promise<void> {
    const { publicUrl, uses, clock } = this.#options;
    const { dpop: proof } = headers;
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
    if (htm !== method || !isAddress(htu, `${publicUrl}${path}`)) throw unproven('the proof is for another call');
    if (ath !== createHash('sha256').update(token).digest('base64url'))
      throw unproven('the proof is for another token');
    if (typeof iat !== 'number' || iat < now - maxAgeSeconds || iat > now + maxAheadSeconds)
      throw unproven('the proof is not of now');
    if (typeof jti !== 'string' || jti === '' || jti.length > maxJtiLength) throw unproven('the proof has no name');
    const { jwk = {} } = protectedHeader;
    if ((await calculateJwkThumbprint(jwk)) !== thumbprint) throw unproven('the proof is of another key');
    const goodUntil = addSeconds(clock.now(), maxAgeSeconds + maxAheadSeconds);
    if (!(await uses.take(`proof ${thumbprint} ${jti}`, goodUntil))) throw unproven('the proof was used before');
  }

  #requireCertificate(thumbprint: string, { headers }: SentRequest): void {
    const certificate = this.#options.clientCertificates?.of({ headers });
    if (certificate === undefined || thumbprintOf(certificate) !== thumbprint)
      throw new TrustError('token-invalid', 'the token is bound to another certificate');
  }
}

type Bound = { readonly kind: 'nothing' } | { readonly kind: 'key' | 'certificate'; readonly thumbprint: string };

/** RFC 7800. A confirmation that we do not know confirms nothing. */
function boundTo(confirmation: unknown): Bound {
  if (confirmation === undefined) return { kind: 'nothing' };
  const given = typeof confirmation === 'object' && confirmation !== null ? Object.entries(confirmation) : [];
  const [[name, thumbprint] = ['', ''], ...more] = given;
  if (more.length > 0 || typeof thumbprint !== 'string') throw new TrustError('token-invalid', 'unreadable binding');
  if (name === 'jkt') return { kind: 'key', thumbprint };
  if (name === 'x5t#S256') return { kind: 'certificate', thumbprint };
  throw new TrustError('token-invalid', 'unreadable binding');
}

function isAddress(given: unknown, expected: string): boolean {
  if (typeof given !== 'string' || !URL.canParse(given)) return false;
  const url = new URL(given);
  url.search = '';
  url.hash = '';
  return url.href === new URL(expected).href;
}

function unproven(reason: string, cause?: unknown): TrustError {
  return new TrustError('token-invalid', reason, { cause, details: { proof: 'dpop' } });
}
