// A foreign time-stamp authority asked over HTTP in place of our own, its answer believed in nothing unproven; RFC 3161, 3.4.

import { readDer } from '../codec/der.ts';
import { unsignedInteger } from '../codec/der-write.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { randomBytes } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { MessageImprint, TimestampAuthority } from './timestamp.ts';
import { writeTimestampRequest } from './timestamp-request.ts';
import { tokenOfResponse } from './timestamp-response.ts';
import type { TimestampVerification } from './verify-timestamp.ts';
import { verifyTimestampToken } from './verify-timestamp.ts';

export interface HttpTimestampAuthorityOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Why the certificate of a good token is not to be relied on: it leads to no anchor for time stamps, or nothing tells its status. */
  readonly doubt: (token: TimestampVerification) => Promise<string | undefined>;
  readonly timeoutMs?: number;
}

/** Somebody is waiting for a seal meanwhile. */
const defaultTimeoutMs = 5_000;
const maxResponseBytes = 128 * 1024;
/** A time further from our own than this is not the time of this signature, or our clock is wrong; either way nothing is stamped. */
const maxDeviationMs = 300_000;

export class HttpTimestampAuthority implements TimestampAuthority {
  readonly #options: HttpTimestampAuthorityOptions;

  constructor(options: HttpTimestampAuthorityOptions) {
    this.#options = options;
  }

  /**
   * One question, never repeated: a repetition could cost the caller money and changes nothing about an authority that is down.
   * Throws `timestamp-refused` for anything but a good token over the imprint, with our nonce, near our time, from a trusted authority.
   */
  async stamp(imprint: MessageImprint): Promise<Uint8Array> {
    const nonce = randomBytes(16);
    const answer = await this.#ask(writeTimestampRequest(imprint, nonce));
    const token = tokenIn(answer);
    const { digestAlgorithm, digest } = imprint;
    const result = verifyTimestampToken({
      token,
      imprint: (name) => (name === digestAlgorithm ? digest : new Uint8Array()),
    });
    const fault = await this.#faultOf(result, readDer(unsignedInteger(nonce)).content);
    if (fault !== undefined) throw refused(fault);
    return token;
  }

  async #faultOf(result: TimestampVerification, nonce: Uint8Array): Promise<string | undefined> {
    const { intact, valid, findings, genTime, signerCertificate } = result;
    const [error] = findings.filter(({ severity }) => severity === 'error');
    if (error !== undefined) return error.detail;
    if (!intact || !valid || genTime === undefined || signerCertificate === undefined) return 'the token is not good';
    if (!equalBytes(result.nonce ?? new Uint8Array(), nonce)) return 'the nonce is not ours';
    const deviationMs = Math.abs(genTime.getTime() - this.#options.clock.now().getTime());
    if (deviationMs > maxDeviationMs) return `its time is ${Math.round(deviationMs / 1000)} s away from ours`;
    return this.#options.doubt(result);
  }

  async #ask(request: Uint8Array): Promise<Uint8Array> {
    const { url, timeoutMs = defaultTimeoutMs } = this.#options;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: Uint8Array.from(request),
        redirect: 'error', // the setting names the authority; nobody else does
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status !== 200) throw refused(`it answered ${response.status}`);
      const type = response.headers.get('content-type') ?? '';
      if (!/^application\/timestamp-reply\s*(;|$)/i.test(type)) throw refused(`it answered with ${type.slice(0, 64)}`);
      return await limitedBody(response);
    } catch (error) {
      if (isTrustError(error)) throw error;
      throw new TrustError('timestamp-refused', 'the time-stamp authority cannot be reached', { cause: error });
    }
  }
}

function tokenIn(answer: Uint8Array): Uint8Array {
  try {
    return tokenOfResponse(answer);
  } catch (error) {
    if (!isTrustError(error, 'malformed-timestamp')) throw error;
    throw new TrustError('timestamp-refused', 'the answer of the time-stamp authority is malformed', { cause: error });
  }
}

/** A length that is told can be a lie; what counts is what comes. */
async function limitedBody({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const reader = body?.getReader();
  for (;;) {
    const chunk: { done: boolean; value?: Uint8Array } | undefined = await reader?.read();
    if (chunk === undefined || chunk.done || chunk.value === undefined) break;
    sizeBytes += chunk.value.length;
    if (sizeBytes > maxResponseBytes) {
      await reader?.cancel();
      throw refused('its answer is too large');
    }
    chunks.push(chunk.value);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function refused(reason: string): TrustError {
  return new TrustError('timestamp-refused', `the time-stamp authority gave no token to rely on: ${reason}`);
}
