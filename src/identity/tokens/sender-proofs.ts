// Whoever brings a bound token must have the key it is bound to; RFC 9449 section 7 (DPoP), RFC 8705 section 3 (TLS certificate).

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { addSeconds, type Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type ClientCertificates, thumbprintOf } from '../engine/client-certificate.ts';
import { bindingIn } from './confirmation.ts';
import { dpopProofOf, proofGoodSeconds, unproven } from './dpop-proof.ts';
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
    const bound = bindingIn(token.confirmation);
    const isProven = token.scheme.toLowerCase() === 'dpop';
    if (isProven !== (bound?.kind === 'key')) throw unproven('a bound token needs its proof, and no other has one');
    if (bound === undefined) return;
    if (sent === undefined) throw unproven('a bound token cannot be used here');
    if (bound.kind === 'key') await this.#requireProof(token.text, bound.thumbprint, sent);
    else this.#requireCertificate(bound.thumbprint, sent);
  }

  async #requireProof(token: string, thumbprint: string, { method, path, headers }: SentRequest): Promise<void> {
    const { publicUrl, uses, clock } = this.#options;
    const proof = await dpopProofOf(headers['dpop'], { method, address: `${publicUrl}${path}`, clock });
    if (proof.ath !== createHash('sha256').update(token).digest('base64url'))
      throw unproven('the proof is for another token');
    if (proof.thumbprint !== thumbprint) throw unproven('the proof is of another key');
    const goodUntil = addSeconds(clock.now(), proofGoodSeconds);
    if (!(await uses.take(`proof ${thumbprint} ${proof.jti}`, goodUntil))) throw unproven('the proof was used before');
  }

  #requireCertificate(thumbprint: string, { headers }: SentRequest): void {
    const certificate = this.#options.clientCertificates?.of({ headers });
    if (certificate === undefined || thumbprintOf(certificate) !== thumbprint)
      throw new TrustError('token-invalid', 'the token is bound to another certificate');
  }
}
